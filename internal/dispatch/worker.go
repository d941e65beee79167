package dispatch

import (
	"context"
	"errors"
	"sync"
	"time"

	"botengine/internal/event"
	"botengine/internal/measure"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// worker is one robot's own goroutine: run. It owns the lanes; tell, nudge and
// answer may be called by any goroutine.
type worker struct {
	d   *Dispatcher
	o   *Options
	key workerKey

	lanes    map[string]*lane
	items    map[string]*item // by message id
	primed   map[string]bool  // chats whose quotas are known
	due      agenda[*lane]    // lanes on which something is to be done at a time
	expiries agenda[*item]    // waiting items whose time may run out
	line     line             // lanes that want a moment now
	dirty    []*lane          // to be looked at, since there was news
	wake     time.Time        // when the present round's earliest next step is due
	claims   []*claim         // that share the next commit, one of a lane at most
	looking  []chan struct{}  // of the present round: to be closed as soon as a commit need not wait for it

	asking sync.WaitGroup // the questions under way
	beat   measure.Beat

	mu      sync.Mutex // guards what follows
	news    []news
	answers []answer
	idle    bool            // it sleeps until the bell rings
	waited  []chan struct{} // by commits that wait for what becomes of the news
	bell    chan struct{}   // rings when there is news; never closed
}

// news is what others say of an entry.
type news struct {
	entry    state.Entry
	expected bool // it is not committed yet
}

func newWorker(d *Dispatcher, key workerKey) *worker {
	return &worker{
		d: d, o: &d.o, key: key,
		lanes: make(map[string]*lane),
		items: make(map[string]*item), primed: make(map[string]bool),
		bell: make(chan struct{}, 1),
	}
}

func (w *worker) tell(all []news) {
	w.mu.Lock()
	w.news = append(w.news, all...)
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
	defer w.looked()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		w.beat.End()
		w.rest()
		select {
		case <-ctx.Done():
			w.leave()
			return
		case <-w.bell:
		case <-timer.C:
		}
		w.beat.Begin()
		w.read()
		timer.Reset(w.round(ctx))
		w.looked()
	}
}

// leave gives up waiting for what is in flight: the next start finds it in the
// store and asks.
func (w *worker) leave() {
	for _, it := range w.items {
		w.land(it)
	}
}

// longest is how long a worker without anything due sleeps: news wakes it.
const longest = time.Hour

// round does what is due, and gives moments to who stands in line for one. It
// returns the time until the next round.
func (w *worker) round(ctx context.Context) time.Duration {
	w.wake = w.o.Now().Add(longest)
	for again := true; again && ctx.Err() == nil; {
		w.beat.Begin()
		w.look()
		w.expire()
		w.rouse(ctx)
		w.grant(ctx)
		w.leaveTogether(ctx)
		first, ok := w.due.first()
		again = len(w.dirty) > 0 || ok && !first.at.After(w.o.Now()) || w.line.next(w.o.Now()) != nil
	}
	w.wakeAt(w.line.opensNext(w.wake))
	if first, ok := w.due.first(); ok {
		w.wakeAt(first.at)
	}
	if first, ok := w.expiries.first(); ok {
		w.wakeAt(first.at)
	}
	return max(0, w.wake.Sub(w.o.Now()))
}

// look finds out what is next on the lanes that there was news of.
func (w *worker) look() {
	for _, l := range w.dirty {
		l.dirty = false
		w.file(l)
	}
	w.dirty = w.dirty[:0]
}

// soil has a lane looked at in the next round.
func (w *worker) soil(l *lane) {
	if !l.dirty {
		l.dirty = true
		w.dirty = append(w.dirty, l)
	}
}

// rouse works on the lanes on which something is due.
func (w *worker) rouse(ctx context.Context) {
	for ctx.Err() == nil {
		first, ok := w.due.first()
		if !ok || first.at.After(w.o.Now()) {
			return
		}
		w.due.take(first)
		if w.step(ctx, first.owner); len(w.claims) == claimedTogether {
			w.leaveTogether(ctx)
		}
	}
}

// step works on a lane until nothing more is due on it, or it wants a moment.
func (w *worker) step(ctx context.Context, l *lane) {
	for ctx.Err() == nil {
		it, _ := l.current(w.aside)
		if it == nil || it.phase == waiting || it.phase == claiming || it.at.After(w.o.Now()) {
			break
		}
		w.advance(ctx, l, it)
	}
	w.file(l)
}

