package dispatch_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sent is one command that reached the platform.
type sent struct {
	command command.Command
	at      time.Time
}

// platform is a Sender and an Asker whose behaviour a test scripts. Every send
// reaches it unless refuse says otherwise; answer says what comes back.
type platform struct {
	mu       sync.Mutex // guards what follows
	offline  map[string]bool
	sends    []sent
	attempts map[string]int
	asked    []time.Time
	supposed []time.Time // when what is asked for is supposed to have been sent
	refuse   func(c command.Command) error
	answer   func(c command.Command, attempt int) (end string, after time.Duration) // "" = nothing comes
	history  func(c command.Command, question int) (dispatch.Answer, error)
	flying   map[string]string // lane -> the message id in flight
	overlap  []string          // lanes on which two commands overlapped
}

func laneOf(c *command.Command) string {
	if c.IsMessage() {
		return c.Robot + "/" + c.Chat
	}
	return c.Robot
}

// world is a store, a dispatcher and a line 1 that only settles.
type world struct {
	t        *testing.T
	path     string
	store    state.Store
	wrap     func(state.Store) state.Store
	platform *platform
	options  dispatch.Options
	limits   ratelimit.Limits

	d       *dispatch.Dispatcher
	stop    context.CancelFunc
	stopped chan error
}

// newWorld opens a store; start begins to dispatch. All of it lives in the
// bubble of a synctest.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{
		t: t, path: filepath.Join(t.TempDir(), "botengine.db"),
		wrap: func(s state.Store) state.Store { return s },
		platform: &platform{
			offline:  map[string]bool{},
			flying:   map[string]string{},
			attempts: map[string]int{},
			refuse:   func(command.Command) error { return nil },
			answer:   func(command.Command, int) (string, time.Duration) { return event.CodeOK, time.Second },
			history:  func(command.Command, int) (dispatch.Answer, error) { return dispatch.Absent, nil },
		},
	}
	w.options.Random = func() float64 { return 0.5 }
	w.open()
	t.Cleanup(w.close)
	return w
}

func (w *world) open() {
	w.t.Helper()
	store, err := state.Open(w.path, state.Options{})
	if err != nil {
		w.t.Fatalf("open: %v", err)
	}
	w.store = store
}

func (w *world) start() {
	ctx, cancel := context.WithCancel(context.Background())
	o := w.options
	o.Store, o.Sender, o.Report = w.wrap(w.store), w, w.settle
	o.Asker = w
	o.Limiter = ratelimit.New(w.limits)
	w.d = dispatch.New(o)
	w.stop, w.stopped = cancel, make(chan error, 1)
	go func(d *dispatch.Dispatcher, stopped chan<- error) { stopped <- d.Run(ctx) }(w.d, w.stopped)
}

// halt ends Run, as a stop of the program does.
func (w *world) halt() {
	w.t.Helper()
	if w.stop == nil {
		return
	}
	w.stop()
	w.stop = nil
	if err := <-w.stopped; err != nil {
		w.t.Errorf("run: %v", err)
	}
}

func (w *world) close() {
	w.halt()
	if err := w.store.Close(); err != nil {
		w.t.Errorf("close: %v", err)
	}
}

// restart is a crash and a new start on the same file.
func (w *world) restart() {
	w.t.Helper()
	w.close()
	w.open()
	w.start()
}

// Send implements dispatch.Sender.
func (w *world) Send(_ context.Context, c command.Command) error {
	if e := w.entry(c); e.State != state.Sending {
		w.t.Errorf("%s is sent while it is durably %s", c.Step, e.State)
	}
	p := w.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.refuse(c); err != nil {
		return err
	}
	if p.flying[laneOf(&c)] != "" && p.flying[laneOf(&c)] != c.MessageID {
		p.overlap = append(p.overlap, laneOf(&c))
	}
	p.flying[laneOf(&c)] = c.MessageID
	p.sends = append(p.sends, sent{c, time.Now()})
	p.attempts[c.MessageID]++
	if end, after := p.answer(c, p.attempts[c.MessageID]); end != "" {
		time.AfterFunc(after, func() { w.comes(c, end) })
	}
	return nil
}

// comes is the platform's result of a command, or its echo, coming in.
func (w *world) comes(c command.Command, code string) {
	w.platform.mu.Lock()
	w.platform.flying[laneOf(&c)] = ""
	w.platform.mu.Unlock()
	_ = w.settle(context.Background(), event.Event{ // a closed store: the test is over
		Kind: event.Result, Account: c.Account, Robot: event.Robot{Key: c.Robot},
		Result: event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: code},
	})
}

// Ready implements dispatch.Sender.
func (w *world) Ready(_, robot string) bool {
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	return !w.platform.offline[robot]
}

// Ask implements dispatch.Asker.
func (w *world) Ask(_ context.Context, c command.Command, sent time.Time) (dispatch.Answer, error) {
	p := w.platform
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.supposed = append(p.asked, time.Now()), append(p.supposed, sent)
	return p.history(c, len(p.asked))
}

