package dispatch

import (
	"context"
	"slices"

	"botengine/internal/state"
)

// Expect tells of entries that a transaction has made and that are not committed
// yet, so that the commit of the decision can be the one that claims them, too.
// looked is closed when the commit need not wait for that any more; nil: it need not
// wait at all, for their worker is busy, or they are not to leave now. An entry that
// is not committed in the end is not sent either, for the store does not have it when
// it is claimed. heard is false when nobody listens yet.
//
// It is called in the order in which the entries were made, and only looks: Committed
// is to tell of the same entries afterwards.
func (d *Dispatcher) Expect(entries []state.Entry) (looked <-chan struct{}, heard bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.start == nil {
		return nil, false
	}
	if !d.draining && slices.ContainsFunc(entries, mayLeave) {
		c := &entries[0].Command
		looked = d.workers[workerKey{c.Account, c.Robot}].await()
	}
	d.handOutLocked(entries, true)
	return looked, true
}

func mayLeave(e state.Entry) bool { return e.State == state.Pending && e.NotBefore.IsZero() }

// await is closed when the worker has done what it could with the news that it is told
// next; nil: it is busy with something else, or not there yet.
func (w *worker) await() <-chan struct{} {
	if w == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.idle {
		return nil
	}
	looked := make(chan struct{})
	w.waited = append(w.waited, looked)
	return looked
}

// rest notes that the worker sleeps until there is news.
func (w *worker) rest() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.idle = len(w.news) == 0
}

// looked lets the commits go on that wait for the worker. Its caller is the worker,
// or the function that a worker waits for.
func (w *worker) looked() {
	for _, one := range w.looking {
		close(one)
	}
	w.looking = nil
}

// update is the store's, for a worker: as soon as its function runs, nobody needs to
// wait for the worker to hand one in.
func (w *worker) update(ctx context.Context, fn func(state.Tx) error) error {
	return w.o.Store.Update(ctx, func(tx state.Tx) error {
		w.looked()
		return fn(tx)
	})
}

// forsake takes all items off their lanes that were expected and that nobody knows
// to be committed, after one of them turned out not to be: those made with it were
// taken back, too, and come again in their order.
func (w *worker) forsake() {
	for _, it := range w.items {
		if it.expected && it.phase < claiming {
			w.remove(it)
		}
	}
}
