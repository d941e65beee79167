package rule_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// noon is a Monday.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.FixedZone("CST", 8*3600))

// mustCompile compiles one file that has no errors in it.
func mustCompile(tb testing.TB, text string) *rule.Set {
	tb.Helper()
	set, found := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(text)}})
	if found.HasErrors() {
		tb.Fatalf("findings: %+v", found)
	}
	return set
}

// oneRule is a rule file with one rule that has the given fields.
func oneRule(fields string) string {
	return "rules:\n  - id: a\n    do: [{reply: 您好}]\n    " + strings.ReplaceAll(fields, "\n", "\n    ") + "\n"
}

// groupText is a text that 李四 wrote in 产品体验群1 at noon.
func groupText(text string) event.Event {
	return event.Event{
		Kind: event.MessageText, ID: "1", Time: noon, Received: noon,
		Robot:   event.Robot{Key: "cfb3", ID: "1688853470427542", Name: "小助手"},
		Chat:    event.Chat{ID: "S:1688853470427542_R:1069", Peer: "R:1069", Name: "产品体验群1", Group: true},
		Sender:  event.Person{ID: "7881299823017745", Name: "李四", IsMember: true},
		Message: event.Message{ContentType: 1, Text: text},
	}
}

func with(change func(*event.Event)) event.Event {
	ev := groupText("怎么退款呀")
	change(&ev)
	return ev
}

