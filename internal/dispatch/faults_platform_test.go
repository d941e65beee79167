package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/state"
)

func TestFault45ARobotWhosePlatformIsSlowHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.script(func(p *platform) {
			p.answer = func(c command.Command, _ int) (string, time.Duration) {
				if c.Robot == "r0" {
					return event.CodeOK, 29 * time.Second // just before it would be asked for
				}
				return event.CodeOK, 100 * time.Millisecond
			}
		})
		w.start()
		for i := range 200 {
			w.enqueue(message(fmt.Sprint("r", i%20), "c1", fmt.Sprint("m", i)))
		}
		after(5 * time.Second)
		sends := map[string]int{}
		for _, s := range w.sends() {
			sends[s.command.Robot]++
		}
		for i := 1; i < 20; i++ {
			if n := sends[fmt.Sprint("r", i)]; n != 10 {
				t.Errorf("r%d sent %d of 10 messages within 5 s", i, n)
			}
		}
		if sends["r0"] != 1 {
			t.Errorf("the slow one sent %d messages of a chat at a time", sends["r0"])
		}
		after(5 * time.Minute)
		if n := len(w.sends()); n != 200 {
			t.Errorf("%d of 200 messages left", n)
		}
	})
}

func TestFault46ABusyPlatformIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.breakers()
		w.script(func(p *platform) {
			p.answer = func(_ command.Command, attempt int) (string, time.Duration) {
				return map[bool]string{true: command.CodeBusy, false: event.CodeOK}[attempt < 3], 100 * time.Millisecond
			}
		})
		w.start()
		c := message("r1", "c1", "one")
		w.enqueue(c)
		after(time.Minute)
		w.wantState(c, state.Confirmed, event.CodeOK)
		for i, s := range w.sends()[1:] {
			if pause := s.at.Sub(w.sends()[i].at); pause < 2*time.Second {
				t.Errorf("after a busy answer it was sent again in %s", pause)
			}
		}
		if l := b.List(); len(l) != 0 {
			t.Errorf("that the platform is busy opened %+v", l)
		}
	})
}

func TestFault47ARobotThatIsOfflineWaitsItsTimeRunsAndOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.platform.offline["r1"] = true
		w.start()
		short, long := message("r1", "c1", "short"), message("r1", "c1", "long")
		short.Expires = time.Now().Add(10 * time.Minute)
		w.enqueue(short, long, message("r2", "c1", "other"))
		after(30 * time.Minute)
		w.wantSends("other")
		w.wantState(short, state.Expired, event.CodeExpired)
		if e := w.entry(long); e.State != state.Pending || e.Attempt != 0 {
			t.Errorf("what waits is %+v", e)
		}
		w.script(func(p *platform) { p.offline["r1"] = false })
		w.d.Wake()
		after(5 * time.Second)
		w.wantSends("other", "long")
	})
}

// Three messages in a row that a chat did not get stop that chat alone; sendStatus 2 is
// never tried again.
func TestFault28WhatAChatDoesNotGetIsNotTriedAgainAndThreeOfItStopTheChat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		b := w.breakers()
		w.script(func(p *platform) {
			p.answer = func(c command.Command, _ int) (string, time.Duration) {
				return map[bool]string{true: command.CodeUndelivered, false: event.CodeOK}[c.Chat == "S:1_dead"], 100 * time.Millisecond
			}
		})
		w.start()
		var all []command.Command
		for i := range 6 {
			all = append(all, message("r1", "dead", fmt.Sprint("d", i)))
		}
		w.enqueue(all...)
		w.enqueue(message("r1", "well", "w0"))
		after(time.Minute)
		if n := len(w.sends()); n != 4 {
			t.Errorf("%d messages left, want three of the one chat and one of the other", n)
		}
		for _, c := range all[:3] {
			w.wantState(c, state.Failed, command.CodeUndelivered)
		}
		if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerOpen || l[0].Chat != "S:1_dead" {
			t.Errorf("the breakers are %+v", l)
		}
	})
}
