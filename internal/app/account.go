package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/intake"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
	"botengine/internal/webcall"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
	"botengine/internal/yjiyun/socket"
)

const (
	robotsEvery = 10 * time.Minute // how often the robot list is read anew
	robotsRetry = 10 * time.Second // and how soon after a failure
	robotsAgain = time.Minute      // and how soon for a robot that is not on it
	secondsSay  = time.Minute      // the same trouble is said at most this often
	unreadMost  = 3                // frames in a row that cannot be read, after which the history is
)

// account is one account of the platform: its token, its robots and its socket.
// Run is called once; everything else by any goroutine.
type account struct {
	name      string
	filter    bool // the platform's own pre-filter
	overrides yjiyun.Overrides
	rest      *rest.Client
	calls     *webcall.Client
	conn      socket.Conn
	robots    *directory
	groups    *groupReader
	gate      *intake.Gate
	catchUp   *catchup.Runner
	clock     catchup.Clock
	looked    chan struct{} // closed when it is known whether the history shows more than the state
	store     state.Store
	limiter   *ratelimit.Limiter
	submit    func(context.Context, event.Event) error
	handle    func(context.Context, event.Event) error
	woken     func() // the account can send again
	log       *slog.Logger
	lang      diag.Lang
	handOver  time.Duration // at a stop

	connected atomic.Bool
	known     atomic.Bool     // its robots are
	stranger  chan struct{}   // rings when a robot is heard of that is not known; never closed
	life      context.Context // of run; set before the first command can be sent
	requests  sync.WaitGroup  // under way

	malformed atomic.Uint64
	dials     atomic.Uint64 // attempts to connect
	sessions  atomic.Uint64 // times the connection came up
	unread    atomic.Int32  // frames in a row that could not be read
	inferred  sync.Map      // types of inferred commands that were mentioned
	saidBad   atomic.Int64  // unix seconds of the last word about malformed frames
}

// run keeps the robots known and the socket up until ctx ends.
func (a *account) run(ctx context.Context) error {
	a.life = ctx
	if err := a.firstRobots(ctx); err != nil {
		return err
	}
	a.groups.remember(ctx)
	a.known.Store(true)
	failpoint.Hit(failpoint.BootRobots)
	a.catchUp.Begin(ctx)
	var readers sync.WaitGroup
	readers.Go(func() { a.refreshRobots(ctx) })
	readers.Go(func() { a.groups.run(ctx) })
	readers.Go(func() { a.catchUp.Run(ctx) })
	letGo := a.openGate(ctx)
	err := a.conn.Run(ctx)
	readers.Wait()
	letGo()
	a.requests.Wait()
	a.rest.Close()
	return err
}

// firstRobots learns the account's robots before the first event comes in:
// without them a robot could take another robot of the account for a person.
func (a *account) firstRobots(ctx context.Context) error {
	if err := a.rememberMet(ctx); err != nil && ctx.Err() == nil {
		a.log.Warn("no robot counts as new", "error", err)
	}
	known := a.rememberedRobots(ctx)
	for {
		err := a.listRobots(ctx)
		if err == nil || known && !isAuth(err) {
			return ctx.Err()
		}
		wait := retryAfter(err, robotsRetry)
		a.log.Error("the platform gives no robot list", "error", err, "hint", a.hint(err), "next_attempt_in", wait.String())
		if !sleep(ctx, wait) {
			return ctx.Err()
		}
	}
}

func (a *account) refreshRobots(ctx context.Context) {
	for sleep(ctx, robotsAgain) && a.robotsStale(ctx) {
		if err := a.listRobots(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("the robot list could not be refreshed", "error", err)
		}
	}
}

// robotsStale waits until the list is old, or a robot is heard of that is not on
// it: until it is known, its rules lack its name and its id as a person. It returns
// false when ctx ended.
func (a *account) robotsStale(ctx context.Context) bool {
	old := time.NewTimer(robotsEvery - robotsAgain)
	defer old.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-a.stranger:
		return true
	case <-old.C:
		return true
	}
}

// noticeRobot rings for a robot that is not known.
func (a *account) noticeRobot(key string) {
	if _, known := a.robots.Robot(a.name, key); known || key == "" {
		return
	}
	select {
	case a.stranger <- struct{}{}:
	default: // it rings already
	}
}

func (a *account) listRobots(ctx context.Context) error {
	list, err := a.rest.Robots(ctx)
	if err != nil {
		return err
	}
	robots := make([]event.Robot, len(list))
	for i, r := range list {
		robots[i] = event.Robot{Key: r.Key, ID: r.ID, Name: r.Name, Status: r.Status}
		a.learn(ctx, robots[i])
	}
	a.meet(ctx, robots, time.Now())
	a.robots.replace(a.name, robots)
	if len(robots) == 0 {
		a.log.Warn("this account has no robots: nothing will come in")
	}
	a.rememberRobots(ctx, robots)
	return nil
}

// robotsDocument is where the robot list of an account is kept.
func robotsDocument(account string) string { return "robots/" + account }

func (a *account) rememberRobots(ctx context.Context, robots []event.Robot) {
	data, err := json.Marshal(robots)
	if err == nil {
		err = a.store.Update(ctx, func(tx state.Tx) error {
			tx.PutDocument(robotsDocument(a.name), data)
			return nil
		})
	}
	if err != nil && ctx.Err() == nil {
		a.log.Warn("the robot list could not be kept", "error", err)
	}
}

// rememberedRobots takes the robot list of an earlier run; false if there is none.
func (a *account) rememberedRobots(ctx context.Context) bool {
	var robots []event.Robot
	err := a.store.View(ctx, func(tx state.Tx) error {
		if data, ok := tx.Document(robotsDocument(a.name)); ok {
			return json.Unmarshal(data, &robots)
		}
		return nil
	})
	if err != nil || len(robots) == 0 {
		return false
	}
	a.robots.replace(a.name, robots)
	return true
}

