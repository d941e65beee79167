package expression

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"botengine/internal/event"
)

func TestTemplate(t *testing.T) {
	s := sample()
	s.Event.Members = []event.Person{{Name: "李四"}, {Name: "王\n五"}}
	s.Hit.Words = []string{"退款", "退货"}
	s.Facts = book{"user.level": int64(3), "user.big": int64(9007199254740993), "global.rate": 0.25, "user.vip": true}
	s.Steps = map[string]StepResult{"ask": {Code: "1", Msg: "admins invalid"}}
	o := &Options{Vars: map[string]any{"url": "https://example.com/退款?a=1&b={{x}}", "n": 3}, HasHit: true, Steps: []string{"ask"}}
	tests := []struct{ name, src, want string }{
		{"no expression", "您好，退款请看公告。", "您好，退款请看公告。"},
		{"nothing", "", ""},
		{"a name and a variable", "{{sender.name}} 入口：{{ vars.url }}", "张三 入口：https://example.com/退款?a=1&b={{x}}"},
		{"what a customer wrote stays as it is", "您说：{{text}}", "您说：请问这个订单怎么退款呀？我等了三天了"},
		{"two braces", `{{"{{"}}sender.name}}`, "{{sender.name}}"},
		{"braces in a text in quotes", `{{"}}"}}`, "}}"},
		{"a map in braces", `{{ {"a": {"b": "c"}}["a"]["b"] }}`, "c"},
		{"closing braces alone are text", "a }} b", "a }} b"},
		{"single braces are text", "{sender.name}", "{sender.name}"},
		{"numbers", "{{vars.n}} {{vars.n + 0.5}} {{1e6}} {{user.big}}", "3 3.5 1000000 9007199254740993"},
		{"yes and no", "{{user.vip}} {{sender.is_self}}", "true false"},
		{"lists", "{{hit.words}}", "退款、退货"},
		{"names of members, each on one line", "欢迎 {{names(members)}}", "欢迎 李四、王五"},
		{"a time in China", "{{now}}", "2026-03-05 09:30:00"},
		{"a fraction", "{{global.rate}}", "0.25"},
		{"an absent fact with a default", "等级 {{user.none ?? 0}}", "等级 0"},
		{"the result of a step", "{{steps.ask.code}}：{{steps.ask.msg}}", "1：admins invalid"},
		{"a choice", `{{sender.is_self ? "我" : "您"}}`, "您"},
		{"over several lines", "{{\n  sender.name\n}}", "张三"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tpl, problems := CompileTemplate(tt.src, o)
			if len(problems) > 0 {
				t.Fatalf("%+v", problems)
			}
			got, err := tpl.Render(s)
			if err != nil || got != tt.want {
				t.Errorf("%q, %v; want %q", got, err, tt.want)
			}
			if tpl.Text() != tt.src || tpl.IsLiteral() == strings.Contains(tt.src, "{{") {
				t.Errorf("text %q, literal %v", tpl.Text(), tpl.IsLiteral())
			}
		})
	}
}

func TestTemplateProblems(t *testing.T) {
	tests := []struct{ name, src, code, at, hint string }{
		{"a mistyped name", "亲，{{ txet }} 您好", "BE201", "txet", "text"},
		{"a mistyped field in the second expression", "亲{{text}}，{{sender.nmae}}", "BE202", "nmae", "name"},
		{"Chinese quotes", "亲{{ text == “退款” }}", "BE205", "“退款”", `"退款"`},
		{"full-width braces", "亲，｛｛sender.name｝｝", "BE206", "｛｛", "{{"},
		{"braces that do not close", "亲，{{sender.name 您好", "BE210", "{{", "{{"},
		{"braces around nothing", "亲，{{  }}", "BE213", "{{  }}", ""},
		{"things that are no text", "亲，{{sender}}", "BE203", "sender", "sender.name"},
		{"members without names", "亲，{{members}}", "BE203", "members", "names(members)"},
		{"a quote that does not close", "亲，{{ \"退款 }}", "BE204", "\"退款", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := CompileTemplate(tt.src, problemOptions())
			if tt.code == "BE206" { // the closing ones are told too
				problems = problems[:1]
			}
			if len(problems) != 1 {
				t.Fatalf("%+v", problems)
			}
			checkProblem(t, problems[0], tt.src, tt.code, tt.at, tt.hint)
		})
	}
}

func TestAMissingValueIsAnErrorNotAnEmptyText(t *testing.T) {
	for _, src := range []string{"等级 {{user.level}}", "{{nil ?? user.x}}", "{{first(hit.words)}}"} {
		tpl, problems := CompileTemplate(src, &Options{HasHit: true})
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		got, err := tpl.Render(sample())
		var re *RunError
		if !errors.As(err, &re) || got != "" {
			t.Errorf("%s: %q, %v", src, got, err)
		}
	}
}

