// Package app is the only wiring: it builds the road of an event from a
// configuration, runs it, reloads its rules and ends it in order. It refuses to
// decide anything: what a rule does, when a command may leave and what an error
// means is said elsewhere.
package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/command"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/diag"
	"botengine/internal/dispatch"
	"botengine/internal/engine"
	"botengine/internal/failpoint"
	"botengine/internal/intake"
	"botengine/internal/ratelimit"
	"botengine/internal/rule"
	"botengine/internal/schedule"
	"botengine/internal/state"
	"botengine/internal/trace"
	"botengine/internal/webcall"
	"botengine/internal/yjiyun/rest"
	"botengine/internal/yjiyun/socket"
)

// bounds are those of a graceful stop, one after the other: how long commands in
// flight may end, what the sockets have read may be handed over, and line 1 may take
// it in. What a bound cuts off is not lost: the next start reads it from the history.
type bounds struct {
	drain, handOver, takeIn time.Duration
}

// graceful are less than 10 s in all.
var graceful = bounds{drain: 6 * time.Second, handOver: time.Second, takeIn: 1500 * time.Millisecond}

// Options are what an App is made of.
type Options struct {
	Config     config.Config
	Log        *slog.Logger
	Level      *slog.LevelVar // of Log, for `ctl log-level`; nil: it cannot be changed
	Lang       diag.Lang
	Version    string                        // of the program; `ctl status` says it
	Shadow     bool                          // every rule decides and records, none sends
	ExitOnBad  bool                          // rules with errors at start end the run, last good set or not
	OnReport   func(intake.Report)           // after each event is on disk; must not block for long
	OnSwap     func(*rule.Set)               // after each set that became live
	Dropped    func() uint64                 // lines of the log that were not written; nil: none ever are
	OnFindings func(diag.List, rule.Sources) // what is wrong with the rules, for people; nil: it is logged
	// CheckState is the command that checks the state file in a process of its own:
	// this program, with what leads it to state.Answer. Empty: it is checked in this one.
	CheckState []string
	Supervisor Supervisor // hears how the engine is

	now  func() time.Time // the clock of schedules; nil: time.Now
	stop bounds           // of a graceful stop; zero: graceful
}

// App is one engine: its accounts, its store and its rules.
type App struct {
	o        Options
	store    state.Store
	rules    atomic.Pointer[rule.Set]
	reload   *reloader
	robots   *directory
	calls    *webcall.Client
	accounts map[string]*account
	intake   *intake.Intake
	dispatch *dispatch.Dispatcher
	limiter  *ratelimit.Limiter
	schedule *schedule.Scheduler
	control  *ctl.Server
	trace    *trace.Log // what became of rules lately
	began    time.Time
	past     past
	halt     *halt
	breakers *dispatch.Breakers // nil: there are none
	health   *health
	letters  letterCount
	tally    *tally
	watchdog watchdog
	open     openThrift
	loads    lives
	diskFull atomic.Bool // nothing can be written for want of space
	aside    *engine.Quarantine
	seen     *engine.Seen // by rules that changed a short while ago
}

// New opens the state and loads the rules. It may return a *FindingsError, and
// a *state.InUseError when another process has the state.
func New(ctx context.Context, o Options) (*App, error) {
	o.stop = cmp.Or(o.stop, graceful)
	path := o.Config.State.Path
	if err := state.Place(path); err != nil {
		return nil, err
	}
	if _, err := soundState(ctx, path, o.checkState(), o.Log); err != nil {
		return nil, err
	}
	store, err := state.Open(path, state.Options{Journal: journalOf(o.Config.State.Journal)})
	if err != nil {
		return nil, err
	}
	failpoint.Hit(failpoint.BootOpened)
	a := &App{o: o, store: store, robots: newDirectory(), accounts: map[string]*account{}, began: time.Now(), tally: newTally(), watchdog: watchdog{now: time.Now}, seen: engine.NewSeen(), aside: engine.NewQuarantine(), trace: trace.New()}
	if err := errors.Join(a.rememberLife(ctx), a.build(ctx)); err != nil {
		return nil, errors.Join(err, store.Close())
	}
	return a, nil
}

