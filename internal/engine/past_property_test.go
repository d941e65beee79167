package engine

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/actions"
)

// ledgerAt is a decision's ledger over a memory.
func ledgerAt(past *memory, now time.Time) *ledger { return newLedger(past, now) }

// commit makes what the ledger wrote the past.
func commit(past *memory, l *ledger) { past.apply(l.decision()) }

func TestACounterCountsWhatANaiveOneDoes(t *testing.T) {
	w := newWorld(t, gated("once: chat")[0])
	ev := w.says("张三", "你好")
	rapid.Check(t, func(rt *rapid.T) {
		past, now := newMemory(), start
		type one struct {
			at time.Time
			by int
		}
		var all []one
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20_000).Draw(rt, "ms")) * time.Millisecond)
			l := ledgerAt(past, now)
			if rapid.Bool().Draw(rt, "count") {
				by := rapid.IntRange(1, 5).Draw(rt, "by")
				if err := l.count(ev, &actions.CountWrite{Scope: "member", Name: "ads", By: by, TTL: time.Minute}); err != nil {
					rt.Fatal(err)
				}
				all = append(all, one{now, by})
			}
			window := time.Duration(rapid.IntRange(1, 90).Draw(rt, "window")) * time.Second
			want := int64(0)
			for _, o := range all {
				if age := now.Sub(o.at); age < window && age < time.Minute {
					want += int64(o.by)
				}
			}
			if got := (factReader{ledger: l, ev: ev}).Count("member", "ads", window); got != want {
				rt.Fatalf("at %s, window %s: %d, want %d", now, window, got, want)
			}
			commit(past, l)
		}
	})
}

func TestACounterForgetsNothingWhenItGrowsLong(t *testing.T) {
	w := newWorld(t, gated("once: chat")[0])
	ev, past := w.says("张三", "你好"), newMemory()
	now := start
	for range 3 * maxCounted {
		now = now.Add(time.Second)
		l := ledgerAt(past, now)
		if err := l.count(ev, &actions.CountWrite{Scope: "chat", Name: "n", By: 1, TTL: 24 * time.Hour}); err != nil {
			t.Fatal(err)
		}
		commit(past, l)
	}
	f := factReader{ledger: ledgerAt(past, now), ev: ev}
	if got := f.Count("chat", "n", 0); got != 3*maxCounted {
		t.Errorf("%d in all", got)
	}
	if got := f.Count("chat", "n", 100*time.Second); got != 100 {
		t.Errorf("%d in the last 100s", got)
	}
	for _, one := range past.facts {
		if len(one.Value) > 20<<10 || one.Expires.IsZero() {
			t.Errorf("%d bytes, lapses %s", len(one.Value), one.Expires)
		}
	}
}

func TestAListHoldsWhatANaiveOneDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		past, now := newMemory(), start
		until := map[string]time.Time{} // zero: for ever
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(rt, "h")) * time.Hour)
			l := ledgerAt(past, now)
			value := rapid.SampledFrom([]string{"张三", "李四/王五", "", "%2F"}).Draw(rt, "value")
			w := &actions.ListWrite{List: "banned", Value: value, Remove: rapid.IntRange(0, 2).Draw(rt, "remove") == 0}
			if !w.Remove && rapid.Bool().Draw(rt, "ttl") {
				w.TTL = time.Duration(rapid.IntRange(1, 72).Draw(rt, "hours")) * time.Hour
			}
			if l.changeList(w) {
				rt.Fatal("the list is full")
			}
			delete(until, value)
			if !w.Remove {
				until[value] = time.Time{}
				if w.TTL > 0 {
					until[value] = now.Add(w.TTL)
				}
			}
			alive := 0
			for _, v := range []string{"张三", "李四/王五", "", "%2F"} {
				end, known := until[v]
				want := known && (end.IsZero() || now.Before(end))
				if want {
					alive++
				}
				if got := (factReader{ledger: l}).Listed("banned", v); got != want {
					rt.Fatalf("%q at %s: %t, want %t", v, now, got, want)
				}
			}
			if _, all := l.readSizes("banned"); all < alive { // what lapsed today counts until midnight
				rt.Fatalf("%d counted, %d on the list", all, alive)
			}
			commit(past, l)
		}
	})
}

func TestAListIsBounded(t *testing.T) {
	past := newMemory()
	l := ledgerAt(past, start)
	for i := range maxListed {
		if l.changeList(&actions.ListWrite{List: "banned", Value: fmt.Sprint(i), TTL: time.Hour}) {
			t.Fatalf("full at %d", i)
		}
	}
	if !l.changeList(&actions.ListWrite{List: "banned", Value: "one more"}) {
		t.Error("it takes more than it may")
	}
	if l.changeList(&actions.ListWrite{List: "banned", Value: "7", TTL: 48 * time.Hour}) {
		t.Error("an entry that is on it cannot be put there again")
	}
	commit(past, l)
	if later := ledgerAt(past, start.Add(48*time.Hour)); later.changeList(&actions.ListWrite{List: "banned", Value: "one more"}) {
		t.Error("it stays full after its entries lapsed")
	}
}
