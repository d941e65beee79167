package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/fold"
	"botengine/internal/rule"
	"botengine/internal/rule/ruleload"
)

// checkAgainstAll holds what Match finds by the index to what looking at every
// rule finds.
func checkAgainstAll(t interface{ Fatalf(string, ...any) }, set *rule.Set, ev *event.Event, now time.Time) {
	var want, got []string
	mayBeLeftOut := map[string]bool{}
	for _, m := range set.Match(ev, now, true) {
		line := fmt.Sprint(m.Rule.ID, " ", m.Outcome, m.Hit, m.Pending)
		switch m.Outcome {
		case rule.ConditionError:
			mayBeLeftOut[line] = true
		case rule.TooOld, rule.Inactive:
			// with a condition that is false, or would be if there were no facts, there need be nothing to tell of
			mayBeLeftOut[line] = !mayHold(m, ev, now) || !holds(m, ev, now)
		case "", rule.Excepted:
			// what facts make of a condition is not known; if they are absent, it is
			mayBeLeftOut[line] = m.Pending && !holds(m, ev, now)
		default:
			continue
		}
		want = append(want, line)
	}
	for _, m := range set.Match(ev, now, false) {
		got = append(got, fmt.Sprint(m.Rule.ID, " ", m.Outcome, m.Hit, m.Pending))
	}
	want = slices.DeleteFunc(want, func(line string) bool { return mayBeLeftOut[line] && !slices.Contains(got, line) })
	if d := cmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("%q at %s (-every +index):\n%s", ev.Message.Text, now, d)
	}
}

func holds(m rule.Match, ev *event.Event, now time.Time) bool {
	outcome, _ := m.Rule.Ask(&expression.Scope{Event: ev, Now: now, Hit: m.Hit})
	return outcome == ""
}

// mayHold says whether the rule's `when` is not surely false.
func mayHold(m rule.Match, ev *event.Event, now time.Time) bool {
	if m.Rule.When == nil || m.Rule.When.UsesFacts() { // what is remembered is seen later
		return true
	}
	yes, err := m.Rule.When.Eval(&expression.Scope{Event: ev, Now: now, Hit: m.Hit})
	return yes && err == nil
}

// pieces are what words and texts are made of, so that they meet.
var pieces = []string{"退", "款", "退款", "退货", "怎么", "訂單", "1", "12", "k", "VIP", "Ｋ", "ｖ", "定丹", "行", "+", "，", " ", ".", "👍", "\u200b", "ſ"}

func someWords(t *rapid.T, label string) string {
	word := rapid.Custom(func(t *rapid.T) string { // the first piece is never folded away
		return fmt.Sprintf("%q", rapid.SampledFrom(pieces[:15]).Draw(t, "first")+strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 2).Draw(t, "more"), ""))
	})
	return "[" + strings.Join(rapid.SliceOfN(word, 1, 3).Draw(t, label), ", ") + "]"
}

