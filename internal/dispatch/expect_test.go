package dispatch_test

import (
	"errors"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

var errTakenBack = errors.New("taken back")

// expected enqueues commands as line 1 does when it tells those who send before the
// commit; fail is what the function ends with. It returns how long the commit took.
func (w *world) expected(fail error, commands ...command.Command) time.Duration {
	w.t.Helper()
	var entries []state.Entry
	began := time.Now()
	err := w.store.Update(w.t.Context(), func(tx state.Tx) error {
		entries = nil
		for _, c := range commands {
			entries = append(entries, tx.Enqueue(c))
		}
		tx.(state.Lingerer).Linger(func() (<-chan struct{}, bool) { return w.d.Expect(entries) })
		return fail
	})
	took := time.Since(began)
	if !errors.Is(err, fail) {
		w.t.Fatalf("enqueue: %v", err)
	}
	if err == nil {
		w.d.Committed(entries)
	}
	return took
}

// settled is a world whose robot has sent something before, and sleeps.
func settled(w *world) {
	w.start()
	w.enqueue(message("r", "R:0", "first"))
	after(10 * time.Second)
}

// writing is a world whose robot is busy with a write for another half of a second.
func writing(w *world) {
	settled(w)
	w.platform.refuse = func(c command.Command) error {
		if c.Step == "slow" {
			after(time.Second)
		}
		return nil
	}
	w.enqueue(message("r", "R:1", "slow"))
	after(500 * time.Millisecond)
}

func TestACommandThatIsExpectedLeavesWithItsDecision(t *testing.T) {
	scene(t, "one commit decides and claims, and the message is sent once", func(w *world) {
		t := w.t
		settled(w)
		w.platform.answer = never
		before := w.store.Stats()
		c := message("r", "R:1", "second")
		if took := w.expected(nil, c); took != 0 {
			t.Errorf("the commit waited for %v", took)
		}
		after(time.Second)
		if now := w.store.Stats(); now.Commits != before.Commits+1 || now.Updates != before.Updates+2 {
			t.Errorf("%d functions in %d commits, want 2 in one", now.Updates-before.Updates, now.Commits-before.Commits)
		}
		w.wantSends("first", "second")
		w.wantState(c, state.Sending, "")
		if e := w.entry(c); e.Attempt != 1 {
			t.Errorf("it was sent in attempt %d, want 1", e.Attempt)
		}
		w.script(func(p *platform) {
			p.answer = func(command.Command, int) (string, time.Duration) { return event.CodeOK, 0 }
		})
		w.comes(c, event.CodeOK)
		after(time.Minute)
		w.wantSends("first", "second")
		w.wantState(c, state.Confirmed, event.CodeOK)
	})
	scene(t, "what is taken back is not sent, and is when it is committed after all", func(w *world) {
		t := w.t
		settled(w)
		c := message("r", "R:1", "second")
		w.expected(errTakenBack, c)
		after(time.Minute)
		w.wantSends("first")
		if e := w.entry(c); e.Command.MessageID != "" {
			t.Errorf("it is in the outbox: %+v", e)
		}
		w.expected(nil, c)
		after(time.Minute)
		w.wantSends("first", "second")
		w.wantState(c, state.Confirmed, event.CodeOK)
	})
	scene(t, "what was taken back and is made anew has its own time", func(w *world) {
		settled(w)
		w.script(func(p *platform) { p.offline["r"] = true })
		c := message("r", "R:1", "second")
		c.Expires = time.Now().Add(time.Minute)
		w.expected(errTakenBack, c)
		c.Expires = time.Now().Add(time.Hour)
		w.expected(nil, c)
		after(10 * time.Minute)
		w.wantState(c, state.Pending, "")
		w.script(func(p *platform) { p.offline["r"] = false })
		after(time.Minute)
		w.wantSends("first", "second")
	})
	scene(t, "a commit does not wait for what may not leave yet", func(w *world) {
		t := w.t
		settled(w)
		c := message("r", "R:1", "second")
		w.script(func(p *platform) { p.offline["r"] = true })
		if took := w.expected(nil, c); took != 0 {
			t.Errorf("the commit waited for %v", took)
		}
		after(10 * time.Second)
		w.wantState(c, state.Pending, "")
		w.script(func(p *platform) { p.offline["r"] = false })
		after(10 * time.Second)
		w.wantSends("first", "second")
	})
	scene(t, "a commit does not wait for a worker that writes", func(w *world) {
		t := w.t
		writing(w)
		if took := w.expected(nil, message("r", "R:2", "second")); took != 0 {
			t.Errorf("the commit waited for %v", took)
		}
		after(time.Minute)
		w.wantSends("first", "slow", "second")
	})
	scene(t, "a commit does not wait for a robot that has never sent anything", func(w *world) {
		t := w.t
		settled(w)
		if took := w.expected(nil, message("other", "R:2", "second")); took != 0 {
			t.Errorf("the commit waited for %v", took)
		}
		after(time.Minute)
		w.wantSends("first", "second")
	})
}

func TestWhatIsExpectedLeavesInItsOrder(t *testing.T) {
	scene(t, "also when the worker was busy while the first was made, and is idle now", func(w *world) {
		t := w.t
		writing(w)
		var entries []state.Entry
		err := w.store.Update(t.Context(), func(tx state.Tx) error {
			entries = nil
			for _, name := range []string{"a", "b"} {
				e := tx.Enqueue(message("r", "R:2", name))
				tx.(state.Lingerer).Linger(func() (<-chan struct{}, bool) { return w.d.Expect([]state.Entry{e}) })
				entries = append(entries, e)
				after(10 * time.Second)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		w.d.Committed(entries)
		after(time.Minute)
		w.wantSends("first", "slow", "a", "b")
	})
	scene(t, "also when both were taken back and come one by one", func(w *world) {
		settled(w)
		a, b := message("r", "R:1", "a"), message("r", "R:1", "b")
		w.expected(errTakenBack, a, b)
		w.expected(nil, a)
		w.expected(nil, b)
		after(time.Minute)
		w.wantSends("first", "a", "b")
	})
	scene(t, "nobody is told of a function in whose commit another was not heard of", func(w *world) {
		t := w.t
		asked := 0
		err := w.store.Update(t.Context(), func(tx state.Tx) error {
			for range 2 {
				tx.(state.Lingerer).Linger(func() (<-chan struct{}, bool) { asked++; return nil, false })
			}
			return nil
		})
		if err != nil || asked != 1 {
			t.Errorf("asked %d times (%v), want once", asked, err)
		}
	})
}

func TestACommitWaitsForNobodyForLong(t *testing.T) {
	scene(t, "two milliseconds, then it goes on without", func(w *world) {
		t := w.t
		w.start()
		began := time.Now()
		err := w.store.Update(t.Context(), func(tx state.Tx) error {
			tx.(state.Lingerer).Linger(func() (<-chan struct{}, bool) { return make(chan struct{}), true })
			return nil
		})
		if took := time.Since(began); err != nil || took != 2*time.Millisecond {
			t.Errorf("it took %v (%v), want 2ms", took, err)
		}
		began = time.Now()
		for range 2 { // and the next ones wait for nobody
			if err := w.store.Update(t.Context(), func(state.Tx) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("two more took %v, want no time", took)
		}
	})
}