func (a *App) build(ctx context.Context) error {
	if err := a.forgetTexts(ctx); err != nil {
		return fmt.Errorf("forget the rule texts that no run needs: %w", err)
	}
	a.reload = &reloader{
		paths: a.o.Config.Rules, store: a.store, rules: &a.rules, shadow: a.o.Shadow,
		lang: a.o.Lang, log: a.o.Log, onSwap: a.swapped, onFindings: a.o.OnFindings, has: Configured(&a.o.Config),
		seen:     func(tx state.Tx) *rule.Seen { return Seen(tx, &a.o.Config) },
		rollouts: rollouts{guard: a.o.Config.Guard.NewRule},
	}
	if err := a.reload.start(ctx, !a.o.ExitOnBad); err != nil {
		return err
	}
	failpoint.Hit(failpoint.BootLoaded)
	a.intake = intake.New(intake.Options{
		Store: a.store, Rules: &a.rules, Directory: a.robots, Log: a.o.Log, Drain: a.o.stop.takeIn,
		OnCommitted: a.report, OnStatus: a.learn, Takeover: a.o.Config.Takeover, Robots: colleagues{a}, Chats: staffChats(a.o.Config.Notify),
		Journal: state.JournalText(a.o.Config.State.Journal.Text),
		Guard:   guardOf(&a.o.Config.Guard), Seen: a.seen, Blast: blastOf(&a.o.Config.Limits), Fuses: fusesOf(&a.o.Config), Quarantine: a.aside,
		Committed: func(entries []state.Entry) { a.dispatch.Committed(entries) },
		Expect:    func(entries []state.Entry) (<-chan struct{}, bool) { return a.dispatch.Expect(entries) },
		Healed:    a.healed, Doubted: a.doubted, Ended: a.ended,
	})
	a.limiter = ratelimit.New(limitsOf(a.o.Config.Limits))
	var err error
	if a.halt, err = newHalt(ctx, a.store, a.o.Config.State.Path, a.o.Log, func() { a.dispatch.Wake() }); err != nil {
		return err
	}
	if err := a.loadBreakers(ctx); err != nil {
		return err
	}
	a.dispatch = dispatch.New(dispatch.Options{
		Store: a.store, Sender: a, Halt: a.halt, Breakers: a.breakers, Asker: a, Report: a.intake.Submit,
		Limiter: a.limiter, Log: a.o.Log,
		Held: func(tx state.Tx, c *command.Command, now time.Time) (code, msg string) {
			return engine.Held(tx, c, now)
		},
	})
	a.keepBallast()
	a.schedule = a.newScheduler()
	a.control = a.newControl()
	a.health = a.newHealth()
	a.calls = webcall.New(callsOf(&a.o.Config.Call))
	for _, cfg := range a.o.Config.Accounts {
		acc, err := a.newAccount(cfg)
		if err != nil {
			return fmt.Errorf("account %s: %w", cfg.Name, err)
		}
		a.accounts[cfg.Name] = acc
	}
	return nil
}

// forgetTexts drops the rule texts that no waiting run began with. It is done while
// nothing runs: each reload leaves one, and nobody else would take it away.
func (a *App) forgetTexts(ctx context.Context) error {
	return a.store.Update(ctx, func(tx state.Tx) error {
		needed := map[string]bool{}
		tx.EachRun(func(r state.Run) bool {
			needed[engine.ArchiveOf(r.Data)] = true
			return true
		})
		archivesOfChanged(tx, needed)
		tx.KeepArchives(needed)
		return nil
	})
}

