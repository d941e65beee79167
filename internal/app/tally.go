package app

import (
	"errors"
	"sync/atomic"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/measure"
	"botengine/internal/metrics"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// tally counts what passes by, for metrics: what the components do not count
// themselves. Counting is an addition; nothing is ever taken out of the maps or put
// in, so any goroutine may count.
type tally struct {
	kinds    map[event.Kind]*atomic.Uint64
	verdicts map[rule.Outcome]*atomic.Uint64
	ended    map[endedKey]*atomic.Uint64
	sends    map[sendKey]*atomic.Uint64

	intake measure.Histogram // from receiving an event until it is durable
	reply  measure.Histogram // from deciding a message until it leaves
}

type endedKey struct {
	kind  string
	state state.EntryState
}

type sendKey struct{ kind, result string }

func newTally() *tally {
	t := &tally{
		kinds: map[event.Kind]*atomic.Uint64{}, verdicts: map[rule.Outcome]*atomic.Uint64{},
		ended: map[endedKey]*atomic.Uint64{}, sends: map[sendKey]*atomic.Uint64{},
	}
	for _, kind := range append(event.Kinds(), metrics.Other) {
		t.kinds[kind] = new(atomic.Uint64)
	}
	for _, outcome := range append(rule.Outcomes(), metrics.Other) {
		t.verdicts[outcome] = new(atomic.Uint64)
	}
	for _, kind := range append(dispatch.Kinds(), metrics.Other) {
		for _, s := range []state.EntryState{state.Confirmed, state.Failed, state.Expired, state.Unknown} {
			t.ended[endedKey{kind, s}] = new(atomic.Uint64)
		}
		for _, result := range []string{metrics.SendSent, metrics.SendNotSent, metrics.SendInvalid, metrics.SendInDoubt} {
			t.sends[sendKey{kind, result}] = new(atomic.Uint64)
		}
	}
	return t
}

// report counts an event that is on disk.
func (t *tally) report(r *intake.Report) {
	add(t.kinds, r.Event.Kind, metrics.Other)
	if r.Event.From == event.FromLive && !r.Event.Received.IsZero() {
		t.intake.Observe(time.Since(r.Event.Received))
	}
	for i := range r.Decision.Verdicts {
		if o := r.Decision.Verdicts[i].Outcome; o != "" {
			add(t.verdicts, o, metrics.Other)
		}
	}
	if e := r.Settled; e != nil {
		kind := dispatch.KindOf(&e.Command)
		add(t.ended, endedKey{kind, e.State}, endedKey{metrics.Other, e.State})
		if e.State == state.Confirmed && e.Command.IsMessage() && e.Command.NotBefore.IsZero() && e.Attempt == 1 && !e.AddedAt.IsZero() {
			t.reply.Observe(e.StartedAt.Sub(e.AddedAt))
		}
	}
}

// sent counts an attempt to send.
func (t *tally) sent(c *command.Command, err error) {
	result := metrics.SendInDoubt
	switch {
	case err == nil:
		result = metrics.SendSent
	case errors.Is(err, command.ErrInvalid):
		result = metrics.SendInvalid
	case errors.Is(err, command.ErrNotSent):
		result = metrics.SendNotSent
	}
	add(t.sends, sendKey{dispatch.KindOf(c), result}, sendKey{metrics.Other, result})
}

// add counts one under its key or, where there is none, under the other one.
func add[K comparable](counts map[K]*atomic.Uint64, key, other K) {
	n := counts[key]
	if n == nil {
		n = counts[other]
	}
	if n != nil {
		n.Add(1)
	}
}
