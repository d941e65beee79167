package app

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/ctl"
	"botengine/internal/event"
	"botengine/internal/sim"
	"botengine/internal/state"
)

// askVerb calls a verb as a client does, and decodes its answer.
func askVerb[T any](t *testing.T, verb func(raw json.RawMessage) (any, error), params any) (out T, err error) {
	t.Helper()
	answer, err := verb(must(json.Marshal(params)))
	if err != nil {
		return out, err
	}
	if err := json.Unmarshal(must(json.Marshal(answer)), &out); err != nil {
		t.Fatal(err)
	}
	return out, nil
}

func queueVerb(t *testing.T, a *App) func(json.RawMessage) (any, error) {
	return func(raw json.RawMessage) (any, error) { return a.ctlQueue(t.Context(), raw) }
}

func TestTheQueueSaysWhatHoldsACommand(t *testing.T) {
	b := start(t, serve(t, sim.Options{}), rulesIn(t, mainRules))
	if err := b.sim.SetRobotStatus("小助手", sim.StatusOffline); err != nil {
		t.Fatal(err)
	}
	away := func(r event.Robot) bool { return r.Status == event.StatusOffline }
	until(t, "the robot's absence", func() bool { return slices.ContainsFunc(b.engine.robots.list("main"), away) })
	robot := b.engine.robots.list("main")[0].Key
	enqueue(t, b.engine.store, command.Command{Key: "k1", MessageID: "1", Account: "main", Robot: robot, Type: command.MessageText, Lane: command.LaneChat, Chat: robot + ":R:1", Rule: "refund"},
		command.Command{Key: "k2", MessageID: "2", Account: "main", Robot: robot, Type: command.MessageText, Lane: command.LaneChat, Chat: robot + ":R:1", Rule: "refund"},
		command.Command{Key: "k3", MessageID: "3", Account: "gone", Robot: "robot-z", Type: "robot.cust.tags", Lane: command.LaneAction, Rule: "tags"})
	q, err := askVerb[Queue](t, queueVerb(t, b.engine), struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	if q.Depth != 3 || len(q.Lanes) != 2 {
		t.Fatalf("the queue is %+v", q)
	}
	for _, l := range q.Lanes {
		want := map[string]struct {
			hold  string
			depth int
		}{"chat": {HoldRobot, 2}, "action": {HoldAccount, 1}}[l.Lane]
		if l.Hold != want.hold || l.Depth != want.depth || l.Age < 0 || l.Since.IsZero() || l.WhyZH == "" {
			t.Errorf("the lane %s is %+v, want it held by %s with %d", l.Lane, l, want.hold, want.depth)
		}
	}
}

func TestWhatHoldsAnEntryIsSaidByItsState(t *testing.T) {
	b := start(t, serve(t, sim.Options{}), rulesIn(t, mainRules))
	now := time.Now()
	c := command.Command{Account: "main", Robot: "robot-a", Type: command.MessageText, Lane: command.LaneChat, Chat: "x"}
	for hold, e := range map[string]state.Entry{
		HoldSending: {State: state.Sending, Command: c},
		HoldDoubt:   {State: state.Ambiguous, Command: c},
		HoldRetry:   {State: state.Pending, Command: c, Attempt: 1, NotBefore: now.Add(time.Minute)},
		HoldTime:    {State: state.Pending, Command: command.Command{Type: command.TypeCall, NotBefore: now.Add(time.Minute)}, NotBefore: now.Add(time.Minute)},
		HoldPace:    {State: state.Pending, Command: command.Command{Type: command.TypeCall}},
	} {
		until(t, "the connection", func() bool { return b.engine.accounts["main"].ready("robot-a") })
		if got := b.engine.holds(&e, now); got.hold != hold || got.text.ZH == "" || got.text.EN == "" {
			t.Errorf("%+v is held by %+v, want %s", e, got, hold)
		}
	}
}

// enqueue puts commands into the outbox without telling the dispatcher.
func enqueue(t *testing.T, s state.Store, commands ...command.Command) {
	t.Helper()
	err := s.Update(t.Context(), func(tx state.Tx) error {
		for _, c := range commands {
			tx.Enqueue(c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// letters is a store with one command that ended in each way.
func letters(t *testing.T) state.Store {
	t.Helper()
	s, err := state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	err = s.Update(t.Context(), func(tx state.Tx) error {
		for id, end := range map[string]state.Entry{
			"unknown": {State: state.Unknown, Code: event.CodeUnknown}, "failed": {State: state.Failed, Code: "9001"}, "expired": {State: state.Expired, Code: event.CodeExpired},
			"held": {State: state.Failed, Code: event.CodePaused}, "done": {State: state.Confirmed, Code: event.CodeOK},
		} {
			e := tx.Enqueue(command.Command{
				Key: id, MessageID: id, Account: "main", Robot: "robot-a", Type: command.MessageText, Class: command.Verifiable, Lane: command.LaneChat,
				Rule: "refund", Run: "run", Fields: []byte(`{"text":"您好，退款"}`), Expires: time.Now().Add(-time.Minute),
			})
			e.State, e.Code, e.StartedAt, e.Attempt = end.State, end.Code, time.Now().Add(-time.Hour), 3
			tx.PutEntry(e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func deadApp(s state.Store) *App {
	return &App{store: s, robots: newDirectory()}
}

func (a *App) listed(t *testing.T, p DeadParams) map[string]DeadLetter {
	t.Helper()
	list, err := askVerb[DeadLetters](t, func(raw json.RawMessage) (any, error) { return a.ctlDead(t.Context(), raw) }, p)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]DeadLetter{}
	for _, d := range list.Items {
		out[d.MessageID] = d
	}
	return out
}

func TestDeadLettersAreWhatAPersonShouldLookAt(t *testing.T) {
	a := deadApp(letters(t))
	few, all := a.listed(t, DeadParams{}), a.listed(t, DeadParams{All: true})
	if len(few) != 2 || few["unknown"].Code != event.CodeUnknown || few["failed"].Rule != "refund" {
		t.Errorf("listed are %+v", few)
	}
	if len(all) != 4 || all["done"].MessageID != "" || few["failed"].Fields != nil {
		t.Errorf("all of them are %+v", all)
	}
	one, err := askVerb[DeadLetter](t, func(raw json.RawMessage) (any, error) { return a.ctlDeadShow(t.Context(), raw) }, DeadOneParams{ID: "failed"})
	if err != nil || string(one.Fields) != `{"text":"您好，退款"}` {
		t.Errorf("one of them is %+v, %v", one, err)
	}
	for id, code := range map[string]string{"done": "not_dead", "nothing": "no_such_letter"} {
		_, err := askVerb[DeadLetter](t, func(raw json.RawMessage) (any, error) { return a.ctlDeadShow(t.Context(), raw) }, DeadOneParams{ID: id})
		if no, ok := errors.AsType[*ctl.Error](err); !ok || no.Code != code {
			t.Errorf("%s: %v", id, err)
		}
	}
}

func TestRetryUnderTheSameIdAsksWhereItMayHaveHappened(t *testing.T) {
	s := letters(t)
	now := time.Now()
	want := map[string]state.EntryState{"unknown": state.Ambiguous, "failed": state.Pending}
	err := s.Update(t.Context(), func(tx state.Tx) error {
		for id, open := range want {
			e, _ := tx.Entry(id)
			revive(tx, e, now)
			e, _ = tx.Entry(id)
			if e.State != open || e.Revived != 1 || e.Attempt != 0 || !e.Command.Expires.After(now) || e.Code != "" {
				t.Errorf("%s is %+v", id, e)
			}
		}
		if n := len(tx.Open("")); n != 2 {
			t.Errorf("%d entries are open", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if left := deadApp(s).listed(t, DeadParams{}); len(left) != 0 {
		t.Errorf("still listed: %+v", left)
	}
}

func TestRetryAsANewCommandLeavesTheOldOneHandled(t *testing.T) {
	s := letters(t)
	now := time.Now()
	err := s.Update(t.Context(), func(tx state.Tx) error {
		e, _ := tx.Entry("unknown")
		other := replace(tx, e, now)
		if !command.IsMessageID(other.Command.MessageID) || other.State != state.Pending || other.Command.Run != "" || string(other.Command.Fields) != string(e.Command.Fields) {
			t.Errorf("the new command is %+v", other)
		}
		old, _ := tx.Entry("unknown")
		if old.State != state.Unknown || old.Handled == nil || old.Handled.As != other.Command.MessageID {
			t.Errorf("the old one is %+v", old)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, still := deadApp(s).listed(t, DeadParams{})["unknown"]; still {
		t.Error("it is still listed")
	}
	if d := deadApp(s).listed(t, DeadParams{All: true})["unknown"]; d.Handled == nil {
		t.Error("what was done about it is not recorded")
	}
}