func (a *App) newAccount(cfg config.Account) (*account, error) {
	log := a.o.Log.With("account", cfg.Name)
	overrides := overridesOf(cfg.Commands)
	if err := overrides.Check(); err != nil {
		return nil, err
	}
	options := rest.Options{
		BaseURL: cfg.RestURL, AccessKey: cfg.AccessKey.Reveal(), AccessSecret: cfg.AccessSecret.Reveal(), Overrides: overrides, Log: log,
	}
	if err := options.Check(); err != nil {
		return nil, err
	}
	acc := &account{
		name: cfg.Name, filter: cfg.MsgFilter, overrides: overrides, rest: rest.New(options), calls: a.calls,
		robots: a.robots, store: a.store, limiter: a.limiter, submit: a.intake.Submit, handle: a.intake.Handle, woken: a.dispatch.Wake, log: log, lang: a.o.Lang,
		handOver: a.o.stop.handOver, stranger: make(chan struct{}, 1), looked: make(chan struct{}),
	}
	acc.groups = newGroupReader(acc)
	acc.gate = intake.NewGate(a.intake.Submit)
	acc.catchUp = a.newCatchUp(acc)
	var err error
	acc.conn, err = newConn(socket.Options{
		URL: cfg.SocketURL, EIO: engineIO[cfg.Protocol], Query: acc.query,
		DelayMin: cfg.Reconnect.Min, DelayMax: cfg.Reconnect.Max, DrainTimeout: a.o.stop.handOver,
		OnEvent: acc.onEvent, OnConnect: acc.onConnect, OnDisconnect: acc.onDisconnect, OnMalformed: acc.onMalformed,
	})
	return acc, err
}

// Run runs the engine until ctx ends, then drains: nothing more is begun, what
// is in flight may end, and everything else stays in the state for next time.
func (a *App) Run(ctx context.Context) error {
	socket, err := a.listenControl()
	if err != nil {
		return errors.Join(err, a.store.Close())
	}
	pages, err := a.listenMetrics(ctx)
	if err != nil {
		return errors.Join(err, closeListener(socket), a.store.Close())
	}
	lines := make(chan error, 13) // one error of each goroutine; closed when all have ended
	start := func(run func(context.Context) error) (stop func()) {
		own, cancel := context.WithCancel(context.WithoutCancel(ctx))
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			if err := run(own); err != nil && !errors.Is(err, context.Canceled) {
				lines <- err
			}
		}()
		return func() { cancel(); <-ended }
	}
	// Taken down in reverse, each when the one before it has ended: first nothing
	// new is begun, then the sockets hand over what they have read, then line 1
	// takes that in.
	stopIntake := start(a.intake.Run)
	stopSchedule := start(a.schedule.Run)
	stopHalt := start(a.halt.run)
	stopDispatch := start(a.sendOut)
	stopAccounts := start(a.runAccounts)
	stopReload := start(a.reload.watch)
	stopControl := start(func(ctx context.Context) error { return a.answerCalls(ctx, socket) })
	stopReview := start(a.review)
	stopPages := start(func(ctx context.Context) error { return a.answerMetrics(ctx, pages) })
	stopHealth := start(a.health.run)
	stopRoom := start(a.watchRoom)
	stopSnapshots := start(a.snapshot)
	stopSupervisor := start(a.tellSupervisor)

	select {
	case <-ctx.Done():
		a.o.Log.Info("stopping: finishing what is in flight")
	case err = <-lines:
	}
	failpoint.Hit(failpoint.DrainBegun)
	stopSupervisor()
	a.dropBallast()
	var asked sync.WaitGroup
	asked.Go(func() { stopControl(); stopReload() }) // a caller who does not read takes no time from what is in flight
	stopSchedule()
	a.drain()
	asked.Wait()
	failpoint.Hit(failpoint.DrainDrained)
	stopAccounts()
	stopDispatch()
	stopHalt()
	stopIntake()
	stopReview()
	stopPages()
	stopHealth()
	stopRoom()
	stopSnapshots()
	failpoint.Hit(failpoint.DrainClosing)
	close(lines)
	for also := range lines {
		a.o.Log.Error("while the engine ended, something went wrong, too", "error", also)
		err = cmp.Or(err, also)
	}
	a.endLife()
	return errors.Join(err, a.store.Close())
}

// sendOut runs line 2. In a dry run there is none: what an earlier run left in the
// outbox stays there.
func (a *App) sendOut(ctx context.Context) error {
	if a.o.Shadow {
		<-ctx.Done()
		return nil
	}
	a.awaitLook(ctx)
	return a.dispatch.Run(ctx)
}
