package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// gated is a rule with one gate, in two texts: a reload changes one for the other.
func gated(gate string) [2]string {
	const text = "rules:\n  - id: r\n    on: message.text\n    when: true\n    loop_guard: off\n    %s\n    do: [{log: %q}]\n"
	return [2]string{fmt.Sprintf(text, gate, "一"), fmt.Sprintf(text, gate, "二")}
}

// naive is time as a model sees it, for one person: a clock that is found set back
// takes everything with it, so that only what lies between two things counts.
type naive struct {
	now  time.Time
	seen time.Time    // the latest time that was noted: a smaller setback goes unnoticed
	was  []*time.Time // what moves with the clock
}

// set moves the clock on, or back.
func (n *naive) set(to time.Time) {
	if back := n.seen.Sub(to); back > 0 {
		for _, t := range n.was {
			*t = t.Add(-back)
		}
		n.seen = to
	}
	n.now = to
}

func (n *naive) note() *time.Time {
	t := n.now
	n.seen = t
	n.was = append(n.was, &t)
	return &t
}

// since counts what lies less than the span before now.
func (n *naive) since(times []*time.Time, span time.Duration) int {
	count := 0
	for _, t := range times {
		if n.now.Sub(*t) < span {
			count++
		}
	}
	return count
}

// pass lets time pass in a world, sometimes backwards, over reloads and restarts.
func pass(rt *rapid.T, w *world, texts [2]*rule.Set) {
	w.now = w.now.Add(time.Duration(rapid.IntRange(0, 4000).Draw(rt, "ms")) * time.Millisecond)
	switch rapid.IntRange(0, 19).Draw(rt, "surprise") {
	case 0:
		w.now = w.now.Add(-time.Duration(rapid.IntRange(1, 3600).Draw(rt, "back")) * time.Second)
	case 1:
		w.set = texts[rapid.IntRange(0, 1).Draw(rt, "text")]
	case 2:
		w.cache = NewCache()
	}
}

func both(t *testing.T, gate string) [2]*rule.Set {
	t.Helper()
	texts := gated(gate)
	return [2]*rule.Set{compile(t, texts[0]), compile(t, texts[1])}
}

// outcomeOf decides a message and says what became of the rule.
func (w *world) outcomeOf(ev *event.Event) rule.Outcome {
	d := w.handle(ev)
	i := slices.IndexFunc(d.Verdicts, func(v Verdict) bool { return v.Rule == "r" })
	if i < 0 {
		return ""
	}
	return d.Verdicts[i].Outcome
}

func TestALimitHoldsInEveryWindow(t *testing.T) {
	sets := both(t, "limit: {count: 3, within: 10s, per: [member]}")
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, set: sets[0], past: newMemory(), now: start, cache: NewCache()}
		models := map[string]*naive{"张三": {now: start}, "李四": {now: start}}
		fired := map[string][]*time.Time{}
		for range rapid.IntRange(1, 60).Draw(rt, "events") {
			pass(rt, w, sets)
			who := rapid.SampledFrom([]string{"张三", "李四"}).Draw(rt, "who")
			model := models[who]
			model.set(w.now)
			want := rule.Fired
			if model.since(fired[who], 10*time.Second) >= 3 {
				want = rule.OverLimit
			}
			if got := w.outcomeOf(w.says(who, "你好 👋")); got != want {
				rt.Fatalf("%s at %s: %s, want %s", who, w.now, got, want)
			}
			if want == rule.Fired {
				fired[who] = append(fired[who], model.note())
			}
		}
	})
}

func TestWhatALimitQueuesFiresInOrderAndKeepsTheLimit(t *testing.T) {
	texts := gated("limit: {count: 2, within: 10s, per: [rule], over: queue}")
	sets := [2]*rule.Set{compile(t, texts[0]), compile(t, texts[1])}
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, set: sets[0], past: newMemory(), now: start, cache: NewCache()}
		var asked, answered []string
		var fired []time.Time
		fire := func(d Decision, texts ...string) {
			for _, v := range d.Verdicts {
				if v.Outcome == rule.Fired {
					fired = append(fired, w.now)
				}
			}
			answered = append(answered, texts...)
		}
		for i := range rapid.IntRange(1, 30).Draw(rt, "events") {
			until := w.now.Add(time.Duration(rapid.IntRange(0, 8000).Draw(rt, "ms")) * time.Millisecond)
			w.wakeUntil(until, func(id string, d Decision) { fire(d, id) })
			if rapid.IntRange(0, 9).Draw(rt, "surprise") == 0 {
				w.set, w.cache = sets[rapid.IntRange(0, 1).Draw(rt, "text")], NewCache()
			}
			ev := w.says("张三", fmt.Sprint(i))
			d := w.handle(ev)
			id := runID(ev.Key(), "r")
			asked = append(asked, id)
			if d.Verdicts[0].Outcome == rule.Fired {
				fire(d, id)
			} else if d.Verdicts[0].Outcome != rule.Queued {
				rt.Fatalf("event %d: %s", i, d.Verdicts[0].Outcome)
			}
		}
		w.wakeUntil(w.now.Add(time.Hour), func(id string, d Decision) { fire(d, id) })
		if !slices.Equal(asked, answered) {
			rt.Fatalf("asked %v, answered %v", asked, answered)
		}
		for i := 2; i < len(fired); i++ {
			if fired[i].Sub(fired[i-2]) < 10*time.Second {
				rt.Fatalf("three firings within 10s: %v", fired[i-2:i+1])
			}
		}
		if len(w.past.runs) > 0 {
			rt.Fatalf("%d runs are left", len(w.past.runs))
		}
	})
}

