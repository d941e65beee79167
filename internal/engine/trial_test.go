package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/event"
	"botengine/internal/rule"
)

const (
	before = `rules: [{id: refund, on: message.text, match: {any: [退款]}, do: [{reply: 旧答}]}]`
	after  = `rules: [{id: refund, on: message.text, match: {any: [退款]}, rollout: {canary: 20%, for: 2h}, do: [{reply: 新答}]}]`
)

// change makes the rules the current ones, all of them changed just now; former are
// those of before, "" = there were none.
func (w *world) change(now, former string) {
	w.t.Helper()
	next := compile(w.t, now)
	var trials []*rule.Trial
	for _, r := range next.Rules {
		t := &rule.Trial{Rule: r, Since: w.now, Until: w.now.Add(2 * time.Hour), Canary: 1}
		if r.Rollout != nil {
			t.Canary = r.Rollout.Canary
		}
		if former != "" {
			t.Former, _ = compile(w.t, former).Rule(r.ID)
		}
		trials = append(trials, t)
	}
	w.set = next.WithTrials(trials)
	w.seen = NewSeen()
}

// in is a message in one of many groups.
func (w *world) in(group int, text string) *event.Event {
	ev := w.says("张三", text)
	ev.Chat.Peer = fmt.Sprintf("R:1069605272%07d", group)
	ev.Chat.ID = event.ChatID(robot.ID, ev.Chat.Peer)
	return ev
}

// outcomes are what became of the rules, and what was sent.
func outcomes(d Decision) string {
	var out []string
	for _, v := range d.Verdicts {
		out = append(out, v.Rule+" "+string(v.Outcome))
	}
	for _, c := range d.Commands {
		out = append(out, string(c.Fields))
	}
	return strings.Join(out, "; ")
}

func TestAChangeActsInAStableShareOfTheChats(t *testing.T) {
	w := newWorld(t, before)
	w.change(after, before)
	chosen := map[int]bool{}
	for round := range 3 {
		for group := range 500 {
			w.now = w.now.Add(time.Second)
			got := outcomes(w.handle(w.in(group, "退款")))
			fresh := strings.HasPrefix(got, "refund fired") && strings.Contains(got, "新答")
			old := strings.HasPrefix(got, "refund canary; refund fired") && strings.Contains(got, "旧答")
			if fresh == old {
				t.Fatalf("group %d: %s", group, got)
			}
			if round > 0 && chosen[group] != fresh {
				t.Fatalf("group %d is in or out by chance", group)
			}
			chosen[group] = fresh
		}
	}
	n := 0
	for _, in := range chosen {
		if in {
			n++
		}
	}
	if n < 70 || n > 130 {
		t.Errorf("%d of 500 groups, want about 100", n)
	}
	w.now = w.now.Add(2 * time.Hour)
	for group := range 20 {
		if got := outcomes(w.handle(w.in(group, "退款"))); !strings.Contains(got, "新答") || strings.Contains(got, "旧答") {
			t.Errorf("after its time in group %d: %s", group, got)
		}
	}
}

func TestALargerShareHasTheChatsOfASmallerOne(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		small := rapid.Float64Range(0.001, 1).Draw(rt, "small")
		large := rapid.Float64Range(small, 1).Draw(rt, "large")
		chat := rapid.String().Draw(rt, "chat")
		r := &rule.Rule{ID: rapid.StringMatching(`[a-z]{1,9}`).Draw(rt, "id")}
		if (&rule.Trial{Rule: r, Canary: small}).Acts(chat) && !(&rule.Trial{Rule: r, Canary: large}).Acts(chat) {
			rt.Errorf("%s is in %v and not in %v", chat, small, large)
		}
	})
}

func TestANewRuleOnlyRecordsOutsideOfItsShare(t *testing.T) {
	w := newWorld(t, after)
	w.change(after, "")
	sent := 0
	for group := range 200 {
		d := w.handle(w.in(group, "退款"))
		v := d.Verdicts[0]
		switch {
		case v.Outcome == rule.Fired:
			sent++
		case v.Outcome != rule.Canary || len(v.Would) != 1 || len(d.Commands) > 0 || !strings.Contains(v.Detail.ZH, "20%") || !strings.Contains(v.Detail.EN, "everywhere in 2h"):
			t.Fatalf("group %d: %+v", group, v)
		}
	}
	if sent == 0 || sent > 80 {
		t.Errorf("it acted in %d of 200 groups", sent)
	}
}

