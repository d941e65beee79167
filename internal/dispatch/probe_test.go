package dispatch_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

func TestAProbeThatCannotLeaveMakesWayForAnother(t *testing.T) {
	for name, script := range map[string]func(p *platform){
		"the platform is busy, and its chat has to wait for an hour then": func(p *platform) {
			p.answer = func(c command.Command, _ int) (string, time.Duration) {
				if c.Step == "probe" {
					return command.CodeBusy, time.Second
				}
				return event.CodeOK, time.Second
			}
		},
		"it never gets onto the wire": func(p *platform) {
			p.refuse = func(c command.Command) error {
				if c.Step == "probe" {
					return command.ErrNotSent
				}
				return nil
			}
		},
	} {
		scene(t, name, func(w *world) {
			w.limits = ratelimit.Limits{Chat: ratelimit.Quota{All: ratelimit.Rates{Hour: 1}}}
			b := w.breakers()
			w.risks("first")
			w.start()
			w.enqueue(message("r1", "c0", "first"))
			after(2 * time.Second)
			w.script(script)
			w.enqueue(message("r1", "c1", "probe"))
			after(5*time.Minute + 10*time.Second)
			w.enqueue(message("r1", "c2", "second"))
			after(5 * time.Minute)
			all := w.sends()
			if last := all[len(all)-1].command; last.Step != "second" {
				w.t.Errorf("the last that left is %s", last.Step)
			}
			if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerClosed {
				w.t.Errorf("the breakers are %+v", l)
			}
		})
	}
}

func TestAProbeThatTheStoreHasLostMakesWayForAnother(t *testing.T) {
	scene(t, "after a restart on a state that was mended", func(w *world) {
		err := w.store.Update(w.t.Context(), func(tx state.Tx) error {
			tx.SetFact("breakers", fmt.Appendf(nil, `[{"robot":"r1","state":"half_open","cause":"risk_answer","until":%q,"pause":300000000000,"openings":1,"probe":"20000101000002000610867692666045"}]`,
				time.Now().Add(50*time.Second).Format(time.RFC3339)), time.Time{})
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		b := w.breakers()
		w.start()
		w.enqueue(message("r1", "c1", "first"))
		after(40 * time.Second)
		w.wantSends()
		after(20 * time.Second)
		w.wantSends("first")
		if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerClosed {
			w.t.Errorf("the breakers are %+v", l)
		}
	})
}

// unheard is a world whose robot fell silent over a risk answer for first, which was sent
// while slow is on the wire, and of which nobody hears what becomes of the steps.
func unheard(w *world, steps ...string) (slow command.Command, b *dispatch.Breakers) {
	b = w.breakers()
	w.script(func(p *platform) {
		p.answer = func(c command.Command, _ int) (string, time.Duration) {
			switch {
			case c.Step == "first":
				return "-3", time.Second
			case c.Step == "slow" || slices.Contains(steps, c.Step):
				return "", 0
			}
			return event.CodeOK, time.Second
		}
		p.history = func(command.Command, int) (dispatch.Answer, error) {
			return "", errors.New("the history is behind")
		}
	})
	w.start()
	slow = message("r1", "c9", "slow")
	w.enqueue(slow)
	after(time.Second)
	w.enqueue(message("r1", "c0", "first"))
	after(time.Second)
	return slow, b
}

func (w *world) wantBreaker(b *dispatch.Breakers, want dispatch.BreakerState, pause time.Duration) {
	w.t.Helper()
	if l := b.List(); len(l) != 1 || l[0].State != want || l[0].Pause != pause {
		w.t.Errorf("the breakers are %+v, want one that is %s after a pause of %s", l, want, pause)
	}
}

func TestARobotWaitsForAProbeThatNobodyHearsOfForAMinute(t *testing.T) {
	for _, kind := range []string{"message", "action"} {
		scene(t, "and then tries another one: "+kind, func(w *world) {
			_, b := unheard(w, "probe")
			probe := message("r1", "c1", "probe")
			if kind == "action" {
				probe = tag("r1", "probe")
			}
			w.enqueue(probe)
			after(5*time.Minute + 2*time.Second)
			w.enqueue(message("r1", "c2", "second"), message("r1", "c3", "third"))
			after(50 * time.Second)
			w.wantSends("slow", "first", "probe")
			after(20 * time.Second)
			if a, b := w.sentAt("second"), w.sentAt("third"); !a.Before(b) {
				w.t.Errorf("the second left at %s, and the third at %s, before it ended", a, b)
			}
			w.wantBreaker(b, dispatch.BreakerClosed, 5*time.Minute)
			if s := b.Stats(); s.Probes != 2 {
				w.t.Errorf("%d probes, want two", s.Probes)
			}
		})
	}
}

func TestWhatWasOnTheWireWhenABreakerOpenedDoesNotDoubleItsPause(t *testing.T) {
	scene(t, "its bad end comes while a probe is out, and that ends well", func(w *world) {
		slow, b := unheard(w, "probe")
		probe := message("r1", "c1", "probe")
		w.enqueue(probe)
		after(5*time.Minute + 2*time.Second)
		w.wantSends("slow", "first", "probe")
		w.comes(slow, "-3")
		w.wantBreaker(b, dispatch.BreakerHalfOpen, 5*time.Minute)
		w.comes(probe, event.CodeOK)
		w.wantBreaker(b, dispatch.BreakerClosed, 5*time.Minute)
	})
	scene(t, "that of a former probe does", func(w *world) {
		_, b := unheard(w, "probe", "second")
		probe := message("r1", "c1", "probe")
		w.enqueue(probe)
		after(5*time.Minute + 2*time.Second)
		w.enqueue(message("r1", "c2", "second"))
		after(70 * time.Second)
		w.wantSends("slow", "first", "probe", "second")
		w.comes(probe, "-3")
		w.wantBreaker(b, dispatch.BreakerOpen, 10*time.Minute)
	})
}
