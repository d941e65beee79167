package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/ratelimit"
)

// unasked is a message that a schedule began.
func unasked(robot, chat, name string) command.Command {
	c := message(robot, chat, name)
	c.Unasked = true
	c.Expires = time.Now().Add(24 * time.Hour)
	return c
}

func kick(robot, name string) command.Command {
	return action(robot, "robot.delete.group.members", command.Unverifiable, name)
}

// sentAt is when a step was sent.
func (w *world) sentAt(step string) time.Time {
	w.t.Helper()
	for _, s := range w.sends() {
		if s.command.Step == step {
			return s.at
		}
	}
	w.t.Fatalf("%s was not sent", step)
	return time.Time{}
}

func TestAKickAndThenAnAnswerOvertakeMuchThatNobodyAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20), Chat: ratelimit.PerMinute(6)}
		w.start()
		var all []command.Command
		for i := range 10_000 {
			all = append(all, unasked("r1", fmt.Sprint(i), fmt.Sprintf("ad%d", i)))
		}
		w.enqueue(all...)
		after(time.Minute)
		asked := time.Now()
		w.enqueue(message("r1", "asks", "answer"), kick("r1", "kick"))
		after(time.Minute)
		kicked, answered := w.sentAt("kick"), w.sentAt("answer")
		if answered.Before(kicked) {
			t.Error("the answer left before the kick")
		}
		between := 0 // since they were asked for: what had its moment already
		for _, s := range w.sends() {
			if s.command.Unasked && s.at.After(asked) && s.at.Before(kicked) {
				between++
			}
		}
		if between > 5 || kicked.Sub(asked) > 16*time.Second { // the pace is 5 in 15 s
			t.Errorf("the kick left after %s and %d others", kicked.Sub(asked), between)
		}
	})
}

func TestAKickOvertakesTheOtherCommandsOfItsLane(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(1)}
		w.start()
		name := func(n string) command.Command {
			return action("r1", "robot.modify.group.name", command.Queryable, n)
		}
		w.enqueue(name("a"), name("b"), name("c"))
		after(10 * time.Second)
		w.enqueue(kick("r1", "kick"))
		after(5 * time.Minute)
		w.wantSends("a", "kick", "b", "c")
	})
}

func TestUrgencyDoesNotChangeTheOrderWithinAChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20), Chat: ratelimit.PerMinute(6)}
		w.enqueue(unasked("r1", "c1", "ad"), message("r1", "c1", "answer"), unasked("r1", "c1", "ad2"), message("r1", "c1", "answer2"))
		w.start()
		after(5 * time.Minute)
		w.wantSends("ad", "answer", "ad2", "answer2")
	})
}

func TestWhatWaitsForItsMomentLosesNoneOfThePace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20), JitterMin: time.Second, JitterMax: 3 * time.Second}
		w.start()
		var all []command.Command
		for i := range 400 {
			all = append(all, unasked("r1", fmt.Sprint(i), fmt.Sprintf("ad%d", i)))
		}
		w.enqueue(all...)
		after(15 * time.Minute)
		if n := len(w.sends()); n < 270 || n > 305 {
			t.Errorf("%d left in 15 minutes at 20 a minute", n)
		}
	})
}
