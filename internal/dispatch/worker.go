package dispatch

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"botengine/internal/state"
)

// worker is one robot's own goroutine: run. It owns the lanes; tell, nudge and
// answer may be called by any goroutine.
type worker struct {
	d   *Dispatcher
	o   *Options
	key workerKey

	lanes  map[string]*lane
	wake   time.Time // when the present round's earliest next step is due
	claims []*claim  // that share the next commit, one of a lane at most

	asking sync.WaitGroup // the questions under way

	mu      sync.Mutex // guards what follows
	news    []state.Entry
	answers []answer
	bell    chan struct{} // rings when there is news; never closed
}

func newWorker(d *Dispatcher, key workerKey) *worker {
	return &worker{
		d: d, o: &d.o, key: key,
		lanes: make(map[string]*lane),
		bell:  make(chan struct{}, 1),
	}
}

func (w *worker) tell(entries []state.Entry) {
	w.mu.Lock()
	w.news = append(w.news, entries...)
	w.mu.Unlock()
	w.nudge()
}

func (w *worker) nudge() {
	select {
	case w.bell <- struct{}{}:
	default: // it rings already
	}
}

// run works until ctx ends: take the news in, do what is due, sleep.
func (w *worker) run(ctx context.Context) {
	defer w.asking.Wait()
	w.primeQuotas(ctx)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			w.leave()
			return
		case <-w.bell:
		case <-timer.C:
		}
		w.read()
		timer.Reset(w.round(ctx))
	}
}

// leave gives up waiting for what is in flight: the next start finds it in the
// store and asks.
func (w *worker) leave() {
	for _, l := range w.lanes {
		for _, it := range l.items {
			w.land(it)
		}
	}
}

// longest is how long a worker without anything due sleeps: news wakes it.
const longest = time.Hour

// round does what is due on every lane, the oldest command's first, and returns
// the time until the next round.
func (w *worker) round(ctx context.Context) time.Duration {
	w.wake = w.o.Now().Add(longest)
	lanes := slices.SortedFunc(maps.Values(w.lanes), func(a, b *lane) int {
		return cmp.Compare(a.oldest(), b.oldest())
	})
	for _, l := range lanes {
		if w.step(ctx, l); len(w.claims) == claimedTogether {
			w.leaveTogether(ctx)
		}
	}
	w.leaveTogether(ctx)
	maps.DeleteFunc(w.lanes, func(_ string, l *lane) bool { return len(l.items) == 0 })
	return max(0, w.wake.Sub(w.o.Now()))
}

// step works on a lane until nothing more is due on it.
func (w *worker) step(ctx context.Context, l *lane) {
	for ctx.Err() == nil {
		it := l.current(w.setAside)
		if it == nil || it.phase == claiming {
			return
		}
		if now := w.o.Now(); it.at.After(now) {
			w.wakeAt(it.at)
			return
		}
		w.advance(ctx, l, it)
	}
}

// advance does the item's next step. Each step either sets when there is
// something to do again, or takes the item off its lane.
func (w *worker) advance(ctx context.Context, l *lane, it *item) {
	switch it.phase {
	case waiting:
		w.book(it)
	case booked:
		w.emit(ctx, l, it)
	case claiming: // leaveTogether goes on with it
	case returning:
		w.giveBack(ctx, l, it)
	case flying:
		w.land(it)
		it.turn(lost, it.at)
	case lost:
		w.resolve(ctx, l, it)
	case doubtful:
		w.inquire(ctx, it)
	case again:
		w.sendAgain(ctx, l, it)
	case judged:
		w.report(ctx, l, it)
	}
}

func (w *worker) wakeAt(at time.Time) {
	if at.Before(w.wake) {
		w.wake = at
	}
}

// setAside reports whether a command must not hold up the lane because the day's
// quota of its kind is used up: the robot's other commands go on. A chat's
// messages are never taken out of order.
func (w *worker) setAside(it *item) bool {
	c, now := &it.entry.Command, w.o.Now()
	if c.IsMessage() || expired(it, now) || w.o.Limiter.QuotaLeft(now, c.Robot, KindOf(c)) {
		return false
	}
	w.wakeAt(now.Add(time.Minute)) // a new day, or the command's expiry
	return true
}