// wakeUntil lets the time pass and wakes every run at its time.
func (w *world) wakeUntil(until time.Time, woken func(id string, d Decision)) {
	for {
		now := w.now
		w.now = until
		due := w.due()
		if len(due) == 0 {
			return
		}
		w.now = now
		if due[0].Due.After(now) {
			w.now = due[0].Due
		}
		woken(due[0].ID, w.handle(w.timer(due[0])))
	}
}

func TestAQueueIsBounded(t *testing.T) {
	w := newWorld(t, gated("limit: {count: 1, within: 1h, per: [rule], over: queue}")[0])
	counts := map[rule.Outcome]int{}
	for range maxQueued + 5 {
		counts[w.outcomeOf(w.says("张三", "你好"))]++
	}
	if counts[rule.Fired] != 1 || counts[rule.Queued] != maxQueued || counts[rule.OverLimit] != 4 {
		t.Errorf("%v", counts)
	}
}

func TestAThresholdFiresAtTheCountthEventOfItsWindow(t *testing.T) {
	sets := both(t, "threshold: {count: 3, within: 10s, per: [member]}")
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, set: sets[0], past: newMemory(), now: start, cache: NewCache()}
		models := map[string]*naive{"张三": {now: start}, "李四": {now: start}}
		came := map[string][]*time.Time{}
		for range rapid.IntRange(1, 60).Draw(rt, "events") {
			pass(rt, w, sets)
			who := rapid.SampledFrom([]string{"张三", "李四"}).Draw(rt, "who")
			model := models[who]
			model.set(w.now)
			came[who] = append(came[who], model.note())
			want := rule.BelowThreshold
			if model.since(came[who], 10*time.Second) >= 3 {
				want = rule.Fired
				came[who] = nil
			}
			if got := w.outcomeOf(w.says(who, "你好")); got != want {
				rt.Fatalf("%s at %s: %s, want %s", who, w.now, got, want)
			}
		}
	})
}

func TestAThresholdOfDifferentPeopleCountsEachOnce(t *testing.T) {
	sets := both(t, "threshold: {count: 3, within: 10s, per: [chat], distinct: member}")
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, set: sets[0], past: newMemory(), now: start, cache: NewCache()}
		model := &naive{now: start}
		last := map[string]*time.Time{}
		for range rapid.IntRange(1, 60).Draw(rt, "events") {
			pass(rt, w, sets)
			who := rapid.SampledFrom([]string{"张三", "李四", "王五"}).Draw(rt, "who")
			model.set(w.now)
			last[who] = model.note()
			n := 0
			for _, t := range last {
				n += model.since([]*time.Time{t}, 10*time.Second)
			}
			want := rule.BelowThreshold
			if n >= 3 {
				want = rule.Fired
				clear(last)
			}
			if got := w.outcomeOf(w.says(who, "你好")); got != want {
				rt.Fatalf("%s at %s: %s, want %s", who, w.now, got, want)
			}
		}
	})
}

func TestMessagesFetchedLateAreCountedByTheirOwnTime(t *testing.T) {
	w := newWorld(t, gated("threshold: {count: 3, within: 10s, per: [member]}")[0])
	for i := range 8 { // one a minute, all handed in now
		ev := w.says("张三", "你好")
		ev.Time = w.now.Add(time.Duration(i-8) * time.Minute)
		if got := w.outcomeOf(ev); got != rule.BelowThreshold {
			t.Fatalf("message %d: %s", i, got)
		}
	}
}

func TestOnceIsOnceForEachNewMember(t *testing.T) {
	const rules = "rules:\n  - id: r\n    on: member.join\n    loop_guard: off\n    once: {per: [member], within: 1h}\n    do: [{log: \"{{names(members)}}\"}]\n"
	set := compile(t, rules)
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, set: set, past: newMemory(), now: start, cache: NewCache()}
		until := map[string]time.Time{}
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 1200).Draw(rt, "s")) * time.Second)
			names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"张三", "李四", "王五"}), 1, 3, rapid.ID).Draw(rt, "who")
			want := rule.OnceOnly
			for _, n := range names {
				if !w.now.Before(until[n]) {
					want = rule.Fired
				}
			}
			if got := w.outcomeOf(w.joins(names...)); got != want {
				rt.Fatalf("%v at %s: %s, want %s", names, w.now, got, want)
			}
			if want == rule.Fired {
				for _, n := range names {
					until[n] = w.now.Add(time.Hour)
				}
			}
		}
	})
}

