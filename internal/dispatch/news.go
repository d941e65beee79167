package dispatch

import (
	"botengine/internal/state"
)

// read takes in what others have committed, and what the history answered.
func (w *worker) read() {
	w.mu.Lock()
	news, answers := w.news, w.answers
	w.news, w.answers, w.idle = nil, nil, false
	w.looking, w.waited = w.waited, nil
	w.mu.Unlock()
	for _, n := range news {
		w.learn(n.entry, n.expected)
	}
	for _, a := range answers {
		w.weigh(a)
	}
}

// learn brings a lane up to date with an entry that was committed. News may be
// older than what the worker knows: only an end, a new entry, the return of a
// command in flight to the queue, and that a person revived it, are believed.
func (w *worker) learn(e state.Entry, expected bool) {
	it := w.items[e.Command.MessageID]
	if it != nil && it.expected {
		w.remove(it) // what was expected may have been taken back, and be another one now
		it = nil
	}
	if it != nil && !expected {
		it.expected = false
	}
	switch {
	case it == nil && e.Ended():
	case it == nil:
		w.enter(e).expected = expected
	case e.Revived != it.entry.Revived:
		if e.Revived > it.entry.Revived { // else it is the end from which it was revived
			w.adopt(it, e)
		}
	case e.Ended():
		w.remove(it)
	case it.phase >= flying && e.State == state.Pending && e.Attempt == it.entry.Attempt:
		w.adopt(it, e)
	}
}

func (w *worker) lane(e *state.Entry) *lane {
	key := LaneOf(&e.Command)
	l := w.lanes[key]
	if l == nil {
		l = newLane(key, e.Command.IsMessage())
		w.lanes[key] = l
	}
	return l
}

// enter puts an entry on its lane. One that was found in the middle of a send is
// resolved before anything else of the lane leaves.
func (w *worker) enter(e state.Entry) *item {
	l := w.lane(&e)
	it := l.add(e)
	it.entered = w.o.Now()
	w.items[e.Command.MessageID] = it
	if expires := e.Command.Expires; !expires.IsZero() {
		w.expiries.put(&it.expiry, expires)
	}
	if e.State != state.Pending {
		it.turn(lost, w.overdue(it))
	}
	w.soil(l)
	return it
}

// remove takes an item off its lane for good.
func (w *worker) remove(it *item) {
	w.land(it)
	if it.phase == booked {
		w.unbook(it)
	}
	delete(w.items, it.entry.Command.MessageID)
	w.expiries.take(&it.expiry)
	it.lane.drop(it)
	w.soil(it.lane)
}

// adopt believes the store rather than what the worker knew of an item.
func (w *worker) adopt(it *item, e state.Entry) {
	w.remove(it)
	if !e.Ended() {
		w.enter(e)
	}
}
