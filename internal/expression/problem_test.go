package expression

import (
	"strings"
	"testing"

	"botengine/internal/event"
)

func problemOptions() *Options {
	return &Options{
		Vars:   map[string]any{"refund_url": "u", "price": map[string]any{"kilo": 1}},
		Lists:  map[string][]string{"staff": {"1"}, "long": make([]string, maxLoop+1)},
		Macros: map[string]string{"is_staff": "sender.id in lists.staff", "broken": "sender.nmae == “x”", "odd": "sender.nmae == 'x'", "a": "not b", "b": "not a"},
		Steps:  []string{"ask", "my-step"},
		HasHit: true,
	}
}

// Each problem points at its cause, counted in characters, under Chinese text too.
func TestProblems(t *testing.T) {
	tests := []struct{ name, src, code, at, hint string }{
		{"a mistyped name", `"退款" == text and txet == "x"`, "BE201", "txet", "text"},
		{"a text without quotes", `text contains 退款`, "BE201", "退款", `"退款"`},
		{"a function without brackets", `"款" == text or len > 3`, "BE201", "len", "len(…)"},
		{"a mistyped function", `"退款" != text and contain_any(text, ["a"])`, "BE201", "contain_any", "contains_any"},
		{"a name called like a function", `text("退款")`, "BE201", "text", "括号"},
		{"a mistyped field", `"退款" == text and sender.nmae == "张三"`, "BE202", "nmae", "name"},
		{"a mistyped field in a loop", `any(members, "退款" == .nmae)`, "BE202", "nmae", "name"},
		{"a mistyped field of the chat is no fact", `"退款" == text and chat.nmae == "群"`, "BE202", "nmae", "name"},
		{"a mistyped field of a step", `"退款" == text and steps.ask.cod == "0"`, "BE202", "cod", "code"},
		{"a method of other languages", `"退款" == text and text.contains("x")`, "BE202", "contains", "contains"},
		{"a time without brackets", `"退款" == text and now.Hour > 3`, "BE202", "Hour", "Hour()"},
		{"a field of a text", `text.length > 3`, "BE202", "length", ""},
		{"an id as a number", `"退款" == text and sender.id == 123`, "BE203", "==", "引号"},
		{"an id as a number in a list", `"退款" == text and 123 in lists.staff`, "BE203", "123", "引号"},
		{"half a comparison", `text contains "退款" or "退货"`, "BE203", "or", "两边"},
		{"in instead of contains", `"退款" in text`, "BE203", "in", "contains"},
		{"a text compared by size", `"退款" == text and text > 3`, "BE203", ">", "int("},
		{"a condition that is a text", `  text  `, "BE203", "text", "contains"},
		{"a number added to a text", `"退款" + 1 == text`, "BE203", "1", "string("},
		{"nothing at all", `   `, "BE204", "", ""},
		{"an unfinished condition", `text contains "退款" and`, "BE204", "d", "括号"},
		{"a word in the wrong place", `text contains and "退款"`, "BE204", "and", ""},
		{"a missing operator", `text contains "退款" text`, "BE204", "text", "and"},
		{"a quote that does not close", `text != "“引”" and text contains "退款`, "BE204", `"退款`, ""},
		{"a broken regex", `"退款" == text or text matches "(退"`, "BE204", `"(退"`, ""},
		{"an invisible character", "text\u200b == \"退款\"", "BE204", "\u200b", ""},
		{"template braces around a condition", `{{ text == "退款" }}`, "BE204", "{{", ""},
		{"vars without a name", `"退款" == vars`, "BE204", "vars", "vars.refund_url"},
		{"Chinese quotes", `sender.name == “张三”`, "BE205", "“张三”", `"张三"`},
		{"one Chinese quote", `sender.name == "张三”`, "BE205", "”", ""},
		{"single Chinese quotes", `sender.name == ‘张三’`, "BE205", "‘张三’", `"张三"`},
		{"a full-width bracket", `"退款" == text and （true)`, "BE206", "（", "("},
		{"a full-width comma", `contains_any(text，["退款"])`, "BE206", "，", ","},
		{"a full stop", `sender。name == "张三"`, "BE206", "。", "."},
		{"a full-width colon", `true ? "退款" == text ：false`, "BE206", "：", ":"},
		{"full-width letters and digits", `len(text) < ５０`, "BE206", "５０", "50"},
		{"an equals-or-less sign", `len(text) ≤ 50`, "BE206", "≤", "<="},
		{"one equals sign", `"退款" == text and text = 'a'`, "BE207", "=", "=="},
		{"three equals signs", `text === "退款"`, "BE207", "===", "=="},
		{"the signs the other way round", `len(text) => 3`, "BE207", "=>", ">="},
		{"a fold", `"退款" == text and reduce(members, 1) == 1`, "BE208", "reduce", ""},
		{"a range", `len(1..3) == 3`, "BE208", "..", ""},
		{"now with brackets", `"退款" == text and now() > event.time`, "BE208", "now", "`now`"},
		{"a regex from the event", `"退款" == text and text matches sender.id`, "BE208", "id", "contains"},
		{"a list walked that is too long", `"退款" == text or any(lists.long, # == text)`, "BE209", "long", "in_list"},
		{"a source too long", `text == "` + strings.Repeat("退", 2000) + `"`, "BE209", "t", ""},
		{"an unknown variable", `"退款" == text or vars.refund_ulr == text`, "BE212", "refund_ulr", "refund_url"},
		{"an unknown entry of a variable", `"退款" == text or vars.price.kilos == 1`, "BE212", "kilos", "kilo"},
		{"an unknown list", `"退款" == text or sender.id in lists.staf`, "BE212", "staf", "staff"},
		{"an unknown list by function", `"退款" == text or in_list("staf", sender.id)`, "BE212", `"staf"`, "staff"},
		{"an unknown step", `"退款" == text or steps.aks.ok`, "BE212", "aks", "ask"},
		{"a step with a hyphen, read as a difference", `"退款" == text or steps.my-step.ok`, "BE212", "my", `steps["my-step"]`},
		{"a mistake in a macro", `"退款" == text or odd`, "BE202", "odd", "name"},
		{"a trap in a macro", `"退款" == text or broken`, "BE205", "broken", `"x"`},
		{"macros in a circle", `"退款" == text or a`, "BE214", "a", ""},
		{"too few arguments", `"退款" == text or len() > 1`, "BE215", "len", ""},
		{"too many arguments", `"退款" == text or fold(text, text) == ""`, "BE215", "fold", ""},
		{"an argument of the wrong kind", `"退款" == text or fold(3) == ""`, "BE215", "3", ""},
		{"no times of day", `"退款" == text or between("9点", "18:00")`, "BE215", "between", "09:00"},
		{"a list that is none", `"退款" == text or any(text, true)`, "BE215", "text", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := CompileCondition(tt.src, problemOptions())
			if len(problems) != 1 {
				t.Fatalf("%d problems: %+v", len(problems), problems)
			}
			checkProblem(t, problems[0], tt.src, tt.code, tt.at, tt.hint)
		})
	}
}

