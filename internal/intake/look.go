package intake

import (
	"context"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/state"
)

// Looked is what a decision about an event would depend on now.
type Looked struct {
	Input engine.Input // without matches
	Seen  bool         // the event was taken in before
	Tx    state.Tx     // reads only
}

// Look calls fn with what a decision about the event would depend on if it came now,
// within a transaction that only reads: nothing of it is decided, kept or sent. What
// fn was given is void when it returns.
func (in *Intake) Look(ctx context.Context, ev event.Event, fn func(Looked) error) error {
	now := in.o.Now()
	in.enrich(&ev, now)
	set := in.o.Rules.Load()
	ev.Sender.IsStaff = set.IsStaff(ev.Sender.ID)
	return in.o.Store.View(ctx, func(tx state.Tx) error {
		return fn(Looked{
			Seen: tx.Seen(ev.Keys()), Tx: tx,
			Input: engine.Input{
				Set: set, Event: &ev, Now: now, Facts: past{tx}, ByHand: ev.Kind == event.MessagePhone,
				Takeover: in.o.Takeover, Robots: in.o.Robots, Chats: in.o.Chats,
				Guard: in.o.Guard, Seen: in.o.Seen, Blast: in.o.Blast, Fuses: in.o.Fuses, Quarantine: in.o.Quarantine,
			},
		})
	})
}