// query is what every dial carries: a token that is valid now.
func (a *account) query(ctx context.Context, attempt socket.Attempt) (url.Values, error) {
	a.dials.Add(1)
	token, err := a.rest.Token(ctx, attempt.Rejected)
	if err != nil {
		return nil, err
	}
	q := url.Values{"token": {token}}
	if a.filter {
		q.Set("msgFilter", "1")
	}
	return q, nil
}

func (a *account) onConnect(_ context.Context, eio int) {
	a.connected.Store(true)
	a.sessions.Add(1)
	failpoint.Hit(failpoint.BootConnected)
	a.catchUp.Up()
	a.log.Info("connected to the platform", "engine_io", eio, "robots", len(a.robots.list(a.name)))
	a.woken()
}

func (a *account) onDisconnect(_ context.Context, err error, next time.Duration) {
	a.connected.Store(false)
	a.catchUp.Down()
	a.log.Warn("no connection to the platform", "reason", err, "next_attempt_in", next.Round(time.Second).String())
}

// onEvent takes one frame in. It returns when the event is queued: a full queue
// slows the socket down, so that nothing is dropped.
func (a *account) onEvent(ctx context.Context, name string, payload json.RawMessage) {
	failpoint.Hit(failpoint.RecvRead)
	events, err := yjiyun.Decode(a.name, name, payload, time.Now())
	if err != nil {
		a.onMalformed(ctx, err)
		return
	}
	failpoint.Hit(failpoint.RecvDecoded)
	a.unread.Store(0)
	for _, ev := range events {
		a.noticeRobot(ev.Robot.Key)
		a.groups.notice(&ev)
		a.tellTime(&ev)
		if err := a.gate.Submit(ctx, ev); err != nil && ctx.Err() == nil {
			a.log.Error("an event could not be taken in", "kind", ev.Kind, "id", ev.ID, "error", err)
		}
	}
	failpoint.Hit(failpoint.RecvTaken)
}

// learn notices when a robot goes offline, is banned or comes back, and lets the
// rules know.
func (a *account) learn(ctx context.Context, said event.Robot) {
	r, changed := a.robots.learn(a.name, said)
	if !changed {
		return
	}
	if r.Status == event.StatusOnline {
		a.log.Info("robot is online", "robot", r.Key)
		a.woken()
	} else {
		a.log.Warn("robot is not online: its commands wait", "robot", r.Key, "status", int(r.Status))
	}
	ev, ok := event.OfStatus(a.name, r, time.Now())
	if !ok {
		return
	}
	// Not by the queue: we may be on one of its own workers, and it may be full.
	if err := a.handle(ctx, ev); err != nil && ctx.Err() == nil {
		a.log.Error("a robot's new status could not be taken in", "robot", r.Key, "error", err)
	}
}

func (a *account) onMalformed(_ context.Context, err error) {
	n := a.malformed.Add(1)
	if a.unread.Add(1) >= unreadMost {
		a.unread.Store(0)
		a.catchUp.Ask(catchup.Doubt)
	}
	now, last := time.Now().Unix(), a.saidBad.Load()
	if now-last >= int64(secondsSay/time.Second) && a.saidBad.CompareAndSwap(last, now) {
		a.log.Warn("a frame could not be read; the connection stays", "error", err, "so_far", n)
	}
}

// send puts one command on the wire.
func (a *account) send(ctx context.Context, c command.Command) error {
	if c.IsRequest() || c.Type == command.TypeCall {
		a.requests.Go(func() { a.request(c) })
		return nil
	}
	token, err := a.rest.Token(ctx, false)
	if err != nil {
		return fmt.Errorf("%w: %w", command.ErrNotSent, err)
	}
	name, payload, err := yjiyun.Encode(c, time.Now(), token, a.overrides)
	if err != nil { // nor can it ever be
		return fmt.Errorf("%w: %w", command.ErrInvalid, err)
	}
	a.noticeInferred(c.Type)
	return a.conn.Emit(ctx, name, payload)
}

// noticeInferred says once that a command's form is a guess of ours.
func (a *account) noticeInferred(kind string) {
	if !yjiyun.Inferred(kind) {
		return
	}
	if _, said := a.inferred.LoadOrStore(kind, true); !said {
		a.log.Warn("the platform's document lost the form of this command: ours is inferred and can be corrected under accounts[].commands", "type", kind)
	}
}

// ready reports whether a robot can be spoken for now: the socket is up and the
// platform has not said that the robot is gone.
func (a *account) ready(robot string) bool {
	r, known := a.robots.Robot(a.name, robot)
	away := r.Status == event.StatusOffline || r.Status == event.StatusBanned || r.Status == event.StatusKicked
	return a.connected.Load() && (!known || !away)
}

// retryAfter is how long an error wants us to wait.
func retryAfter(err error, least time.Duration) time.Duration {
	var polite interface{ RetryAfter() time.Duration }
	if errors.As(err, &polite) {
		return max(least, polite.RetryAfter())
	}
	return least
}

// hint says what a person can do about an error.
func (a *account) hint(err error) string {
	if isAuth(err) {
		return diag.T("核对这个账号的 access_key 和 access_secret", "check access_key and access_secret of this account").In(a.lang)
	}
	return diag.T("核对 rest_url 和网络；会一直重试", "check rest_url and the network; it is tried again").In(a.lang)
}

func isAuth(err error) bool {
	var auth *rest.AuthError
	return errors.As(err, &auth)
}

// sleep waits; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
