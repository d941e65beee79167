package intake

import (
	"context"
	"time"

	"botengine/internal/event"
)

// Stepper is an Intake whose Run nobody calls: it is driven by one goroutine, step by
// step, which alone says when time passes and what happens in which order. It is how
// line 1 is simulated. Its methods must not be called by two goroutines.
type Stepper struct {
	*Intake
	room rooms
}

// NewStepper returns a line 1 that has one shard, and does nothing but in steps.
func NewStepper(o Options) *Stepper {
	o.Shards = 1
	return &Stepper{Intake: New(o)}
}

// Queued is how many events wait.
func (s *Stepper) Queued() int { return len(s.queues[0]) }

// Step takes in the events that wait, at most so many, as a shard does. An error says
// that going on is of no use.
func (s *Stepper) Step(ctx context.Context, most int) error {
	batch := queued(nil, s.queues[0], min(most, together))
	if len(batch) == 0 {
		return nil
	}
	return s.handleAll(ctx, batch, &s.room)
}

// Wake hands in the wake-ups of the runs that are due, and returns how long to sleep
// until the next look, unless Rang says that it is to be sooner.
func (s *Stepper) Wake(ctx context.Context) time.Duration {
	next, err := s.wakeDue(ctx)
	if err != nil && ctx.Err() == nil {
		s.storeFailed(err)
	}
	return next
}

// Rang reports whether the runs that wait are others than at the last look.
func (s *Stepper) Rang() bool {
	select {
	case <-s.woken.bell:
		return true
	default:
		return false
	}
}

// Begin is TakeIn that does not wait: over says whether all events are answered for,
// and which of them were news.
func (s *Stepper) Begin(ctx context.Context, events []event.Event) (over func() (fresh []bool, ok bool), err error) {
	w, err := s.handIn(ctx, events)
	if err != nil {
		return nil, err
	}
	return func() ([]bool, bool) { return w.fresh, w.left == 0 }, nil
}

// GateStepper is a Gate whose Run nobody calls.
type GateStepper struct{ *Gate }

// NewGateStepper returns an open gate on a clock of its own.
func NewGateStepper(submit func(context.Context, event.Event) error, now func() time.Time) GateStepper {
	g := NewGate(submit)
	g.now = now
	return GateStepper{g}
}

// Step lets go what may go, and returns how long to sleep.
func (s GateStepper) Step(ctx context.Context) time.Duration { return s.letGo(ctx) }

// Rang reports whether something may go sooner than Step said.
func (s GateStepper) Rang() bool {
	select {
	case <-s.bell:
		return true
	default:
		return false
	}
}
