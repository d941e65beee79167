package intake

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"sync"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/state"
)

const (
	dueAtOnce  = 256         // runs woken in one look
	lookAgain  = time.Minute // the longest sleep: the wall clock may jump
	lookSooner = time.Second // while runs that are due are being handled
)

// timers are the wake-ups under way: handed in, and not committed yet.
type timers struct {
	mu      sync.Mutex      // guards pending
	pending map[string]bool // false = committed since the last look
	bell    chan struct{}   // rings when the next wake-up may be another; never closed
}

func newTimers() timers {
	return timers{pending: make(map[string]bool), bell: make(chan struct{}, 1)}
}

// begin reports whether the wake-up is not under way yet, and notes that it is.
func (t *timers) begin(id string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, known := t.pending[id]; known {
		return false
	}
	t.pending[id] = true
	return true
}

// end notes that the wake-up is committed. It is remembered until the next look,
// for the one under way may have read the store before.
func (t *timers) end(id string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.pending[id] = false
}

// look forgets what was committed before now, and returns how many wake-ups are
// under way.
func (t *timers) look() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.pending, func(_ string, underWay bool) bool { return !underWay })
	return len(t.pending)
}

// handled takes note of a commit: a wake-up that is over, runs that wait anew.
func (t *timers) handled(ev *event.Event, runs []engine.RunWrite) {
	if ev.Kind == event.Timer {
		t.end(ev.ID)
	}
	if ev.Kind == event.Timer || len(runs) > 0 {
		select {
		case t.bell <- struct{}{}:
		default: // it rings already
		}
	}
}

// timerID names one wake-up of a run: the same for every look at the same row, so
// that it is handled once; another one when the run waits again.
func timerID(r *state.Run) string {
	h := fnv.New64a()
	_, _ = h.Write(r.Data) // a hash never fails
	return fmt.Sprintf("%s/%016x/%d", r.ID, h.Sum64(), r.Due.UnixMilli())
}

// wakeRuns hands in the wake-up of each run when it is due, until ctx ends.
func (in *Intake) wakeRuns(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-in.woken.bell:
		case <-timer.C:
		}
		next, err := in.wakeDue(ctx)
		if err != nil && ctx.Err() == nil {
			in.storeFailed(err)
		}
		timer.Reset(next)
	}
}

// wakeDue hands in what is due now and returns how long to sleep.
func (in *Intake) wakeDue(ctx context.Context) (time.Duration, error) {
	now := in.o.Now()
	due, next, err := in.dueRuns(ctx, now)
	if err != nil {
		return lookSooner, err
	}
	for _, r := range due {
		failpoint.Hit(failpoint.TimerDue)
		if err := in.wake(ctx, &r, now); err != nil {
			return lookSooner, nil //nolint:nilerr // intake is ending: the next start wakes it
		}
	}
	return next, nil
}

// dueRuns looks past the runs whose wake-up is under way.
func (in *Intake) dueRuns(ctx context.Context, now time.Time) (due []state.Run, sleep time.Duration, err error) {
	sleep = lookAgain
	limit := dueAtOnce + in.woken.look()
	err = in.o.Store.View(ctx, func(tx state.Tx) error {
		due = tx.DueRuns(now, limit)
		if next, ok := tx.NextDue(); ok {
			sleep = min(sleep, max(next.Sub(now), 0))
		}
		return nil
	})
	if len(due) > 0 {
		sleep = lookSooner // the bell rings as they are handled
	}
	return due, sleep, err
}

func (in *Intake) wake(ctx context.Context, r *state.Run, now time.Time) error {
	id := timerID(r)
	if !in.woken.begin(id) {
		return nil
	}
	err := in.Submit(ctx, event.Event{
		Kind:     event.Timer,
		ID:       id,
		Robot:    event.Robot{Key: r.Robot, Status: event.StatusUnknown},
		Time:     now,
		Received: now,
		Timer:    event.TimerPayload{Run: r.ID},
	})
	if err != nil {
		in.woken.end(id)
	}
	return err
}