// file puts a lane where it is to be found when its time has come: on the agenda, or
// in the line for a moment. One on which nothing is left is forgotten.
func (w *worker) file(l *lane) {
	if l.size == 0 {
		w.due.take(&l.alarm)
		l.ticket = 0
		if w.lanes[l.key] == l {
			delete(w.lanes, l.key)
		}
		return
	}
	l.alarm.rank = l.oldest()
	it, until := l.current(w.aside)
	switch {
	case it == nil:
		l.ticket = 0
		w.due.put(&l.alarm, until)
	case it.phase == claiming: // leaveTogether goes on with it
		w.due.take(&l.alarm)
	case it.phase != waiting || it.at.After(w.o.Now()):
		l.ticket = 0
		w.due.put(&l.alarm, it.at)
	default:
		if until.IsZero() {
			w.due.take(&l.alarm)
		} else {
			w.due.put(&l.alarm, until) // it is to stand in line for another one then
		}
		if l.ticket == 0 || !l.ordered && l.stands != it { // a chat keeps its place
			w.line.join(l, it)
		}
	}
}

// advance does the item's next step. Each step either sets when there is
// something to do again, or takes the item off its lane.
func (w *worker) advance(ctx context.Context, l *lane, it *item) {
	w.beat.Begin()
	switch it.phase {
	case booked:
		w.emit(ctx, l, it)
	case waiting, claiming: // grant and leaveTogether go on with them
	case returning:
		w.giveBack(ctx, it)
	case flying:
		w.land(it)
		it.turn(lost, it.at)
	case lost:
		w.resolve(ctx, it)
	case doubtful:
		w.inquire(ctx, it)
	case again:
		w.sendAgain(ctx, it)
	case judged:
		w.report(ctx, it)
	}
}

func (w *worker) wakeAt(at time.Time) {
	if at.Before(w.wake) {
		w.wake = at
	}
}

// aside is what a command waits for that must not hold up its lane: that it may be
// tried again, that nothing holds it back, or a limit of its kind or of its chat. A
// chat's messages are never taken out of order.
func (w *worker) aside(it *item) ratelimit.Wait {
	c, now := &it.entry.Command, w.o.Now()
	switch {
	case it.at.After(now): // and with it all of its kind: what fails is not to be tried at once for others
		return ratelimit.Wait{By: ratelimit.OfKind, Until: it.at}
	case expired(it, now):
		return ratelimit.Wait{}
	}
	if until, why := w.hold(it, now); why != Free {
		return ratelimit.Wait{By: ratelimit.OfRobot, Until: until}
	}
	if wait := w.o.Limiter.Look(now, AskOf(c)); wait.By == ratelimit.OfKind || wait.By == ratelimit.OfChat {
		return wait
	}
	return ratelimit.Wait{}
}

// expire ends what waits and whose time is over. It leaves its lane at once: what
// stands before it there may have to wait for longer.
func (w *worker) expire() {
	for {
		first, ok := w.expiries.first()
		if !ok || first.at.After(w.o.Now()) {
			return
		}
		it, now := first.owner, w.o.Now()
		if it.phase != waiting || !expired(it, now) {
			w.expiries.put(first, now.Add(w.o.Times.Report)) // it is on its way; it may come back
			continue
		}
		w.expiries.take(first)
		w.apart(it)
		w.judge(it, event.CodeExpired, "its time was over before it could be sent")
		w.file(it.lane)
	}
}

// apart gives an item a lane of its own.
func (w *worker) apart(it *item) {
	from := it.lane
	from.drop(it)
	w.file(from)
	l := newLane("x/"+it.entry.Command.MessageID, true)
	w.lanes[l.key] = l
	l.join(it)
}

func expired(it *item, now time.Time) bool {
	expires := it.entry.Command.Expires
	return !expires.IsZero() && !now.Before(expires)
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
func (w *worker) change(ctx context.Context, it *item, to func(state.Tx, *state.Entry)) bool {
	var found state.Entry
	var changed bool
	err := w.update(ctx, func(tx state.Tx) error {
		found, changed = rewrite(tx, it, to)
		return nil
	})
	if err != nil {
		w.tryLater(it, "write the outbox", err)
		return false
	}
	return w.believe(it, found, changed)
}

// rewrite changes the item's entry if the store has it as the worker knows it. It
// returns what the store has then.
func rewrite(tx state.Tx, it *item, to func(state.Tx, *state.Entry)) (e state.Entry, changed bool) {
	e, ok := tx.Entry(it.entry.Command.MessageID)
	if !ok {
		e.State = state.Expired // forgotten by the store: long over
	}
	if changed = e.State == it.entry.State && e.Attempt == it.entry.Attempt && e.Seq == it.entry.Seq; changed {
		to(tx, &e)
		tx.PutEntry(e)
	}
	return e, changed
}

// believe takes over what the store has of an item; it reports whether that is
// what the worker wrote.
func (w *worker) believe(it *item, found state.Entry, changed bool) bool {
	if !changed {
		w.adopt(it, found)
		if it.expected {
			w.forsake()
		}
		return false
	}
	it.entry, it.failures, it.expected = found, 0, false
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
