package catchup

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/state"
	"botengine/internal/yjiyun/rest"
)

// The pace of catching up.
const (
	overlap     = 2 * time.Minute  // how far before the mark reading begins
	apart       = 10 * time.Second // the least time between the beginnings of two readings
	retryMost   = 5 * time.Minute  // the longest pause after a reading that failed
	standStill  = 30 * time.Second // a process that was not run for so long was suspended
	heartEvery  = 5 * time.Second  // how often that is looked at
	giveUpChat  = 5                // failures in a row after which a chat is owed
	lagPatience = 5 * time.Minute  // how long a chat that shows less than the list says keeps the mark back
	sampled     = 5                // chats of the past that an audit reads as well
)

// followUps are when the history is read again after a gap: it may lag.
var followUps = []time.Duration{time.Minute, lagPatience}

// Defaults of Options.
const (
	DefaultLookBack = 24 * time.Hour
	DefaultAudit    = 15 * time.Minute
)

// Platform is what is asked: *rest.Client, which keeps within the budget of the
// account's requests and tries again what is busy.
type Platform interface {
	Chats(ctx context.Context, q rest.ChatsQuery) iter.Seq2[rest.Chat, error]
	History(ctx context.Context, q rest.HistoryQuery) iter.Seq2[rest.HistoryMessage, error]
	Messages(ctx context.Context, q rest.MessagesQuery) ([]rest.HistoryMessage, error)
	Groups(ctx context.Context, q rest.GroupsQuery) iter.Seq2[rest.Group, error]
	Members(ctx context.Context, q rest.MembersQuery) iter.Seq2[rest.Member, error]
}

// Gate holds back what comes live while its chat is read: *intake.Gate.
type Gate interface {
	Shut()
	Only(chats []string)
	Open(chat string)
	OpenAll()
	Waiting() []string
}

// Options are what a Runner needs. Account, Platform, Store, Gate, Robots and TakeIn
// must be set.
type Options struct {
	Account  string
	Platform Platform
	Store    state.Store
	Gate     Gate
	// TakeIn answers for events, in their order, and says which of them were news.
	TakeIn func(ctx context.Context, events []event.Event) (fresh []bool, err error)
	Robots func() []event.Robot // of the account, as far as they are known
	// Drop ends the connection, so that a new one is made; nil: it ends by itself.
	Drop func(reason error)
	// Older is told, before anything that was read is handed on, that the history shows
	// a message of ours that the store does not know, or has not sent yet: an older copy
	// of it was put back.
	Older func(ctx context.Context) error
	// Looked is told once, when it is known whether that is so, or cannot be found out.
	Looked func()

	Clock    *Clock           // default: one of its own
	Now      func() time.Time // default time.Now
	Random   func() float64   // in [0,1); default math/rand
	Log      *slog.Logger     // default: nothing is logged
	LookBack time.Duration    // the oldest that is fetched; default 24 h
	Audit    time.Duration    // between two readings that nothing asks for; default 15 min; < 0: none
	SweepIn  time.Duration    // after an echo, its message is looked up; default 60 s
	// Sleep waits; false when ctx ended first. Default: by the clock of this machine.
	Sleep func(ctx context.Context, d time.Duration) bool
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = &Clock{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.LookBack == 0 {
		o.LookBack = DefaultLookBack
	}
	if o.Audit == 0 {
		o.Audit = DefaultAudit
	}
	if o.SweepIn == 0 {
		o.SweepIn = sweepIn
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	if o.Older == nil {
		o.Older = func(context.Context) error { return nil }
	}
	if o.Looked == nil {
		o.Looked = func() {}
	}
	if o.Drop == nil {
		o.Drop = func(error) {}
	}
	return o
}

// Reason is why the history is read. Several may be the reason of one reading.
type Reason uint

// The reasons.
const (
	Connected Reason = 1 << iota // after every connection, the first one included
	Doubt                        // frames could not be read, or something was dropped
	Stored                       // the store failed, and works again
	Audit                        // the clock asks for it
	followUp                     // the history may have lagged at the reading before
)

// Runner catches up for one account: one reading at a time, at least 10 s apart.
// Run is called once; everything else by any goroutine.
type Runner struct {
	o     Options
	clock *Clock
	count counters
	bell  chan struct{} // rings when a reading is asked for; never closed
	sweep sweeper

	// Of the goroutine that reads.
	began  time.Time      // the reading before
	failed int            // readings in a row
	bad    map[string]int // failures of a chat in a row
	booted bool           // the first reading has come to its end
	follow []time.Time    // when to read again
	debtAt time.Time      // when the next chat that is owed is due; zero = none is

	compared time.Time // when lists of members were compared last

	mu    sync.Mutex // guards all below
	owed  Reason
	ups   int       // connections that were made
	reads bool      // a reading is under way
	since time.Time // of the connection, on our clock; zero = there is none
	lost  time.Time // when the one before ended; zero = there was none
}

// New returns a Runner that reads nothing until Run.
func New(o Options) *Runner {
	o = o.withDefaults()
	r := &Runner{o: o, clock: o.Clock, bell: make(chan struct{}, 1), bad: map[string]int{}}
	r.sweep.bell = make(chan struct{}, 1)
	return r
}

// Ask asks for a reading. Those that are asked for while one is under way, or less
// than 10 s after it began, are one.
func (r *Runner) Ask(why Reason) {
	r.owe(why)
	select {
	case r.bell <- struct{}{}:
	default: // it rings already
	}
}

func (r *Runner) owe(why Reason) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.owed |= why
}

// isAsked reports whether a reading was asked for since the one under way began.
func (r *Runner) isAsked() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.owed != 0
}

