package dispatch_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/state"
)

// breakers gives the world breakers, as its store has them.
func (w *world) breakers() *dispatch.Breakers {
	w.t.Helper()
	b, err := dispatch.LoadBreakers(w.t.Context(), dispatch.BreakerOptions{
		Store: w.store, Pauses: dispatch.BreakerPauses{First: 5 * time.Minute, Longest: 2 * time.Hour},
		Codes: []string{"-3"}, Words: []string{"频繁", "Too Often"}, ChatFailures: 3, RobotFailures: 5, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.options.Breakers = b
	return b
}

// risks has the platform answer the commands of these steps with a hint at risk
// control, and all others well.
func (w *world) risks(steps ...string) {
	w.script(func(p *platform) {
		p.answer = func(c command.Command, _ int) (string, time.Duration) {
			if strings.Contains(" "+strings.Join(steps, " ")+" ", " "+c.Step+" ") {
				return "-3", time.Second
			}
			return event.CodeOK, time.Second
		}
	})
}

func TestAfterARiskAnswerARobotIsSilentUntilAProbeSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.breakers()
		w.risks("first", "probe1")
		w.start()
		w.enqueue(message("r1", "c0", "first"))
		after(2 * time.Second)
		w.enqueue(message("r1", "c1", "probe1"), message("r1", "c2", "probe2"), message("r1", "c3", "third"), tag("r1", "tagged"), message("r2", "c1", "other"))
		after(5*time.Minute - 5*time.Second)
		w.wantSends("first", "other")
		if s := b.Stats(); s.Opened != 1 || s.Open != 1 {
			t.Errorf("the counts are %+v", s)
		}
		after(10 * time.Second) // one is let out, and the answer is no better
		w.wantSends("first", "other", "probe1")
		after(10*time.Minute - 15*time.Second)
		w.wantSends("first", "other", "probe1")
		after(20 * time.Second) // twice as long later another one, and its success lets all go
		if n := len(w.sends()); n != 6 {
			t.Errorf("%d commands left, want all 6", n)
		}
		if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerClosed || l[0].Openings != 2 {
			t.Errorf("the breakers are %+v", l)
		}
	})
}

func TestABreakerSurvivesARestartAndOneProbeIsOutAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.breakers()
		w.risks("first")
		w.start()
		w.enqueue(message("r1", "c0", "first"))
		after(2 * time.Second)
		again := func() {
			w.close()
			w.open()
			w.breakers()
			w.start()
		}
		again()
		var waiting []command.Command
		for i := range 8 {
			waiting = append(waiting, message("r1", fmt.Sprint("c", i), fmt.Sprint("m", i)))
		}
		w.enqueue(waiting...)
		after(4 * time.Minute)
		w.wantSends("first")
		w.script(func(p *platform) { p.answer = never })
		after(90 * time.Second)
		if n := len(w.sends()); n != 2 {
			t.Fatalf("%d probes are out, want one", n-1)
		}
		again() // while nobody knows what became of the probe
		after(time.Second)
		if n := len(w.sends()); n != 2 {
			t.Fatalf("%d commands left after a restart with a probe on the wire", n)
		}
		w.risks()
		w.script(func(p *platform) {
			p.history = func(command.Command, int) (dispatch.Answer, error) { return dispatch.Sent, nil }
		})
		after(time.Minute)
		if n := len(w.sends()); n != 9 {
			t.Errorf("%d commands left, want all 9", n)
		}
	})
}

func TestWhatABreakerHoldsRunsOutOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.breakers()
		w.risks("first", "probe", "again", "more", "evermore")
		w.start()
		w.enqueue(message("r1", "c0", "first"))
		after(2 * time.Second)
		short := message("r1", "c1", "short")
		short.Expires = time.Now().Add(2 * time.Minute)
		w.enqueue(short)
		after(3 * time.Minute)
		w.wantState(short, state.Expired, event.CodeExpired)
		w.wantSends("first")
	})
}

func TestAPersonEndsABreaker(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.breakers()
		w.risks("first")
		w.start()
		w.enqueue(message("r1", "c0", "first"))
		after(2 * time.Second)
		w.enqueue(message("r1", "c1", "second"))
		after(time.Second)
		if closed, err := b.Close(t.Context(), "r1", "", time.Now()); err != nil || len(closed) != 1 {
			t.Errorf("closed %+v, %v", closed, err)
		}
		after(3 * time.Second)
		w.wantSends("first", "second")
		if l := b.List(); len(l) != 0 {
			t.Errorf("there still is %+v", l)
		}
	})
}

// undelivered is what the history says a while later of messages that seemed well.
func (w *world) undelivered(commands ...command.Command) {
	for _, c := range commands {
		w.comes(c, command.CodeUndelivered)
	}
}

