package app

import (
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/sim"
)

const groupRules = `version: 1
defaults: {loop_guard: off}
rules:
  - {id: asked, on: message.text, match: {any: [多少人]}, do: [{reply: "群主 {{chat.owner_name}}，{{chat.size}} 人"}]}
  - {id: joined, on: member.join, do: [{reply: "{{chat.name}}现在 {{chat.size}} 人"}]}
  - {id: large, on: message.text, match: {exact: [大群]}, when: chat.size >= 5, do: [{reply: 是大群}]}
`

// knowsGroups waits until the robot's list of groups was read so many times.
func (b *bench) knowsGroups(t *testing.T) {
	t.Helper()
	until(t, "a list of groups", func() bool { return strings.Contains(b.log.String(), "groups of a robot are known") })
}

func TestRulesKnowWhoseAGroupIsAndHowLarge(t *testing.T) {
	b := start(t, serve(t, sim.Options{}), rulesIn(t, groupRules))
	b.knowsGroups(t)
	must(b.sim.Say("VIP 交流群", "张三", "群里多少人"))
	b.ledger(t, "the group as it is", hasText("群主 周经理，3 人"))
	must(b.sim.Say("产品体验群1", "张三", "大群"))
	if err := b.sim.Join("产品体验群1", "王五"); err != nil {
		t.Fatal(err)
	}
	b.ledger(t, "the group with the new member", hasText("产品体验群1现在 5 人"))
	must(b.sim.Say("产品体验群1", "张三", "大群"))
	b.ledger(t, "the rule for large groups", hasText("是大群"))
	if n := len(b.sim.Ledger()); n != 3 {
		t.Errorf("%d messages, want three: a group of four is not large", n)
	}
}

// What was known of the groups survives a restart, even when the platform gives no
// list any more; a group that is not known breaks no condition into being true.
func TestGroupsAreRememberedOverARestart(t *testing.T) {
	s := serve(t, sim.Options{})
	b := start(t, s, rulesIn(t, groupRules))
	b.knowsGroups(t)
	if err := b.sim.Join("产品体验群1", "王五"); err != nil {
		t.Fatal(err)
	}
	b.ledger(t, "the size", hasText("产品体验群1现在 5 人"))
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	s.Faults().AddHTTP(sim.HTTPFault{Path: "/wxworkapi/group/list", Code: "5001", Msg: "busy"})
	b.run(t)
	until(t, "a connection", func() bool { return strings.Count(b.log.String(), "connected to the platform") == 2 })
	must(b.sim.Say("产品体验群1", "张三", "大群"))
	b.ledger(t, "an answer from memory", hasText("是大群"))
}

func TestAGroupThatIsNotKnownHasNoSize(t *testing.T) {
	s := serve(t, sim.Options{})
	remove := s.Faults().AddHTTP(sim.HTTPFault{Path: "/wxworkapi/group/list", Code: "5001", Msg: "busy"})
	b := start(t, s, rulesIn(t, `version: 1
rules:
  - {id: small, on: message.text, match: {exact: [小群]}, when: chat.size < 100, do: [{reply: 是小群}]}
`))
	must(b.sim.Say("产品体验群1", "张三", "小群"))
	for r := range b.reports {
		if len(r.Decision.Verdicts) > 0 {
			if v := r.Decision.Verdicts[0]; v.Outcome != "condition_error" || !strings.Contains(v.Detail.ZH, "群信息还没有取到") {
				t.Errorf("the verdict is %s: %s", v.Outcome, v.Detail.ZH)
			}
			break
		}
	}
	remove()
}

// Groups gives others a robot's groups, in a certain order; what an event says of a
// group is taken over, and whether the platform has to be asked is said.
func TestTheBookOfGroups(t *testing.T) {
	b, at := newGroupBook(), time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	if got := b.Groups("main", "cfb3"); got != nil {
		t.Errorf("before the first list: %v", got)
	}
	b.replace("main", "cfb3", []event.Group{{ID: "R:2", Name: "乙群", Size: 40}, {ID: "R:1", Name: "甲群", Size: 3}}, at)
	if got := b.Groups("main", "cfb3"); len(got) != 2 || got[0].Name != "甲群" || got[1].Name != "乙群" {
		t.Errorf("the list: %+v", got)
	}
	joined := event.Event{
		Kind: event.MemberJoin, Account: "main", Robot: event.Robot{Key: "cfb3"}, Chat: event.Chat{Peer: "R:2", Name: "乙群", Group: true},
		Members: []event.Person{{ID: "1"}, {ID: "2"}},
	}
	if !b.notice(&joined) {
		t.Error("nobody asks how many there are now")
	}
	if g, _ := b.Group("main", "cfb3", "R:2"); g.Size != 42 {
		t.Errorf("40 and two who joined are %d", g.Size)
	}
	renamed := event.Event{Kind: event.ChatUpdated, Account: "main", Robot: event.Robot{Key: "cfb3"}, Chat: event.Chat{Peer: "R:1", Name: "甲群（已满）", Group: true}}
	if b.notice(&renamed) {
		t.Error("a new name is no reason to ask")
	}
	if g, _ := b.Group("main", "cfb3", "R:1"); g.Name != "甲群（已满）" {
		t.Errorf("the new name was not taken over: %+v", g)
	}
	said := event.Event{Kind: event.MessageText, Account: "main", Robot: event.Robot{Key: "cfb3"}, Chat: event.Chat{Peer: "R:3", Group: true}}
	if !b.notice(&said) {
		t.Error("nobody asks about a group that is not known")
	}
	said.Robot.Key = "other"
	if _, known := b.Group("main", "other", "R:1"); known {
		t.Error("a robot knows the groups of another one")
	}
	if kept := b.toKeep("main"); len(kept) != 1 || len(kept["cfb3"]) != 2 {
		t.Errorf("to be kept: %v", kept)
	}
	if kept := b.toKeep("main"); len(kept) != 0 {
		t.Errorf("kept already: %v", kept)
	}
	b.remove("main", "cfb3", "R:1")
	if got := b.Groups("main", "cfb3"); len(got) != 1 {
		t.Errorf("after leaving one: %v", got)
	}
}
