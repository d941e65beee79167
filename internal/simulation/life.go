package simulation

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/ratelimit"
	"botengine/internal/rule"
	"botengine/internal/state"
	"botengine/internal/yjiyun"
)

// life is one life of the engine: the real lines, wired as the program wires them, and
// what it remembers in memory alone.
type life struct {
	w     *world
	n     int
	ctx   context.Context
	end   context.CancelFunc
	store state.Store
	rules atomic.Pointer[rule.Set]
	clock catchup.Clock

	in       *intake.Stepper
	gate     intake.GateStepper
	out      *dispatch.Stepper
	catchUp  *catchup.Stepper
	tasks    []*task
	line1    *thread
	reader   *thread
	sweeper  *thread
	busy     bool // line 1 waits for the disk
	reading  bool
	sweeping bool
	running  int // robots that have a task

	began    time.Time
	doubtful bool
	looked   bool
	sending  bool // line 2 has begun
	paused   bool
}

// task is a part of the engine that does something when it is time, or when its bell
// rings.
type task struct {
	name string
	at   time.Duration // when it is due; negative: never
	rang func() bool
	step func() time.Duration // it says how long to sleep
}

// begin brings the engine up, as the program does: what it remembers is in the store.
func (w *world) begin() {
	l := &life{w: w, n: w.lives + 1}
	w.lives++
	w.life = l
	l.ctx, l.end = context.WithCancel(context.Background())
	l.store = &disk{w.openStore(), w}
	l.began = w.clock()
	first, err := l.remember()
	if err != nil {
		w.log("the start fails: ", err.Error())
		w.die("a failed start")
		return
	}
	l.rules.Store(w.sets[w.generation])
	l.build()
	l.catchUp.Begin(l.ctx)
	l.running = len(l.tasks)
	if first {
		l.sendOut()
	} else {
		w.later(10*time.Second, l.n, "line 2 waits no longer", l.sendOut)
	}
	w.later(w.upTo(3*time.Second), l.n, "connect", w.connect)
	l.forget()
}

// forget has the store drop what is past its time, once in a while.
func (l *life) forget() {
	l.w.later(time.Minute, l.n, "forget", func() {
		l.store.(*disk).Store.(interface{ Sweep() }).Sweep()
		l.forget()
	})
}

// lifeDocument is how a life says that it ended well, which none here does; Boot is
// that of the machine.
const lifeDocument = "life"

type lifeRecord struct {
	Boot string `json:"boot"`
}

// remember reads what the life before left.
func (l *life) remember() (first bool, err error) {
	boot := fmt.Sprint("boot ", l.w.boots)
	err = l.store.Update(l.ctx, func(tx state.Tx) error {
		var before lifeRecord
		data, known := tx.Document(lifeDocument)
		if known {
			if err := json.Unmarshal(data, &before); err != nil {
				return err
			}
		}
		first, l.doubtful = !known, known && before.Boot != boot
		needed := map[string]bool{}
		tx.EachRun(func(r state.Run) bool {
			needed[engine.ArchiveOf(r.Data)] = true
			return true
		})
		tx.KeepArchives(needed)
		_, _, l.paused = tx.Fact(haltFact)
		return putLife(tx, boot)
	})
	return first, err
}

func putLife(tx state.Tx, boot string) error {
	data, err := json.Marshal(lifeRecord{boot})
	tx.PutDocument(lifeDocument, data)
	return err
}

func (l *life) build() {
	w := l.w
	random := func() float64 { return w.random.Float64() }
	l.in = intake.NewStepper(intake.Options{
		Store: l.store, Rules: &l.rules, Directory: l, Now: w.clock, Random: random, Queue: mostQueued,
		Committed:   func(entries []state.Entry) { w.mayDie("before line 2 is told"); l.out.Committed(entries) },
		Expect:      func(entries []state.Entry) (<-chan struct{}, bool) { return l.out.Expect(entries) },
		OnCommitted: l.committed, Doubted: l.doubted,
		Healed: func() { l.catchUp.Ask(catchup.Stored) },
		Sleep:  func(_ context.Context, d time.Duration) error { w.wait(d); return nil },
	})
	l.gate = intake.NewGateStepper(l.in.Submit, w.clock)
	l.catchUp = catchup.NewStepper(catchup.Options{
		Account: account, Platform: w.cloud, Store: l.store, Gate: l.gate, TakeIn: l.takeIn, Robots: l.robots,
		Older: l.doubtAll, Looked: l.hasLooked, Clock: &l.clock, Now: w.clock, Random: random,
		Sleep: func(_ context.Context, d time.Duration) bool {
			if d > 0 {
				w.wait(d)
			}
			return true
		},
	})
	l.out = dispatch.NewStepper(dispatch.Options{
		Store: l.store, Sender: l, Asker: l, Report: l.in.Submit, Limiter: ratelimit.New(ratelimit.Limits{Random: random}), Now: w.clock, Random: random, Halt: l,
		Held: func(tx state.Tx, c *command.Command, now time.Time) (code, msg string) {
			return engine.Held(tx, c, now)
		},
	})
	l.startTasks()
}

const (
	mostQueued = 4096
	never      = -1
)

