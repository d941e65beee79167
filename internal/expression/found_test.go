package expression

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
)

var foundShapes = map[string]Shape{"boss": ShapeIDs, "who": ShapeContacts, "here": ShapeGroup, "people": ShapeMembers, "labels": ShapeTags}

// foundScope is a scope in which everything was looked up, and came back from the
// store since.
func foundScope(t *testing.T) *Scope {
	t.Helper()
	found := map[string]Found{
		"boss": {Shape: ShapeIDs, IDs: []string{"1688853866655589", "18446744073709551615"}},
		"who": {Shape: ShapeContacts, Contacts: []Contact{
			{ID: "1688853470819974", Name: "小红", Remark: "@红儿\u202e", Description: "老客户", IsExternal: true, Gender: 2}}},
		"here": {Shape: ShapeGroup, Group: Group{ID: "R:10696052725010172", Name: "产品体验群①", OwnerID: "9007199254740993", MemberCount: 499}},
		"people": {Shape: ShapeMembers, Members: []GroupMember{
			{ID: "1688853470365500", Name: "群主\n", IsOwner: true}, {ID: "7881300587905690", Name: "张三👋", IsExternal: true}}},
		"labels": {Shape: ShapeTags, Tags: []Tag{{ID: "14073751575621261", Name: "退款", Group: "售后"}}},
	}
	raw, err := json.Marshal(found)
	if err != nil {
		t.Fatal(err)
	}
	var back map[string]Found
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(found, back); diff != "" {
		t.Fatalf("what was looked up is not what came back (-was +is):\n%s", diff)
	}
	ev := &event.Event{Kind: event.MessageText, Sender: event.Person{ID: "18446744073709551615", Name: "老板"}, Message: event.Message{Text: "群主是谁？"}}
	return &Scope{Event: ev, Found: back}
}

func TestConditionsOverWhatWasLookedUp(t *testing.T) {
	for name, src := range map[string]string{
		"an id is in the list, digit by digit":        `sender.id in boss and not ("18446744073709551614" in boss)`,
		"not in asks the same":                        `"1" not in boss`,
		"the list has a length and can be walked":     `len(boss) == 2 and any(boss, # == sender.id) and boss[0] == "1688853866655589"`,
		"fields of a group":                           `here.member_count >= 499 and here.owner_id == "9007199254740993"`,
		"fields of the first contact":                 `who[0].is_external and who[0].name == "小红" and who[0].gender == 2`,
		"members are walked":                          `count(people, .is_external) == 1 and none(people, .id == sender.id)`,
		"tags are walked":                             `any(labels, .group == "售后" and .name == "退款")`,
		"asked within a loop, it looks things up":     `all(people, not (.id in boss))`,
		"a variable holds it":                         `let b = boss; len(b) == 2`,
		"in a condition names are as people wrote it": `who[0].remark startsWith "@"`,
	} {
		t.Run(name, func(t *testing.T) {
			c, problems := CompileCondition(src, &Options{Kinds: []event.Kind{event.MessageText}, Found: foundShapes})
			if len(problems) > 0 {
				t.Fatalf("%+v", problems)
			}
			if !c.UsesFacts() {
				t.Error("it does not say that it needs what the run knows")
			}
			if yes, err := c.Eval(foundScope(t)); !yes || err != nil {
				t.Errorf("%v, %v", yes, err)
			}
		})
	}
}

func TestTextsOverWhatWasLookedUp(t *testing.T) {
	for src, want := range map[string]string{
		"{{boss}}": "1688853866655589、18446744073709551615",
		"{{here.name}} {{here.member_count}} 人": "产品体验群① 499 人",
		"{{who[0].remark}}":                     "＠红儿",
		"{{names(people)}}":                     "群主、张三👋",
		"{{names(who)}}":                        "小红",
		"{{names(filter(people, .is_owner))}}":  "群主",
	} {
		tmpl, problems := CompileTemplate(src, &Options{Kinds: []event.Kind{event.MessageText}, Found: foundShapes})
		if len(problems) > 0 {
			t.Fatalf("%s: %+v", src, problems)
		}
		if got, err := tmpl.Render(foundScope(t)); got != want || err != nil {
			t.Errorf("%s: got %q, %v", src, got, err)
		}
		if _, ok := tmpl.Constant(); ok {
			t.Errorf("%s is taken for a constant", src)
		}
	}
}

