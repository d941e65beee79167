package intake

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"time"

	"github.com/cenkalti/backoff/v5"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// Handle takes ev in: once, whole, or not at all. When it returns nil the event
// is answered for, even if the process dies on the next instruction. A store
// that fails is tried again until ctx ends; an error says that the event was
// not taken in and that going on is of no use.
func (in *Intake) Handle(ctx context.Context, ev event.Event) error {
	t := &taking{}
	if !in.prepare(ctx, t, &ev) {
		return nil
	}
	t.encode(make([]byte, 0, 512))
	return in.finish(ctx, t)
}

// rooms are what a shard works in; they are used for one batch after the other.
type rooms struct {
	takings []taking
	records []byte // what the events' records stand in
}

// recordsKept bounds the memory for records that is kept for the next batch.
const recordsKept = 64 << 10

// leave forgets the first n events.
func (r *rooms) leave(n int) {
	clear(r.takings[:n])
	if r.records = r.records[:0]; cap(r.records) > recordsKept {
		r.records = nil
	}
}

// handleAll takes in events of one chat, in their order, all in one transaction:
// a chat that has much to say does not wait for the disk after each message. If
// that fails, whatever the reason, each gets a transaction of its own. The events
// are its own.
func (in *Intake) handleAll(ctx context.Context, events []*event.Event, r *rooms) error {
	for len(r.takings) < len(events) {
		r.takings = append(r.takings, taking{})
	}
	n := 0
	for _, ev := range events {
		if t := &r.takings[n]; in.prepare(ctx, t, ev) {
			r.records = t.encode(r.records)
			n++
		}
	}
	defer r.leave(min(n+1, len(r.takings)))
	takings := r.takings[:n]
	carry(takings)
	if len(takings) > 1 && in.o.Store.Update(ctx, transactAll(takings)) == nil {
		for i := range takings {
			in.tell(&takings[i])
		}
		return nil
	}
	for i := range takings {
		takings[i].carried = false
		if err := in.finish(ctx, &takings[i]); err != nil {
			return err
		}
	}
	return nil
}

// carry finds the messages whose mark the next one raises as well, in the same
// transaction.
func carry(takings []taking) {
	for i := range len(takings) - 1 {
		a, b := &takings[i], &takings[i+1]
		a.carried = b.plain && !b.poisoned && a.ev.Chat.ID == b.ev.Chat.ID && a.ev.Robot.Key == b.ev.Robot.Key && !b.ev.Time.Before(a.ev.Time)
	}
}

func transactAll(takings []taking) func(state.Tx) error {
	return func(tx state.Tx) error {
		if f, ok := tx.(state.Foreseer); ok {
			f.Foresee(func(yield func([]string) bool) {
				for i := 0; i < len(takings) && yield(takings[i].keys); i++ {
				}
			})
		}
		for i := range takings {
			if err := takings[i].happen(tx); err != nil {
				return err
			}
		}
		return nil
	}
}

// prepare does what needs no transaction, in t; false: there is nothing to take
// in. The event is its own from here on.
func (in *Intake) prepare(ctx context.Context, t *taking, ev *event.Event) bool {
	*t = taking{in: in, began: in.o.Now(), ev: ev, live: ev.From == event.FromLive}
	in.enrich(ev, t.began)
	t.keys = ev.Keys()
	if ev.Kind == event.ChatUpdated {
		in.noticeStatus(ctx, ev)
	}
	if panicked := t.match(); panicked != nil {
		in.poison(t, panicked)
	}
	failpoint.Hit(failpoint.EngineMatched)
	t.plain = len(t.matches) == 0 && isPlain(ev)
	// a chat's state is not a happening: there is nothing to remember of it
	return ev.Kind != event.ChatUpdated || t.mayFire()
}

// finish commits what was prepared and tells of it.
func (in *Intake) finish(ctx context.Context, t *taking) error {
	if err := t.commit(ctx); err != nil {
		return fmt.Errorf("take in event %s: %w", t.ev.Key(), err)
	}
	in.tell(t)
	return nil
}

// taking is one event on its way in.
type taking struct {
	in       *Intake
	began    time.Time
	ev       *event.Event
	keys     []string  // by which it is known again
	set      *rule.Set // one generation for the whole way, whatever a reload does
	matches  []rule.Match
	live     bool               // it came over the socket
	carried  bool               // the mark of its chat is raised with the next event's
	plain    bool               // see isPlain: and no rule matches it
	panics   []string           // rules that panicked over it, while it was matched
	byHand   bool               // it is a message that a person wrote in the robot's place
	poisoned bool               // its handling panicked
	record   state.EncodedEvent // nil = it is not journaled
	fate     state.Fate         // what is journaled of the outcome
	members  []event.Person     // those the event named, before joined left some out
	outcome  outcome
}

// match finds what could fire: outside the transaction, in parallel with others.
// An event that makes it panic must not end the process, again and again.
func (t *taking) match() (panicked *state.PanicError) {
	defer func() {
		if v := recover(); v != nil {
			panicked = t.matchEach(&state.PanicError{Value: v, Stack: debug.Stack()})
		}
	}()
	if t.set = t.in.o.Rules.Load(); t.set != nil {
		t.ev.Sender.IsStaff = t.set.IsStaff(t.ev.Sender.ID)
		t.matches = t.set.Match(t.ev, t.began, false)
	}
	return nil
}