func checkProblem(t *testing.T, p Problem, src, code, at, hint string) {
	t.Helper()
	if p.Code != code {
		t.Errorf("code %s, want %s: %s", p.Code, code, p.Message.ZH)
	}
	if got := pointedAt(src, p); at != "" && got != at {
		t.Errorf("it points at %q, want %q", got, at)
	}
	if !strings.Contains(p.Hint.ZH, hint) {
		t.Errorf("hint %q, want %q in it", p.Hint.ZH, hint)
	}
	for _, s := range []string{p.Message.ZH, p.Message.EN, p.Hint.ZH, p.Hint.EN} {
		if strings.Contains(s, "%!") || strings.Contains(s, hiddenPrefix) || strings.Contains(s, "expression.") || strings.Contains(s, "View") {
			t.Errorf("jargon: %q", s)
		}
	}
	if p.Message.ZH == "" || p.Message.EN == "" || (p.Hint.ZH == "") != (p.Hint.EN == "") {
		t.Errorf("a language is missing: %+v", p)
	}
}

// pointedAt is the piece of the source the problem is about.
func pointedAt(src string, p Problem) string {
	runes := []rune(src)
	if p.Offset < 0 || p.Offset > len(runes) {
		return "outside"
	}
	return string(runes[p.Offset:min(len(runes), p.Offset+p.Length)])
}