// What was not looked up, because its step failed or was skipped, is neither empty
// nor "no": nobody must be kicked because a list of admins is not there.
func TestWhatWasNotLookedUpIsAnError(t *testing.T) {
	for _, src := range []string{`sender.id in boss`, `not (sender.id in boss)`, `len(people) == 0`, `here.name == ""`} {
		c, problems := CompileCondition(src, &Options{Found: foundShapes})
		if len(problems) > 0 {
			t.Fatalf("%s: %+v", src, problems)
		}
		s := foundScope(t)
		s.Found = map[string]Found{"boss": {Shape: ShapeGroup}}
		if _, err := c.Eval(s); err == nil || !strings.Contains(err.Error(), "was not looked up") {
			t.Errorf("%s: %v", src, err)
		}
	}
}

func TestProblemsWithWhatIsLookedUp(t *testing.T) {
	for src, want := range map[string]string{
		`sender.id in bos`:            "BE201 是不是想写 `boss`?",
		`here.naem == "x"`:            "BE202 是不是想写 `name`?",
		`any(people, .naem == "x")`:   "BE202 是不是想写 `name`?",
		`boss contains sender.id`:     "BE203 列表里找一项请用 in",
		`here > 3`:                    "BE203 ",
		`12 in boss`:                  "BE203 编号要加引号",
		`let boss = 1; boss == 1`:     "BE204 请换一个名字",
		`boss() == 1`:                 "BE201 后面不写括号",
		`__found_ids("boss") == text`: "BE201 ",
	} {
		_, problems := CompileCondition(src, &Options{Kinds: []event.Kind{event.MessageText}, Found: foundShapes})
		if len(problems) == 0 || !strings.HasPrefix(problems[0].Code+" "+problems[0].Hint.ZH, want) {
			t.Errorf("%s: %+v", src, problems)
		}
	}
	_, problems := CompileTemplate("{{people}}", &Options{Found: foundShapes})
	if len(problems) != 1 || problems[0].Code != "BE203" {
		t.Errorf("a list of people in a text: %+v", problems)
	}
}

func TestNamesForWhatIsLookedUp(t *testing.T) {
	o := &Options{Found: foundShapes, Macros: map[string]string{"is_staff": "true"}}
	for _, good := range []string{"admins", "群管理", "boss2", "_x"} {
		if p, ok := NameProblem(good, o); !ok {
			t.Errorf("%s: %+v", good, p)
		}
	}
	for _, bad := range []string{"", "2nd", "a b", "boss", "sender", "user", "len", "names", "reduce", "is_staff", "__run", "in", "null"} {
		if p, ok := NameProblem(bad, o); ok || p.Code != "BE204" {
			t.Errorf("%s was taken", bad)
		}
	}
}

func TestATextIsConstantWhenNoEventCanChangeIt(t *testing.T) {
	o := &Options{Kinds: []event.Kind{event.MessageText}, Vars: map[string]any{"group": "R:1"}, Lists: map[string][]string{"staff": {"1", "2"}}, Found: foundShapes}
	for src, want := range map[string]string{
		"R:2": "R:2", "{{vars.group}}": "R:1", "{{ lists.staff[1] }}": "2", "a{{vars.group}}b": "aR:1b", `{{"x"}}`: "x", "": "",
	} {
		tmpl, _ := CompileTemplate(src, o)
		if got, ok := tmpl.Constant(); got != want || !ok {
			t.Errorf("%s: %q, %v", src, got, ok)
		}
	}
	for _, src := range []string{"{{text}}", "{{chat.peer}}", "{{user.level}}", "{{now}}", `{{between("09:00", "18:00") ? "a" : "b"}}`, "{{vars.group}}{{sender.id}}", "{{boss}}"} {
		tmpl, problems := CompileTemplate(src, o)
		if len(problems) > 0 {
			t.Fatalf("%s: %+v", src, problems)
		}
		if got, ok := tmpl.Constant(); ok {
			t.Errorf("%s is taken for %q always", src, got)
		}
	}
}

func TestTheResultOfACommandThatFailed(t *testing.T) {
	o := &Options{Kinds: []event.Kind{event.Result}}
	c, problems := CompileCondition(`result.rule == "refund" and result.code != "0" and result.type startsWith "robot."`, o)
	if len(problems) > 0 || !c.UsesFacts() {
		t.Fatalf("%+v", problems)
	}
	ev := &event.Event{Kind: event.Result, Result: event.CommandEnd{Type: "robot.cust.tags", Code: "1", Rule: "refund"}}
	if yes, err := c.Eval(&Scope{Event: ev}); !yes || err != nil {
		t.Errorf("%v, %v", yes, err)
	}
	_, problems = CompileCondition(`text == "" or result.code == ""`, &Options{Kinds: []event.Kind{event.Result, event.MessageText}})
	if len(problems) != 2 || problems[0].Message.EN != "there is no `text` in result.failed" || problems[1].Message.EN != "there is no `result` in message.text" {
		t.Errorf("%+v", problems)
	}
}