// Up says that a connection was made, before anything came over it.
func (r *Runner) Up() {
	now := r.o.Now()
	r.mu.Lock()
	r.o.Gate.Shut()
	r.ups++
	from := r.lost
	r.since, r.lost = now, time.Time{}
	r.mu.Unlock()
	if !from.IsZero() {
		gap := now.Sub(from)
		r.count.gaps.Add(1)
		r.count.gapSeconds.Add(uint64(max(gap, 0) / time.Second))
		r.o.Log.Info("there was no connection: the history is read, friend requests made meanwhile are lost", "from", from, "to", now, "for", gap.Round(time.Second).String())
	}
	r.Ask(Connected)
}

// Down says that the connection ended, or that an attempt to make one failed.
func (r *Runner) Down() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.lost.IsZero() {
		r.lost = r.o.Now()
	}
	r.since = time.Time{}
}

// Run catches up until ctx ends. Nothing of it is left when it returns.
func (r *Runner) Run(ctx context.Context) {
	var others sync.WaitGroup
	others.Go(func() { r.watchHeart(ctx) })
	others.Go(func() { r.sweepAll(ctx) })
	audit := time.NewTimer(r.nextAudit())
	defer audit.Stop()
	for {
		select {
		case <-ctx.Done():
			others.Wait()
			r.saveSkew(ctx)
			return
		case <-r.bell:
		case <-audit.C:
			r.owe(Audit)
			audit.Reset(r.nextAudit())
		case <-r.nextFollowUp():
			r.follow = r.follow[1:]
			r.owe(followUp)
		}
		r.catchUp(ctx)
	}
}

// nextAudit is spread, so that the accounts do not all ask at one moment.
func (r *Runner) nextAudit() time.Duration {
	if r.o.Audit < 0 {
		return time.Duration(1<<63 - 1)
	}
	return time.Duration(float64(r.o.Audit) * (0.9 + 0.2*r.o.Random()))
}

func (r *Runner) nextFollowUp() <-chan time.Time {
	if len(r.follow) == 0 {
		return nil
	}
	return time.After(r.follow[0].Sub(r.o.Now()))
}

