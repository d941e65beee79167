package rulebench

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Options are what to measure. Set and Events must be there; Events must not be
// empty.
type Options struct {
	Set    *rule.Set
	Events []event.Event
	For    time.Duration // how long to measure, once every event was taken
	// Progress is told now and then how many events have been measured; nil: nobody is.
	Progress func(took time.Duration, events int)
}

// Report is what was measured. Times are per event, unless they say otherwise.
type Report struct {
	Interrupted bool // it was stopped before the time was over
	Rules       int
	Events      int // different ones
	Measured    int // events, each as often as it was taken
	Concerned   int // of Events: some rule may fire, or nearly did

	Match, Decide time.Duration // finding the rules; deciding about those found
	P50, P99      time.Duration // of both together

	Candidates, Found float64 // rules looked at, words found
	Costs             []Cost  // of every rule that was looked at, the dearest first
	Index             rule.Index
}

// PerSecond is how many events one core decides in a second.
func (r *Report) PerSecond() float64 {
	if r.Match+r.Decide == 0 {
		return 0
	}
	return float64(time.Second) / float64(r.Match+r.Decide)
}

// Cost is what one rule took.
type Cost struct {
	Rule      *rule.Rule
	Looks     int           // how often it was looked at
	Passed    int           // and could fire
	PerEvent  float64       // nanoseconds, of any event
	Mean, P99 time.Duration // of one look
	Always    bool          // no index finds it: it is looked at for every event it listens to
}

// Run measures on the calling goroutine until the time is over or ctx ends; then
// the report holds what was measured so far. Every event is decided at the time it
// happened, by an engine without a past. A condition that asks for facts is
// computed by the decision: its time is in Decide and not in its rule's cost.
func Run(ctx context.Context, o Options) Report {
	b := &bench{Options: o, began: time.Now(), cache: engine.NewCache(), rules: map[*rule.Rule]*spent{}}
	r := Report{Rules: len(o.Set.Rules), Events: len(o.Events), Index: o.Set.Index()}
	b.clock = clockCost()
	b.attribute(ctx)
	for end := time.Now().Add(o.For); ; {
		b.turn(ctx)
		if ctx.Err() != nil || time.Now().After(end) {
			break
		}
	}
	b.report(&r)
	r.Interrupted = ctx.Err() != nil
	return r
}

// bench is one run.
type bench struct {
	Options
	began time.Time
	cache *engine.Cache
	clock time.Duration // what looking at the clock adds to a time

	match, decide time.Duration // sums over timed events
	timed         int
	each          histogram // events one by one
	next          int       // the event to go on with

	rules             map[*rule.Rule]*spent
	watched           int
	candidates, found int
	concerned         int
}

// spent is what was measured about one rule.
type spent struct {
	looks  histogram
	passed int
}

// chunk is how many events are measured between two looks at the clock.
const chunk = 64

// attribute takes every event once and notes what each rule takes. It warms up,
// too.
func (b *bench) attribute(ctx context.Context) {
	for i := range b.Events {
		if i%chunk == 0 && b.stopped(ctx) {
			return
		}
		if b.watch(&b.Events[i]) {
			b.concerned++
		}
	}
}

// stopped says whether to go no further, and tells of the progress.
func (b *bench) stopped(ctx context.Context) bool {
	if b.Progress != nil {
		b.Progress(time.Since(b.began), b.watched+b.timed+int(b.each.n))
	}
	return ctx.Err() != nil
}

// watch says whether any rule may fire.
func (b *bench) watch(ev *event.Event) (concerned bool) {
	looked := b.Set.Watch(ev, ev.Time, func(r *rule.Rule, took time.Duration, may bool) {
		s := b.rules[r]
		if s == nil {
			s = &spent{}
			b.rules[r] = s
		}
		s.looks.add(max(0, took-b.clock))
		if may {
			s.passed++
			concerned = true
		}
	})
	b.watched++
	b.candidates += looked.Candidates
	b.found += looked.Found
	return concerned
}

// turn measures a chunk of events as a whole, the same one event by event, and
// once more rule by rule.
func (b *bench) turn(ctx context.Context) {
	if b.stopped(ctx) {
		return
	}
	b.whole()
	for i := range chunk {
		ev := b.event(i)
		at := time.Now()
		b.decision(ev, b.Set.Match(ev, ev.Time, false))
		b.each.add(max(0, time.Since(at)-b.clock))
	}
	for i := range chunk {
		b.watch(b.event(i))
	}
	b.next = (b.next + chunk) % len(b.Events)
}

// whole measures a chunk without a look at the clock in between.
func (b *bench) whole() {
	var matches [chunk][]rule.Match
	began := time.Now()
	for i := range matches {
		ev := b.event(i)
		matches[i] = b.Set.Match(ev, ev.Time, false)
	}
	between := time.Now()
	for i := range matches {
		b.decision(b.event(i), matches[i])
	}
	b.match += between.Sub(began)
	b.decide += time.Since(between)
	b.timed += chunk
}

// event is the one so far behind the next.
func (b *bench) event(i int) *event.Event { return &b.Events[(b.next+i)%len(b.Events)] }

// decision decides as line 1 does: not at all about an event that concerns no rule.
func (b *bench) decision(ev *event.Event, matches []rule.Match) {
	if len(matches) > 0 {
		engine.Decide(engine.Input{Set: b.Set, Event: ev, Matches: matches, Now: ev.Time, Facts: past{}, Cache: b.cache})
	}
}

// report puts the figures together.
func (b *bench) report(r *Report) {
	r.Measured, r.Concerned = b.watched+b.timed+int(b.each.n), b.concerned
	if b.timed > 0 {
		r.Match, r.Decide = b.match/time.Duration(b.timed), b.decide/time.Duration(b.timed)
	}
	r.P50, r.P99 = b.each.percentile(50), b.each.percentile(99)
	if b.watched == 0 {
		return
	}
	r.Candidates, r.Found = float64(b.candidates)/float64(b.watched), float64(b.found)/float64(b.watched)
	always := map[*rule.Rule]bool{}
	for _, one := range r.Index.Always {
		always[one] = true
	}
	for one, s := range b.rules {
		r.Costs = append(r.Costs, Cost{
			Rule: one, Looks: int(s.looks.n), Passed: s.passed, PerEvent: float64(s.looks.sum) / float64(b.watched),
			Mean: s.looks.mean(), P99: s.looks.percentile(99), Always: always[one],
		})
	}
	slices.SortFunc(r.Costs, func(x, y Cost) int {
		return cmp.Or(cmp.Compare(y.PerEvent, x.PerEvent), cmp.Compare(x.Rule.ID, y.Rule.ID))
	})
}

// clockCost is about what two looks at the clock take.
func clockCost() time.Duration {
	runtime.Gosched()
	all := make([]time.Duration, 1001)
	for i := range all {
		began := time.Now()
		all[i] = time.Since(began)
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// past is one in which nothing happened.
type past struct{}

func (past) Fact(string) ([]byte, time.Time, bool) { return nil, time.Time{}, false }
func (past) RunData(string) ([]byte, bool)         { return nil, false }
func (past) Archive(string) ([]byte, bool)         { return nil, false }
