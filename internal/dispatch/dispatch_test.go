package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// scene runs a test in a bubble of its own.
func scene(t *testing.T, name string, test func(w *world)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(newWorld(t)) })
	})
}

func TestOrder(t *testing.T) {
	scene(t, "messages of a chat leave one after the other, each after the echo of the one before", func(w *world) {
		w.start()
		w.enqueue(message("r", "R:1", "a"), message("r", "R:1", "b"), message("r", "R:1", "c"))
		after(500 * time.Millisecond)
		w.wantSends("a")
		after(time.Second)
		w.wantSends("a", "b")
		after(2 * time.Second)
		w.wantSends("a", "b", "c")
	})
	scene(t, "chats and robots do not wait for each other, actions of a robot do", func(w *world) {
		t := w.t
		w.start()
		w.enqueue(message("r", "R:1", "a"), message("r", "R:2", "b"), tag("r", "c"), tag("r", "d"), tag("q", "e"))
		after(500 * time.Millisecond)
		if got := len(w.sends()); got != 4 {
			t.Errorf("%d commands left at once, want all but the second tag", got)
		}
		after(5 * time.Second)
		if got := len(w.sends()); got != 5 {
			t.Errorf("%d commands left, want 5", got)
		}
	})
	scene(t, "a command is not sent before its time", func(w *world) {
		w.start()
		c := message("r", "R:1", "a")
		c.NotBefore = time.Now().Add(time.Minute)
		w.enqueue(c, message("r", "R:1", "b"))
		after(59 * time.Second)
		w.wantSends()
		after(5 * time.Second)
		w.wantSends("a", "b")
	})
	scene(t, "what was committed before the start is sent in its order", func(w *world) {
		w.enqueue(message("r", "R:1", "a"), message("r", "R:1", "b"))
		w.start()
		after(5 * time.Second)
		w.wantSends("a", "b")
	})
}

func TestEnds(t *testing.T) {
	scene(t, "a refused command is failed, and the next one leaves", func(w *world) {
		w.platform.answer = func(command.Command, int) (string, time.Duration) { return "1", time.Second }
		a, b := tag("r", "a"), tag("r", "b")
		w.start()
		w.enqueue(a, b)
		after(3 * time.Second)
		w.wantState(a, state.Failed, "1")
		w.wantSends("a", "b")
	})
	scene(t, "a busy platform is tried again, and nothing overtakes", func(w *world) {
		w.platform.answer = func(c command.Command, attempt int) (string, time.Duration) {
			if c.Step == "a" && attempt < 3 {
				return "5000", time.Second
			}
			return event.CodeOK, time.Second
		}
		a := tag("r", "a")
		w.start()
		w.enqueue(a, tag("r", "b"))
		after(time.Minute)
		w.wantSends("a", "a", "a", "b")
		w.wantState(a, state.Confirmed, event.CodeOK)
	})
	scene(t, "what cannot be built ends as invalid, and the next one leaves", func(w *world) {
		w.platform.refuse = func(c command.Command) error {
			if c.Step == "a" {
				return fmt.Errorf("encode: %w: its fields are not an object", command.ErrInvalid)
			}
			return nil
		}
		a := tag("r", "a")
		w.start()
		w.enqueue(a, tag("r", "b"))
		after(3 * time.Second)
		w.wantState(a, state.Failed, event.CodeInvalid)
		w.wantSends("b")
	})
	scene(t, "what surely was not sent is tried again, growing slower, and burns no attempt", func(w *world) {
		t := w.t
		var tries []time.Time
		w.platform.refuse = func(command.Command) error {
			tries = append(tries, time.Now())
			if len(tries) < 6 {
				return fmt.Errorf("socket: %w", command.ErrNotSent)
			}
			return nil
		}
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(2 * time.Minute)
		w.wantState(a, state.Confirmed, event.CodeOK)
		if e := w.entry(a); e.Attempt != 1 {
			t.Errorf("attempts = %d, want the one that was sent", e.Attempt)
		}
		if first, last := tries[1].Sub(tries[0]), tries[5].Sub(tries[4]); first < 500*time.Millisecond || last < 8*first {
			t.Errorf("the pauses grow from %v to %v", first, last)
		}
	})
	scene(t, "a command whose time is over is expired, not sent", func(w *world) {
		t := w.t
		w.platform.offline["r"] = true
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(59 * time.Minute)
		w.wantState(a, state.Pending, "")
		after(time.Minute + time.Second)
		w.wantState(a, state.Expired, event.CodeExpired)
		w.script(func(p *platform) { p.offline["r"] = false })
		after(time.Minute)
		w.wantSends()
		if e := w.entry(a); e.Attempt != 0 {
			t.Errorf("attempts = %d", e.Attempt)
		}
	})
	scene(t, "a verdict that line 1 could not take in is told again", func(w *world) {
		w.platform.answer = never
		a := action("r", "robot.set.group.announcement", command.Unverifiable, "a")
		w.start()
		w.enqueue(a)
		after(59 * time.Second)
		w.wantState(a, state.Sending, "")
		if err := w.store.Close(); err != nil { // from here on line 1 fails
			w.t.Fatal(err)
		}
		after(time.Minute)
		w.halt()
		w.open()
		w.start()
		after(time.Second)
		w.wantState(a, state.Unknown, event.CodeUnknown)
		w.wantSends("a")
	})
}

func TestOffline(t *testing.T) {
	scene(t, "a robot that is offline pauses itself alone, and burns nothing", func(w *world) {
		t := w.t
		w.platform.offline["r"] = true
		a, b := message("r", "R:1", "a"), message("q", "R:1", "b")
		w.start()
		w.enqueue(a, b, tag("r", "c"))
		after(10 * time.Minute)
		w.wantSends("b")
		if e := w.entry(a); e.State != state.Pending || e.Attempt != 0 {
			t.Errorf("the paused command is %+v", e)
		}
		w.script(func(p *platform) { p.offline["r"] = false })
		after(3 * time.Second)
		if got := len(w.sends()); got != 3 {
			t.Errorf("%d commands left after it came back, want 3", got)
		}
	})
	scene(t, "after a long pause the backlog leaves at the robot's pace", func(w *world) {
		t := w.t
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20), JitterMin: time.Second, JitterMax: 3 * time.Second}
		w.platform.offline["r"] = true
		w.start()
		for i := range 100 {
			c := message("r", fmt.Sprint("R:", i), fmt.Sprint(i))
			w.enqueue(c)
		}
		after(20 * time.Minute)
		w.script(func(p *platform) { p.offline["r"] = false })
		after(time.Minute)
		if got := len(w.sends()); got < 15 || got > 20 {
			t.Errorf("%d messages left in a minute, want nearly 20 and no more", got)
		}
		after(5 * time.Minute)
		if got := len(w.sends()); got != 100 {
			t.Errorf("%d messages left, want all", got)
		}
	})
}