// matchEach asks the rules one by one, after asking all of them at once panicked: the
// rule to blame is marked, the others go on. It returns the panic if none is to blame.
func (t *taking) matchEach(first *state.PanicError) (panicked *state.PanicError) {
	defer func() {
		if recover() != nil {
			panicked = first
		}
	}()
	aside := func(id string) bool { return t.in.o.Quarantine.Holds(t.set, id) }
	t.matches, t.panics = t.set.MatchEach(t.ev, t.began, aside)
	if len(t.panics) > 0 {
		t.in.o.Log.Error("a rule panicked over an event", "rules", t.panics, "event", t.ev.Key(), "kind", string(t.ev.Kind),
			"panic_type", fmt.Sprintf("%T", first.Value), "stack", string(first.Stack))
	}
	return nil
}

// putAside counts the panics that an event led to.
func (in *Intake) putAside(t *taking) {
	ids := slices.Concat(t.panics, t.outcome.decision.Panics)
	if len(ids) == 0 {
		return
	}
	for _, id := range in.o.Quarantine.Note(t.set, ids, in.o.Now()) {
		in.stats.quarantined.Add(1)
		in.o.Log.Error("rule set aside: it panicked too often", "rule", id, "todo", "the rule is not asked until the rules are loaded again: `botengine ctl reload`")
	}
}

func (t *taking) mayFire() bool {
	for i := range t.matches {
		if t.matches[i].Outcome == "" {
			return true
		}
	}
	return false
}

// commit tries until the store takes it. A panic would come again: that event is
// remembered as seen and leads to nothing, so that it cannot hold up its chat.
func (t *taking) commit(ctx context.Context) error {
	var pause *backoff.ExponentialBackOff // made when it is needed: it almost never is
	for {
		err := t.in.o.Store.Update(ctx, t.happen)
		var panicked *state.PanicError
		switch {
		case err == nil:
			if pause != nil {
				t.in.o.Healed()
			}
			return nil
		case ctx.Err() != nil: // given up, whatever the store said last
			return errors.Join(ctx.Err(), err)
		case errors.Is(err, state.ErrClosed), errors.Is(err, state.ErrDamaged):
			return err
		case errors.As(err, &panicked) && !t.poisoned:
			t.in.poison(t, panicked)
		case errors.As(err, &panicked):
			return nil // not even that: it is counted and logged
		default:
			t.in.storeFailed(err)
			if pause == nil {
				pause = &backoff.ExponentialBackOff{
					InitialInterval: 100 * time.Millisecond, Multiplier: 2, MaxInterval: 5 * time.Second,
				}
			}
			jitter := 0.5 + t.in.o.Random()
			if err := t.in.o.Sleep(ctx, time.Duration(jitter*float64(pause.NextBackOff()))); err != nil {
				return err
			}
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// tell reports what is on disk now: first to those who send, then to those who
// watch.
func (in *Intake) tell(t *taking) {
	in.count(&t.outcome)
	failpoint.Hit(failpoint.OutboxCommit)
	if t.outcome.settled != nil {
		failpoint.Hit(failpoint.ConfirmCommitted)
	}
	if len(t.outcome.changed) > 0 {
		in.o.Committed(t.outcome.changed)
		failpoint.Hit(failpoint.OutboxTold)
	}
	for _, l := range t.outcome.decision.Logs {
		if l.Alert {
			in.o.Log.Error("rule alert", "rule", l.Rule, "step", l.Step, "problem", l.Text)
		} else if l.Problem {
			in.o.Log.Warn("rule problem", "rule", l.Rule, "step", l.Step, "problem", l.Text)
		}
	}
	in.putAside(t)
	if !t.outcome.duplicate && t.set.OnTrial() {
		in.o.Seen.Note(t.set, t.ev, t.outcome.decision.Verdicts)
	}
	if !t.plain || len(t.outcome.decision.Runs) > 0 {
		in.woken.handled(t.ev, t.outcome.decision.Runs)
	}
	if !t.live {
		in.await.told(t.ev, !t.outcome.duplicate)
	}
	in.o.OnCommitted(Report{
		Event:     t.ev,
		Decision:  t.outcome.decision,
		Duplicate: t.outcome.duplicate,
		Settled:   t.outcome.settled,
		Took:      in.o.Now().Sub(t.began),
	})
}

// noticeStatus hands on a robot's status that the Directory does not have yet.
func (in *Intake) noticeStatus(ctx context.Context, ev *event.Event) {
	if ev.Robot.Status == event.StatusUnknown {
		return
	}
	known, ok := in.o.Directory.Robot(ev.Account, ev.Robot.Key)
	if !ok || known.Status != ev.Robot.Status {
		in.o.OnStatus(ctx, ev.Account, ev.Robot)
	}
}

// poison notes an event whose handling panicked. The panic's value may hold what
// people wrote: only where it happened is logged.
func (in *Intake) poison(t *taking, p *state.PanicError) {
	t.poisoned = true
	in.stats.poisoned.Add(1)
	in.o.Log.Error("event put aside after a panic", "event", t.ev.Key(), "kind", string(t.ev.Kind),
		"panic_type", fmt.Sprintf("%T", p.Value), "stack", string(p.Stack))
}

// storeFailed counts a failure of the store, and says so once a minute.
func (in *Intake) storeFailed(err error) {
	in.stats.retries.Add(1)
	if in.quiet.may(in.o.Now()) {
		in.o.Log.Error("events cannot be stored: nothing is answered until they can", "error", err)
	}
}

// outcome is what one transaction came to. It is made anew each time the
// transaction runs.
type outcome struct {
	decision  engine.Decision
	changed   []state.Entry
	made      int // where in changed the new ones begin
	settled   *state.Entry
	duplicate bool
	decided   bool
	again     bool // it was taken in before, and is only the end of a command now
	late      bool // a result that settles nothing
}