func TestTheFormerRuleKeepsItsPast(t *testing.T) {
	const old = `rules: [{id: refund, on: message.text, match: {any: [退款]}, cooldown: 10m, threshold: {count: 2, within: 5m}, do: [{reply: 旧答}]}]`
	w := newWorld(t, old)
	w.handle(w.in(1, "退款"))
	w.change(strings.ReplaceAll(strings.Replace(old, "旧答", "新答", 1), "do:", "rollout: {canary: 0.0001%}, do:"), old)
	if got := outcomes(w.handle(w.in(1, "退款"))); got != "refund canary; refund fired; {\"content\":\"旧答\",\"type\":2}" && !strings.Contains(got, "旧答") {
		t.Errorf("the second message: %s", got)
	}
	for range 2 { // counted once each, and the cooldown is that of the former rule
		if got := outcomes(w.handle(w.in(1, "退款"))); strings.Contains(got, "答") {
			t.Errorf("within the cooldown: %s", got)
		}
	}
}

func TestAbortIfTakesTheRightToActForGood(t *testing.T) {
	w := newWorld(t, before)
	w.change(strings.Replace(after, "for: 2h", `for: 2h, abort_if: "share > 0.5"`, 1), before)
	for i := range 19 {
		w.handle(w.in(i, []string{"退款", "在吗"}[min(1, i%4)]))
	}
	var loud Decision
	for i := 0; len(loud.Logs) == 0 && i < 200; i++ {
		loud = w.handle(w.in(i, "退款"))
	}
	if len(loud.Logs) != 1 || !loud.Logs[0].Alert || !strings.Contains(outcomes(loud), "refund withheld") || !strings.Contains(outcomes(loud), "旧答") {
		t.Fatalf("it was not said: %s %+v", outcomes(loud), loud.Logs)
	}
	w.seen = NewSeen() // another process
	w.now = w.now.Add(3 * time.Hour)
	for group := range 30 {
		d := w.handle(w.in(group, "退款"))
		if got := outcomes(d); !strings.HasPrefix(got, "refund withheld; refund fired") || !strings.Contains(got, "旧答") || len(d.Logs) > 0 {
			t.Fatalf("group %d: %s", group, got)
		}
	}
	w.past.apply(Decision{Facts: []FactWrite{KeepTrial(w.past, w.set.Rules[0], w.now)}})
	if got := outcomes(w.handle(w.in(77, "退款"))); !strings.Contains(got, "新答") {
		t.Errorf("a person gave it back: %s", got)
	}
	w.past.apply(Decision{Facts: []FactWrite{WithholdTrial(w.past, w.set.Rules[0], w.now)}})
	if got := outcomes(w.handle(w.in(77, "退款"))); !strings.Contains(got, "旧答") {
		t.Errorf("a person took it away: %s", got)
	}
}

