package rulebench

import (
	"context"
	"slices"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
)

const someRules = `
rules:
  - {id: refund, on: message.text, match: {any: [退款, 怎么退]}, do: [{reply: 请回复订单号}]}
  - {id: order, on: message.text, match: {regex: '订单(号)?[0-9]{3,6}'}, do: [{reply: 收到}]}
  - {id: exact, on: message.text, match: {exact: [在吗]}, do: [{reply: 在的}]}
  - {id: ends, on: message.text, match: {prefix: [请问], suffix: [谢谢], all: [发票]}, do: [{reply: 好的}]}
  - {id: digits, on: message.text, match: {regex: '[0-9]{11}'}, do: [{reply: 请不要发手机号}]}
  - {id: asks, on: message.text, scope: {chat_type: private}, when: 'text contains "人工" and sender.id == "7"', do: [{reply: 稍等}]}
  - {id: there, on: message.text, scope: {chats: ["R:12"]}, match: {any: [地址]}, do: [{reply: 上海}]}
  - {id: friend, on: friend.request, do: [accept_friend]}
  - {id: off, on: message.text, enabled: false, match: {any: [退款]}, do: [{reply: 不}]}
`

func someSet(t *testing.T) *rule.Set {
	t.Helper()
	set, found := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(someRules)}})
	if set == nil {
		t.Fatal(found)
	}
	return set
}

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func TestEachRuleCanFireForAnEventMadeFromIt(t *testing.T) {
	set := someSet(t)
	events := Generate(set, 800, noon)
	for _, r := range set.Rules {
		fires := slices.ContainsFunc(events, func(ev event.Event) bool {
			return slices.ContainsFunc(set.Match(&ev, ev.Time, false), func(m rule.Match) bool { return m.Rule == r && m.Outcome == "" })
		})
		if fires != r.Enabled {
			t.Errorf("rule %s can fire for one of the events: %v", r.ID, fires)
		}
	}
}

func TestMostEventsThatAreMadeConcernNoRule(t *testing.T) {
	set := someSet(t)
	concerned := 0
	for _, ev := range Generate(set, 1000, noon) {
		if ev.Kind == event.MessageText && ev.Message.Text == "" || ev.Chat.ID == "" || ev.Robot.ID == "" {
			t.Fatalf("an event lacks what every event has: %+v", ev)
		}
		if len(set.Match(&ev, ev.Time, false)) > 0 {
			concerned++
		}
	}
	if concerned < 80 || concerned > 150 {
		t.Errorf("%d of 1000 events concern a rule, want about 100", concerned)
	}
}

func TestTheSameRulesGiveTheSameEvents(t *testing.T) {
	one, two := Generate(someSet(t), 50, noon), Generate(someSet(t), 50, noon)
	for i := range one {
		if one[i].Message.Text != two[i].Message.Text || one[i].Chat.ID != two[i].Chat.ID {
			t.Fatalf("event %d: %+v and %+v", i, one[i], two[i])
		}
	}
}

func TestNoEventsAreMadeOfRulesThatAreOff(t *testing.T) {
	set, found := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte("rules: [{id: a, on: message.text, mode: off, do: [{reply: 好}]}]")}})
	if set == nil {
		t.Fatal(found)
	}
	if events := Generate(set, 10, noon); events != nil {
		t.Errorf("got %d", len(events))
	}
}

func TestAReportSaysWhereTheTimeGoes(t *testing.T) {
	set := someSet(t)
	var told int
	r := Run(t.Context(), Options{Set: set, Events: Generate(set, 500, noon), For: 20 * time.Millisecond, Progress: func(_ time.Duration, n int) { told = n }})
	if r.Interrupted || r.Rules != 9 || r.Events != 500 || r.Measured < 500 || r.Concerned == 0 || told == 0 {
		t.Errorf("the numbers are off: %+v", r)
	}
	if r.Match <= 0 || r.Decide < 0 || r.P99 < r.P50 || r.PerSecond() <= 0 || r.Candidates <= 0 || r.Found <= 0 {
		t.Errorf("the times are off: %+v", r)
	}
	costs := map[string]Cost{}
	for _, c := range r.Costs {
		costs[c.Rule.ID] = c
	}
	if _, looked := costs["off"]; looked {
		t.Error("a rule that is off was looked at")
	}
	if c := costs["digits"]; !c.Always || c.Looks < 400 || c.Mean <= 0 {
		t.Errorf("a pattern without a word is looked at for every text, got %+v", c)
	}
	if c := costs["refund"]; c.Always || c.Passed == 0 || c.Looks >= costs["digits"].Looks {
		t.Errorf("a word finds its rule, got %+v", c)
	}
	if n := r.Index.Rules; n[rule.FoundByWord] != 4 || n[rule.FoundByText] != 1 || n[rule.FoundAlways] != 2 {
		t.Errorf("found by %v", n)
	}
	if !slices.IsSortedFunc(r.Costs, func(x, y Cost) int { return int(y.PerEvent*1e6) - int(x.PerEvent*1e6) }) {
		t.Error("the dearest is not the first")
	}
}

func TestAnInterruptedRunReportsWhatItHas(t *testing.T) {
	set := someSet(t)
	ctx, cancel := context.WithCancel(t.Context())
	r := Run(ctx, Options{Set: set, Events: Generate(set, 5000, noon), For: time.Hour, Progress: func(_ time.Duration, n int) {
		if n >= 1000 {
			cancel()
		}
	}})
	if !r.Interrupted || r.Measured < 1000 || r.Measured >= 5000 || len(r.Costs) == 0 {
		t.Errorf("got %+v", r)
	}
	cancel()
	if r := Run(ctx, Options{Set: set, Events: Generate(set, 10, noon), For: time.Hour}); !r.Interrupted || r.Measured != 0 || r.PerSecond() != 0 {
		t.Errorf("of nothing at all: %+v", r)
	}
}

func TestPercentilesAreOfTheTimesThatWereAdded(t *testing.T) {
	var h histogram
	if h.percentile(50) != 0 || h.mean() != 0 {
		t.Error("an empty histogram has times")
	}
	for i := range 1000 {
		h.add(time.Duration(i+1) * time.Microsecond)
	}
	for p, want := range map[int]time.Duration{50: 500 * time.Microsecond, 99: 990 * time.Microsecond, 0: time.Microsecond} {
		if got := h.percentile(p); got < want*95/100 || got > want*106/100 {
			t.Errorf("p%d is %v, want %v", p, got, want)
		}
	}
	if got := h.mean(); got != 500500*time.Nanosecond {
		t.Errorf("the mean is %v", got)
	}
	for _, d := range []time.Duration{0, 1, 2, 3, 15, 16, 17, 1000, time.Hour} {
		if m := middleOf(bucketOf(d)); m < d*95/100-1 || m > d*105/100+2 {
			t.Errorf("%v lies in the bucket of %v", d, m)
		}
	}
}
