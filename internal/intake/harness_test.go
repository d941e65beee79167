package intake_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	robotKey = "cfb3e2c2"
	robotID  = "1688850285583026"
	groupID  = "R:10696049115001"
	chatID   = "S:" + robotID + "_" + groupID
)

// directory knows one robot, and another one that is in the same group.
type directory struct{}

func (directory) Robot(account, key string) (event.Robot, bool) {
	if account != "main" || key != robotKey {
		return event.Robot{}, false
	}
	return event.Robot{Key: robotKey, ID: robotID, Name: "小助手", Status: event.StatusOnline}, true
}

func (directory) Group(account, robot, id string) (event.Group, bool) {
	if account != "main" || robot != robotKey || id != "R:10696051754030138" {
		return event.Group{}, false
	}
	return event.Group{ID: id, Name: "产品体验群", Owner: robotID, OwnerName: "小助手", Size: 128}, true
}

func (directory) IsRobot(_, userID string) bool {
	return userID == robotID || userID == "1688850285583027"
}

// world is a real store, real rules and line 1; what it reports is kept.
type world struct {
	t     *testing.T
	path  string
	store state.Store
	rules atomic.Pointer[rule.Set]
	in    *intake.Intake

	mu       sync.Mutex // guards what follows
	reports  []intake.Report
	changed  []state.Entry
	statuses []event.Robot
}

// newWorld compiles the rules and opens a store; adjust may change the options.
func newWorld(t *testing.T, rules string, adjust ...func(*intake.Options)) *world {
	t.Helper()
	w := &world{t: t, path: filepath.Join(t.TempDir(), "botengine.db")}
	w.rules.Store(compile(t, rules))
	store, err := state.Open(w.path, state.Options{})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	w.store = store
	t.Cleanup(func() {
		if err := w.store.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	o := w.options()
	for _, change := range adjust {
		change(&o)
	}
	w.in = intake.New(o)
	return w
}

func (w *world) options() intake.Options {
	return intake.Options{
		Store: w.store, Rules: &w.rules, Directory: directory{},
		Random: func() float64 { return 0.5 },
		OnCommitted: func(r intake.Report) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.reports = append(w.reports, r)
		},
		Committed: func(entries []state.Entry) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.changed = append(w.changed, entries...)
		},
		OnStatus: func(_ context.Context, _ string, r event.Robot) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.statuses = append(w.statuses, r)
		},
	}
}

func compile(t *testing.T, text string) *rule.Set {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatalf("the rules do not compile: %s", findings.Summary(diag.EN))
	}
	return set
}

func (w *world) handle(ev event.Event) intake.Report {
	w.t.Helper()
	if err := w.in.Handle(w.t.Context(), ev); err != nil {
		w.t.Fatalf("handle: %v", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reports[len(w.reports)-1]
}

// open are the entries that have not ended.
func (w *world) open() (open []state.Entry) {
	w.t.Helper()
	w.view(func(tx state.Tx) { open = tx.Open("") })
	return open
}

// only is the one entry that is open.
func (w *world) only() state.Entry {
	w.t.Helper()
	open := w.open()
	if len(open) != 1 {
		w.t.Fatalf("%d commands are open, want one: %v", len(open), open)
	}
	return open[0]
}

func (w *world) entry(messageID string) (e state.Entry) {
	w.t.Helper()
	w.view(func(tx state.Tx) { e, _ = tx.Entry(messageID) })
	return e
}

func (w *world) view(fn func(state.Tx)) {
	w.t.Helper()
	err := w.store.View(context.WithoutCancel(w.t.Context()), func(tx state.Tx) error { fn(tx); return nil })
	if err != nil {
		w.t.Fatalf("view: %v", err)
	}
}

// claim does what dispatch does before it sends.
func (w *world) claim(e state.Entry) {
	w.t.Helper()
	err := w.store.Update(w.t.Context(), func(tx state.Tx) error {
		e.State, e.StartedAt = state.Sending, time.Now()
		e.Attempt++
		tx.PutEntry(e)
		return nil
	})
	if err != nil {
		w.t.Fatalf("claim: %v", err)
	}
}

// run starts line 1 and returns what ends it.
func run(t *testing.T, in *intake.Intake) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- in.Run(ctx) }()
	return sync.OnceValue(func() error {
		cancel()
		return <-done
	})
}

// says is a customer's message in the group.
func says(id, text string) event.Event {
	return event.Event{
		Kind: event.MessageText, ID: id, Account: "main", Robot: event.Robot{Key: robotKey, Status: event.StatusUnknown},
		Time: time.Now(), Received: time.Now(),
		Chat:    event.Chat{ID: chatID, Peer: groupID, Name: "产品体验群1", Group: true},
		Sender:  event.Person{ID: "7881300115001", Name: "张三😊", IsMember: true},
		Message: event.Message{SvrID: "svr" + id, ContentType: 1, Text: text},
	}
}

// asks is a friend request.
func asks(id, person string) event.Event {
	return event.Event{
		Kind: event.FriendRequest, ID: id, Account: "main", Robot: event.Robot{Key: robotKey, Status: event.StatusUnknown},
		Time: time.Now(), Received: time.Now(),
		Friend: event.Friend{ID: person, Name: "李四", Reason: "我想加 薇 信，咨询课程"},
	}
}

// echo is our own message coming back.
func echo(c command.Command) event.Event {
	ev := says(c.MessageID, "")
	ev.Message.SvrID = "svr" + c.MessageID
	ev.Chat.ID = c.Chat
	_, ev.Chat.Peer, _ = event.SplitChatID(c.Chat)
	ev.Sender = event.Person{ID: robotID, IsSelf: true}
	return ev
}

// result is the platform's answer to a command.
func result(c command.Command, code string) event.Event {
	return event.Event{
		Kind: event.Result, Account: c.Account, Robot: event.Robot{Key: c.Robot, Status: event.StatusUnknown},
		Time: time.Now(), Received: time.Now(),
		Result: event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: code, Msg: "msg"},
	}
}

// after lets time pass; in a bubble it costs none.
func after(d time.Duration) { <-time.After(d) }

var errDisk = errors.New("the disk is full")

// flaky is a store that fails as its test says.
type flaky struct {
	state.Store
	fail func(n int) error // of the nth update, from 1; nil = it works
	n    atomic.Int64
}

func (f *flaky) Update(ctx context.Context, fn func(state.Tx) error) error {
	if err := f.fail(int(f.n.Add(1))); err != nil {
		return err
	}
	return f.Store.Update(ctx, fn)
}
