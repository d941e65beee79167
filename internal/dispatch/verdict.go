package dispatch

import (
	"context"

	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/state"
)

// verdict is how a command ended by our own judgement.
type verdict struct{ code, msg string }

// judge ends a command: the verdict is an event like the platform's own.
func (w *worker) judge(it *item, code, msg string) {
	it.verdict, it.reported = verdict{code, msg}, false
	it.turn(judged, w.o.Now())
}

// report hands the verdict to line 1, which settles the entry. It is repeated as
// long as the entry stays open, for an event that is not yet committed may get
// lost with the program.
func (w *worker) report(ctx context.Context, it *item) {
	if it.reported && w.settled(ctx, it) {
		return
	}
	now, c := w.o.Now(), &it.entry.Command
	err := w.o.Report(ctx, event.Event{
		Kind:     event.Result,
		Account:  c.Account,
		Robot:    event.Robot{Key: c.Robot, Status: event.StatusUnknown},
		Time:     now,
		Received: now,
		Result:   event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: it.verdict.code, Msg: it.verdict.msg},
	})
	if err != nil {
		w.tryLater(it, "report a verdict", err)
		return
	}
	it.reported = true
	failpoint.Hit(failpoint.VerdictTold)
	it.at = now.Add(w.o.Times.Report)
}

// settled takes the item off its lane if the store says that it is over.
func (w *worker) settled(ctx context.Context, it *item) bool {
	over := false
	err := w.o.Store.View(ctx, func(tx state.Tx) error {
		e, ok := tx.Entry(it.entry.Command.MessageID)
		over = !ok || e.Ended()
		return nil
	})
	if err == nil && over {
		w.remove(it)
	}
	return err == nil && over
}
