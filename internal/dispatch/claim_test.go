package dispatch_test

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
)

// crowd is a message for each of so many chats of one robot.
func crowd(n int) (out []command.Command) {
	for i := range n {
		out = append(out, message("r", fmt.Sprintf("R:%d", i), fmt.Sprint(i)))
	}
	return out
}

func TestChatsShareTheCommitThatClaimsTheirMessages(t *testing.T) {
	scene(t, "forty chats wait for the disk a few times, not forty, and are answered in the order of the outbox", func(w *world) {
		t := w.t
		w.platform.answer = never
		all := crowd(40)
		w.enqueue(all...)
		before := w.store.Stats().Commits
		w.start()
		after(time.Second)
		if n := w.store.Stats().Commits - before; n > 3 {
			t.Errorf("%d commits claimed 40 messages", n)
		}
		got := w.sends()
		if len(got) != len(all) {
			t.Fatalf("%d messages were sent, want %d", len(got), len(all))
		}
		for i := range got {
			if got[i].command.MessageID != all[i].MessageID {
				t.Errorf("message %d is %s, want %s", i, got[i].command.Step, all[i].Step)
			}
		}
	})
	scene(t, "a message that is held back does not hold back those it is claimed with", func(w *world) {
		w.options.Held = func(_ state.Tx, c *command.Command, _ time.Time) (string, string) {
			if c.Step == "1" {
				return event.CodeExpired, "a person has answered"
			}
			return "", ""
		}
		all := crowd(3)
		w.enqueue(all...)
		w.start()
		after(5 * time.Second)
		w.wantSends("0", "2")
		w.wantState(all[1], state.Expired, event.CodeExpired)
	})
	scene(t, "what makes the claim of one fail leaves the others their own", func(w *world) {
		var broken atomic.Bool
		broken.Store(true)
		w.options.Held = func(_ state.Tx, c *command.Command, _ time.Time) (string, string) {
			if c.Step == "1" && broken.Load() {
				panic("cannot say")
			}
			return "", ""
		}
		w.enqueue(crowd(3)...)
		w.start()
		after(500 * time.Millisecond)
		w.wantSends("0", "2")
		broken.Store(false)
		after(time.Minute)
		w.wantSends("0", "2", "1")
	})
	scene(t, "a write that takes too long gives the claims behind it back, and they are made anew", func(w *world) {
		t := w.t
		slow := true
		w.platform.refuse = func(c command.Command) error {
			if c.Step == "0" && slow {
				slow = false
				after(3 * time.Second)
				return errors.Join(command.ErrNotSent, errors.New("the line hangs"))
			}
			return nil
		}
		all := crowd(3)
		w.enqueue(all...)
		w.start()
		after(time.Minute)
		if got := w.sends(); len(got) != 3 {
			t.Fatalf("%d messages were sent, want 3", len(got))
		}
		for _, c := range all {
			w.wantState(c, state.Confirmed, event.CodeOK)
			if e := w.entry(c); e.Attempt != 1 {
				t.Errorf("%s was sent in attempt %d, want 1", c.Step, e.Attempt)
			}
		}
	})
	scene(t, "a command whose fate cannot be found out is claimed by itself, after those before it have left", func(w *world) {
		t := w.t
		announcement := action("r", "robot.set.group.announcement", command.Unverifiable, "announce")
		w.enqueue(message("r", "R:1", "a"), announcement, message("r", "R:2", "b"))
		var states []state.EntryState
		w.platform.refuse = func(c command.Command) error {
			if c.Step == "a" {
				states = append(states, w.entry(announcement).State)
			}
			return nil
		}
		w.start()
		after(5 * time.Second)
		w.wantSends("a", "announce", "b")
		if len(states) != 1 || states[0] != state.Pending {
			t.Errorf("the announcement was %v while the message before it left, want pending", states)
		}
	})
}

func TestClaimsThatNobodySentAreAskedForAfterACrash(t *testing.T) {
	scene(t, "all of one commit, each once more under its id", func(w *world) {
		t := w.t
		all := crowd(16)
		for _, c := range all {
			w.put(c, state.Sending, 1)
		}
		w.restart()
		after(5 * time.Minute)
		if got := w.sends(); len(got) != len(all) {
			t.Fatalf("%d messages were sent, want %d", len(got), len(all))
		}
		for _, c := range all {
			w.wantState(c, state.Confirmed, event.CodeOK)
		}
	})
}
