package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// put writes an entry as a run that died has left it.
func (w *world) put(c command.Command, s state.EntryState, attempt int) {
	w.t.Helper()
	err := w.store.Update(w.t.Context(), func(tx state.Tx) error {
		e := tx.Enqueue(c)
		e.State, e.Attempt, e.StartedAt = s, attempt, time.Now()
		tx.PutEntry(e)
		return nil
	})
	if err != nil {
		w.t.Fatalf("put: %v", err)
	}
}

func TestAStartAfterACrash(t *testing.T) {
	scene(t, "claimed but not sent: the history does not know it, twice, so it is sent once, under its id", func(w *world) {
		t := w.t
		a, b := message("r", "R:1", "a"), message("r", "R:1", "b")
		w.put(a, state.Sending, 1)
		w.enqueue(b)
		w.restart()
		after(14 * time.Second)
		w.wantSends()
		after(time.Minute)
		w.wantSends("a", "b")
		w.wantState(a, state.Confirmed, event.CodeOK)
		if q := w.questions(); len(q) != 2 || q[1].Sub(q[0]) < 10*time.Second {
			t.Errorf("asked at %v", q)
		}
	})
	scene(t, "sent but not confirmed: the history knows it, so it is not sent again", func(w *world) {
		w.platform.history = func(command.Command, int) (dispatch.Answer, error) { return dispatch.Sent, nil }
		a, b := message("r", "R:1", "a"), message("r", "R:1", "b")
		w.put(a, state.Sending, 1)
		w.enqueue(b)
		w.restart()
		after(time.Minute)
		w.wantSends("b")
		w.wantState(a, state.Confirmed, event.CodeOK)
	})
	scene(t, "in doubt already: asked again from the beginning", func(w *world) {
		w.platform.history = func(command.Command, int) (dispatch.Answer, error) { return dispatch.Failed, nil }
		a := message("r", "R:1", "a")
		w.put(a, state.Ambiguous, 1)
		w.restart()
		after(time.Minute)
		w.wantSends()
		w.wantState(a, state.Failed, command.CodeUndelivered)
	})
	scene(t, "a tag on its way is sent again, an announcement is left to a person, before the lane goes on", func(w *world) {
		a := tag("r", "a")
		b := action("q", "robot.set.group.announcement", command.Unverifiable, "b")
		w.put(a, state.Sending, 1)
		w.put(b, state.Sending, 1)
		w.restart()
		after(55 * time.Second)
		w.wantSends() // their robots may be at it
		after(time.Minute)
		w.wantSends("a")
		w.wantState(a, state.Confirmed, event.CodeOK)
		w.wantState(b, state.Unknown, event.CodeUnknown)
	})
	scene(t, "a tag that was sent three times is given up", func(w *world) {
		a := tag("r", "a")
		w.put(a, state.Sending, 3)
		w.restart()
		after(2 * time.Minute)
		w.wantSends()
		w.wantState(a, state.Failed, event.CodeTimeout)
	})
	scene(t, "over and over, before every single answer: still sent once", func(w *world) {
		w.platform.history = func(c command.Command, _ int) (dispatch.Answer, error) {
			if len(w.platform.sends) > 0 {
				return dispatch.Sent, nil
			}
			return dispatch.Absent, nil
		}
		w.platform.answer = never
		a := message("r", "R:1", "a")
		w.put(a, state.Sending, 1)
		w.start()
		for range 12 {
			after(4 * time.Second)
			w.restart()
		}
		after(2 * time.Minute)
		w.wantSends("a")
		w.wantState(a, state.Confirmed, event.CodeOK)
	})
}

// A clock that is put on between two starts makes a send seem long ago that was not:
// the history, which lags, would prove it absent.
func TestWhatWasClaimedBeforeAStartMayHaveBeenSentUntilThen(t *testing.T) {
	scene(t, "asked about", func(w *world) {
		a := message("r", "R:1", "a")
		w.put(a, state.Sending, 1)
		after(time.Hour)
		started := time.Now()
		w.restart()
		after(30 * time.Second)
		for i, sent := range w.supposed() {
			if sent.Before(started) {
				w.t.Errorf("question %d takes it for sent %v before the start", i, started.Sub(sent))
			}
		}
		if len(w.supposed()) == 0 {
			w.t.Error("nothing was asked")
		}
	})
}

