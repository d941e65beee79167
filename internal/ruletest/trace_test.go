package ruletest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/event"
)

const tracedRules = `version: 1
lists: {staff: ["1688850285583026"]}
rules:
  - id: refund
    on: message.text
    scope: {chats: ["产品体验群*"]}
    match: {any: [退款, 退货]}
    when: len(text) > 5 and not sender.is_staff
    cooldown: 30s
    do:
      - reply: {text: "{{sender.name}} 请回复订单号", at: sender}
      - count: member.asked
  - id: order
    on: message.text
    match: {regex: '(?P<no>[0-9]{11})'}
    when: text contains "单"
    do: [{reply: "查 {{hit.groups.no}}"}]
  - id: staff
    on: message.text
    when: true and sender.is_staff
    do: [{log: 同事}]
  - id: friend
    on: friend.request
    match: {any: [公众号], fields: [friend.reason]}
    do: [{accept_friend: {}}]
  - id: join
    on: member.join
    do: [{reply: "欢迎 {{names(members)}}"}]
`

func traced(ev event.Event) Recorded {
	ev.Time = time.Date(2026, 11, 23, 2, 0, 5, 0, time.UTC)
	ev.Robot = event.Robot{Key: "cfb3e2c2", ID: "1688850285583999", Name: "小智"}
	return Recorded{Event: ev, At: ev.Time, HasText: true, Fired: []string{}}
}

var secret = event.Event{
	Kind:    event.MessageText,
	Chat:    event.Chat{ID: "S:1_R:10696051755024720", Peer: "R:10696051755024720", Name: "产品体验群7（王总专属）", Group: true},
	Sender:  event.Person{ID: "7881300000000042", Name: "王小明", IsMember: true},
	Message: event.Message{ContentType: 1, Text: "我是王小明，电话13812345678，要退款，单号见 https://wang.example.cn/o?id=77"},
}

func TestAWrittenTestHoldsOnlyWhatTheRulesLookFor(t *testing.T) {
	set := compile(t, tracedRules)
	rec := traced(secret)
	rec.Fired = []string{"refund", "order"}
	text, err := FromTrace(set, rec)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for _, gone := range []string{"王小明", "王总", "138", "12345", "wang", "77", "7881300000000042", "10696051755024720", "小智"} {
		if strings.Contains(got, gone) {
			t.Errorf("%s is still there:\n%s", gone, got)
		}
	}
	for _, stays := range []string{"退款", "单", "产品体验群", "rules: [refund, order]", "start: 2026-11-23T10:00:05+08:00"} {
		if !strings.Contains(got, stays) {
			t.Errorf("%s is not there:\n%s", stays, got)
		}
	}
	again, err := FromTrace(set, rec)
	if err != nil || string(again) != got {
		t.Errorf("another time another test: %v\n%s", err, again)
	}
}

func TestAWrittenTestKeepsTheTextThatIsWanted(t *testing.T) {
	rec := traced(secret)
	rec.KeepText = true
	text, err := FromTrace(compile(t, tracedRules), rec)
	if err != nil || !strings.Contains(string(text), "电话13812345678") {
		t.Errorf("%v\n%s", err, text)
	}
	if strings.Contains(string(text), "by: 王小明") {
		t.Errorf("the name is still there:\n%s", text)
	}
}

func TestAWrittenTestOfATextThatWasNotKept(t *testing.T) {
	rec := traced(secret)
	rec.HasText, rec.Event.Message.Text = false, "sha256:0123456789abcdef/9"
	text, err := FromTrace(compile(t, tracedRules), rec)
	if err != nil || !strings.Contains(string(text), "say: 某某某某某某某某某\n") || strings.Contains(string(text), "sha256") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestAWrittenTestKeepsTheIdThatARuleNames(t *testing.T) {
	ev := secret
	ev.Sender = event.Person{ID: "1688850285583026", Name: "同事小李", IsMember: true}
	text, err := FromTrace(compile(t, tracedRules), traced(ev))
	if err != nil || !strings.Contains(string(text), "1688850285583026") || !strings.Contains(string(text), "rules: [staff]") || strings.Contains(string(text), "小李") {
		t.Errorf("%v\n%s", err, text)
	}
}

func TestWrittenTestsOfOtherEvents(t *testing.T) {
	set := compile(t, tracedRules)
	for name, c := range map[string]struct {
		ev   event.Event
		want string
	}{
		"a friend request":    {event.Event{Kind: event.FriendRequest, Friend: event.Friend{ID: "7881300000000042", Name: "王小明", Reason: "从公众号来的王小明"}}, "reason: 某公众号某某某某某\n"},
		"new members":         {event.Event{Kind: event.MemberJoin, Chat: secret.Chat, Members: []event.Person{{ID: "7881300000000042", Name: "王小明"}, {ID: "7881300000000043", Name: "李四"}}}, "rules: [join]"},
		"a picture":           {event.Event{Kind: event.MessageImage, Chat: secret.Chat, Sender: secret.Sender, Message: event.Message{URL: "https://wang.example.cn/a.jpg"}}, "media: image\n"},
		"a chat that changed": {event.Event{Kind: event.ChatUpdated, Chat: secret.Chat}, "updated: true\n"},
		"a status":            {event.Event{Kind: event.RobotOffline}, "status: offline\n"},
	} {
		t.Run(name, func(t *testing.T) {
			text, err := FromTrace(set, traced(c.ev))
			if err != nil || !strings.Contains(string(text), c.want) || strings.Contains(string(text), "小明") || strings.Contains(string(text), "wang") {
				t.Errorf("%v\n%s", err, text)
			}
		})
	}
	if _, err := FromTrace(set, traced(event.Event{Kind: event.Timer})); !errors.Is(err, ErrNoTest) {
		t.Errorf("got %v, want that tests have no step for it", err)
	}
}

func TestEveryTextBecomesATestThatPasses(t *testing.T) {
	set := compile(t, tracedRules)
	rapid.Check(t, func(t *rapid.T) {
		ev := secret
		ev.Message.Text = rapid.OneOf(rapid.StringN(1, 40, -1), rapid.SampledFrom([]string{"退款\n\t'\"\\", "#退款: {a}", "- 退款", "null", "0x1F", "\u202e退款退货单"})).Draw(t, "text")
		ev.Sender.Name = rapid.String().Draw(t, "name")
		rec := traced(ev)
		rec.KeepText = rapid.Bool().Draw(t, "keep")
		if text, err := FromTrace(set, rec); err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
	})
}