func TestThreeMessagesInARowThatAChatDidNotGetHoldThatChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.breakers()
		w.start()
		var sent []command.Command
		for i := range 8 {
			sent = append(sent, message("r1", "c1", fmt.Sprint("m", i)))
		}
		w.enqueue(sent...)
		after(30 * time.Second)
		w.undelivered(sent[1], sent[2], sent[4]) // not in a row
		if l := b.List(); len(l) != 0 {
			t.Fatalf("open: %+v", l)
		}
		w.undelivered(sent[6], sent[5]) // the last of the row is told last
		w.enqueue(message("r1", "c1", "held"), message("r1", "c2", "other"))
		after(time.Minute)
		if l := b.List(); len(l) != 1 || l[0].Chat != sent[0].Chat || l[0].Cause != dispatch.BreakerUndelivered {
			t.Fatalf("the breakers are %+v", l)
		}
		if all := w.sends(); len(all) != 9 || all[8].command.Step != "other" {
			t.Errorf("%d commands left", len(all))
		}
		after(5 * time.Minute)
		all := w.sends()
		probe := all[len(all)-1].command
		if len(all) != 10 || probe.Step != "held" {
			t.Fatalf("%d commands left, the last is %s", len(all), probe.Step)
		}
		w.undelivered(probe) // it seemed well, and closed the breaker; it did not arrive either
		if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerOpen || l[0].Pause != 10*time.Minute {
			t.Errorf("the breakers are %+v", l)
		}
	})
}

func TestMessagesInARowToFiveChatsThatDoNotArriveHoldTheRobot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.breakers()
		w.start()
		var sent []command.Command
		for i := range 12 {
			sent = append(sent, message("r1", fmt.Sprint("c", i), fmt.Sprint("m", i)))
			w.enqueue(sent[i])
			after(2 * time.Second)
		}
		w.undelivered(sent[0], sent[2], sent[4], sent[5], sent[6], sent[7]) // one of them arrived in between
		if l := b.List(); len(l) != 0 {
			t.Fatalf("open: %+v", l)
		}
		w.close() // the count survives
		w.open()
		b = w.breakers()
		w.start()
		after(time.Second)
		w.undelivered(sent[8])
		l := b.List()
		if len(l) != 1 || l[0].Chat != "" || l[0].Robot != "r1" || l[0].Cause != dispatch.BreakerUndelivered {
			t.Fatalf("the breakers are %+v", l)
		}
		w.enqueue(message("r1", "c99", "held"), message("r2", "c99", "other"))
		after(time.Minute)
		if all := w.sends(); all[len(all)-1].command.Step != "other" {
			t.Errorf("the last that left is %s", all[len(all)-1].command.Step)
		}
	})
}

func TestClosingTheBreakerOfOneChatKeepsWhatIsKnownOfTheOthers(t *testing.T) {
	for _, one := range []struct {
		name, closed string
		restart      bool
		opens        bool
	}{
		{"another chat's", "other", false, true},
		{"another chat's, first thing after a start", "other", true, true},
		{"its own", "c1", false, false},
		{"its own, first thing after a start", "c1", true, false},
	} {
		scene(t, one.name, func(w *world) {
			b := w.breakers()
			w.start()
			again := func() {
				w.close()
				w.open()
				b = w.breakers()
				w.start()
			}
			lose := func(steps ...string) {
				for _, step := range steps {
					c := message("r1", "c1", step)
					w.enqueue(c)
					after(10 * time.Second)
					w.undelivered(c)
				}
			}
			lose("lost1", "lost2")
			if one.restart {
				again()
			}
			if _, err := b.Close(w.t.Context(), "r1", "S:1_"+one.closed, time.Now()); err != nil {
				w.t.Fatal(err)
			}
			again()
			lose("lost3")
			if l := b.List(); (len(l) == 1) != one.opens {
				w.t.Errorf("the breakers are %+v", l)
			}
		})
	}
}

func TestWordsOfTheConfigurationHintAtRisk(t *testing.T) {
	w := newWorld(t)
	for msg, want := range map[string]int{
		"操作过于频繁，请稍后再试": 1, "You do this TOO OFTEN": 1, "invalid conversion id": 0, "": 0, "群人数已达上限": 0,
	} {
		b := w.breakers()
		c := message("r1", "c1", "m"+msg)
		err := w.store.Update(t.Context(), func(tx state.Tx) error {
			e := tx.Enqueue(c)
			e.State, e.Code, e.Msg = state.Failed, "7", msg
			b.Ended(tx, &e, time.Now())
			return nil
		})
		if got := len(b.List()); err != nil || got != want {
			t.Errorf("%q opened %d breakers, want %d (%v)", msg, got, want, err)
		}
		if _, err := b.Close(t.Context(), "r1", "", time.Now()); err != nil {
			t.Error(err)
		}
	}
}