func TestARobotHasItsTimeForAnActionThatMayHaveLeft(t *testing.T) {
	scene(t, "the write failed, and nobody knows how far it came", func(w *world) {
		w.platform.refuse = func(c command.Command) error {
			if w.platform.attempts[c.MessageID]++; c.Step == "a" && w.platform.attempts[c.MessageID] == 1 {
				return errors.New("broken pipe")
			}
			return nil
		}
		a, b := tag("r", "a"), tag("r", "b")
		w.start()
		w.enqueue(a, b)
		after(55 * time.Second)
		w.wantSends()
		after(time.Minute)
		w.wantSends("a", "b")
	})
}

func TestDrain(t *testing.T) {
	drain := func(w *world, within time.Duration) error {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		defer cancel()
		return w.d.Drain(ctx)
	}
	scene(t, "what is in flight ends, nothing more is begun, the rest is there next time", func(w *world) {
		t := w.t
		w.platform.answer = func(command.Command, int) (string, time.Duration) { return event.CodeOK, 4 * time.Second }
		a, b := message("r", "R:1", "a"), message("r", "R:1", "b")
		w.start()
		w.enqueue(a, b)
		after(time.Second)
		begin := time.Now()
		if err := drain(w, 10*time.Second); err != nil {
			t.Errorf("drain: %v", err)
		}
		if took := time.Since(begin); took != 3*time.Second {
			t.Errorf("it took %v", took)
		}
		w.wantState(a, state.Confirmed, event.CodeOK)
		after(time.Minute)
		w.wantSends("a")
		w.restart()
		after(5 * time.Second)
		w.wantSends("a", "b")
	})
	scene(t, "what does not end in time stays in flight for the next start to ask about", func(w *world) {
		t := w.t
		w.platform.answer = never
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(time.Second)
		if err := drain(w, 5*time.Second); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("drain = %v", err)
		}
		w.wantState(a, state.Sending, "")
	})
	scene(t, "with nothing in flight there is nothing to wait for", func(w *world) {
		t := w.t
		w.start()
		begin := time.Now()
		if err := drain(w, time.Second); err != nil || time.Since(begin) != 0 {
			t.Errorf("drain = %v after %v", err, time.Since(begin))
		}
	})
}

func TestTheQuotaOfADay(t *testing.T) {
	accept := func(w *world, name string) command.Command {
		c := action("r", "robot.accept.friend.request", command.Idempotent, name)
		c.Expires = time.Now().Add(48 * time.Hour)
		w.enqueue(c)
		return c
	}
	scene(t, "over it the robot's other commands go on, over a restart too, and the rest follows next day", func(w *world) {
		w.limits.Robot = ratelimit.PerDay("accept_friend", 3)
		w.start()
		accept(w, "a")
		accept(w, "b")
		after(5 * time.Second)
		w.restart()
		accept(w, "c")
		d := accept(w, "d")
		w.enqueue(tag("r", "e"))
		after(10 * time.Second)
		w.wantSends("a", "b", "c", "e")
		after(time.Hour)
		w.wantState(d, state.Pending, "")
		after(24 * time.Hour)
		w.wantSends("a", "b", "c", "e", "d")
	})
	scene(t, "what is over it expires when its time is over", func(w *world) {
		w.limits.Robot = ratelimit.PerDay("accept_friend", 1)
		w.start()
		accept(w, "a")
		b := action("r", "robot.accept.friend.request", command.Idempotent, "b")
		b.Expires = time.Now().Add(10 * time.Minute)
		w.enqueue(b)
		after(12 * time.Minute)
		w.wantSends("a")
		w.wantState(b, state.Expired, event.CodeExpired)
	})
}

func TestThePaceHolds(t *testing.T) {
	scene(t, "30 messages in one chat and 30 in others", func(w *world) {
		t := w.t
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20), Chat: ratelimit.PerMinute(6), JitterMin: time.Second, JitterMax: 3 * time.Second}
		w.start()
		for i := range 30 {
			w.enqueue(message("r", "R:1", fmt.Sprint("one", i)), message("r", fmt.Sprint("R:x", i), fmt.Sprint("other", i)))
		}
		after(10 * time.Minute)
		sends := w.sends()
		if len(sends) != 60 {
			t.Fatalf("%d of 60 messages left in ten minutes", len(sends))
		}
		for i, s := range sends {
			inMinute, inChat := 0, 0
			for _, other := range sends[i:] {
				if other.at.Sub(s.at) < time.Minute {
					inMinute++
					if other.command.Chat == s.command.Chat {
						inChat++
					}
				}
			}
			if inMinute > 20 || inChat > 6 {
				t.Errorf("from %v on: %d in a minute, %d of them in one chat", s.at, inMinute, inChat)
			}
		}
	})
}

