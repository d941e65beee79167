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
	for _, perMinute := range []int{6, 20} { // one in 10 s, five in 15 s
		scene(t, fmt.Sprint(perMinute, " a minute"), func(w *world) {
			t := w.t
			w.limits = ratelimit.Limits{
				Robot: ratelimit.PerMinute(perMinute), Chat: ratelimit.PerMinute(6),
				JitterMin: time.Second, JitterMax: 3 * time.Second,
			}
			w.start()
			var all []command.Command
			for i := range 10_000 {
				all = append(all, unasked("r1", fmt.Sprint(i), fmt.Sprintf("ad%d", i)))
			}
			w.enqueue(all...)
			after(time.Minute)
			var latest time.Duration
			for i := range 6 {
				after(3700 * time.Millisecond)
				asked := time.Now()
				before := w.sends()
				kicked, answered := fmt.Sprint("kick", i), fmt.Sprint("answer", i)
				w.enqueue(message("r1", "asks", answered), kick("r1", kicked))
				after(time.Minute)
				burst, span := max(1, perMinute/4), time.Minute*time.Duration(max(1, perMinute/4))/time.Duration(perMinute)
				turn := before[len(before)-burst].at.Add(span)
				if turn.Before(asked) {
					turn = asked
				}
				latest = max(latest, w.sentAt(kicked).Sub(turn))
				if !w.sentAt(answered).After(w.sentAt(kicked)) {
					t.Error("the answer left before the kick")
				}
				between := 0
				for _, s := range w.sends() {
					if s.command.Unasked && s.at.After(asked) && s.at.Before(w.sentAt(answered)) {
						between++
					}
				}
				if between > burst {
					t.Errorf("%d that nobody asked for left before the answer", between)
				}
			}
			if latest > time.Second {
				t.Errorf("a kick left %s after the pace allowed it", latest)
			}
			t.Logf("figure: with 10,000 sends queued at %d a minute, a kick leaves %s after its turn at the latest", perMinute, latest)
		})
	}
}

func TestOneChatWithMuchToSayDoesNotKeepAnotherWaiting(t *testing.T) {
	scene(t, "10,000 messages of one chat, ten of another", func(w *world) {
		t := w.t
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20)}
		w.start()
		var all []command.Command
		for i := range 10_000 {
			all = append(all, message("r1", "loud", fmt.Sprint("loud", i)))
		}
		w.enqueue(all...)
		after(time.Minute)
		for i := range 10 {
			w.enqueue(message("r1", "quiet", fmt.Sprint("quiet", i)))
		}
		before := len(w.sends())
		after(70 * time.Second)
		quiet := 0
		for _, s := range w.sends()[before:] {
			if s.command.Chat == "S:1_quiet" {
				quiet++
			}
		}
		if quiet != 10 {
			t.Errorf("%d of the quiet chat's ten left in a minute of 20", quiet)
		}
	})
}

func TestWhatIsLeastUrgentIsSlowAndNotStuck(t *testing.T) {
	scene(t, "an hour of nothing but answers, and one that ends before its turn", func(w *world) {
		t := w.t
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20)}
		w.start()
		var all []command.Command
		for i := range 3000 {
			all = append(all, message("r1", fmt.Sprint("asks", i), fmt.Sprint("answer", i)))
		}
		for i := range 200 {
			c := unasked("r1", fmt.Sprint("ad", i), fmt.Sprint("ad", i))
			c.Expires = time.Now().Add(time.Hour)
			all = append(all, c)
		}
		w.enqueue(all...)
		after(59 * time.Minute)
		ads, sends := 0, w.sends()
		for _, s := range sends {
			if s.command.Unasked {
				ads++
			}
		}
		if share := float64(ads) / float64(len(sends)); share < 0.09 || share > 0.11 {
			t.Errorf("%d of %d were what nobody asked for, want one in ten", ads, len(sends))
		}
		after(2 * time.Minute)
		w.wantState(all[len(all)-1], state.Expired, event.CodeExpired)
	})
}

func TestACommandExpiresAlsoBehindOneThatWaits(t *testing.T) {
	scene(t, "behind one that the quota holds", func(w *world) {
		w.limits = ratelimit.Limits{Robot: ratelimit.PerDay("message", 1)}
		w.start()
		first, second, third := message("r", "p", "first"), message("r", "p", "second"), message("r", "p", "third")
		second.Expires, third.Expires = time.Now().Add(30*time.Hour), time.Now().Add(10*time.Minute)
		w.enqueue(first, second, third)
		after(10*time.Minute + time.Second)
		w.wantSends("first")
		w.wantState(second, state.Pending, "")
		w.wantState(third, state.Expired, event.CodeExpired)
		after(25 * time.Hour)
		w.wantSends("first", "second")
	})
	scene(t, "while the robot is halted", func(w *world) {
		k := newKillSwitch(w)
		k.turn("r", true)
		w.start()
		a, b := kick("r", "a"), message("r", "p", "b")
		a.Expires, b.Expires = time.Now().Add(5*time.Minute), time.Now().Add(6*time.Minute)
		w.enqueue(a, b)
		after(5*time.Minute + time.Second)
		w.wantState(a, state.Expired, event.CodeExpired)
		after(time.Minute)
		w.wantState(b, state.Expired, event.CodeExpired)
		w.wantSends()
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
