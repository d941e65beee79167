package intake

import (
	"sync/atomic"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/state"
)

// waits knows until when messages may be answers that runs wait for, so that a
// message costs nothing more where no rule asks anything. It may say a later time
// than is true, never an earlier one: what was not committed in the end is noted
// all the same.
type waits struct {
	until atomic.Int64 // unix ns; 0 = not read from the store yet
}

// none is an instant before every other that matters.
const none = 1

// mayAnswer reports whether the message may be an answer: it is one of a person
// for whom, in this chat, a run waits.
func (w *waits) mayAnswer(tx state.Tx, ev *event.Event, now time.Time) bool {
	until := w.until.Load()
	if until == 0 {
		until = w.read(tx)
	}
	return now.UnixNano() < until && ev.Kind.IsMessage() && engine.MayAnswer(tx, ev, now)
}

func (w *waits) read(tx state.Tx) int64 {
	until := int64(none)
	if _, expires, ok := tx.Fact(engine.WaitsFact); ok {
		until = max(until, expires.UnixNano())
	}
	w.raise(until)
	return until
}

// note takes over what a decision writes.
func (w *waits) note(facts []engine.FactWrite) {
	for i := range facts {
		if facts[i].Key == engine.WaitsFact {
			w.raise(facts[i].Expires.UnixNano())
		}
	}
}

// raise moves the time on, never back.
func (w *waits) raise(until int64) {
	for {
		known := w.until.Load()
		if known >= until || w.until.CompareAndSwap(known, until) {
			return
		}
	}
}