func TestTheGuardWatchesWhatIsPicky(t *testing.T) {
	guard := &Guard{Share: 0.6, Min: 50, Errors: 0.2}
	for name, c := range map[string]struct {
		rule string
		want bool
	}{
		"a word that is in everything":          {`{id: a, on: message.text, match: {any: [的]}, do: [{log: x}]}`, true},
		"a condition that is true of all":       {`{id: a, on: message.text, when: text != "", do: [{log: x}]}`, true},
		"one that says it means every message":  {`{id: a, on: message.text, when: true, do: [{log: x}]}`, false},
		"one that has no condition":             {`{id: a, on: message, do: [{log: x}]}`, false},
		"a rule that wants nobody to look":      {`{id: a, on: message.text, match: {any: [的]}, rollout: {abort_if: errors > 99}, do: [{log: x}]}`, false},
		"one that fires on a third of messages": {`{id: a, on: message.text, match: {any: [三]}, do: [{log: x}]}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, "rules: ["+c.rule+"]")
			w.change("rules: ["+c.rule+"]", "")
			w.guard = guard
			withheld := 0
			for i := range 120 {
				text := []string{"我的单子", "第三个的", "是的"}[i%3]
				ev := w.in(i, text)
				ev.Sender.ID += fmt.Sprint(i)
				for _, v := range w.handle(ev).Verdicts {
					if v.Outcome == rule.Withheld {
						withheld++
					}
				}
			}
			if got := withheld > 0; got != c.want || withheld > 71 {
				t.Errorf("withheld %d times, want %t", withheld, c.want)
			}
		})
	}
}

func TestTheGuardDoesNotMindEventsThatAreNoMessages(t *testing.T) {
	const rules = `rules: [{id: a, on: friend.request, when: friend.name != "", do: [{accept_friend: {}}]}]`
	w := newWorld(t, rules)
	w.change(rules, "")
	w.guard = &Guard{Share: 0.6, Min: 10}
	for i := range 40 {
		ev := w.asks("李四", "你好")
		ev.Friend.ID += fmt.Sprint(i)
		if got := outcomes(w.handle(ev)); !strings.HasPrefix(got, "a fired") {
			t.Fatalf("request %d: %s", i, got)
		}
	}
}

func TestTheGuardCountsFailures(t *testing.T) {
	const rules = `rules: [{id: a, on: friend.request, do: [{accept_friend: {}}]}]`
	w := newWorld(t, rules)
	w.change(rules, "")
	w.guard = &Guard{Errors: 0.2}
	alerts := 0
	for i := range 10 {
		ev := w.asks("李四", "你好")
		ev.Friend.ID += fmt.Sprint(i)
		d := w.handle(ev)
		if want := i < 5; (len(d.Commands) == 1) != want {
			t.Fatalf("request %d: %s", i, outcomes(d))
		}
		for _, c := range d.Commands {
			for _, l := range w.handle(w.result(c, "1", "no", nil)).Logs {
				if l.Alert {
					alerts++
				}
			}
		}
	}
	if alerts != 1 {
		t.Errorf("it was said %d times", alerts)
	}
}

// What shares a commit is counted when that is over: each event once all the same.
func TestEventsThatShareACommitAreCountedOnce(t *testing.T) {
	const rules = `rules: [{id: a, on: message.text, match: {any: [的]}, do: [{log: x}]}]`
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rules)
		w.change(rules, "")
		fired, total := 0, 0
		for range rapid.IntRange(1, 20).Draw(rt, "commits") {
			var notes []func()
			for range rapid.IntRange(1, 8).Draw(rt, "events") {
				hit := rapid.Bool().Draw(rt, "hit") || total == 0 // before it first fires nobody watches
				ev := w.in(total, map[bool]string{true: "我的", false: "好"}[hit])
				ev.Sender.ID += fmt.Sprint(total)
				d := Decide(w.input(ev, nil))
				w.past.apply(d)
				notes = append(notes, func() { w.seen.Note(w.set, ev, d.Verdicts) })
				total++
				if hit {
					fired++
				}
			}
			for _, note := range notes {
				note()
			}
		}
		if s := StatusOf(w.past, w.seen, w.set.Trial("a"), w.now); s.Seen != total || s.Fired != fired {
			rt.Errorf("seen %d of %d, fired %d of %d", s.Seen, total, s.Fired, fired)
		}
	})
}

func TestEventsAreCountedOverRestarts(t *testing.T) {
	const rules = `rules: [{id: a, on: message.text, match: {any: [退款]}, rollout: {canary: 50%, abort_if: false}, do: [{log: x}]}]`
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rules)
		w.change(rules, "")
		want := 0
		for range rapid.IntRange(1, 60).Draw(rt, "events") {
			switch rapid.IntRange(0, 5).Draw(rt, "what") {
			case 0: // a graceful restart
				writes, _ := Review(w.set, w.past, w.seen, nil, w.now)
				w.past.apply(Decision{Facts: writes})
				w.seen = NewSeen()
			case 1, 2:
				w.handle(w.in(rapid.IntRange(0, 9).Draw(rt, "group"), "退款"))
				want++
			default:
				w.handle(w.in(rapid.IntRange(0, 9).Draw(rt, "group"), "你好"))
				want++
			}
			if got := StatusOf(w.past, w.seen, w.set.Trials()[0], w.now).Seen; got != want {
				rt.Fatalf("seen = %d, want %d", got, want)
			}
		}
	})
}