// settle is line 1 as far as the outbox goes: what package intake does.
func (w *world) settle(ctx context.Context, ev event.Event) error {
	var changed []state.Entry
	err := w.store.Update(ctx, func(tx state.Tx) error {
		changed = nil
		e, ok := tx.Entry(ev.Result.MessageID)
		overturned := e.State == state.Confirmed && ev.Result.Code == command.CodeUndelivered
		if !ok || e.Ended() && !overturned {
			return nil
		}
		e.Code = ev.Result.Code
		switch command.EndOf(ev.Result.Code, "") {
		case command.Done:
			e.State = state.Confirmed
		case command.Busy:
			e.State, e.NotBefore = state.Pending, time.Now().Add(2*time.Second)
		case command.Lapsed:
			e.State = state.Expired
		case command.Doubtful:
			e.State = state.Unknown
		default:
			e.State = state.Failed
		}
		tx.PutEntry(e)
		if w.options.Breakers != nil {
			w.options.Breakers.Ended(tx, &e, time.Now())
		}
		changed = append(changed, e)
		return nil
	})
	if err == nil {
		w.d.Committed(changed)
	}
	return err
}

// enqueue commits commands and tells the dispatcher, as line 1 does.
func (w *world) enqueue(commands ...command.Command) {
	w.t.Helper()
	var entries []state.Entry
	err := w.store.Update(w.t.Context(), func(tx state.Tx) error {
		entries = nil
		for _, c := range commands {
			entries = append(entries, tx.Enqueue(c))
		}
		return nil
	})
	if err != nil {
		w.t.Fatalf("enqueue: %v", err)
	}
	if w.d != nil {
		w.d.Committed(entries)
	}
}

func (w *world) entry(c command.Command) (e state.Entry) {
	w.t.Helper()
	err := w.store.View(w.t.Context(), func(tx state.Tx) error {
		e, _ = tx.Entry(c.MessageID)
		return nil
	})
	if err != nil {
		w.t.Fatalf("view: %v", err)
	}
	return e
}

func (w *world) wantState(c command.Command, want state.EntryState, code string) {
	w.t.Helper()
	if e := w.entry(c); e.State != want || e.Code != code {
		w.t.Errorf("%s is %s with code %q, want %s with %q", c.Step, e.State, e.Code, want, code)
	}
}

// wantSends checks the steps of the commands that reached the platform, in order.
func (w *world) wantSends(want ...string) {
	w.t.Helper()
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	got := make([]string, len(w.platform.sends))
	for i, s := range w.platform.sends {
		got[i] = s.command.Step
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("sent %v, want %v", got, want)
	}
}

func (w *world) script(change func(*platform)) {
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	change(w.platform)
}

// after lets the bubble's time pass.
func after(d time.Duration) { <-time.After(d) }

// never is an answer that does not come.
func never(command.Command, int) (string, time.Duration) { return "", 0 }

func stamp(c command.Command, name string) command.Command {
	c.Account, c.Step = "main", name
	c.Key = command.Key(name, c.Robot, c.Chat, "")
	c.MessageID = command.MessageID(time.Now(), c.Key)
	c.Fields = []byte(`{"content":"您好，请稍等😊"}`)
	c.Expires = time.Now().Add(time.Hour)
	return c
}

// message is a text for a chat.
func message(robot, chat, name string) command.Command {
	return stamp(command.Command{
		Robot: robot, Chat: "S:1_" + chat, Type: command.MessageText,
		Lane: command.LaneChat, Class: command.Verifiable,
	}, name)
}

// action is a command of the robot's action lane.
func action(robot, kind string, class command.Class, name string) command.Command {
	return stamp(command.Command{Robot: robot, Type: kind, Lane: command.LaneAction, Class: class}, name)
}

func tag(robot, name string) command.Command {
	return action(robot, "robot.cust.tags", command.Idempotent, name)
}

// sends are the commands that reached the platform, in order.
func (w *world) sends() []sent {
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	return slices.Clone(w.platform.sends)
}

// supposed are the times at which what was asked for is supposed to have been sent.
func (w *world) supposed() []time.Time {
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	return slices.Clone(w.platform.supposed)
}

// questions are the times at which the history was asked.
func (w *world) questions() []time.Time {
	w.platform.mu.Lock()
	defer w.platform.mu.Unlock()
	return slices.Clone(w.platform.asked)
}

// fortune is a source that the test and the platform it plays both draw from.
type fortune struct {
	mu  sync.Mutex
	pcg *rand.PCG
}

func (f *fortune) Uint64() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.pcg.Uint64()
}

// fortuneOf draws the same for the same seed.
func fortuneOf(a, b uint64) *rand.Rand {
	return rand.New(&fortune{pcg: rand.NewPCG(a, b)}) //nolint:gosec // the same case each time
}
