package ruletest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
)

func explainable(t *testing.T, text string) (*rule.Set, event.Event) {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatal(findings)
	}
	now := time.Date(2026, 3, 5, 4, 0, 0, 0, time.UTC)
	return set, event.Event{
		Kind: event.MessageText, ID: "1", Time: now, Received: now, Robot: event.Robot{Key: "r", ID: "1688850000000001"},
		Chat:   event.Chat{ID: "S:1688850000000001_R:1", Peer: "R:1", Name: "产品体验群", Group: true},
		Sender: event.Person{ID: "7881300000000001", Name: "张三", IsMember: true}, Message: event.Message{ContentType: 1, Text: "怎么 退 款"},
	}
}

// Of ten thousand rules the near ones are told, the others summed up by reason.
func TestExplainSumsUpWhatIsFarOff(t *testing.T) {
	var b strings.Builder
	b.WriteString("version: 1\nrules:\n  - {id: refund, on: message.text, match: {any: [退款]}, when: text != \"\", do: [{reply: 好的}]}\n")
	for i := range 9998 {
		fmt.Fprintf(&b, "  - {id: r%d, on: message.text, match: {any: [词%d]}, do: [{log: x}]}\n", i, i)
	}
	b.WriteString("  - {id: welcome, on: member.join, do: [{reply: 欢迎}]}\n")
	set, ev := explainable(t, b.String())
	x := Explain(set, ev, ev.Time, Asking{})
	if len(x.Rules) != 1 || x.Rules[0].Rule != "refund" || x.Rules[0].Outcome != rule.Fired || len(x.Rules[0].Conditions) != 1 || x.Folded != "怎么退款" {
		t.Errorf("told of %+v, folded %q", x.Rules, x.Folded)
	}
	if len(x.Others) != 2 || x.Others[0].Count != 9998 || x.Others[0].Outcome != rule.NoKeyword || len(x.Others[0].Some) != someOthers || x.Others[1].Count != 1 {
		t.Errorf("the others are %+v", x.Others)
	}
	if all := Explain(set, ev, ev.Time, Asking{All: true}); len(all.Rules) != 10_000 || len(all.Others) != 0 {
		t.Errorf("of all, %d rules and %v", len(all.Rules), all.Others)
	}
	one := Explain(set, ev, ev.Time, Asking{Rule: "r7"})
	if len(one.Rules) != 1 || one.Rules[0].Outcome != rule.NoKeyword || one.Rules[0].Detail.IsZero() || one.Rules[0].Conditions != nil || one.Commands != nil {
		t.Errorf("of one, %+v", one)
	}
}

// What comes after the first command is told, too, and an explanation comes through
// JSON whole.
func TestExplainFollowsTheRun(t *testing.T) {
	set, ev := explainable(t, `version: 1
rules:
  - {id: a, on: message.text, match: {any: [退款]}, do: [{reply: 一}, {set: {user.n: 1}}, {reply: "二 {{user.n}}", when: user.n == 1}, {reply: 没有, when: user.n == 2}, {delay: 5s}, {reply: 三}]}
  - {id: b, on: message.text, match: {any: [退款]}, when: user.n == 1, do: [{reply: 别的}]}
`)
	x := Explain(set, ev, ev.Time, Asking{})
	data, err := json.Marshal(x)
	if err != nil {
		t.Fatal(err)
	}
	var y Explanation
	if err := json.Unmarshal(data, &y); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, c := range append(y.Rules[0].Of(y.Commands), y.Rules[0].Of(y.Later)...) {
		texts = append(texts, c.Step+" "+string(c.Fields))
	}
	if got := strings.Join(texts, "\n"); got != `1 {"contentType":1,"content":"一"}`+"\n"+`3 {"contentType":1,"content":"二 1"}`+"\n"+`6 {"contentType":1,"content":"三"}` {
		t.Errorf("the commands are\n%s", got)
	}
	if after := y.After[y.Later[1].MessageID]; len(y.After) != 1 || after != 5000 {
		t.Errorf("what is behind the delay comes after %d ms: %v", after, y.After)
	}
	if c := y.Rules[0].Conditions; len(c) != 2 || c[0].Name != "3" || c[0].Tree.Value != true || c[1].Name != "4" || c[1].Tree.Value != false {
		t.Errorf("the conditions of its steps are %+v", c)
	}
	if y.Rules[1].Outcome != rule.ConditionFalse || y.Rules[1].Conditions[0].Tree.Children[0].Source != "user.n" {
		t.Errorf("the other rule is %+v", y.Rules[1])
	}
}

// A tag is put on by its name, though nobody was asked for the list of tags, and what
// is behind a question is not told: nobody knows whether it is answered.
func TestExplainFollowsATagAndStopsAtAQuestion(t *testing.T) {
	set, ev := explainable(t, `version: 1
rules:
  - {id: a, on: message.text, match: {any: [退款]}, do: [{tag: {add: [售后/退款], user: "1"}}, {delay: 1m}, {wait_for: {on: message.text, timeout: 5m}}, {reply: 谢谢}]}
`)
	x := Explain(set, ev, ev.Time, Asking{})
	if len(x.Commands) != 0 || len(x.Later) != 1 || !strings.Contains(string(x.Later[0].Fields), `"tags":["售后/退款"]`) {
		t.Errorf("sent at once %v, later %v", x.Commands, x.Later)
	}
	if r := x.Rules[0]; r.EndsIn != "3" || r.EndsAs != "wait_for" {
		t.Errorf("it ends in step %q (%s)", r.EndsIn, r.EndsAs)
	}
}

func BenchmarkExplain(b *testing.B) {
	set, findings := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte("version: 1\nrules: [{id: a, on: message.text, when: 'len(text) < 50 and not (text contains \"x\")', do: [{reply: 好}]}]\n")}})
	if set == nil {
		b.Fatal(findings)
	}
	ev := event.Event{Kind: event.MessageText, ID: "1", Time: time.Now(), Received: time.Now(), Message: event.Message{Text: "退款"}}
	for b.Loop() {
		Explain(set, ev, ev.Time, Asking{})
	}
}
