package intake

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/actions"
	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/measure"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// Directory knows the robots of all accounts and the groups they are in. It is
// asked by many goroutines.
type Directory interface {
	// Robot returns what is known of a robot.
	Robot(account, key string) (event.Robot, bool)
	// IsRobot reports whether a person is a robot of ours, of whichever account.
	IsRobot(account, userID string) bool
	// Group returns what is known of a group that the robot is in.
	Group(account, robot, group string) (event.Group, bool)
}

// Report tells of one event after its commit.
type Report struct {
	Event     *event.Event // with what the Directory added; nobody changes it any more
	Decision  engine.Decision
	Duplicate bool
	Settled   *state.Entry // the entry whose end the event was; nil = none
	Took      time.Duration
}

// Options are what an Intake needs. Store and Rules must be set.
type Options struct {
	Store     state.Store
	Rules     *atomic.Pointer[rule.Set]
	Directory Directory        // nil: no robot is known
	Now       func() time.Time // default time.Now
	Random    func() float64   // for the jitter of retries, in [0,1); default math/rand
	Log       *slog.Logger     // default: nothing is logged

	// Committed is told of entries that were made, settled or given back;
	// OnCommitted of every event. OnStatus is told when a chat.updated names another
	// status of a robot than the Directory does. All are called by many goroutines,
	// for the events of one chat in their order. Each may be nil.
	Committed   func([]state.Entry)
	OnCommitted func(Report)
	// Expect is told of new entries within the transaction that makes them, before it
	// is committed, and returns how long its commit is to wait for those who send to
	// claim them in it: until looked is closed; nil: it is not to wait. heard is false
	// when nobody took notice. Committed tells of them all the same. nil: nobody does.
	Expect   func([]state.Entry) (looked <-chan struct{}, heard bool)
	OnStatus func(ctx context.Context, account string, robot event.Robot)
	// Ended is told, in the transaction that writes it, what became of a command: that it
	// ended, or that it is to be sent again. It may do nothing but use the transaction.
	// nil: nobody is.
	Ended func(tx state.Tx, e *state.Entry, now time.Time)
	// Healed is told when an event could be stored after the store had failed; it must
	// not block. nil: nobody is.
	Healed func()
	// Doubted reports whether a command that the event led to may have been sent by a
	// life of this engine that the store does not remember. Such a command begins in
	// doubt: it is looked up before it is sent. nil: none is.
	Doubted func(ev *event.Event, c *command.Command) bool

	// Takeover is how long a person who writes into a chat keeps rules that do not
	// say how long from answering there; 0 = not at all.
	Takeover time.Duration
	// Robots knows the robots of all accounts, so that of several in one group one
	// answers; nil: there is but one.
	Robots engine.Robots
	// Chats knows the chats that the configuration has names for; nil: it has none.
	Chats actions.StaffChats
	// Guard takes the right to act from rules that do badly after a change; nil: only
	// what they say themselves does. Seen is told of every event while rules are on
	// trial; default: a new one.
	Guard *engine.Guard
	Seen  *engine.Seen
	// Blast says how much rules may do of what cannot be taken back; nil: any amount.
	Blast *engine.Blast
	// Quarantine sets rules aside that panic over and over; default: a new one.
	Quarantine *engine.Quarantine
	// Fuses keep rules from talking without end; nil: only what they say themselves does.
	Fuses *engine.Fuses

	// Journal says how much of what people wrote the journal keeps; the zero value:
	// there is no journal.
	Journal state.JournalText

	Shards int           // chats that may be worked on at the same time; default 256
	Queue  int           // events that may wait per shard before Submit blocks; default 64
	Drain  time.Duration // how long Run may go on with what is queued; default 5 s

	// Sleep waits before a store that failed is tried again; an error says that ctx
	// ended first. Default: by the clock of this machine.
	Sleep func(ctx context.Context, d time.Duration) error
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Directory == nil {
		o.Directory = nobody{}
	}
	if o.Seen == nil {
		o.Seen = engine.NewSeen()
	}
	if o.Quarantine == nil {
		o.Quarantine = engine.NewQuarantine()
	}
	if o.Committed == nil {
		o.Committed = func([]state.Entry) {}
	}
	if o.OnCommitted == nil {
		o.OnCommitted = func(Report) {}
	}
	if o.Ended == nil {
		o.Ended = func(state.Tx, *state.Entry, time.Time) {}
	}
	if o.Healed == nil {
		o.Healed = func() {}
	}
	if o.Doubted == nil {
		o.Doubted = func(*event.Event, *command.Command) bool { return false }
	}
	if o.OnStatus == nil {
		o.OnStatus = func(context.Context, string, event.Robot) {}
	}
	o.Shards = cmp.Or(o.Shards, 256)
	o.Queue = cmp.Or(o.Queue, 64)
	o.Drain = cmp.Or(o.Drain, 5*time.Second)
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return o
}

