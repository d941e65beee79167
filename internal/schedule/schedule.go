package schedule

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/rule"
	"botengine/internal/state"
)

const (
	// Grace is how late an instant may be and is not taken for missed: a restart
	// takes a moment.
	Grace = 2 * time.Minute
	// patience is how long a start waits for the robots to be known. It is less
	// than Grace, so that an account that does not answer costs the others nothing.
	patience      = 30 * time.Second
	lookForRobots = 100 * time.Millisecond
	lookAgain     = time.Minute // the longest sleep: the wall clock may jump
	lookSooner    = time.Second // while events that were handed in are not on disk
)

// Options are what a Scheduler needs; all must be set but Now and Log.
type Options struct {
	Store  state.Store
	Rules  *atomic.Pointer[rule.Set]
	Robots func() (robots []Robot, complete bool) // complete: all accounts have told theirs
	Submit func(context.Context, event.Event) error
	Now    func() time.Time // default time.Now
	Log    *slog.Logger     // default: nothing is logged
}

// Scheduler hands in the events of schedules. Run is called once; Wake by any
// goroutine.
type Scheduler struct {
	o    Options
	bell chan struct{} // rings when the rules may be others; never closed

	// What follows is Run's own.
	set    *rule.Set // that tables are of
	tables map[string]*table
	done   time.Time // every instant up to here was handed in, or left out
	flying []flight
	kept   time.Time // what is on disk of done
	begun  []begun   // what an earlier process may not have handed in to its end
	noted  bool      // there are instants on disk that were begun
}

// table is what is known of a rule's schedules.
type table struct {
	text  string    // of the rule's timetable
	since time.Time // when this timetable was seen first: instants before it never happen
	next  time.Time // the first instant that was not looked at; zero: none will come
}

// flight are the events of an instant that may not be on disk yet.
type flight struct {
	begun
	at   time.Time
	keys []string
}

// New returns a Scheduler that does nothing until Run.
func New(o Options) *Scheduler {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Scheduler{o: o, bell: make(chan struct{}, 1), tables: map[string]*table{}}
}

// Wake says that there may be other rules.
func (s *Scheduler) Wake() {
	select {
	case s.bell <- struct{}{}:
	default: // it rings already
	}
}

// Run hands in what is due until ctx ends, after the events of the start.
func (s *Scheduler) Run(ctx context.Context) error {
	began := s.o.Now()
	s.awaitRobots(ctx)
	if err := s.remember(ctx); err != nil {
		return err
	}
	if err := s.started(ctx, began); err != nil {
		return err
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.bell:
		case <-timer.C:
		}
		pause, err := s.look(ctx, s.o.Now())
		if err != nil {
			return err
		}
		timer.Reset(pause)
	}
}

// awaitRobots waits until the robots are known, but not for ever.
func (s *Scheduler) awaitRobots(ctx context.Context) {
	late, again := time.NewTimer(patience), time.NewTicker(lookForRobots)
	defer late.Stop()
	defer again.Stop()
	for {
		if _, complete := s.o.Robots(); complete {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-late.C:
			return
		case <-again.C:
		}
	}
}

// started hands in that the engine has started, for each robot, if a rule listens.
func (s *Scheduler) started(ctx context.Context, at time.Time) error {
	if set := s.o.Rules.Load(); set == nil || !set.ListensTo(event.Start) {
		return nil
	}
	robots, _ := s.o.Robots()
	for _, r := range robots {
		if err := s.o.Submit(ctx, event.OfStart(r.Account, r.Robot, at)); err != nil {
			return err
		}
	}
	return nil
}

// look hands in what is due and says how long to sleep.
func (s *Scheduler) look(ctx context.Context, now time.Time) (time.Duration, error) {
	if now.Before(s.done) {
		s.turnBack(now)
	}
	s.adopt(ctx, now)
	if s.set == nil {
		return lookAgain, nil
	}
	if err := s.finish(ctx, now); err != nil {
		return 0, err
	}
	var robots []Robot // asked for once, and only when something is due
	for _, r := range s.set.Scheduled() {
		t := s.tables[r.ID]
		if t.next.IsZero() || t.next.After(now) {
			continue
		}
		if robots == nil {
			robots, _ = s.o.Robots()
		}
		for _, at := range s.due(r, t, now) {
			if err := s.handIn(ctx, Events(r, at, now, robots), r, at); err != nil {
				return 0, err
			}
		}
		t.next = Next(r, now)
	}
	s.done = now
	s.land(ctx)
	return s.pause(now), nil
}

// turnBack is for a clock that was set back: what comes again is looked at again,
// and what happened already is known by its id.
func (s *Scheduler) turnBack(now time.Time) {
	s.done = now
	for _, t := range s.tables {
		if t.since.After(now) {
			t.since = now
		}
	}
	s.set = nil // so that all tables are made anew
}

// adopt takes over the rules that are live now.
func (s *Scheduler) adopt(ctx context.Context, now time.Time) {
	set := s.o.Rules.Load()
	if set == s.set || set == nil {
		return
	}
	changed := false
	tables := make(map[string]*table, len(set.Scheduled()))
	for _, r := range set.Scheduled() {
		t := s.tables[r.ID]
		if text := r.Timetable(); t == nil || t.text != text {
			t, changed = &table{text: text, since: now}, true
		}
		t.next = Next(r, later(s.done, t.since))
		tables[r.ID] = t
	}
	changed = changed || len(tables) != len(s.tables)
	s.set, s.tables = set, tables
	if changed {
		s.keepTables(ctx)
	}
}

// Next is the first instant of any of the rule's schedules after that time; the zero
// time if none will come.
func Next(r *rule.Rule, after time.Time) time.Time {
	var first time.Time
	for _, sch := range r.Schedules() {
		if next := sch.Next(after); !next.IsZero() && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	return first
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// handIn hands in the events of one instant.
func (s *Scheduler) handIn(ctx context.Context, events []event.Event, r *rule.Rule, at time.Time) error {
	if len(events) == 0 {
		s.o.Log.Warn("the time of a schedule has come, and no robot or chat is known that the rule is meant for", "rule", r.ID)
	}
	f := flight{begun: begun{Rule: r.ID, Text: r.Timetable(), At: at.UnixMilli()}, at: at, keys: make([]string, 0, len(events))}
	for i := range events {
		f.keys = append(f.keys, events[i].Keys()...)
	}
	s.flying = append(s.flying, f)
	if len(events) > 1 {
		s.keepBegun(ctx)
	}
	for i := range events {
		failpoint.Hit(failpoint.ScheduleDue)
		if err := s.o.Submit(ctx, events[i]); err != nil {
			return err
		}
	}
	return nil
}

// pause is how long nothing is due.
func (s *Scheduler) pause(now time.Time) time.Duration {
	pause := lookAgain
	if len(s.flying) > 0 {
		pause = lookSooner
	}
	for _, t := range s.tables {
		if !t.next.IsZero() {
			pause = min(pause, max(t.next.Sub(now), 0))
		}
	}
	return pause
}