// catchUp makes the reading that is owed, when it may begin.
func (r *Runner) catchUp(ctx context.Context) {
	if !r.pause(ctx) {
		return
	}
	r.mu.Lock()
	why, ups := r.owed, r.ups
	r.owed, r.reads = 0, why != 0 // what is asked for from here on is another reading
	r.mu.Unlock()
	if why == 0 {
		return
	}
	r.began = r.o.Now()
	err := r.reading(ctx, why, ups)
	if ctx.Err() == nil { // else what is held back waits for the next start
		r.mayOpen(ups, r.o.Gate.OpenAll)
	}
	r.mu.Lock()
	r.reads = false
	if err != nil {
		r.owed |= why
	}
	r.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case err != nil:
		r.failed++
		r.count.failures.Add(1)
		r.o.Log.Warn("the history could not be read: it is tried again", "error", err, "next_attempt_in", r.backOff(err).Round(time.Second).String())
		r.lookedAtLast()
		r.retryLater(err)
	default:
		r.done(why)
	}
}

// mayOpen opens the gate, more or less, as a reading wants that began when so many
// connections had been made. One that was made since has a reading of its own to
// come: what was said before it, and is not listed yet, must not be overtaken.
func (r *Runner) mayOpen(ups int, open func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ups == ups {
		open()
	}
}

// lookedAtLast lets those go on who wait for the first reading, if it does not come
// to an end.
func (r *Runner) lookedAtLast() {
	if r.failed >= 2 {
		r.o.Looked()
	}
}

// pause waits until a reading may begin; false when ctx ended.
func (r *Runner) pause(ctx context.Context) bool {
	if r.began.IsZero() {
		return ctx.Err() == nil
	}
	return r.o.Sleep(ctx, r.began.Add(failpoint.Hurry(apart)).Sub(r.o.Now()))
}

// backOff is the pause after a reading that failed: doubled each time.
func (r *Runner) backOff(err error) time.Duration {
	wait := min(failpoint.Hurry(apart)<<min(max(r.failed-1, 0), 6), retryMost)
	var polite interface{ RetryAfter() time.Duration }
	if errors.As(err, &polite) {
		wait = max(wait, polite.RetryAfter())
	}
	return wait
}

// retryLater keeps what is owed, and asks again after a while; what else asks comes
// no sooner than the least time between two readings.
func (r *Runner) retryLater(err error) {
	at := r.o.Now().Add(r.backOff(err))
	r.follow = append(r.follow, at)
	slices.SortFunc(r.follow, time.Time.Compare)
}

// done takes note of a reading that came to its end.
func (r *Runner) done(why Reason) {
	r.failed = 0
	r.count.runs.Add(1)
	r.count.took.Observe(r.o.Now().Sub(r.began))
	if why == Audit {
		r.count.audits.Add(1)
	}
	r.booted = true
	r.o.Looked()
	if why&(Connected|Doubt|Stored) != 0 {
		r.follow = r.follow[:0]
		for _, in := range followUps {
			r.follow = append(r.follow, r.o.Now().Add(in))
		}
	}
	r.followDebts()
}

// watchHeart notices that the process stood still: then what the connection holds is
// old, and the platform may have given it up long ago.
func (r *Runner) watchHeart(ctx context.Context) {
	for last := r.o.Now(); sleep(ctx, heartEvery); {
		now := r.o.Now()
		still := max(now.Sub(last), now.Round(0).Sub(last.Round(0))) - heartEvery
		last = now
		if still < standStill {
			continue
		}
		r.count.suspends.Add(1)
		r.o.Log.Warn("the process stood still: the connection is made anew", "for", still.Round(time.Second).String())
		r.Ask(Doubt)
		r.o.Drop(errSuspended)
	}
}

// errSuspended is why a connection is given up after a suspension.
var errSuspended = errors.New("the process was suspended")

// sleep waits; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
