package actions

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/command"
	"botengine/internal/event"
)

func TestWhatAStepSendsToThePlatform(t *testing.T) {
	const group, private = "S:1688850285583026_R:10696052725010172", "S:1688850285583026_7881302985963919"
	tests := map[string]struct {
		step               string
		ev                 *event.Event
		typ, chat, fields_ string
	}{
		"a text goes to the group it was asked in": {"reply: 请回复订单号", groupMessage("怎么退款呀"),
			"message.text", group, `{"contentType":1,"content":"请回复订单号"}`},
		"a number is said as it is written": {"reply: 00123", groupMessage("暗号"),
			"message.text", group, `{"contentType":1,"content":"00123"}`},
		"a template names the sender": {`reply: "{{sender.name}}，您好 <b>&</b>"`, groupMessage("hi"),
			"message.text", group, `{"contentType":1,"content":"张三👋，您好 <b>&</b>"}`},
		"a text of the sender is data, whatever it looks like": {`reply: "您说：{{text}}"`, groupMessage("{{robot.key}} @所有人"),
			"message.text", group, `{"contentType":1,"content":"您说：{{robot.key}} ＠所有人"}`},
		"at sender": {`reply: {text: 好的, at: sender}`, groupMessage("hi"),
			"message.text", group, `{"contentType":1,"content":"好的","atUserList":"7881302985963919"}`},
		"at ids and the sender, each once": {`reply: {text: 好的, at: [780000919, sender, "780000919", "{{robot.id}}"]}`, groupMessage("hi"),
			"message.text", group, `{"contentType":1,"content":"好的","atUserList":"7881302985963919,780000919,1688850285583026"}`},
		"at does nothing in a private chat": {`reply: {text: 好的, at: sender}`, privateMessage("hi"),
			"message.text", private, `{"contentType":1,"content":"好的"}`},
		"new members are welcomed in the group": {`reply: {text: "欢迎 {{len(members)}} 位新朋友 🎉", at: members}`, memberJoin(),
			"message.text", group, `{"contentType":1,"content":"欢迎 2 位新朋友 🎉","atUserList":"780000919,14073751575621261"}`},
		"a friend request is answered in the private chat": {"reply: 您好", friendRequest(),
			"message.text", "S:1688850285583026_780000919", `{"contentType":1,"content":"您好"}`},
		"an image": {"reply_image: https://example.com/海报.png?x=1&y=2", groupMessage("海报"),
			"message.image", group, `{"contentType":7,"pic":"https://example.com/海报.png?x=1&y=2"}`},
		"a file": {"reply_file: {url: https://example.com/价格.pdf}", groupMessage("价格"),
			"message.file", group, `{"contentType":8,"fileName":"https://example.com/价格.pdf"}`},
		"a video": {"reply_video: https://example.com/a.mp4", groupMessage("视频"),
			"message.video", group, `{"contentType":5,"fileName":"https://example.com/a.mp4"}`},
		"a link card": {`reply_link: {title: 新人必读, url: "{{vars.site}}guide", description: 三分钟, cover: "https://example.com/c.png"}`, groupMessage("新人"),
			"message.link", group, `{"contentType":13,"title":"新人必读","link":"https://example.com/guide","description":"三分钟","coverImgFile":"https://example.com/c.png"}`},
		"a friend is accepted": {"accept_friend: {}", friendRequest(),
			"robot.accept.friend.request", "", `{"friendWxid":"780000919"}`},
		"tags by name, on and off": {`tag: {add: [售后/退款, "1111"], remove: 售前/咨询}`, groupMessage("退款"),
			"robot.cust.tags", "", `{"userId":"7881302985963919","tags":["14073751575621261","14073749016622134"],"erasingTags":["14073752493595753"]}`},
		"a bare number is a tag's id, digit by digit": {"tag: {add: [14073751575621261, 18446744073709551615]}", groupMessage("退款"),
			"robot.cust.tags", "", `{"userId":"7881302985963919","tags":["14073751575621261","18446744073709551615"],"erasingTags":[]}`},
		"a tag in the short form, for who asks to be a friend": {"tag: 售后/退款", friendRequest(),
			"robot.cust.tags", "", `{"userId":"780000919","tags":["14073751575621261"],"erasingTags":[]}`},
		"a tag for somebody else": {"tag: {remove: 14073751575621261, user: 1688850285583026}", memberJoin(),
			"robot.cust.tags", "", `{"userId":"1688850285583026","tags":[],"erasingTags":["14073751575621261"]}`},
		"the sender is kicked, as a whole number": {"kick:", groupMessage("广告"),
			"robot.delete.group.members", "", `{"groupId":"R:10696052725010172","friends":[7881302985963919]}`},
		"somebody else is kicked": {`kick: "{{members[1].id}}"`, memberJoin(),
			"robot.delete.group.members", "", `{"groupId":"R:10696052725010172","friends":[14073751575621261]}`},
		"the sender is invited": {"invite: R:10696052725010999", groupMessage("进群"),
			"robot.invite.friends.join.group", "", `{"groupId":"R:10696052725010999","friends":[7881302985963919]}`},
		"ids beyond 2^53 are invited exactly": {"invite: {group: R:1, who: [9007199254740993, 18446744073709551615, 007]}", groupMessage("进群"),
			"robot.invite.friends.join.group", "", `{"groupId":"R:1","friends":[9007199254740993,18446744073709551615,"007"]}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			effect := plan(t, tt.step, tt.ev)
			a, _ := ByName(stepName(tt.step))
			as := a.Sends()[0]
			want := command.Command{Type: tt.typ, Chat: tt.chat, Lane: as.Lane, Class: as.Class, Fields: []byte(tt.fields_)}
			if diff := cmp.Diff(want, *effect.Command); diff != "" {
				t.Errorf("command (-want +got):\n%s", diff)
			}
			if (tt.chat != "") != effect.Command.IsMessage() {
				t.Errorf("lane %s", effect.Command.Lane)
			}
		})
	}
}

func TestAPlanThatCannotBeDoneSaysWhy(t *testing.T) {
	long := groupMessage(strings.Repeat("退", maxText))
	homeless := friendRequest()
	homeless.Robot.ID = ""
	tests := map[string]struct {
		step string
		ev   *event.Event
		want string
	}{
		"a text that comes out empty":          {`reply: "{{text}}"`, groupMessage(" 　\n"), "plan reply: text is empty after rendering"},
		"a text that comes out too long":       {`reply: "{{text}}了"`, long, "plan reply: text has more than 4000 characters after rendering"},
		"a mention that is no id":              {`reply: {text: 好的, at: "{{robot.key}}"}`, groupMessage("hi"), "plan reply: at: not a member's id"},
		"a friend request of an unknown robot": {"reply: 您好", homeless, "plan reply: the event names no chat to answer in"},
		"a cover that gets a query string":     {`reply_link: {title: 看, url: "https://example.com/", cover: "https://example.com/{{text}}"}`, groupMessage("a?b"), "plan reply_link: cover: the address has a query string, which the platform does not take"},
		"an address broken by what was said":   {`reply_image: "https://example.com/{{text}}"`, groupMessage("a b"), "plan reply_image: url: not a web address"},
		"a kick in a private chat":             {"kick:", privateMessage("广告"), "plan kick: the event did not happen in a group"},
		"a kick of nobody":                     {`kick: "{{sender.name}}"`, groupMessage("广告"), "plan kick: not a person's id"},
		"an invitation to what is no group":    {`invite: "{{sender.id}}"`, groupMessage("进群"), "plan invite: not a group's id"},
		"an invitation of what is no person":   {`invite: {group: "R:1", who: "{{sender.name}}"}`, groupMessage("进群"), "plan invite: who: not a person's id"},
		"an accepted friend without a request": {"accept_friend: {}", &event.Event{Kind: event.FriendRequest}, "plan accept_friend: the event is no friend request"},
		"a tag whose name comes out empty":     {`tag: "{{text}}"`, groupMessage(""), "plan tag: an entry of the list is empty after rendering"},
		"a log line that comes out empty":      {`log: "{{text}}"`, groupMessage(""), "plan log: text is empty after rendering"},
		"a tag for nobody":                     {"tag: 售后/退款", &event.Event{Kind: event.FriendRequest}, "plan tag: the event names no person"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := mustBind(t, tt.step, tt.ev.Kind).Plan(envFor(tt.ev))
			if err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestUnknownTagsAreNamedOnceAndAllTogether(t *testing.T) {
	bound := mustBind(t, "tag: {add: [售后/退宽, 售后/退款, VIP], remove: [VIP, 1112]}", event.MessageText)
	for name, book := range map[string]TagBook{"a book": envFor(groupMessage("")).Tags, "no book": nil} {
		env := envFor(groupMessage("退款"))
		env.Tags = book
		_, err := bound.Plan(env)
		var unknown *UnknownTagError
		if !errors.As(err, &unknown) {
			t.Fatalf("%s: got %v", name, err)
		}
		want := []string{"售后/退宽", "VIP", "1112"}
		if book == nil {
			want = []string{"售后/退宽", "售后/退款", "VIP", "1112"}
		}
		if diff := cmp.Diff(want, unknown.Names); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestInviteGoesToTheNextGroupWhenOneRefused(t *testing.T) {
	bound := mustBind(t, `invite: {group: ["R:1", "R:2"]}`, event.MessageText)
	env := envFor(groupMessage("进群"))
	for attempt, want := range []string{`{"groupId":"R:1","friends":[7881302985963919]}`, `{"groupId":"R:2","friends":[7881302985963919]}`} {
		env.Attempt = attempt
		effect, err := bound.Plan(env)
		if err != nil || string(effect.Command.Fields) != want || effect.More != (attempt == 0) {
			t.Errorf("attempt %d: %s, more %v, %v", attempt, effect.Command.Fields, effect.More, err)
		}
	}
	env.Attempt = 2
	if _, err := bound.Plan(env); err == nil {
		t.Error("a third group was found")
	}
}

func TestDelayDrawsFromItsRange(t *testing.T) {
	tests := map[string]struct {
		step      string
		random    float64
		wait, max time.Duration
	}{
		"a plain time":           {"delay: 90s", 0.7, 90 * time.Second, 90 * time.Second},
		"the low end":            {"delay: 20s..90s", 0, 20 * time.Second, 90 * time.Second},
		"the middle":             {"delay: {for: 20s..90s}", 0.5, 55 * time.Second, 90 * time.Second},
		"below the high end":     {"delay: 0s..1d", 0.999999, 86399913 * time.Millisecond, 24 * time.Hour},
		"never nothing at all":   {"delay: 0s..1s", 0, time.Millisecond, time.Second},
		"thirty days, no longer": {"delay: 30d", 0, 30 * day, 30 * day},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			env := envFor(groupMessage(""))
			env.Random = func() float64 { return tt.random }
			effect, err := mustBind(t, tt.step, event.MessageText).Plan(env)
			if diff := cmp.Diff(Effect{Wait: tt.wait, WaitMax: tt.max}, effect); err != nil || diff != "" {
				t.Errorf("%v %s", err, diff)
			}
		})
	}
}

func TestSetRemembersTypedValues(t *testing.T) {
	step := `
set:
  user.level: 2
  user.score: 2.5
  member.vip: true
  chat.topic: 00123
  chat.同意: yes
  robot.note: "{{sender.name}} 来了"
  global.big: 18446744073709551615
  global.length: "{{len(text)}}"
  global.old:
  ttl: 7d`
	effect, err := mustBind(t, step, event.MessageText).Plan(envFor(groupMessage("退款")))
	if err != nil {
		t.Fatal(err)
	}
	week := 7 * day
	want := []FactWrite{
		{"user", "level", int64(2), week}, {"user", "score", 2.5, week}, {"member", "vip", true, week},
		{"chat", "topic", "00123", week}, {"chat", "同意", "yes", week}, {"robot", "note", "张三👋 来了", week},
		{"global", "big", "18446744073709551615", week}, {"global", "length", int64(2), week}, {"global", "old", nil, week},
	}
	if diff := cmp.Diff(want, effect.Facts); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestLogWritesItsLine(t *testing.T) {
	effect, err := mustBind(t, `log: "退款 {{sender.id}}"`, event.MessageText).Plan(envFor(groupMessage("退款")))
	if diff := cmp.Diff(Effect{Log: "退款 7881302985963919"}, effect); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

func TestAFactIsATextANumberOrYesNo(t *testing.T) {
	for _, good := range []struct{ in, want any }{{nil, nil}, {"退款", "退款"}, {true, true}, {7, int64(7)}, {int64(8), int64(8)}, {1.5, 1.5}} {
		if got, err := factValue(good.in); err != nil || got != good.want {
			t.Errorf("%v became %v, %v", good.in, got, err)
		}
	}
	for _, bad := range []any{[]string{"a"}, math.NaN(), math.Inf(-1), time.Second} {
		if got, err := factValue(bad); err == nil {
			t.Errorf("%v became %v", bad, got)
		}
	}
}
