package intake_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/ratelimit"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// errDead is what everything answers after the power was cut.
var errDead = errors.New("the process is dead")

// cloud is the platform: it outlives the processes, and its ledger is what people
// have seen.
type cloud struct {
	t *testing.T

	mu     sync.Mutex // guards what follows
	ledger []command.Command
	live   *process // whom an echo reaches
}

func (c *cloud) texts() (texts []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sent := range c.ledger {
		texts = append(texts, textOf(c.t, sent))
	}
	return texts
}

// take makes people see a message, and echoes it to whoever lives then.
func (c *cloud) take(sent command.Command) {
	c.mu.Lock()
	c.ledger = append(c.ledger, sent)
	c.mu.Unlock()
	time.AfterFunc(time.Second, func() {
		c.mu.Lock()
		live := c.live
		c.mu.Unlock()
		if live != nil {
			_ = live.in.Submit(context.Background(), echo(sent)) // a dead process takes nothing
		}
	})
}

// Ask is the history: it tells the truth.
func (c *cloud) Ask(_ context.Context, asked command.Command, _ time.Time) (dispatch.Answer, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, sent := range c.ledger {
		if sent.MessageID == asked.MessageID {
			return dispatch.Sent, nil
		}
	}
	return dispatch.Absent, nil
}

// process is one life of the engine: store, line 1 and line 2. Every durable
// write and every send has two points, before and after it, at which it may die.
type process struct {
	state.Store
	cloud *cloud
	in    *intake.Intake
	out   *dispatch.Dispatcher
	stop  func()

	dieAt  int64 // the number of the point, from 1; 0 = it lives
	points atomic.Int64
	dead   atomic.Bool
}

// point is one moment at which the process may die.
func (p *process) point() error {
	if n := p.points.Add(1); n == p.dieAt {
		p.dead.Store(true)
	}
	if p.dead.Load() {
		return errDead
	}
	return nil
}

// Update is the store's, with a point before and after the commit.
func (p *process) Update(ctx context.Context, fn func(state.Tx) error) error {
	if err := p.point(); err != nil {
		return fmt.Errorf("%w: %w", state.ErrDamaged, err)
	}
	if err := p.Store.Update(ctx, fn); err != nil {
		return err
	}
	if err := p.point(); err != nil {
		return fmt.Errorf("%w: %w", state.ErrDamaged, err)
	}
	return nil
}

// Send is the wire, with a point before and after the write.
func (p *process) Send(_ context.Context, c command.Command) error {
	if err := p.point(); err != nil {
		return err
	}
	p.cloud.take(c)
	return p.point()
}

// Ready implements dispatch.Sender.
func (p *process) Ready(string, string) bool { return !p.dead.Load() }

// start begins a life on the file at path.
func start(t *testing.T, c *cloud, path string, rules *atomic.Pointer[rule.Set], dieAt int64) *process {
	t.Helper()
	store, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	p := &process{Store: store, cloud: c, dieAt: dieAt}
	p.in = intake.New(intake.Options{
		Store: p, Rules: rules, Directory: directory{}, Shards: 4,
		Committed: func(entries []state.Entry) { p.out.Committed(entries) },
	})
	p.out = dispatch.New(dispatch.Options{
		Store: p, Sender: p, Asker: c, Report: p.in.Submit, Limiter: ratelimit.New(ratelimit.Limits{}),
	})
	ctx, cancel := context.WithCancel(context.Background())
	var lines sync.WaitGroup
	lines.Go(func() { _ = p.in.Run(ctx) })
	lines.Go(func() { _ = p.out.Run(ctx) })
	p.stop = func() {
		p.dead.Store(true) // nothing it does while it ends reaches the file or the wire
		cancel()
		lines.Wait()
		if err := store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	c.mu.Lock()
	c.live = p
	c.mu.Unlock()
	return p
}

// live plays a conversation with processes that die at the given points, each
// restart bringing the missed event again as the history does. It returns what
// people saw and how many points the last life passed.
func live(t *testing.T, rules *atomic.Pointer[rule.Set], deaths ...int64) (seen []string, points int64) {
	t.Helper()
	c := &cloud{t: t}
	path := filepath.Join(t.TempDir(), "botengine.db")
	ev := says("1", "退款")
	for _, dieAt := range append(deaths, 0) {
		p := start(t, c, path, rules, dieAt)
		_ = p.in.Submit(t.Context(), ev) // a process that dies while it takes it in
		after(3 * time.Minute)
		points = p.points.Load()
		p.stop()
	}
	return c.texts(), points
}

func TestTheReplyIsSeenOnceWhereverTheProcessDies(t *testing.T) {
	var rules atomic.Pointer[rule.Set]
	rules.Store(compile(t, faq))
	const want = "请回复订单号|我们会尽快处理😊"
	var points int64
	play := func(deaths ...int64) {
		synctest.Test(t, func(t *testing.T) {
			seen, n := live(t, &rules, deaths...)
			if got := strings.Join(seen, "|"); got != want {
				t.Errorf("dying at %v, people saw %q", deaths, got)
			}
			points = n
		})
	}
	play()
	whole := points
	if whole < 14 {
		t.Fatalf("the road has %d points: event, twice claim, send and echo have two each", whole)
	}
	for first := int64(1); first <= whole; first++ {
		play(first)
	}
	for first := int64(1); first <= whole; first += 2 {
		for second := int64(1); second <= 8; second++ {
			play(first, second)
		}
	}
}

const patient = `
version: 1
rules:
  - id: later
    on: message
    match: {any: [退款]}
    do:
      - delay: 10m
      - reply: 现在可以处理了
`

func TestARunThatWaitsIsWokenOnce(t *testing.T) {
	for name, restart := range map[string]bool{"by the process that began it": false, "by the next process": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var rules atomic.Pointer[rule.Set]
				rules.Store(compile(t, patient))
				c := &cloud{t: t}
				path := filepath.Join(t.TempDir(), "botengine.db")
				p := start(t, c, path, &rules, 0)
				if err := p.in.Submit(t.Context(), says("1", "退款")); err != nil {
					t.Fatal(err)
				}
				after(9 * time.Minute)
				if restart {
					p.stop()
					p = start(t, c, path, &rules, 0)
				}
				if got := c.texts(); len(got) != 0 {
					t.Errorf("after 9 minutes people saw %v", got)
				}
				after(62 * time.Second)
				if got := c.texts(); len(got) != 1 || got[0] != "现在可以处理了" {
					t.Errorf("after 10 minutes people saw %v", got)
				}
				after(time.Hour)
				if got := c.texts(); len(got) != 1 {
					t.Errorf("later people saw %v", got)
				}
				p.stop()
			})
		})
	}
}

func TestManyRunsFallDueAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, strings.Replace(patient, "    on: message\n", "    on: message\n    loop_guard: off\n", 1))
		stop := run(t, w.in)
		for i := range 300 {
			if err := w.in.Submit(t.Context(), says(fmt.Sprint(i), "退款")); err != nil {
				t.Fatal(err)
			}
		}
		after(11 * time.Minute)
		if got := len(w.open()); got != 300 {
			t.Errorf("%d of 300 replies are in the outbox", got)
		}
		if err := stop(); err != nil {
			t.Errorf("run: %v", err)
		}
		if got := w.in.Stats(); got.Events != 600 || got.Duplicates != 0 {
			t.Errorf("Stats = %+v, want each message and each timer once", got)
		}
	})
}

func TestARunThatItsTimerDoesNotMoveIsPutToRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, faq)
		err := w.store.Update(t.Context(), func(tx state.Tx) error {
			// The engine's own data says that it waits for a command, not for a time.
			data := []byte(`{"v":1,"rule":"refund","hash":"x","key":"k","event":{},"hit":{},"step":0,"await":"123"}`)
			tx.PutRun(state.Run{ID: "stuck", Robot: robotKey, Due: time.Now().Add(time.Second), Data: data})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		stop := run(t, w.in)
		after(time.Hour)
		if err := stop(); err != nil {
			t.Errorf("run: %v", err)
		}
		if got := w.in.Stats(); got.Events != 1 {
			t.Errorf("Stats = %+v, want one wake-up", got)
		}
		w.view(func(tx state.Tx) {
			if r, ok := tx.Run("stuck"); !ok || !r.Due.IsZero() {
				t.Errorf("the run is %+v, %v", r, ok)
			}
		})
	})
}

func TestAVerdictOfOurOwnWakesTheRun(t *testing.T) {
	w := newWorld(t, strings.Replace(faq, "- reply: 请回复订单号", "- reply: 请回复订单号\n        on_error: continue", 1))
	w.handle(says("1", "退款"))
	first := w.only()
	w.claim(first)
	w.handle(result(first.Command, event.CodeUnknown))
	if e := w.entry(first.Command.MessageID); e.State != state.Unknown {
		t.Errorf("entry = %+v", e)
	}
	if got := textOf(t, w.only().Command); got != "我们会尽快处理😊" {
		t.Errorf("the next step is %q", got)
	}
}

func TestAnAnswerIsHeardFromWhenItsQuestionLeaves(t *testing.T) {
	const survey = `version: 1
rules:
  - id: survey
    on: message.text
    match: {exact: [报名]}
    do:
      - reply: 手机号？
      - wait_for: {match: {regex: "^1[0-9]{10}$"}, timeout: 5m}
        id: phone
      - reply: "{{steps.phone.text}} 记下了"
`
	w := newWorld(t, survey)
	w.handle(says("1", "报名"))
	question := w.only()
	if r := w.handle(says("2", "13700137000")); r.Decision.Woken != nil {
		t.Errorf("a message from before the question was taken for its answer: %+v", r.Decision.Woken)
	}
	w.claim(question)
	w.in = intake.New(w.options()) // the program starts again
	if r := w.handle(says("3", "13800138000")); r.Decision.Woken == nil {
		t.Fatal("the answer was not heard")
	}
	if r := w.handle(says("3", "13800138000")); !r.Duplicate {
		t.Errorf("the answer came twice: %+v", r.Decision)
	}
	w.in = intake.New(w.options())
	w.handle(echo(question.Command))
	if got := textOf(t, w.only().Command); got != "13800138000 记下了" {
		t.Errorf("the next step is %q", got)
	}
}
