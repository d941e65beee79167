package schedule

import (
	"context"
	"slices"
	"time"

	"botengine/internal/rule"
)

// finishWithin is how late an instant is still finished that has happened in some
// chats when the process died, and not in all.
const finishWithin = time.Hour

// begun is an instant that is being handed in, as it is kept until all of it is on
// disk.
type begun struct {
	Rule string `json:"rule"`
	Text string `json:"text"` // of the rule's timetable
	At   int64  `json:"at"`   // unix milliseconds
}

// keepBegun writes down what is being handed in, before any of it is.
func (s *Scheduler) keepBegun(ctx context.Context) {
	all := make([]begun, len(s.flying))
	for i := range s.flying {
		all[i] = s.flying[i].begun
	}
	s.noted = s.keep(ctx, begunDocument, all) || s.noted
}

// finish hands in once more what an earlier process began to: what happened in some
// chats happens in the others, even if the rule leaves out what is missed. Events
// that are on disk already are known by their ids.
func (s *Scheduler) finish(ctx context.Context, now time.Time) error {
	left := s.begun
	s.begun = nil
	for _, b := range left {
		i := slices.IndexFunc(s.set.Scheduled(), func(r *rule.Rule) bool { return r.ID == b.Rule && r.Timetable() == b.Text })
		at := time.UnixMilli(b.At).UTC()
		if i < 0 || now.Sub(at) > finishWithin || at.After(now) {
			continue
		}
		robots, _ := s.o.Robots()
		r := s.set.Scheduled()[i]
		if err := s.handIn(ctx, Events(r, at, now, robots), r, at); err != nil {
			return err
		}
	}
	return nil
}
