package dispatch_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/dispatch"
)

// Whatever happens in whatever order, and whatever the clock does: while a breaker is
// open nothing leaves, half open one at a time does, and no pause is shorter than the
// first or longer than the longest.
func TestABreakerLetsOneProbeOutAtATime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := dispatch.BreakerPauses{First: time.Duration(rapid.IntRange(1, 600).Draw(rt, "first")) * time.Second}
		p.Longest = p.First * time.Duration(rapid.IntRange(1, 50).Draw(rt, "times"))
		b := dispatch.Breaker{Robot: "r1"}
		now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
		next, probe, admitted := 0, "", now // the probe is what was let out last, since it opened
		for range rapid.IntRange(1, 60).Draw(rt, "steps") {
			switch was := b; rapid.IntRange(0, 5).Draw(rt, "step") {
			case 0:
				now = now.Add(time.Duration(rapid.Int64Range(-int64(time.Hour), int64(3*time.Hour)).Draw(rt, "clock")))
			case 1:
				b = b.Trip(now, dispatch.BreakerRisk, "-3", p)
				if was.State != dispatch.BreakerOpen {
					probe = ""
					if want := min(max(2*was.Pause, p.First), p.Longest); b.Pause != want || b.Openings != was.Openings+1 {
						rt.Fatalf("from %+v it opened for %s, want %s", was, b.Pause, want)
					}
				} else if b != was {
					rt.Fatalf("an open breaker opened: %+v, then %+v", was, b)
				}
			case 2, 3:
				next++
				id := fmt.Sprint(next)
				var may bool
				b, may = b.Admit(now, id)
				if may != !was.Holds(now, id) {
					rt.Fatalf("%+v holds and admits", was)
				}
				waits := was.State == dispatch.BreakerOpen && now.Before(was.Until) && was.Until.Sub(now) <= was.Pause
				if may && waits || !may && was.State == dispatch.BreakerClosed {
					rt.Fatalf("%+v at %s admitted: %t", was, now, may)
				}
				waits = probe != "" && !now.Before(admitted) && now.Sub(admitted) < time.Minute
				if was.State == dispatch.BreakerHalfOpen && may == waits {
					rt.Fatalf("%+v, whose probe left at %s, let another one out at %s: %t", was, admitted, now, may)
				}
				if may && b.State == dispatch.BreakerHalfOpen {
					probe, admitted = id, now
					if again, may := b.Admit(now, id); !may || again != b {
						rt.Fatalf("the probe itself is held when it is asked for again")
					}
				}
			default:
				if probe != "" {
					well := rapid.Bool().Draw(rt, "well")
					b = b.Ended(now, probe, well, p)
					if well != (b.State == dispatch.BreakerClosed) || b.Probe != probe && well {
						rt.Fatalf("the probe ended (well: %t) and the breaker is %+v", well, b)
					}
					probe = ""
				}
				if b = b.Ended(now, "another", true, p); b.State == dispatch.BreakerClosed && was.State == dispatch.BreakerOpen {
					rt.Fatalf("what was no probe closed it")
				}
			}
			if b.Pause > p.Longest {
				rt.Fatalf("a pause of %s", b.Pause)
			}
		}
	})
}

func TestABreakerThatWasCalmBeginsAnew(t *testing.T) {
	p := dispatch.BreakerPauses{First: time.Minute, Longest: 10 * time.Minute}
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	b := dispatch.Breaker{Robot: "r1"}
	for _, minutes := range []int{1, 2, 4, 8, 10, 10} {
		want := time.Duration(minutes) * time.Minute
		b = b.Trip(now, dispatch.BreakerRisk, "", p)
		if b.Pause != want || !b.Holds(now.Add(b.Pause-time.Second), "a") || b.Holds(now.Add(b.Pause), "a") {
			t.Fatalf("want a pause of %s: %+v", want, b)
		}
		now = b.Until
		b, _ = b.Admit(now, "a")
	}
	b = b.Ended(now, "a", true, p)
	if b.Over(now.Add(9*time.Minute)) || !b.Over(now.Add(10*time.Minute)) {
		t.Errorf("closed, it is remembered until %s: %+v", b.Until, b)
	}
}