func TestWhatBecomesOfARule(t *testing.T) {
	const keyword = "match: {any: [退款]}\n"
	for _, c := range []struct {
		name, fields string
		ev           event.Event
		want         rule.Outcome
		detail       string // in the Chinese detail
	}{
		{"a keyword is there", keyword + "on: message.text", groupText("怎么退款呀"), "", "命中「退款」"},
		{"a keyword is not there", keyword + "on: message.text", groupText("天气不错"), rule.NoKeyword, "「退款」"},
		{"message stands for every kind of message", "when: true\non: message", with(func(e *event.Event) { e.Kind = event.MessageImage }), "", ""},
		{"another kind of event", keyword + "on: message.image", groupText("退款"), rule.OtherTrigger, "message.image"},
		{"a mention", "on: mention", with(func(e *event.Event) { e.Message.MentionsMe = true }), "", ""},
		{"no mention", "on: mention", groupText("退款"), rule.OtherTrigger, "没有 @"},
		{"mode off", "mode: off\n" + keyword + "on: message.text", groupText("退款"), rule.Off, "mode: off"},
		{"not enabled", "enabled: false\n" + keyword + "on: message.text", groupText("退款"), rule.Off, "enabled"},
		{"shadow may fire: what becomes of it is decided later", "mode: shadow\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"the robot's own message", keyword + "on: message.text", with(func(e *event.Event) { e.Sender.IsSelf, e.Sender.IsRobot = true, true }), rule.OwnMessage, "include: [self]"},
		{"the robot's own message, included", "include: [self]\n" + keyword + "on: message.text", with(func(e *event.Event) { e.Sender.IsSelf, e.Sender.IsRobot = true, true }), "", ""},
		{"a message written by hand on the phone is the robot's own", "when: true\non: message", with(func(e *event.Event) { e.Kind, e.Sender.IsSelf = event.MessagePhone, true }), rule.OwnMessage, ""},
		{"another robot's message", keyword + "on: message.text", with(func(e *event.Event) { e.Sender.IsRobot = true }), rule.OtherRobot, "李四"},
		{"another robot's message, included", "include: [robots]\n" + keyword + "on: message.text", with(func(e *event.Event) { e.Sender.IsRobot = true }), "", ""},
		{"including robots does not include oneself", "include: [robots]\n" + keyword + "on: message.text", with(func(e *event.Event) { e.Sender.IsRobot, e.Sender.IsSelf = true, true }), rule.OwnMessage, ""},
		{"too old", keyword + "on: message.text", with(func(e *event.Event) { e.Time = noon.Add(-11 * time.Minute) }), rule.TooOld, "11m0s"},
		{"just young enough", keyword + "on: message.text", with(func(e *event.Event) { e.Time = noon.Add(-10 * time.Minute) }), "", ""},
		{"an age of its own", "max_age: 1h\n" + keyword + "on: message.text", with(func(e *event.Event) { e.Time = noon.Add(-time.Hour) }), "", ""},
		{"group by name", "scope: {chats: [\"产品体验群*\"]}\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"group by id", "scope: {chats: [\"R:1069\"]}\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"another group", "scope: {chats: [售后群]}\n" + keyword + "on: message.text", groupText("退款"), rule.OutOfScope, "产品体验群1"},
		{"a slash in a name is a character like any other", "scope: {chats: [\"*/退款群\"]}\n" + keyword + "on: message.text", with(func(e *event.Event) { e.Chat.Name = "华东/售后/退款群" }), "", ""},
		{"robot by key", "scope: {robots: [cfb3]}\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"robot by name", "scope: {robots: [\"小?手\"]}\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"another robot", "scope: {robots: [大助手]}\n" + keyword + "on: message.text", groupText("退款"), rule.OutOfScope, "小助手"},
		{"only private chats", "scope: {chat_type: private}\n" + keyword + "on: message.text", groupText("退款"), rule.OutOfScope, "私聊"},
		{"only groups", "scope: {chat_type: group}\n" + keyword + "on: message.text", with(func(e *event.Event) { e.Chat = event.Chat{ID: "S:1_2", Peer: "2"} }), rule.OutOfScope, "群聊"},
		{"excluded by its chat", "scope: {chat_type: group, exclude: {chats: [\"*体验*\"]}}\n" + keyword + "on: message.text", groupText("退款"), rule.OutOfScope, "exclude"},
		{"any entry of exclude excludes by itself", "scope: {exclude: {robots: [别的], chats: [\"*体验*\"]}}\n" + keyword + "on: message.text", groupText("退款"), rule.OutOfScope, ""},
		{"not excluded", "scope: {exclude: {robots: [别的]}}\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"a friend request counts as private", "scope: {chat_type: private}\non: friend.request\nwhen: friend.name == \"陈晨\"", with(func(e *event.Event) {
			*e = event.Event{Kind: event.FriendRequest, Time: noon, Friend: event.Friend{Name: "陈晨"}}
		}), "", ""},
		{"within its hours", "active: {hours: [\"09:00-21:00\"]}\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"outside its hours", "active: {hours: [\"21:00-09:00\"]}\n" + keyword + "on: message.text", groupText("退款"), rule.Inactive, "周一 12:00"},
		{"on another day", "active: {days: [tue-sun]}\n" + keyword + "on: message.text", groupText("退款"), rule.Inactive, "tue-sun"},
		{"the condition holds", "when: len(text) < 20 and sender.name == \"李四\"\non: message.text", groupText("退款"), "", ""},
		{"the condition does not hold", "when: len(text) > 20\non: message.text", groupText("退款"), rule.ConditionFalse, "len(text) > 20"},
		{"the condition sees the hit", "when: hit.word == \"退款\"\n" + keyword + "on: message.text", groupText("退款"), "", ""},
		{"a condition with facts is left open", "when: user.level == 2\n" + keyword + "on: message.text", groupText("退款"), "", "user.level == 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := mustCompile(t, oneRule(c.fields)).Match(&c.ev, noon, true)
			if len(m) != 1 || m[0].Outcome != c.want {
				t.Fatalf("got %+v, want %q", m, c.want)
			}
			if !strings.Contains(m[0].Detail.ZH, c.detail) || m[0].Detail.EN == "" {
				t.Errorf("detail %+v does not say %q", m[0].Detail, c.detail)
			}
			if strings.Contains(m[0].Detail.ZH+m[0].Detail.EN, "%!") {
				t.Errorf("detail is badly formatted: %+v", m[0].Detail)
			}
		})
	}
}

func TestMatchLooksAtTheFoldedText(t *testing.T) {
	for _, c := range []struct {
		name, match, text string
		want              expression.Hit
		missed            string // what the detail says; "" = it matches
	}{
		{"any of several, the first as the rule has it", "any: [退货, 退款]", "我要退 款！", expression.Hit{Word: "退款", Words: []string{"退款"}, Start: 6, End: 13}, ""},
		{"several of any", "any: [退货, 退款]", "退款还是退货", expression.Hit{Word: "退货", Words: []string{"退货", "退款"}, Start: 12, End: 18}, ""},
		{"full-width and upper case on both sides", "any: [\"ＶＩＰ\"]", "我是 vip 会员", expression.Hit{Word: "ＶＩＰ", Words: []string{"ＶＩＰ"}, Start: 7, End: 10}, ""},
		{"invisible characters in between", "any: [加微信]", "加\u200b微\u2060信", expression.Hit{Word: "加微信", Words: []string{"加微信"}, Start: 0, End: 15}, ""},
		{"separators in between", "any: [加微信]", "来，加.微-信🙂", expression.Hit{Word: "加微信", Words: []string{"加微信"}, Start: 6, End: 17}, ""},
		{"without folds it is compared as written", "any: [VIP]\nfold: []", "vip", expression.Hit{}, "「VIP」"},
		{"only some folds", "any: [VIP]\nfold: [case]", "ｖｉｐ", expression.Hit{}, "「VIP」"},
		{"all of them", "all: [退款, 订单]", "订单怎么退款", expression.Hit{Word: "退款", Words: []string{"退款", "订单"}, Start: 12, End: 18}, ""},
		{"one of all is missing and is named", "all: [退款, 订单]", "怎么退款", expression.Hit{}, "「订单」"},
		{"an excluded word", "any: [退款]\nnone: [已退款, 成功]", "已退款", expression.Hit{}, "「已退款」"},
		{"none alone", "none: [广告]", "您好", expression.Hit{}, ""},
		{"exact", "exact: [\"1\", 退款]", " 退 款 ", expression.Hit{Word: "退款", Words: []string{"退款"}, Start: 1, End: 8}, ""},
		{"not exact", "exact: [退款]", "退款吗", expression.Hit{}, "「退款」"},
		{"prefix", "prefix: [我要]", "我要退款", expression.Hit{Word: "我要", Words: []string{"我要"}, Start: 0, End: 6}, ""},
		{"not the prefix", "prefix: [我要]", "他我要退款", expression.Hit{}, "开头"},
		{"suffix", "suffix: [了吗]", "退款了吗", expression.Hit{Word: "了吗", Words: []string{"了吗"}, Start: 6, End: 12}, ""},
		{"not the suffix", "suffix: [了吗]", "退款了吗？", expression.Hit{}, "结尾"},
		{"regex with a group, as it was written", "regex: '订单(?P<no>[a-z0-9]+)'", "查 订单 ＡＢ１２", expression.Hit{Word: "订单 ＡＢ１２", Words: []string{"订单 ＡＢ１２"}, Groups: map[string]string{"no": "ＡＢ１２"}, Start: 4, End: 23}, ""},
		{"regex beside a keyword", "any: [订单]\nregex: '(?P<no>[0-9]{3})'", "订单 123", expression.Hit{Word: "订单", Words: []string{"订单"}, Groups: map[string]string{"no": "123"}, Start: 0, End: 6}, ""},
		{"an optional group that is not there is empty", "regex: '退(?P<a>款)?(?P<b>货)'", "退货", expression.Hit{Word: "退货", Words: []string{"退货"}, Groups: map[string]string{"a": "", "b": "货"}, Start: 0, End: 6}, ""},
		{"full-width brackets of a regex are ordinary characters", "regex: '（退款）：[０-９]+'", "(退款)：１２", expression.Hit{Word: "(退款)：１２", Words: []string{"(退款)：１２"}, Start: 0, End: 17}, ""},
		{"capital classes of a regex fit the folded text", "regex: 'NO[A-Z]{2}'", "no Ab noXy", expression.Hit{Word: "noXy", Words: []string{"noXy"}, Start: 6, End: 10}, ""},
		{"regex does not fit", "regex: '订单[0-9]+'", "订单号", expression.Hit{}, "订单[0-9]+"},
	} {
		t.Run(c.name, func(t *testing.T) {
			set := mustCompile(t, oneRule("on: message.text\nmatch:\n  "+strings.ReplaceAll(c.match, "\n", "\n  ")))
			ev := groupText(c.text)
			m := set.Match(&ev, noon, true)[0]
			if c.missed != "" {
				if m.Outcome != rule.NoKeyword || !strings.Contains(m.Detail.ZH, c.missed) {
					t.Fatalf("got %q, %q", m.Outcome, m.Detail.ZH)
				}
				return
			}
			if m.Outcome != "" {
				t.Fatalf("got %q: %s", m.Outcome, m.Detail.ZH)
			}
			c.want.Field = event.FieldText
			if d := cmp.Diff(c.want, m.Hit); d != "" {
				t.Errorf("hit (-want +got):\n%s", d)
			}
		})
	}
}

func TestActiveHours(t *testing.T) {
	day := func(weekday, hour, minute int) time.Time { // weekday 1 is Monday
		return time.Date(2026, 3, 1+weekday, hour, minute, 0, 0, time.FixedZone("CST", 8*3600))
	}
	for _, c := range []struct {
		name, active string
		now          time.Time
		want         bool
	}{
		{"the first minute counts", `hours: ["09:00-21:00"]`, day(1, 9, 0), true},
		{"the last does not", `hours: ["09:00-21:00"]`, day(1, 21, 0), false},
		{"several windows", `hours: ["09:00-12:00", "14:00-18:00"]`, day(1, 15, 0), true},
		{"between two windows", `hours: ["09:00-12:00", "14:00-18:00"]`, day(1, 13, 0), false},
		{"across midnight, before it", `hours: ["22:00-02:00"]`, day(1, 23, 0), true},
		{"across midnight, behind it", `hours: ["22:00-02:00"]`, day(1, 1, 59), true},
		{"across midnight, outside", `hours: ["22:00-02:00"]`, day(1, 2, 0), false},
		{"up to midnight", `hours: ["20:00-24:00"]`, day(1, 23, 59), true},
		{"a range of days", `days: [mon-fri]`, day(5, 12, 0), true},
		{"outside of a range of days", `days: [mon-fri]`, day(6, 12, 0), false},
		{"a range over the end of the week", `days: [sat-mon]`, day(0, 12, 0), true},
		{"one day without a list", `days: sun`, day(0, 12, 0), true},
		{"the night of Friday goes on into Saturday", `{hours: ["22:00-02:00"], days: [fri]}`, day(6, 1, 0), true},
		{"the early hours of Friday belong to Thursday", `{hours: ["22:00-02:00"], days: [fri]}`, day(5, 1, 0), false},
		{"another zone", `{hours: ["09:00-10:00"], timezone: Asia/Tokyo}`, day(1, 8, 30), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			active := c.active
			if !strings.HasPrefix(active, "{") {
				active = "{" + active + "}"
			}
			set := mustCompile(t, oneRule("on: message.text\nmatch: {any: [退款]}\nactive: "+active))
			ev := groupText("退款")
			ev.Time = c.now
			if got := set.Match(&ev, c.now.UTC(), false)[0].Outcome == ""; got != c.want {
				t.Errorf("active at %s: %v", c.now.Format("Mon 15:04"), got)
			}
		})
	}
}

func TestRulesAreWalkedByPriorityFileAndPlace(t *testing.T) {
	file := func(ids ...string) []byte {
		text := "rules:\n"
		for _, id := range ids {
			id, priority, _ := strings.Cut(id, " ")
			text += "  - {id: " + id + ", on: message.text, when: true, do: [{log: 一}]" + strings.ReplaceAll(priority, "p", ", priority: ") + "}\n"
		}
		return []byte(text)
	}
	set, found := rule.Compile(rule.Sources{
		{Path: "b.yaml", Text: file("b1", "b2 p200")},
		{Path: "a.yaml", Text: file("a2", "a1", "a3 p1")},
	})
	if set == nil {
		t.Fatalf("findings: %+v", found)
	}
	var got []string
	ev := groupText("您好")
	for _, m := range set.Match(&ev, noon, false) {
		got = append(got, m.Rule.ID)
	}
	if d := cmp.Diff([]string{"b2", "a2", "a1", "b1", "a3"}, got); d != "" {
		t.Errorf("order (-want +got):\n%s", d)
	}
}

func TestABrokenConditionIsReportedEvenOnTheFastRoad(t *testing.T) {
	set := mustCompile(t, oneRule("on: message.text\nmatch: {regex: '退款(?P<n>[0-9]*)'}\nwhen: int(hit.groups.n) > 1"))
	ev := groupText("退款")
	for _, every := range []bool{false, true} {
		m := set.Match(&ev, noon, every)
		if len(m) != 1 || m[0].Outcome != rule.ConditionError || m[0].Detail.ZH == "" {
			t.Errorf("every=%v: got %+v", every, m)
		}
	}
}

func TestAConditionOnFactsIsPending(t *testing.T) {
	set := mustCompile(t, oneRule("on: message.text\nmatch: {any: [退款]}\nwhen: user.level == 2"))
	ev := groupText("退款")
	if m := set.Match(&ev, noon, false); len(m) != 1 || !m[0].Pending || m[0].Hit.Word != "退款" {
		t.Errorf("got %+v", m)
	}
}

func TestAnEventWithoutARuleCostsNoMemory(t *testing.T) {
	set := mustCompile(t, oneRule("on: [message.text, mention]\nscope: {chats: [\"*体验*\"], exclude: {chats: [\"内部*\"]}}\nactive: {hours: [\"00:00-24:00\"]}\nmatch: {any: [退款], none: [已退], regex: '订单[0-9]+'}"))
	noKeyword := groupText("今天天气不错啊hello")
	folded := groupText("今天天气不错，大家好！ＯＫ")
	if raceEnabled {
		t.Skip("the race detector empties pools")
	}
	if n := testing.AllocsPerRun(100, func() { set.Match(&folded, noon, false) }); n > 0 {
		t.Errorf("a text that has to be folded: %v allocations", n)
	}
	otherKind := with(func(e *event.Event) { e.Kind = event.MessageImage })
	for name, ev := range map[string]*event.Event{"no keyword": &noKeyword, "no rule of its kind": &otherKind} {
		if n := testing.AllocsPerRun(100, func() { set.Match(ev, noon, false) }); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

func TestOutcomesAreSaidInBothLanguages(t *testing.T) {
	for _, o := range append(rule.Outcomes(), "") {
		if text := o.Text(); text.ZH == "" || text.EN == "" || text.ZH == string(o) {
			t.Errorf("%q: %+v", o, text)
		}
	}
}