// manySorts writes rules of all sorts, many of which look for the same things.
func manySorts(t *rapid.T) string {
	var b strings.Builder
	b.WriteString("lists: {bad: [退货, ｋ, VIP]}\nlabels: {VIP: [\"R:1\", 群名], 华东: [\"群*\"], 老群: [\"R:9\", \"R:2\"]}\nmacros: {asks: 'text contains \"怎么\" or text endsWith \"吗\"'}\nrules:\n")
	for i := range rapid.IntRange(1, 30).Draw(t, "rules") {
		pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
		on := pick("on", "message.text", "message.text", "message", "[message.text, friend.request]", "mention", "member.join", "[message.file, message.link]", "friend.request")
		fmt.Fprintf(&b, "  - id: r%d\n    do: [{reply: 您好}]\n    on: %s\n", i, on)
		fmt.Fprintf(&b, "    priority: %d\n", rapid.IntRange(1, 3).Draw(t, "priority"))
		b.WriteString(pick("scope", "", "", "    scope: {chats: [\"R:1\", \"R:2\"]}\n", "    scope: {chats: [\"R:*\"]}\n", "    scope: {robots: [cfb3]}\n",
			"    scope: {chats: [群名], chat_type: group}\n", "    scope: {chat_type: private}\n", "    scope: {exclude: {chats: [\"R:1\"]}}\n", "    scope: {accounts: [main]}\n", "    scope: {members: [\"7\", 王*]}\n", "    scope: {members: [\"8\", 李四]}\n",
			"    scope: {owners: [周经理, \"99\"]}\n", "    scope: {size: {min: 3, max: 200}}\n", "    scope: {labels: [VIP]}\n", "    scope: {labels: [华东, 老群], size: {max: 100}}\n",
			"    scope: {labels: [老群], exclude: {owners: [周*], members: [王五]}}\n"))
		if strings.HasPrefix(on, "m") && on != "member.join" && !strings.Contains(b.String()[strings.LastIndex(b.String(), "- id"):], "scope") {
			b.WriteString(pick("where", "", "    scope: {where: 'chat.size > 100'}\n", "    scope: {where: 'chat.peer == \"R:1\"', chat_type: group}\n",
				"    scope: {where: 'chat.vip == 1 and chat.name == \"群名\"'}\n", "    scope: {exclude: {where: '\"VIP\" in chat.labels', size: {min: 300}}}\n"))
			b.WriteString(pick("unless", "", "", "    unless: {大群: chat.size > 100, 夜里: 'between(\"22:00\", \"06:00\")'}\n", "    unless: {老客户: user.level == 3}\n"))
		}
		b.WriteString(pick("settings", "", "", "    active: {hours: [\"09:00-12:00\"]}\n", "    active: {dates: [\"2026-10-01\"], outside: [{reply: 休息}]}\n", "    max_age: 5m\n", "    mode: off\n", "    mode: shadow\n"))
		for _, part := range []string{pick("part", "", "any", "all", "exact", "prefix", "suffix", "regex"), pick("beside", "", "", "any", "none")} {
			if part == "" || strings.Contains(b.String()[strings.LastIndex(b.String(), "- id"):], " "+part+": ") {
				continue
			}
			if !strings.Contains(b.String()[strings.LastIndex(b.String(), "- id"):], "match:") {
				b.WriteString("    match:\n      fold: " + pick("fold", "[width, case, zero, space, variant]", "[width, case, zero, space, variant, pinyin]", "[width, case, zero, space]", "[case]", "[]", "[width]", "[variant]") + "\n")
			}
			words := "'" + pick("regex", "退(款|货)", "订单 ?[0-9]+", "[0-9]", "(?i)vip|k", "^退.*款$", "[^退]", "ＶＩＰ", "s", "[退訂].", "行?航", `\+|1`) + "'"
			if part != "regex" {
				words = someWords(t, part)
			}
			b.WriteString("      " + part + ": " + words + "\n")
		}
		if strings.Contains(b.String()[strings.LastIndex(b.String(), "- id"):], "match:") {
			b.WriteString(pick("fields", "", "", "", "      fields: [text, sender.name]\n", "      fields: [file_name, link.title]\n", "      fields: link.url\n", "      fields: [friend.reason]\n"))
			b.WriteString(pick("list", "", "", "", "      list: bad\n"))
		}
		if strings.Contains(b.String()[strings.LastIndex(b.String(), "- id"):], "on: message.text") && rapid.Bool().Draw(t, "when") {
			fmt.Fprintf(&b, "    when: %s\n", condition(t))
		}
	}
	return b.String()
}

