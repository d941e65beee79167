package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// Sender puts commands on the wire. Its methods are called from many goroutines,
// for one robot never from two.
type Sender interface {
	// Send writes c. An error that wraps command.ErrNotSent says that surely not a
	// byte left, one that wraps command.ErrInvalid that none ever can; after any
	// other error the command may have left.
	Send(ctx context.Context, c command.Command) error
	// Ready reports whether the robot can speak: connected, and online.
	Ready(account, robot string) bool
}

// Answer is what the platform's history says of a message (§2.11).
type Answer string

// The answers. Only an Asker that knows its history to be up to date may say
// Absent; else it returns an error.
const (
	Absent   Answer = "absent"
	Accepted Answer = "accepted" // it is there, without a sendStatus
	Sent     Answer = "sent"     // sendStatus 1
	NotSent  Answer = "not_sent" // sendStatus 0: it may be sent again
	Failed   Answer = "failed"   // sendStatus 2: it will not help to send it again
)

// Asker looks a message up by its messageId. sent is the latest moment, on our clock,
// at which it may have been sent: what the history shows proves nothing before it shows
// what came after. Its method is called from many goroutines.
type Asker interface {
	Ask(ctx context.Context, c command.Command, sent time.Time) (Answer, error)
}

// Options are what a Dispatcher needs. Store, Sender, Report and Limiter must be
// set; durations that are zero get their defaults.
type Options struct {
	Store   state.Store
	Sender  Sender
	Asker   Asker // nil: what is in doubt stays unknown
	Report  func(context.Context, event.Event) error
	Limiter *ratelimit.Limiter
	Now     func() time.Time // default time.Now
	Random  func() float64   // for the jitter of retries, in [0,1); default math/rand
	Log     *slog.Logger     // default: nothing is logged
	Times   Times
	// Held says why a command must not leave now, as the code and the words of its
	// end; "" = it may. It is asked in the transaction that claims the command, so
	// that what others committed before holds it back, and what they commit after
	// comes too late. nil: nothing holds any.
	Held func(tx state.Tx, c *command.Command, now time.Time) (code, msg string)
	Halt Halt // nil: nobody is ever halted
	// Breakers keep robots and chats from sending on when that does harm; nil: none do.
	// Whoever settles entries tells them by Ended.
	Breakers *Breakers
}

// Dispatcher owns the lanes of all robots. Committed and Drain may be called from
// any goroutine, Run from one.
type Dispatcher struct {
	o     Options
	asks  chan struct{}         // one place per question under way; never closed
	spawn func(*worker, func()) // has a question asked while the worker goes on
	stats counters

	mu       sync.Mutex // guards what follows
	workers  map[workerKey]*worker
	start    func(*worker) // set while Run runs
	draining bool
	flying   int           // commands claimed whose end is awaited
	landed   chan struct{} // closed, and replaced, when flying falls to zero
}

type workerKey struct{ account, robot string }

// New returns a Dispatcher that does nothing until Run.
func New(o Options) *Dispatcher {
	o = o.withDefaults()
	return &Dispatcher{
		o:       o,
		asks:    make(chan struct{}, asksAtOnce),
		spawn:   func(w *worker, ask func()) { w.asking.Go(ask) },
		workers: make(map[workerKey]*worker),
		landed:  make(chan struct{}),
	}
}

// Run loads what the outbox owes and sends it until ctx ends. What it found in
// the middle of a send is resolved before anything else of its lane leaves. When
// Run returns nothing of it is left running.
func (d *Dispatcher) Run(ctx context.Context) error {
	var workers sync.WaitGroup
	defer workers.Wait()
	defer d.stop()
	if err := d.prime(ctx); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	err := d.load(ctx, func(w *worker) {
		workers.Go(func() { w.run(ctx) })
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("load the outbox: %w", err)
	}
	<-ctx.Done()
	return nil
}

// load hands out the open entries. The lock is held all the while, so that what
// is committed meanwhile is neither missed nor overwritten by older news.
func (d *Dispatcher) load(ctx context.Context, start func(*worker)) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var open []state.Entry
	err := d.o.Store.View(ctx, func(tx state.Tx) error {
		open = tx.Open("")
		return nil
	})
	if err != nil {
		return err
	}
	failpoint.Hit(failpoint.BootOutbox)
	d.start = start
	d.handOutLocked(open, false)
	return nil
}

func (d *Dispatcher) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.start = nil
	d.workers = make(map[workerKey]*worker)
}

// Committed tells of entries that a transaction made, settled or gave back. It
// never blocks on a send.
func (d *Dispatcher) Committed(entries []state.Entry) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.start == nil {
		return // Run reads them from the store when it begins
	}
	d.handOutLocked(entries, false)
}

// handOutLocked gives each robot its entries in one piece, so that what was
// committed together can leave together. What is expected is not committed yet.
func (d *Dispatcher) handOutLocked(entries []state.Entry, expected bool) {
	all := make(map[workerKey][]news)
	for _, e := range entries {
		key := workerKey{e.Command.Account, e.Command.Robot}
		all[key] = append(all[key], news{e, expected})
	}
	for key, news := range all {
		w := d.workers[key]
		if w == nil {
			w = newWorker(d, key)
			d.workers[key] = w
			d.start(w)
		}
		w.tell(news)
	}
}

// Wake lets all robots look again whether they may speak: after a connection
// came up, or a robot came online. It is not needed, only faster.
func (d *Dispatcher) Wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, w := range d.workers {
		w.nudge()
	}
}

// Drain claims nothing more and waits until no command is in flight, or ctx
// ends. What is left is durable, and Run takes it up after the next start.
func (d *Dispatcher) Drain(ctx context.Context) error {
	d.mu.Lock()
	d.draining = true
	d.mu.Unlock()
	for {
		d.mu.Lock()
		flying, landed := d.flying, d.landed
		d.mu.Unlock()
		if flying == 0 {
			return nil
		}
		select {
		case <-landed:
		case <-ctx.Done():
			return fmt.Errorf("drain: %d commands still in flight: %w", flying, ctx.Err())
		}
	}
}

// takeOff counts a command as in flight, unless the Dispatcher is draining.
func (d *Dispatcher) takeOff() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.draining {
		return false
	}
	d.flying++
	return true
}

func (d *Dispatcher) land() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.flying--
	if d.flying == 0 {
		close(d.landed)
		d.landed = make(chan struct{})
	}
}
