package intake

import (
	"context"
	"sync"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

// TakeIn hands in events that did not come over the socket, each behind those of its
// chat that wait already, and returns when all are answered for, as Handle would:
// fresh says of each whether it was news. Events whose origin is FromLive must not
// be given to it. After an error those that were handed in may be taken in all the
// same.
func (in *Intake) TakeIn(ctx context.Context, events []event.Event) (fresh []bool, err error) {
	if len(events) == 0 {
		return nil, nil
	}
	w, err := in.handIn(ctx, events)
	if err != nil {
		return nil, err
	}
	select {
	case <-w.over:
		return w.fresh, nil
	case <-ctx.Done():
		in.await.forget(w)
		return nil, ctx.Err()
	}
}

// handIn queues events whose commit is waited for.
func (in *Intake) handIn(ctx context.Context, events []event.Event) (*awaited, error) {
	w := &awaited{fresh: make([]bool, len(events)), left: len(events), over: make(chan struct{})}
	for i := range events {
		ev := events[i]
		in.await.expect(&ev, w, i)
		if err := in.enqueue(ctx, &ev); err != nil {
			in.await.forget(w)
			return nil, err
		}
	}
	return w, nil
}

// awaits are the events whose commit somebody waits for.
type awaits struct {
	mu     sync.Mutex // guards events, and every awaited
	events map[*event.Event]place
}

// place is where an event stands in a TakeIn.
type place struct {
	of *awaited
	at int
}

// awaited is one TakeIn.
type awaited struct {
	fresh []bool
	left  int
	over  chan struct{} // closed when none is left
}

func (a *awaits) expect(ev *event.Event, w *awaited, at int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.events == nil {
		a.events = make(map[*event.Event]place)
	}
	a.events[ev] = place{w, at}
}

func (a *awaits) told(ev *event.Event, fresh bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, ok := a.events[ev]
	if !ok {
		return
	}
	delete(a.events, ev)
	p.of.fresh[p.at] = fresh
	if p.of.left--; p.of.left == 0 {
		close(p.of.over)
	}
}

func (a *awaits) forget(w *awaited) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ev, p := range a.events {
		if p.of == w {
			delete(a.events, ev)
		}
	}
}

// raiseMark notes how far the chat was taken in.
func (t *taking) raiseMark(tx state.Tx) {
	if !t.carried && t.ev.Kind.IsMessage() {
		tx.RaiseMark(t.ev.Robot.Key, t.ev.Chat.ID, t.ev.Time)
	}
}

// doubt makes a new command one that may have been sent already, where that is so.
func (t *taking) doubt(tx state.Tx, e state.Entry) state.Entry {
	if e.State != state.Pending || e.Attempt > 0 || !t.in.o.Doubted(t.ev, &e.Command) && !wasHeard(tx, &e.Command) {
		return e
	}
	e = InDoubt(e)
	tx.PutEntry(e)
	return e
}

// wasHeard reports whether a message that is to be sent was heard already: a life that
// the store does not remember has sent it.
func wasHeard(tx state.Tx, c *command.Command) bool {
	return c.IsMessage() && tx.Seen([]string{event.MessageKey(c.Robot, c.MessageID)})
}

// InDoubt is an entry as it is when nobody knows whether an earlier life sent it, nor
// when.
func InDoubt(e state.Entry) state.Entry {
	e.State, e.StartedAt = state.Ambiguous, time.Time{}
	return e
}

// overturn ends a message that had ended well: its echo came, and the history says
// later that it was not delivered. It is never sent again.
func overturn(tx state.Tx, e state.Entry, end event.CommandEnd) settlement {
	e.State, e.Code, e.Msg = state.Failed, end.Code, end.Msg
	tx.PutEntry(e)
	return settlement{changed: &e, ended: &e.Command, ours: true}
}

// joinKept is how long it is remembered that a person's joining was told of: longer
// than two lists of members are apart, and than the platform may take to tell.
const joinKept = 8 * 24 * time.Hour

// tellsLate is how long after we found out by ourselves the platform may still tell
// that somebody joined.
const tellsLate = 10 * time.Minute