func condition(t *rapid.T) string {
	leaf := func(label string) string {
		return rapid.SampledFrom([]string{
			`text contains "退款"`, `text == "1"`, `text in ["退", "12"]`, `text startsWith "退"`, `not (text contains "退")`, `text matches "(?i)v|订单"`,
			`text matches "[0-9]"`, `contains_any(text, lists.bad)`, `asks`, `chat.peer == "R:1"`, `chat.peer in ["R:1", "R:9"]`, `sender.id == "7"`,
			`chat.type == "private"`, `user.level == 0`, `len(text) > 3`, `fold(text) contains "k"`, `int(text) > 1`, `robot.key != "cfb3"`, `true`,
			`any(["款", "货"], text contains #)`, `let t = trim(text); t endsWith "款"`, `text[0:1] == "退"`, `false`, `sender.name in ["李四", "王五"]`,
		}).Draw(t, label)
	}
	form := rapid.SampledFrom([]string{"%[1]s", "%[1]s and (%[2]s)", "(%[1]s) or (%[2]s)", "(%[1]s) ? (%[2]s) : (%[3]s)", "not ((%[1]s) or (%[2]s))"}).Draw(t, "form")
	src := fmt.Sprintf(form+"%[4]s", leaf("a"), leaf("b"), leaf("c"), "")
	if strings.Contains(form, "%[1]s and") {
		src = strings.Replace(src, "let t = trim(text); t endsWith", "trim(text) endsWith", 1)
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(strings.SplitN(src, "%!", 2)[0], "'", "''"), "\n", " ") + "'"
}

func randomEvent(t *rapid.T) event.Event {
	parts := append([]string{"\xff", "\xe9\x80", "吗"}, pieces...)
	ev := groupText(strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 6).Draw(t, "text"), ""))
	if rapid.IntRange(0, 9).Draw(t, "long") == 0 {
		ev.Message.Text = strings.Repeat("今天天气，", fold.MaxBytes/15-rapid.IntRange(-1, 2).Draw(t, "less")) + ev.Message.Text
	}
	ev.Kind = rapid.SampledFrom([]event.Kind{event.MessageText, event.MessageText, event.MessageText, event.MessagePhone, event.MessageImage, event.MessageFile, event.MessageLink, event.FriendRequest, event.MemberJoin, event.Result}).Draw(t, "kind")
	other := func(label string) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 3).Draw(t, label), "")
	}
	ev.Message.FileName, ev.Message.Link.Title, ev.Message.Link.URL = other("file"), other("title"), "https://"+other("host")+"/退款"
	ev.Friend.Reason, ev.Friend.Name, ev.Sender.Name = other("reason"), other("friend"), other("sender name")
	ev.Message.MentionsMe = rapid.Bool().Draw(t, "mentions")
	ev.Sender.IsSelf = rapid.IntRange(0, 9).Draw(t, "self") == 0
	ev.Sender.ID = rapid.SampledFrom([]string{"7", "8", ""}).Draw(t, "sender")
	ev.Chat.Peer = rapid.SampledFrom([]string{"R:1", "R:2", "R:9", ""}).Draw(t, "peer")
	ev.Chat.Name = rapid.SampledFrom([]string{"群名", ""}).Draw(t, "name")
	if ev.Chat.Group = rapid.Bool().Draw(t, "group"); rapid.Bool().Draw(t, "nowhere") {
		ev.Chat.ID = ""
	}
	ev.Robot.Key = rapid.SampledFrom([]string{"cfb3", "d001"}).Draw(t, "robot")
	ev.Account = rapid.SampledFrom([]string{"main", "second"}).Draw(t, "account")
	if ev.Chat.Known = rapid.IntRange(0, 3).Draw(t, "known") > 0; ev.Chat.Known {
		ev.Chat.Owner, ev.Chat.OwnerName = rapid.SampledFrom([]string{"98", "99", ""}).Draw(t, "owner"), rapid.SampledFrom([]string{"周经理", "张三"}).Draw(t, "owner's name")
		ev.Chat.Size = rapid.IntRange(1, 400).Draw(t, "size")
	}
	ev.Chat.Labels = rapid.SliceOfN(rapid.SampledFrom([]string{"VIP", "老群", "别的"}), 0, 2).Draw(t, "labels")
	if ev.Kind == event.MemberJoin {
		ev.Members = []event.Person{{ID: rapid.SampledFrom([]string{"7", "8", "9"}).Draw(t, "first")}, {Name: rapid.SampledFrom([]string{"王五", "李四", ""}).Draw(t, "second")}}
	}
	return ev
}