func (l *life) startTasks() {
	l.line1 = newThread(l.takeAll)
	l.reader = newThread(func(t *thread) {
		for {
			l.reading = true
			next := l.catchUp.Step(l.ctx)
			l.reading = false
			t.sleep(next)
		}
	})
	l.sweeper = newThread(func(t *thread) {
		for {
			l.sweeping = true
			next := l.catchUp.Sweep(l.ctx)
			l.sweeping = false
			t.sleep(next)
		}
	})
	l.tasks = []*task{
		{"line 1", never, func() bool { return !l.busy && l.in.Queued() > 0 }, l.w.stepOf(l.line1)},
		{"timers", l.w.at, l.in.Rang, func() time.Duration { return l.in.Wake(l.ctx) }},
		{"gate", never, l.gate.Rang, func() time.Duration { return l.gate.Step(l.ctx) }},
		{"history", l.w.at, func() bool { return !l.reading && l.catchUp.Rings() }, l.w.stepOf(l.reader)},
		{"sweep", l.w.at, func() bool { return !l.sweeping && l.catchUp.SweepRings() }, l.w.stepOf(l.sweeper)},
	}
}

// takeAll is the one shard of line 1.
func (l *life) takeAll(t *thread) {
	for {
		if l.in.Queued() > mostQueued/2 {
			l.w.fail("%d events wait for line 1", l.in.Queued())
		}
		l.busy = true
		err := l.in.Step(l.ctx, 1+l.w.random.IntN(8))
		l.busy = false
		if err != nil {
			l.w.fail("line 1 gives up: %v", err)
		}
		t.sleep(time.Hour)
	}
}

// sendOut has line 2 begin.
func (l *life) sendOut() {
	if l.sending {
		return
	}
	if err := l.out.Load(l.ctx); err != nil {
		l.w.fail("line 2 cannot begin: %v", err)
	}
	l.sending = true
	l.newRobots()
}

// newRobots gives each robot that has something to do a task of its own.
func (l *life) newRobots() {
	robots := l.out.Robots()
	if len(l.tasks)-l.running == len(robots) {
		return
	}
	l.tasks = l.tasks[:l.running]
	for i, robot := range robots {
		l.tasks = append(l.tasks, &task{robot, l.w.at, func() bool { return l.out.Rang(i) }, func() time.Duration {
			next := l.out.Step(l.ctx, i)
			for _, ask := range l.out.Questions() {
				l.w.later(l.w.upTo(300*time.Millisecond), l.n, "ask", ask)
			}
			return next
		}})
	}
}

// kill takes the engine down: nothing of what it has in memory is left.
func (l *life) kill() {
	for _, t := range []*thread{l.line1, l.reader, l.sweeper} {
		if t != nil {
			t.kill()
		}
	}
	l.end()
	if err := l.store.(*disk).Store.(interface{ crash() error }).crash(); err != nil {
		l.w.fail("the state cannot be given up: %v", err)
	}
}

// receive is what the socket does with a frame.
func (l *life) receive(name string, frame []byte) {
	events, err := yjiyun.Decode(account, name, frame, l.w.clock())
	if err != nil {
		l.w.fail("a frame cannot be read: %v", err)
	}
	for _, ev := range events {
		if ev.Kind.IsMessage() && !ev.Time.Equal(ev.Received) {
			l.clock.Observe(ev.Time, ev.Received)
		}
		ev.Skew = l.clock.Beyond()
		if err := l.gate.Submit(l.ctx, ev); err != nil {
			l.w.fail("an event is not taken: %v", err)
		}
	}
}

// committed is told of each event after its commit.
func (l *life) committed(r intake.Report) {
	l.w.mayDie("before an event is told of")
	if r.Duplicate {
		l.w.log("again ", r.Event.ID)
	} else {
		l.w.log("taken in ", string(r.Event.Kind), " ", r.Event.ID, " ", r.Event.Message.Text, r.Event.Result.MessageID, " ", r.Event.Result.Code, " ", r.Event.Result.Msg)
	}
	if s := r.Settled; s != nil && r.Event.From == event.FromLive && r.Event.IsEcho() {
		l.catchUp.Echoed(s)
	}
}

// takeIn answers for events, and waits until line 1 has them.
func (l *life) takeIn(ctx context.Context, events []event.Event) ([]bool, error) {
	if len(events) == 0 {
		return nil, nil
	}
	over, err := l.in.Begin(ctx, events)
	if err != nil {
		return nil, err
	}
	for {
		if fresh, ok := over(); ok {
			return fresh, nil
		}
		l.w.wait(5 * time.Millisecond)
	}
}

func (l *life) hasLooked() {
	if l.looked {
		return
	}
	l.looked = true
	l.w.later(0, l.n, "line 2 begins", l.sendOut)
}

// justNow is how old a message may seem that comes as it is written.
const justNow = 5 * time.Second

// doubted says whether a command may have been sent by a life that the store forgot.
func (l *life) doubted(ev *event.Event, c *command.Command) bool {
	if !l.doubtful {
		return false
	}
	if ev.From == event.FromHistory {
		return l.isOld(c, time.Second)
	}
	return l.isOld(c, -justNow)
}

func (l *life) isOld(c *command.Command, after time.Duration) bool {
	at, ok := command.MessageTime(c.MessageID)
	_, known := l.clock.Skew()
	at = l.clock.Ours(at)
	return ok && (at.Before(l.began.Add(after)) || !known && at.After(l.w.clock()))
}

// doubtAll is told that an older copy of the state was put back.
func (l *life) doubtAll(ctx context.Context) error {
	l.w.log("the state is an old one")
	l.doubtful = true
	return l.store.Update(ctx, func(tx state.Tx) error {
		for _, e := range tx.Open("") {
			if e.State == state.Pending && l.isOld(&e.Command, time.Second) {
				tx.PutEntry(intake.InDoubt(e))
			}
		}
		return nil
	})
}