func TestNamesDependOnTheTrigger(t *testing.T) {
	tests := []struct {
		name  string
		kinds []event.Kind
		src   string
		bad   string // the name that is not there
		kind  string // the trigger without it
	}{
		{"a message has a text", []event.Kind{event.MessageText, event.MessageImage}, `text == "" or message.url == ""`, "", ""},
		{"a message has no friend", []event.Kind{event.MessageText}, `"退款" == text and friend.name == ""`, "friend", "message.text"},
		{"a friend request has no members", []event.Kind{event.FriendRequest}, `len(members) > 1`, "members", "friend.request"},
		{"a friend request has no text", []event.Kind{event.MessageText, event.FriendRequest}, `text == "退款"`, "text", "friend.request"},
		{"a new member has no sender", []event.Kind{event.MemberJoin}, `sender.id == ""`, "sender", "member.join"},
		{"a friend request is in no chat", []event.Kind{event.FriendRequest}, `chat.level > 1`, "chat", "friend.request"},
		{"a friend has facts", []event.Kind{event.FriendRequest}, `user.level > 1 and friend.reason == "" and robot.name == "" and global.x == 1`, "", ""},
		{"a macro is checked too", []event.Kind{event.FriendRequest}, `is_staff`, "is_staff", "friend.request"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := problemOptions()
			o.Kinds = tt.kinds
			_, problems := CompileCondition(tt.src, o)
			if tt.bad == "" {
				if len(problems) > 0 {
					t.Fatal(problems)
				}
				return
			}
			if len(problems) != 1 || problems[0].Code != "BE211" || !strings.Contains(problems[0].Message.ZH, tt.kind) {
				t.Fatalf("%+v", problems)
			}
			if got := pointedAt(tt.src, problems[0]); got != tt.bad {
				t.Errorf("it points at %q", got)
			}
		})
	}
	if _, problems := CompileCondition(`hit.word == "退款"`, &Options{}); len(problems) != 1 || problems[0].Code != "BE211" {
		t.Errorf("hit without a match: %+v", problems)
	}
}

func TestAllProblemsAtOnce(t *testing.T) {
	_, problems := CompileCondition(`txet == "退款" and sender.nmae == "x" and vars.ulr == 1`, problemOptions())
	if len(problems) != 3 {
		t.Errorf("%+v", problems)
	}
	_, problems = CompileCondition(`len（text） = ５`, problemOptions())
	if len(problems) != 4 {
		t.Errorf("%+v", problems)
	}
}

func TestNothingInsideOfATextIsATrap(t *testing.T) {
	for _, src := range []string{
		`text == "，（）。：“退款”＝='"`, "text matches `^（.）“$`", `text == '“'`, `let x = "="; text != x`, `text /* ，= */ == "a" // “`,
		`text == "\"，" and text <= "b" and text != "c"`,
	} {
		if _, problems := CompileCondition(src, problemOptions()); len(problems) > 0 {
			t.Errorf("%s: %+v", src, problems)
		}
	}
}

func TestParseFact(t *testing.T) {
	tests := []struct{ name, src, code, at string }{
		{"a fact of a user", "user.level", "", ""},
		{"a fact with a Chinese name", "user.等级", "", ""},
		{"a fact of a chat", "chat.level", "", ""},
		{"a field of a chat", "chat.name", "BE208", "name"},
		{"nearly a field of a chat", "chat.nmae", "BE202", "nmae"},
		{"a scope that keeps nothing", "sender.level", "BE201", "sender"},
		{"a mistyped scope", "uesr.level", "BE201", "uesr"},
		{"no name", "user", "BE204", "user"},
		{"a name in two parts", "user.a.b", "BE204", "user.a.b"},
		{"a scope the trigger has not", "member.level", "BE211", "member.level"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			o := &Options{}
			if tt.code == "BE211" {
				o.Kinds = []event.Kind{event.FriendRequest}
			}
			scope, name, problems := ParseFact(tt.src, o)
			if tt.code == "" {
				if scope+"."+name != tt.src || len(problems) > 0 {
					t.Errorf("%q, %q, %+v", scope, name, problems)
				}
				return
			}
			if len(problems) != 1 {
				t.Fatalf("%+v", problems)
			}
			checkProblem(t, problems[0], tt.src, tt.code, tt.at, "")
		})
	}
}
