package ruletest

import (
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rehearsal"
)

// maxLater bounds the commands that an explanation follows.
const maxLater = 50

// later are the commands that come after the first ones, if each of them ends well:
// those of steps that wait for nothing else.
func later(in engine.Input, d engine.Decision) (out []command.Command) {
	over := &overlay{Memory: rehearsal.NewMemory(), under: in.Facts}
	over.Apply(&d, in.Now)
	origin, queue := in.Event, d.Commands
	for n := 0; len(queue) > 0 && n < maxLater; n++ {
		c := queue[0]
		queue = queue[1:]
		ev := event.Event{Kind: event.Result, Account: c.Account, Robot: origin.Robot, Time: in.Now, Received: in.Now, Result: wellDone(c)}
		in.Event, in.Ended, in.Matches, in.Facts = &ev, &c, nil, over
		next := engine.Decide(in)
		over.Apply(&next, in.Now)
		out = append(out, next.Commands...)
		queue = append(slices.Clip(queue), next.Commands...)
	}
	return out
}

// overlay is the past with what would have been written on top of it.
type overlay struct {
	*rehearsal.Memory
	under engine.Facts
}

// Fact implements engine.Facts.
func (o *overlay) Fact(key string) ([]byte, time.Time, bool) {
	if value, expires, ok := o.Memory.Fact(key); ok {
		return value, expires, true
	}
	return o.under.Fact(key)
}

// RunData implements engine.Facts.
func (o *overlay) RunData(id string) ([]byte, bool) {
	if data, ok := o.Memory.RunData(id); ok {
		return data, true
	}
	return o.under.RunData(id)
}

// Archive implements engine.Facts.
func (o *overlay) Archive(hash string) ([]byte, bool) {
	if data, ok := o.Memory.Archive(hash); ok {
		return data, true
	}
	return o.under.Archive(hash)
}
