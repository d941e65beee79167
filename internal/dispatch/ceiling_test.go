package dispatch_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
)

// worlds is how many random configurations TestNothingGoesBeyondTheCeiling has; its
// other size is run by hand: go test ./internal/dispatch -run Ceiling -args -worlds=300.
var worlds = flag.Int("worlds", 3, "how many random configurations the ceiling is tried with")

// mostWithin is the most of the moments, which are in order, that any window of a
// span holds.
func mostWithin(at []time.Time, span time.Duration) int {
	best, first := 0, 0
	for i := range at {
		for at[i].Sub(at[first]) >= span {
			first++
		}
		best = max(best, i-first+1)
	}
	return best
}

// within checks that no minute, hour and day holds more than the rates.
func within(t *testing.T, what string, at []time.Time, r ratelimit.Rates) {
	t.Helper()
	slices.SortFunc(at, time.Time.Compare)
	for _, one := range []struct {
		span  time.Duration
		limit int
	}{{time.Minute, r.Minute}, {time.Hour, r.Hour}, {24 * time.Hour, r.Day}} {
		if n := mostWithin(at, one.span); n > one.limit {
			t.Errorf("%s: %d within %s, the ceiling is %d", what, n, one.span, one.limit)
		}
	}
}

// randomly draws limits, which may be far above the ceiling or none at all.
func randomly(random *rand.Rand, ceiling ratelimit.Ceiling) ratelimit.Limits {
	rates := func() ratelimit.Rates {
		return ratelimit.Rates{Minute: random.IntN(40), Hour: random.IntN(300), Day: random.IntN(900)}
	}
	quota := func() ratelimit.Quota {
		return ratelimit.Quota{All: rates(), Kinds: map[string]ratelimit.Rates{"message": rates(), "kick": rates(), "tag": rates()}}
	}
	return ratelimit.Limits{
		Robot: quota(), Chat: quota(), Robots: map[string]ratelimit.Quota{"r1": quota()}, Ceiling: ceiling,
		WarmUp:    ratelimit.WarmUp{Days: random.IntN(3), Start: 0.25},
		JitterMin: time.Duration(random.IntN(2)) * time.Second, JitterMax: 3 * time.Second, Late: 5 * time.Second,
	}
}

func TestNothingGoesBeyondTheCeiling(t *testing.T) {
	total := 0
	for seed := range *worlds {
		synctest.Test(t, func(t *testing.T) {
			random := fortuneOf(uint64(seed), 7) //nolint:gosec // a small number
			w := newWorld(t)
			ceiling := ratelimit.Ceiling{
				Robot: ratelimit.Rates{Minute: 1 + random.IntN(8), Hour: 5 + random.IntN(40), Day: 10 + random.IntN(90)},
				All:   ratelimit.Rates{Minute: 1 + random.IntN(12), Hour: 5 + random.IntN(60), Day: 10 + random.IntN(120)},
			}
			w.platform.refuse = func(command.Command) error {
				if random.IntN(10) == 0 {
					return command.ErrNotSent
				}
				return nil
			}
			w.platform.answer = func(command.Command, int) (string, time.Duration) {
				if random.IntN(10) == 0 {
					return "", 0 // it is asked for, and perhaps sent again
				}
				return event.CodeOK, time.Duration(random.IntN(3000)) * time.Millisecond
			}
			w.limits = randomly(random, ceiling)
			w.start()
			for i := range 60 {
				w.enqueue(drawn(random, fmt.Sprint(i))...)
				pauses := []time.Duration{time.Second, 10 * time.Second, time.Minute, 10 * time.Minute, time.Hour}
				after(time.Duration(random.Int64N(int64(pauses[random.IntN(len(pauses))]))))
				if random.IntN(4) == 0 {
					w.limits = randomly(random, ceiling)
					w.restart()
				}
			}
			after(30 * time.Hour)
			byRobot := map[string][]time.Time{}
			var all []time.Time
			for _, s := range w.sends() {
				byRobot[s.command.Robot] = append(byRobot[s.command.Robot], s.at)
				all = append(all, s.at)
			}
			within(t, "all robots", all, ceiling.All)
			for robot, at := range byRobot {
				within(t, robot, at, ceiling.Robot)
			}
			total += len(all)
		})
	}
	if total < 20**worlds {
		t.Errorf("only %d commands left", total)
	}
	t.Logf("figure: %d commands of %d random configurations, with restarts: no minute, hour or day above a ceiling", total, *worlds)
}

// drawn are some commands of two robots.
func drawn(random *rand.Rand, name string) (out []command.Command) {
	for i := range random.IntN(12) {
		robot, name := fmt.Sprint("r", random.IntN(2)), fmt.Sprint(name, ".", i)
		var c command.Command
		switch random.IntN(4) {
		case 0:
			c = tag(robot, name)
		case 1:
			c = kick(robot, name)
		default:
			c = message(robot, fmt.Sprint("R:", random.IntN(4)), name)
		}
		c.Expires = time.Now().Add(time.Duration(1+random.IntN(40)) * time.Hour)
		c.Unasked = random.IntN(3) == 0
		out = append(out, c)
	}
	return out
}

func TestARestartMakesNoQuotaWhole(t *testing.T) {
	for name, limits := range map[string]ratelimit.Limits{
		"of a robot's minute": {Robot: ratelimit.PerMinute(4)},
		"of a robot's hour":   {Robot: ratelimit.Quota{All: ratelimit.Rates{Hour: 4}}},
		"of a robot's day":    {Robot: ratelimit.PerDay("message", 4)},
		"of a chat's minute":  {Chat: ratelimit.PerMinute(4)},
		"of a chat's hour":    {Chat: ratelimit.Quota{All: ratelimit.Rates{Hour: 4}}},
		"of a chat's day":     {Chat: ratelimit.PerDay("message", 4)},
		"of the ceiling":      {Ceiling: ratelimit.Ceiling{Robot: ratelimit.Rates{Minute: 4}}},
		"of all robots":       {Ceiling: ratelimit.Ceiling{All: ratelimit.Rates{Hour: 4}}},
	} {
		scene(t, name, func(w *world) {
			t := w.t
			w.limits = limits
			w.platform.answer = func(command.Command, int) (string, time.Duration) { return event.CodeOK, time.Millisecond }
			w.start()
			var all []command.Command
			for i := range 9 {
				all = append(all, message("r", "R:1", fmt.Sprint(i)))
			}
			w.enqueue(all...)
			after(3 * time.Second)
			w.restart()
			after(3 * time.Second)
			w.restart()
			after(50 * time.Second)
			if n := len(w.sends()); n > 4 || n == 0 {
				t.Errorf("%d left within a minute and two restarts, the quota is 4", n)
			}
			after(30 * time.Hour)
			if e := w.sends(); len(e) < 4 {
				t.Errorf("%d left in all", len(e))
			}
		})
	}
}