type nobody struct{}

func (nobody) Robot(string, string) (event.Robot, bool) { return event.Robot{}, false }
func (nobody) IsRobot(string, string) bool              { return false }
func (nobody) Group(string, string, string) (event.Group, bool) {
	return event.Group{}, false
}

// ErrStopped is returned by Submit once Run is ending.
var ErrStopped = errors.New("intake has stopped")

// Intake is line 1. Handle, Submit and Stats may be called from any goroutine,
// Run from one, once.
type Intake struct {
	o     Options
	cache *engine.Cache
	stats counters
	await awaits
	woken timers
	waits waits
	quiet quietly
	beats []measure.Beat // one per shard

	queues []chan *event.Event // one per shard; closed by Run, when no Submit is under way
	seed   maphash.Seed        // of the hash by which events are spread over them

	mu      sync.RWMutex // guards stopped; held for reading by every Submit
	stopped bool
}

// New returns an Intake that handles nothing by itself until Run.
func New(o Options) *Intake {
	o = o.withDefaults()
	in := &Intake{
		o:      o,
		cache:  engine.NewCache(),
		woken:  newTimers(),
		quiet:  quietly{every: time.Minute},
		queues: make([]chan *event.Event, o.Shards),
		beats:  make([]measure.Beat, o.Shards),
		seed:   maphash.MakeSeed(),
	}
	for i := range in.queues {
		in.queues[i] = make(chan *event.Event, o.Queue)
	}
	return in
}

// Submit queues an event behind those of its chat and returns. It blocks while
// that queue is full, so that whoever reads the socket slows down and nothing is
// dropped. After a nil the event is handled, unless the process dies first.
func (in *Intake) Submit(ctx context.Context, ev event.Event) error {
	return in.enqueue(ctx, &ev)
}

func (in *Intake) enqueue(ctx context.Context, ev *event.Event) error {
	in.mu.RLock()
	defer in.mu.RUnlock()
	if in.stopped {
		return ErrStopped
	}
	select {
	case in.queueOf(ev) <- ev:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// queueOf keeps the order that matters: of a chat, and of what happens to a
// robot outside of any chat.
func (in *Intake) queueOf(ev *event.Event) chan *event.Event {
	name := ev.Robot.Key
	if (ev.Kind.IsMessage() || ev.Kind == event.ScheduleChat) && ev.Chat.ID != "" {
		name = ev.Chat.ID
	}
	h := maphash.String(in.seed, ev.Account)*31 + maphash.String(in.seed, name)
	return in.queues[h%uint64(len(in.queues))]
}

// Run handles what is submitted, and wakes runs that are due, until ctx ends.
// Then it takes nothing more and goes on with what is queued, for as long as
// Drain says. It returns early, with an error, only when the store cannot be
// trusted any more. Nothing of it is left when it returns.
func (in *Intake) Run(ctx context.Context) error {
	working, stop := context.WithCancelCause(context.WithoutCancel(ctx))
	defer stop(nil)
	var shards, timers sync.WaitGroup
	for i, queue := range in.queues {
		shards.Go(func() { in.work(working, stop, queue, &in.beats[i]) })
	}
	waking, hush := context.WithCancel(ctx)
	defer hush()
	timers.Go(func() { in.wakeRuns(waking) })

	select {
	case <-ctx.Done():
	case <-working.Done():
	}
	hush()
	timers.Wait()
	late := time.AfterFunc(in.o.Drain, func() { stop(nil) })
	defer late.Stop()
	in.closeQueues()
	shards.Wait()
	if err := context.Cause(working); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// closeQueues waits for the Submits under way: the shards go on meanwhile.
func (in *Intake) closeQueues() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.stopped = true
	for _, queue := range in.queues {
		close(queue)
	}
}

// together is how many events of one shard may share a transaction.
const together = 64

// work is a shard: one event after the other, those that queued up meanwhile
// together, until the queue is closed.
func (in *Intake) work(ctx context.Context, stop context.CancelCauseFunc, queue <-chan *event.Event, beat *measure.Beat) {
	batch, r := make([]*event.Event, 0, together), &rooms{}
	for ev := range queue {
		beat.Begin()
		batch = queued(append(batch[:0], ev), queue, together)
		err := in.handleAll(ctx, batch, r)
		beat.End()
		clear(batch)
		if err != nil && ctx.Err() == nil {
			stop(err)
		}
	}
}

// queued adds what waits in the queue to the batch, up to so many, without waiting
// for more.
func queued(batch []*event.Event, queue <-chan *event.Event, most int) []*event.Event {
	for len(batch) < most {
		select {
		case ev, open := <-queue:
			if !open {
				return batch
			}
			batch = append(batch, ev)
		default:
			return batch
		}
	}
	return batch
}