func expired(it *item, now time.Time) bool {
	expires := it.entry.Command.Expires
	return !expires.IsZero() && !now.Before(expires)
}

// read takes in what others have committed, and what the history answered.
func (w *worker) read() {
	w.mu.Lock()
	news, answers := w.news, w.answers
	w.news, w.answers = nil, nil
	w.mu.Unlock()
	for _, e := range news {
		w.learn(e)
	}
	for _, a := range answers {
		w.weigh(a)
	}
}

// learn brings a lane up to date with an entry that was committed. News may be
// older than what the worker knows: only an end, a new entry, the return of a
// command in flight to the queue, and that a person revived it, are believed.
func (w *worker) learn(e state.Entry) {
	l := w.lane(&e)
	it := l.find(e.Command.MessageID)
	switch {
	case it == nil && e.Ended():
	case it == nil:
		w.enter(l, e)
	case e.Revived != it.entry.Revived:
		if e.Revived > it.entry.Revived { // else it is the end from which it was revived
			w.adopt(l, it, e)
		}
	case e.Ended():
		w.remove(l, it)
	case it.phase >= flying && e.State == state.Pending && e.Attempt == it.entry.Attempt:
		w.adopt(l, it, e)
	}
}

func (w *worker) lane(e *state.Entry) *lane {
	key := LaneOf(&e.Command)
	l := w.lanes[key]
	if l == nil {
		l = &lane{key: key}
		w.lanes[key] = l
	}
	return l
}

// enter puts an entry on its lane. One that was found in the middle of a send is
// resolved before anything else of the lane leaves.
func (w *worker) enter(l *lane, e state.Entry) {
	it := l.add(e)
	if e.State != state.Pending {
		it.turn(lost, w.o.Now())
	}
}

// remove takes an item off its lane for good.
func (w *worker) remove(l *lane, it *item) {
	w.land(it)
	l.drop(it)
}

// adopt believes the store rather than what the worker knew of an item.
func (w *worker) adopt(l *lane, it *item, e state.Entry) {
	w.remove(l, it)
	if !e.Ended() {
		w.enter(l, e)
	}
}

// land counts an item as no longer in flight.
func (w *worker) land(it *item) {
	if it.inFlight {
		it.inFlight = false
		w.d.land()
	}
}

// change rewrites the item's entry in the store, if it still is there as the
// worker knows it; else the worker adopts what is there. It reports whether the
// change was made; after a failure of the store the step is tried again later.
func (w *worker) change(ctx context.Context, l *lane, it *item, to func(state.Tx, *state.Entry)) bool {
	var found state.Entry
	var changed bool
	err := w.o.Store.Update(ctx, func(tx state.Tx) error {
		found, changed = rewrite(tx, it, to)
		return nil
	})
	if err != nil {
		w.tryLater(it, "write the outbox", err)
		return false
	}
	return w.believe(l, it, found, changed)
}

// rewrite changes the item's entry if the store has it as the worker knows it. It
// returns what the store has then.
func rewrite(tx state.Tx, it *item, to func(state.Tx, *state.Entry)) (e state.Entry, changed bool) {
	e, ok := tx.Entry(it.entry.Command.MessageID)
	if !ok {
		e.State = state.Expired // forgotten by the store: long over
	}
	if changed = e.State == it.entry.State && e.Attempt == it.entry.Attempt; changed {
		to(tx, &e)
		tx.PutEntry(e)
	}
	return e, changed
}

// believe takes over what the store has of an item; it reports whether that is
// what the worker wrote.
func (w *worker) believe(l *lane, it *item, found state.Entry, changed bool) bool {
	if !changed {
		w.adopt(l, it, found)
		return false
	}
	it.entry, it.failures = found, 0
	return true
}

// tryLater puts the item's step off after a failure that is not its own.
func (w *worker) tryLater(it *item, doing string, err error) {
	it.failures++
	it.at = w.o.Now().Add(w.o.Times.pause(it.failures, w.o.Random))
	if errors.Is(err, context.Canceled) || it.failures%10 != 1 {
		return // the program stops, or it was said already
	}
	w.o.Log.Warn("outbox step put off", "doing", doing, "robot", w.key.robot,
		"message_id", it.entry.Command.MessageID, "until", it.at, "error", err)
}
