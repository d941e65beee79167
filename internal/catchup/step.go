package catchup

import (
	"context"
	"time"
)

// Stepper is a Runner whose Run nobody calls: it is driven by one goroutine, step by
// step, which alone says when time passes. It is how catching up is simulated. A step
// waits by the Sleep of its Options.
type Stepper struct {
	*Runner
	audit time.Time // when the next audit is due
}

// NewStepper returns a Runner that does nothing but in steps.
func NewStepper(o Options) *Stepper {
	r := New(o)
	return &Stepper{Runner: r, audit: r.o.Now().Add(r.nextAudit())}
}

// Step makes the reading that is due, if there is one, and returns how long to sleep
// unless Rings says that one was asked for.
func (s *Stepper) Step(ctx context.Context) time.Duration {
	due := false
	select {
	case <-s.bell:
		due = true
	default:
	}
	if now := s.o.Now(); !now.Before(s.audit) {
		s.owe(Audit)
		s.audit, due = now.Add(s.nextAudit()), true
	}
	if len(s.follow) > 0 && !s.o.Now().Before(s.follow[0]) {
		s.follow, due = s.follow[1:], true
		s.owe(followUp)
	}
	if due {
		s.catchUp(ctx)
	}
	next := s.audit
	if len(s.follow) > 0 && s.follow[0].Before(next) {
		next = s.follow[0]
	}
	return max(0, next.Sub(s.o.Now()))
}

// Rings reports whether a reading was asked for since the last step began.
func (s *Stepper) Rings() bool { return len(s.bell) > 0 }

// Sweep looks up what is due of the messages whose echo came, and returns how long to
// sleep.
func (s *Stepper) Sweep(ctx context.Context) time.Duration {
	select {
	case <-s.sweep.bell:
	default:
	}
	due, next := s.sweep.due(s.o.Now())
	for _, batch := range batches(due) {
		s.look(ctx, batch)
	}
	if len(due) > 0 {
		return 0
	}
	return next
}

// SweepRings reports whether there is more to look up than Sweep knew of.
func (s *Stepper) SweepRings() bool { return len(s.sweep.bell) > 0 }