// sweep forgets the facts that have lapsed.
func (w *world) sweep() {
	maps.DeleteFunc(w.past.facts, func(_ string, f FactWrite) bool { return !f.Expires.IsZero() && !f.Expires.After(w.now) })
}

func TestOnceAndForAllIsForAll(t *testing.T) {
	ever, within := gated("once: {per: [member]}")[0], gated("once: {per: [member], within: 1d}")[0]
	for name, c := range map[string]struct {
		first, later string
		away         time.Duration
		want         rule.Outcome
	}{
		"years later":                           {ever, ever, 5 * 366 * 24 * time.Hour, rule.OnceOnly},
		"an edit makes a day of it":             {ever, within, time.Hour, rule.OnceOnly},
		"an edit made a day of it, and it went": {ever, within, 49 * time.Hour, rule.Fired},
		"an edit makes a day last for ever":     {within, ever, 49 * time.Hour, rule.OnceOnly},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.first)
			if got := w.outcomeOf(w.says("张三", "你好")); got != rule.Fired {
				t.Fatal(got)
			}
			w.load(c.later)
			w.now = w.now.Add(time.Hour)
			if got := w.outcomeOf(w.says("张三", "你好")); got != rule.OnceOnly {
				t.Fatalf("an hour later: %s", got)
			}
			w.now = w.now.Add(c.away)
			w.sweep()
			if got := w.outcomeOf(w.says("张三", "你好")); got != c.want {
				t.Errorf("%s: %s, want %s", w.now, got, c.want)
			}
		})
	}
}

func TestAClockSetBackDoesNotHoldARuleForLong(t *testing.T) {
	for name, gate := range map[string]string{
		"cooldown": "cooldown: {for: 10s, per: [rule]}", "once": "once: {per: [rule], within: 10s}",
		"limit": "limit: {count: 1, within: 10s, per: [rule]}", "queue": "limit: {count: 1, within: 10s, per: [rule], over: queue}",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, gated(gate)[0])
			w.outcomeOf(w.says("张三", "一"))
			w.now = w.now.Add(-24 * time.Hour)
			if got := w.outcomeOf(w.says("张三", "二")); got == rule.Fired {
				t.Error("what it remembers was forgotten")
			}
			w.now = w.now.Add(20 * time.Second)
			if got := w.outcomeOf(w.says("张三", "三")); got != rule.Fired {
				t.Errorf("20s later: %s", got)
			}
		})
	}
}

// TestAGatheringAnswersAllThatCameOnce holds a gathering to a model: what comes
// within 5s of the first, or the first four, is one answer that names each once.
func TestAGatheringAnswersAllThatCameOnce(t *testing.T) {
	const text = "rules:\n  - id: r\n    on: member.join\n    loop_guard: off\n    coalesce: {for: 5s, max: 4, per: [chat]}\n    do: [{log: \"%s{{names(members)}}/{{len(events)}}\"}]\n"
	sets := [2]*rule.Set{compile(t, fmt.Sprintf(text, "")), compile(t, "# 改过\n"+fmt.Sprintf(text, ""))}
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, set: sets[0], past: newMemory(), now: start, cache: NewCache()}
		var got, want, names []string
		events, ends := 0, time.Time{}
		hear := func(_ string, d Decision) {
			for _, l := range d.Logs {
				got = append(got, l.Text)
			}
		}
		finish := func() {
			if events > 0 {
				want = append(want, fmt.Sprintf("%s/%d", strings.Join(names, "、"), events))
			}
			names, events = nil, 0
		}
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			until := w.now.Add(time.Duration(rapid.IntRange(0, 3000).Draw(rt, "ms")) * time.Millisecond)
			w.wakeUntil(until, hear)
			w.now = until
			if events > 0 && !w.now.Before(ends) {
				finish()
			}
			if rapid.IntRange(0, 5).Draw(rt, "surprise") == 0 {
				w.set, w.cache = sets[rapid.IntRange(0, 1).Draw(rt, "text")], NewCache()
			}
			who := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"张三", "李四", "王五"}), 1, 2, rapid.ID).Draw(rt, "who")
			if events == 0 {
				ends = w.now.Add(5 * time.Second)
			}
			for _, n := range who {
				if !slices.Contains(names, n) {
					names = append(names, n)
				}
			}
			if events++; events == 4 {
				finish()
			}
			hear("", w.handle(w.joins(who...)))
		}
		w.wakeUntil(w.now.Add(time.Hour), hear)
		finish()
		if !slices.Equal(got, want) {
			rt.Fatalf("got  %v\nwant %v", got, want)
		}
		if len(w.past.runs) > 0 {
			rt.Fatalf("%d runs are left", len(w.past.runs))
		}
	})
}