func TestTheIndexFindsWhatLookingAtEveryRuleFinds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		text := manySorts(rt)
		set, found := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(text)}})
		if set == nil {
			rt.Fatalf("%s\n%+v", text, found)
		}
		for range 8 {
			ev := randomEvent(rt)
			now := noon.Add(time.Duration(rapid.IntRange(-180, 60).Draw(rt, "minutes")) * time.Minute)
			ev.Time = now.Add(-time.Duration(rapid.IntRange(0, 12).Draw(rt, "age")) * time.Minute)
			checkAgainstAll(rt, set, &ev, now)
		}
	})
}

func TestTheIndexFindsWhatLookingAtEveryRuleFindsInLoads(t *testing.T) {
	for _, shape := range ruleload.Shapes() {
		t.Run(string(shape), func(t *testing.T) {
			set, load := loaded(t, shape, 500, 300)
			load.Events[0].Message.Text = ruleload.Long(3, fold.MaxBytes*2)
			for i := range load.Events {
				if i%2 == 0 {
					load.Events[i].Chat.Peer = fmt.Sprintf("R:%d", i) // a chat that some rule names
				}
				checkAgainstAll(t, set, &load.Events[i], load.Now)
			}
		})
	}
}

func TestRulesThatShareAWordAreToldApartByTheirChat(t *testing.T) {
	var b strings.Builder
	b.WriteString("rules:\n")
	for i := range 12 {
		fmt.Fprintf(&b, "  - {id: r%d, on: message.text, scope: {chats: [\"R:%d\"]}, match: {any: [怎么申请退款]}, do: [{reply: 一}]}\n", i, i)
	}
	set := mustCompile(t, b.String()+"  - {id: all, on: message.text, match: {any: [怎么申请退款]}, do: [{reply: 一}]}\n")
	ev := groupText("请问怎么申请退款？")
	ev.Chat.Peer = "R:7"
	var got []string
	for _, m := range set.Match(&ev, noon, false) {
		got = append(got, m.Rule.ID)
	}
	if !slices.Equal(got, []string{"r7", "all"}) {
		t.Errorf("found %v", got)
	}
}

func TestEventsHardlyCostMemory(t *testing.T) {
	set, load := loaded(t, ruleload.Mixed, 1000, 500)
	none := slices.DeleteFunc(slices.Clone(load.Events), func(ev event.Event) bool { return len(set.Match(&ev, load.Now, false)) > 0 })
	each := func(events []event.Event) float64 {
		return testing.AllocsPerRun(10, func() {
			for i := range events {
				set.Match(&events[i], load.Now, false)
			}
		}) / float64(len(events))
	}
	if raceEnabled {
		t.Skip("the race detector empties pools")
	}
	if n := each(none); n > 0.01 { // a collection may empty the pool
		t.Errorf("%v allocations for an event that concerns no rule", n)
	}
	if n := each(load.Events); n > 0.2 {
		t.Errorf("%v allocations for an event", n)
	}
}

func FuzzMatch(f *testing.F) {
	f.Add("退款", "退(款|货)", "怎么退款")
	f.Add("ＶＩＰ", "(?i)k", "vip\xff\u212a")
	f.Fuzz(func(t *testing.T, word, pattern, text string) {
		src := fmt.Sprintf("rules:\n  - {id: a, on: message.text, match: {any: [%q]}, do: [{reply: 一}]}\n  - {id: b, on: message.text, match: {regex: %q}, do: [{reply: 一}]}\n"+
			"  - {id: c, on: message.text, when: 'contains_any(text, lists.w) or text matches vars', do: [{reply: 一}]}\n", word, pattern)
		src = strings.Replace(src, "or text matches vars", "", 1)
		set, _ := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(fmt.Sprintf("lists: {w: [%q]}\n", word) + src)}})
		if set == nil {
			t.Skip()
		}
		ev := groupText(text)
		checkAgainstAll(t, set, &ev, noon)
	})
}
