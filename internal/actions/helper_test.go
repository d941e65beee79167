package actions

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
)

var allKinds = []event.Kind{
	event.MessageText, event.MessageImage, event.MessageFile, event.MessageVideo, event.MessageVoice, event.MessageLink,
	event.MessageSticker, event.MessageMiniProgram, event.MessagePhone, event.FriendRequest, event.MemberJoin,
	event.ChatUpdated, event.RobotOnline, event.RobotOffline, event.RobotBanned, event.Result,
}

// bindStep binds a step as a rule file would have it, such as `reply: 好的`.
func bindStep(t *testing.T, step string, kinds ...event.Kind) (Bound, diag.List) {
	t.Helper()
	return bindWith(t, step, kinds, func(*Binder) {})
}

func bindWith(t *testing.T, step string, kinds []event.Kind, prepare func(*Binder)) (Bound, diag.List) {
	t.Helper()
	name, params := parseStep(t, step)
	action, ok := ByName(name)
	if !ok {
		t.Fatalf("no action %q", name)
	}
	opts := &expression.Options{Kinds: kinds, Vars: map[string]any{"site": "https://example.com/", "staff": "R:1970325038158435", "host": "https://example.com", "owners": map[string]any{"退款": "780000919"}}, HasHit: true, Lists: map[string][]string{"banned": nil}}
	b := NewBinder("rules/a.yaml", opts, func(n *yaml.Node, offset, length int) diag.Range {
		return diag.Span(n.Line, n.Column+offset, length)
	})
	prepare(b)
	return action.Bind(params, kinds, b), b.Findings()
}

func parseStep(t *testing.T, step string) (string, *yaml.Node) {
	t.Helper()
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(step), &doc); err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	m := doc.Content[0]
	if m.Kind != yaml.MappingNode || len(m.Content) != 2 {
		t.Fatalf("%s: a step is one key with its value", step)
	}
	return m.Content[0].Value, m.Content[1]
}

// mustBind binds a step without errors.
func mustBind(t *testing.T, step string, kinds ...event.Kind) Bound {
	t.Helper()
	bound, findings := bindStep(t, step, kinds...)
	if findings.HasErrors() {
		t.Fatalf("%s: %s", step, describe(findings))
	}
	return bound
}

// plan is what a step that binds comes to.
func plan(t *testing.T, step string, ev *event.Event) Effect {
	t.Helper()
	effect, err := mustBind(t, step, ev.Kind).Plan(envFor(ev))
	if err != nil {
		t.Fatalf("%s: %v", step, err)
	}
	return effect
}

func stepName(step string) string {
	name, _, _ := strings.Cut(step, ":")
	return name
}

func imageMessage() *event.Event {
	ev := groupMessage("")
	ev.Kind, ev.Message = event.MessageImage, event.Message{ContentType: 7, SvrID: "18446744073709551615", URL: "https://example.com/a.png"}
	return ev
}

func robotOffline() *event.Event {
	r := robot
	r.Status = event.StatusOffline
	ev, _ := event.OfStatus("main", r, time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	return &ev
}

// describe is the findings as line:col code, with the suggestion if there is one.
func describe(list diag.List) string {
	var lines []string
	for _, f := range list {
		line := fmt.Sprintf("%d:%d %s[%s] %s", f.Range.Start.Line, f.Range.Start.Column, f.Severity, f.Code, f.Message.ZH)
		if f.Hint.ZH != "" {
			line += " | " + f.Hint.ZH
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

var robot = event.Robot{Key: "cfb3e2c2", ID: "1688850285583026", Name: "小助手"}

func groupMessage(text string) *event.Event {
	return &event.Event{
		Kind: event.MessageText, ID: "202003241342304979", Account: "main", Robot: robot,
		Time:    time.Date(2020, 3, 24, 5, 42, 30, 497e6, time.UTC),
		Chat:    event.Chat{ID: "S:1688850285583026_R:10696052725010172", Peer: "R:10696052725010172", Name: "产品体验群①", Group: true},
		Sender:  event.Person{ID: "7881302985963919", Name: "张三👋", IsMember: true},
		Message: event.Message{ContentType: 1, Text: text},
	}
}

func privateMessage(text string) *event.Event {
	ev := groupMessage(text)
	ev.Chat = event.Chat{ID: "S:1688850285583026_7881302985963919", Peer: "7881302985963919", Name: "张三👋"}
	return ev
}

func friendRequest() *event.Event {
	return &event.Event{
		Kind: event.FriendRequest, ID: "202003241342304980", Account: "main", Robot: robot,
		Friend: event.Friend{ID: "780000919", Name: "李四", Reason: "加 薇 信"},
	}
}

func memberJoin() *event.Event {
	ev := groupMessage("")
	ev.Kind, ev.Sender, ev.Message = event.MemberJoin, event.Person{}, event.Message{}
	ev.Members = []event.Person{{ID: "780000919", Name: "李四"}, {ID: "14073751575621261", Name: "王五"}}
	return ev
}

// fakeTags is a tag book of names and ids.
type fakeTags map[string]string

func (f fakeTags) Label(name string) (string, bool) {
	id, ok := f[name]
	return id, ok
}

func envFor(ev *event.Event) Env {
	return Env{
		Scope:  &expression.Scope{Event: ev, Now: ev.Time},
		Tags:   fakeTags{"售后/退款": "14073751575621261", "售前/咨询": "14073752493595753", "1111": "14073749016622134"},
		Random: func() float64 { return 0.5 },
	}
}
