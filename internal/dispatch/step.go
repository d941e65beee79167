package dispatch

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Stepper drives a Dispatcher in the place of Run: one goroutine, step by step, which
// alone says when time passes and what happens in which order. It is how line 2 is
// simulated. Its methods must not be called by two goroutines.
type Stepper struct {
	*Dispatcher
	workers   []*worker // in the order of their robots
	questions []func()
}

// NewStepper returns a Dispatcher that does nothing but in steps.
func NewStepper(o Options) *Stepper {
	s := &Stepper{Dispatcher: New(o)}
	s.spawn = func(_ *worker, ask func()) { s.questions = append(s.questions, ask) }
	return s
}

// Load reads what the outbox owes, as Run does when it begins.
func (s *Stepper) Load(ctx context.Context) error {
	if err := s.prime(ctx); err != nil {
		return err
	}
	if err := s.load(ctx, s.enter); err != nil {
		return fmt.Errorf("load the outbox: %w", err)
	}
	return nil
}

func (s *Stepper) enter(w *worker) {
	place, _ := slices.BinarySearchFunc(s.workers, w, func(a, b *worker) int {
		return cmp.Or(cmp.Compare(a.key.account, b.key.account), cmp.Compare(a.key.robot, b.key.robot))
	})
	s.workers = slices.Insert(s.workers, place, w)
}

// Robots are those with something to do, in a certain order.
func (s *Stepper) Robots() []string {
	keys := make([]string, len(s.workers))
	for i, w := range s.workers {
		keys[i] = w.key.robot
	}
	return keys
}

// Rang reports whether there is news for the i-th robot.
func (s *Stepper) Rang(i int) bool {
	select {
	case <-s.workers[i].bell:
		return true
	default:
		return false
	}
}

// Step does what is due for the i-th robot, and returns how long to sleep unless Rang
// says that there is news.
func (s *Stepper) Step(ctx context.Context, i int) time.Duration {
	w := s.workers[i]
	w.read()
	return w.round(ctx)
}

// Questions hands out what is to be asked, once each: a robot's other lanes go on
// until it is.
func (s *Stepper) Questions() []func() {
	asked := s.questions
	s.questions = nil
	return asked
}