// plan is a number of commands of some robots, and how the platform treats each.
type plan struct {
	command command.Command
	delay   time.Duration
	busy    int // so many times it is busy first
	unsent  int // so many times the socket refuses
}

// wantOrder checks that each lane got each of its commands, in the order of the
// outbox, and never two at once.
func wantOrder(t *testing.T, w *world, plans []plan) {
	t.Helper()
	if len(w.platform.overlap) > 0 {
		t.Errorf("commands overlapped on %v", w.platform.overlap)
	}
	want, got := map[string][]string{}, map[string][]string{}
	for _, p := range plans {
		lane := laneOf(&p.command)
		for range p.busy + 1 {
			want[lane] = append(want[lane], p.command.Step)
		}
		if e := w.entry(p.command); e.State != state.Confirmed {
			t.Errorf("%s ended as %s, %s", p.command.Step, e.State, e.Code)
		}
	}
	for _, s := range w.sends() {
		lane := laneOf(&s.command)
		got[lane] = append(got[lane], s.command.Step)
	}
	for lane := range want {
		if fmt.Sprint(got[lane]) != fmt.Sprint(want[lane]) {
			t.Errorf("lane %s got %v, want %v", lane, got[lane], want[lane])
		}
	}
}

// follow makes the platform treat each command as planned.
func (w *world) follow(plans []plan) {
	by := map[string]*plan{}
	for i := range plans {
		by[plans[i].command.MessageID] = &plans[i]
	}
	refused := map[string]int{}
	w.platform.refuse = func(c command.Command) error {
		refused[c.MessageID]++
		if refused[c.MessageID] <= by[c.MessageID].unsent {
			return command.ErrNotSent
		}
		return nil
	}
	w.platform.answer = func(c command.Command, attempt int) (string, time.Duration) {
		p := by[c.MessageID]
		if attempt <= p.busy {
			return "5000", p.delay
		}
		return event.CodeOK, p.delay
	}
}

func TestLanesUnderRandomCommands(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		kinds := rapid.SliceOfN(rapid.IntRange(0, 2), 1, 60).Draw(rt, "kinds")
		seed := rapid.Uint64().Draw(rt, "seed")
		offline := rapid.IntRange(0, 20).Draw(rt, "offline")
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			random := rand.New(rand.NewPCG(seed, 0))
			plans := make([]plan, len(kinds))
			for i, kind := range kinds {
				robot := fmt.Sprint("r", random.IntN(20))
				c := tag(robot, fmt.Sprint(i))
				if kind > 0 {
					c = message(robot, fmt.Sprint("R:", random.IntN(3)), fmt.Sprint(i))
				}
				plans[i] = plan{c, time.Duration(random.IntN(5000)) * time.Millisecond, max(0, random.IntN(6)-3), max(0, random.IntN(6)-4)}
			}
			w.follow(plans)
			away := fmt.Sprint("r", offline)
			w.platform.offline[away] = true
			w.start()
			for _, p := range plans {
				w.enqueue(p.command)
				after(time.Duration(random.IntN(300)) * time.Millisecond)
			}
			after(time.Minute)
			w.script(func(p *platform) { p.offline[away] = false })
			after(30 * time.Minute)
			wantOrder(t, w, plans)
		})
	})
}

func TestTenThousandTagsOverTwentyRobots(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 commands through a real file")
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		random := rand.New(rand.NewPCG(1, 2))
		plans := make([]plan, 10_000)
		commands := make([]command.Command, len(plans))
		for i := range plans {
			c := tag(fmt.Sprint("r", random.IntN(20)), fmt.Sprint(i))
			c.Expires = time.Now().Add(24 * time.Hour)
			plans[i] = plan{command: c}
			commands[i] = c
		}
		w.follow(plans)
		w.platform.answer = func(command.Command, int) (string, time.Duration) {
			// At full seconds, so that the robots' results share their commits.
			now := time.Now()
			return event.CodeOK, now.Truncate(time.Second).Add(time.Duration(1+random.IntN(2)) * time.Second).Sub(now)
		}
		w.start()
		w.enqueue(commands...)
		after(time.Hour)
		if got := len(w.sends()); got != len(plans) {
			t.Errorf("%d of %d commands were sent", got, len(plans))
		}
		wantOrder(t, w, plans)
	})
}
