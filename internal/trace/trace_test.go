package trace

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var noon = time.Date(2026, 3, 5, 12, 0, 0, 0, time.UTC)

func happened(l *Log, id int, ruleID string, outcome rule.Outcome) {
	ev := &event.Event{
		Kind: event.MessageText, ID: fmt.Sprint(id), Robot: event.Robot{Key: "robot"},
		Chat: event.Chat{ID: "S:1_R:2", Name: "产品体验群"}, Message: event.Message{Text: "机密"},
	}
	l.Record(ev, &engine.Decision{Generation: "g1", Verdicts: []engine.Verdict{
		{Rule: ruleID, Outcome: outcome, Detail: diag.Text{ZH: strings.Repeat("还要冷却", 100), EN: strings.Repeat("x", 500)}},
	}}, noon.Add(time.Duration(id)*time.Second))
}

func TestADullOutcomeNeverPushesOutTheRareOne(t *testing.T) {
	l := New()
	happened(l, 0, "refund", rule.Fired)
	for i := 1; i <= 100_000; i++ {
		happened(l, i, "refund", rule.OnCooldown)
	}
	got := l.OfRule("refund")
	if len(got) != PerOutcome+1 || got[0].ID != "100000" || got[PerOutcome].Outcome != rule.Fired || got[PerOutcome].ID != "0" {
		t.Errorf("kept %d: %+v", len(got), got)
	}
	if got[0].Generation != "g1" || got[0].Name != "产品体验群" || got[0].Key != "m/robot/100000" {
		t.Errorf("the newest is %+v of %+v", got[0], got[0].Event)
	}
}

func TestWithTooManyRulesTheRareOutcomesStayLongest(t *testing.T) {
	l := sized(1000)
	happened(l, 0, "rare", rule.Fired)
	for i := 1; i <= 5000; i++ {
		happened(l, i, fmt.Sprintf("r%d", i%300), rule.NoKeyword)
	}
	if got := l.OfRule("rare"); l.Len() != 1000 || len(got) != 1 {
		t.Errorf("%d entries, of the rare rule %d", l.Len(), len(got))
	}
	for i := range 5000 { // each a rule of its own: there is not even one for all
		happened(l, i, fmt.Sprintf("s%d", i), rule.Fired)
	}
	if l.Len() != 1000 || len(l.cells) != 1000 || len(l.rules) != 1000 {
		t.Errorf("%d entries in %d cells of %d rules", l.Len(), len(l.cells), len(l.rules))
	}
}

// Ten thousand rules, each with every outcome again and again, and the longest that
// may be said: memory stays bounded.
func TestMemoryIsBounded(t *testing.T) {
	l := New()
	before := heap()
	for i := range 10_000 {
		for _, o := range rule.Outcomes() {
			happened(l, i, fmt.Sprintf("rule-%d", i), o)
		}
	}
	used := int(heap()-before) >> 20
	t.Logf("%d entries of 10,000 rules with %d outcomes: %d MB", l.Len(), len(rule.Outcomes()), used)
	if l.Len() != Total || used > 64 {
		t.Errorf("%d entries, %d MB", l.Len(), used)
	}
	runtime.KeepAlive(l)
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// Whatever happens in whatever order, the bounds hold and each cell has its newest
// entries in order.
func TestBoundsHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := rapid.IntRange(1, 60).Draw(t, "total")
		l := sized(total)
		outcomes := rule.Outcomes()
		for i := range rapid.IntRange(0, 400).Draw(t, "events") {
			happened(l, i, rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "rule"), rapid.SampledFrom(outcomes).Draw(t, "outcome"))
		}
		kept, inRows := 0, 0
		for key, c := range l.cells {
			kept += len(c.entries)
			for i, e := range c.entries {
				if e.Rule != key.rule || e.Outcome != key.outcome || i > 0 && c.entries[i-1].Seq >= e.Seq {
					t.Fatalf("cell %v holds %+v", key, c.entries)
				}
			}
			if l.rules[key.rule][key.outcome] != c || len(c.entries) > PerOutcome {
				t.Fatalf("cell %v", key)
			}
		}
		for n, row := range l.rows {
			inRows += n * row.Len()
		}
		if kept != l.kept || kept != inRows || kept > total {
			t.Fatalf("%d are kept, %d counted, %d in rows, %d allowed", kept, l.kept, inRows, total)
		}
	})
}

func TestFollow(t *testing.T) {
	l := New()
	happened(l, 1, "a", rule.Fired)
	happened(l, 2, "a", rule.Fired)
	enough := errors.New("enough")
	var got []string
	ready := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := l.Follow(t.Context(), 1, func(e Entry) error {
			got = append(got, e.ID+" "+e.Rule)
			if len(got) == 1 {
				close(ready)
			}
			if len(got) == 3 {
				return enough
			}
			return nil
		})
		if !errors.Is(err, enough) {
			t.Errorf("follow: %v", err)
		}
	})
	<-ready
	l.Record(&event.Event{Kind: event.ChatUpdated}, &engine.Decision{}, noon) // is no news
	l.Record(&event.Event{Kind: event.MessageText, ID: "3"}, &engine.Decision{}, noon)
	happened(l, 4, "b", rule.NoKeyword)
	wg.Wait()
	if strings.Join(got, ",") != "2 a,3 ,4 b" {
		t.Errorf("followed %q", got)
	}
	if last, newest := l.Last(2); len(last) != 2 || last[1].ID != "4" || newest != 4 {
		t.Errorf("the last are %+v", last)
	}
}

func TestFollowingEndsWithItsContext(t *testing.T) {
	l := New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Follow(ctx, 0, nil); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// Who is slow misses entries, and nobody waits for him.
func TestWhoIsSlowMissesSome(t *testing.T) {
	l := New()
	for i := range 3 * Recent {
		happened(l, i, "a", rule.Fired)
	}
	if got, _ := l.since(1); len(got) != Recent || got[0].Seq != 2*Recent+1 {
		t.Errorf("%d entries from %d on", len(got), got[0].Seq)
	}
}

// Nothing is kept of what no rule was concerned with while nobody follows.
func TestWhatConcernsNoRuleCostsNothing(t *testing.T) {
	l := New()
	ev, d := &event.Event{Kind: event.MessageText, ID: "1"}, &engine.Decision{}
	if n := testing.AllocsPerRun(100, func() { l.Record(ev, d, noon) }); n != 0 || l.seq != 0 {
		t.Errorf("%v allocations, %d entries", n, l.seq)
	}
}

func TestManyRecordAtTheSameTime(t *testing.T) {
	l := sized(500)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 500 {
				happened(l, i, fmt.Sprintf("r%d", (g+i)%50), rule.Fired)
				l.OfRule("r1")
			}
		})
	}
	wg.Wait()
	if l.Len() > 500 || l.seq != 4000 {
		t.Errorf("%d entries, %d numbers", l.Len(), l.seq)
	}
}