func TestARenderedTextHasALimit(t *testing.T) {
	tpl, problems := CompileTemplate(strings.Repeat("{{text}}", 4), nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := sample()
	s.Event.Message.Text = strings.Repeat("退", 7000)
	if _, err := tpl.Render(s); !errors.Is(err, ErrBudget) {
		t.Errorf("got %v", err)
	}
}

// What a customer writes arrives as it is, whatever it looks like.
func TestUserTextIsNeverReadAsATemplate(t *testing.T) {
	tpl, problems := CompileTemplate("「{{text}}」", nil)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	s := sample()
	for _, text := range []string{"{{sender.name}}", "${HOME}", "%s%d%n", "#{1+1}", "{{", "}}", "{{\"{{\"}}", "<script>", "\\u0041", "{{nil}}"} {
		s.Event.Message.Text = text
		if got, err := tpl.Render(s); err != nil || got != "「"+text+"」" {
			t.Errorf("%q became %q, %v", text, got, err)
		}
	}
}

func TestNamesAreMadeFitForAMessage(t *testing.T) {
	flag, family := "🇨🇳", "👨\u200d👩\u200d👧"
	tests := []struct{ name, in, want string }{
		{"a usual name", "张三", "张三"},
		{"a name with a blank", "Li Lei", "Li Lei"},
		{"an emoji of several", "小" + family + "明", "小" + family + "明"},
		{"a flag and a skin", flag + "👍🏻", flag + "👍🏻"},
		{"a mention of all", "@所有人", "＠所有人"},
		{"a mention behind a blank", " @所有人", "＠所有人"},
		{"a mention behind what cannot be seen", "\u200b@所有人", "＠所有人"},
		{"an @ inside stays", "a@b", "a@b"},
		{"lines", "张三\n系统通知：已转账", "张三系统通知：已转账"},
		{"writing turned around", "张三\u202e元00001", "张三元00001"},
		{"zero-width characters", "张\u200b三\ufeff", "张三"},
		{"a joiner between letters", "张\u200d三", "张三"},
		{"controls", "张\x00\x1b[31m三", "张[31m三"},
		{"no UTF-8", "张\xff三", "张三"},
		{"marks piled up", "a" + strings.Repeat("\u0301", 50) + "b", "a\u0301\u0301\u0301b"},
		{"marks on nothing", "\u0301\u0301张", "张"},
		{"nothing that shows", "\u200b\u3164\n", ""},
		{"a long name", strings.Repeat("名", 40), strings.Repeat("名", 32)},
		{"a long name of emoji", strings.Repeat(family, 40), strings.Repeat(family, 32)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := cleanName(tt.in); got != tt.want {
				t.Errorf("%q became %q, want %q", tt.in, got, tt.want)
			}
		})
	}
}

// Names are cleaned wherever they come from in a template, and never in a condition.
func TestEveryNameInATemplateIsClean(t *testing.T) {
	bad := "@坏\u202e人\n"
	s := sample()
	s.Event.Sender.Name, s.Event.Chat.Name, s.Event.Friend.Name, s.Event.Robot.Name = bad, bad, bad, bad
	s.Event.Members = []event.Person{{Name: bad}}
	for _, src := range []string{"sender.name", "chat.name", "friend.name", "robot.name", "members[0].name", "names(members)", "sender.name + ''", "join(map(members, .name), '')", "true ? chat.name : ''"} {
		tpl, problems := CompileTemplate("{{"+src+"}}", nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got, err := tpl.Render(s); err != nil || got != "＠坏人" {
			t.Errorf("%s: %q, %v", src, got, err)
		}
		value, _ := CompileValue("{{"+src+"}}", nil)
		if got, err := value.Eval(s); err != nil || got != "＠坏人" {
			t.Errorf("value of %s: %q, %v", src, got, err)
		}
	}
	if got, err := mustCompile(t, "sender.name == \"@坏\u202e人\\n\"", nil).Eval(s); !got || err != nil {
		t.Errorf("a condition sees the name as it is: %v, %v", got, err)
	}
}

func TestValue(t *testing.T) {
	s := sample()
	s.Facts = book{"user.level": int64(2)}
	tests := []struct {
		name, src string
		want      any
	}{
		{"a text stays a text", "2", "2"},
		{"an expression keeps its number", "{{user.level + 1}}", int64(3)},
		{"an absent fact counts as 0", "{{user.none + 1}}", int64(1)},
		{"a fraction", "{{1 / 2}}", 0.5},
		{"yes or no", "{{sender.is_self}}", false},
		{"a name", "{{sender.name}}", "张三"},
		{"an expression among text is a text", "L{{user.level}}", "L2"},
		{"a blank before it makes it a text", " {{user.level}}", " 2"},
		{"a list becomes a text", `{{split("a b", " ")}}`, "a、b"},
		{"a time becomes a text", `{{now}}`, "2026-03-05 09:30:00"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, problems := CompileValue(tt.src, sampleOptions())
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			got, err := v.Eval(s)
			if err != nil || got != tt.want {
				t.Errorf("%#v, %v; want %#v", got, err, tt.want)
			}
			if v.UsesFacts() != strings.Contains(tt.src, "user.") {
				t.Errorf("uses facts: %v", v.UsesFacts())
			}
		})
	}
	if _, problems := CompileValue("{{user.}}", nil); len(problems) != 1 {
		t.Errorf("%+v", problems)
	}
}

func TestALiteralTemplateRendersToItself(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := rapid.String().Draw(t, "text")
		if strings.Contains(src, "{{") || strings.ContainsAny(src, "｛｝") {
			return
		}
		tpl, problems := CompileTemplate(src, nil)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if got, err := tpl.Render(&Scope{}); err != nil || got != src || !tpl.IsLiteral() {
			t.Fatalf("%q became %q, %v", src, got, err)
		}
	})
}

func TestACleanNameStaysClean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.StringOf(rapid.SampledFrom([]rune("张@ \u200b\u200d\u0301👨👩🏻🇨🇳\n\u202ea")))).Draw(t, "name")
		got := cleanName(name)
		if !utf8.ValidString(got) || strings.ContainsFunc(got, hidden) || strings.HasPrefix(got, "@") {
			t.Fatalf("%q became %q", name, got)
		}
		if again := cleanName(got); again != got {
			t.Fatalf("%q, then %q", got, again)
		}
	})
}
