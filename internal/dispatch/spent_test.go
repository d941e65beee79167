package dispatch_test

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

func TestABreakerOpensAlsoWhenTheTransactionThatOpensItIsRunAgain(t *testing.T) {
	for _, across := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			b := w.breakers()
			failed := errors.New("no room")
			for i := range 5 {
				chat := "c"
				if across {
					chat = fmt.Sprint("c", i)
				}
				c := message("r1", chat, fmt.Sprint("m", i))
				w.enqueue(c)
				for _, end := range []error{failed, failed, nil} {
					err := w.store.Update(t.Context(), func(tx state.Tx) error {
						e, _ := tx.Entry(c.MessageID)
						e.State, e.Code = state.Failed, command.CodeUndelivered
						tx.PutEntry(e)
						b.Ended(tx, &e, time.Now())
						return end
					})
					if !errors.Is(err, end) {
						t.Fatal(err)
					}
				}
			}
			if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerOpen || l[0].Openings != 1 || (l[0].Chat == "") != across {
				t.Errorf("the breakers are %+v", l)
			}
		})
	}
}

func TestAMessageThatArrivedBeforeARestartEndsTheRunOfThoseThatDidNot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.breakers()
		w.start()
		say := func(steps ...string) (all []command.Command) {
			for _, step := range steps {
				all = append(all, message("r1", "c", step))
			}
			w.enqueue(all...)
			after(10 * time.Second)
			return all
		}
		w.script(func(p *platform) {
			p.answer = func(c command.Command, _ int) (string, time.Duration) {
				if c.Step == "well" {
					return event.CodeOK, time.Second
				}
				return command.CodeUndelivered, time.Second
			}
		})
		say("lost1", "lost2", "well")
		w.close()
		w.open()
		b := w.breakers()
		w.start()
		say("lost3")
		if l := b.List(); len(l) != 0 {
			t.Errorf("the breakers are %+v", l)
		}
		say("lost4", "lost5")
		if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerOpen {
			t.Errorf("after three in a row the breakers are %+v", l)
		}
	})
}

func TestAForwardThatItsChatHasToWaitForHoldsUpNoOtherAction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Chat: ratelimit.Quota{All: ratelimit.Rates{Hour: 1}}}
		w.start()
		forward := func(chat, name string) command.Command {
			c := action("r1", "robot.message.forward", command.Verifiable, name)
			c.Chat, c.Expires = "S:1_"+chat, time.Now().Add(24*time.Hour)
			return c
		}
		w.enqueue(forward("c1", "first"), forward("c1", "second"))
		after(10 * time.Second)
		w.enqueue(action("r1", "robot.accept.friend.request", command.Idempotent, "accept"))
		after(10 * time.Second)
		w.wantSends("first", "accept")
		after(2 * time.Hour)
		w.wantSends("first", "accept", "second")
	})
}

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

func TestAnActionKeepsItsPlaceInLineWhateverComesBehindIt(t *testing.T) {
	scene(t, "thirty chats have much to say, and an action comes every few seconds", func(w *world) {
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(6)}
		w.start()
		var all []command.Command
		for i := range 300 {
			c := message("r1", fmt.Sprint(i%30), fmt.Sprint("m", i))
			c.Expires = time.Now().Add(24 * time.Hour)
			all = append(all, c)
		}
		w.enqueue(all...)
		after(time.Minute)
		asked := time.Now()
		for i := range 100 {
			w.enqueue(action("r1", "robot.accept.friend.request", command.Idempotent, fmt.Sprint("accept", i)))
			after(8 * time.Second)
		}
		if took := w.sentAt("accept0").Sub(asked); took > 6*time.Minute {
			w.t.Errorf("it was overtaken for %v by thirty chats that have a turn every five minutes", took)
		}
	})
}

func TestAProbeThatTheStoreHasLostMakesWayForAnother(t *testing.T) {
	scene(t, "after a restart on a state that was mended", func(w *world) {
		err := w.store.Update(w.t.Context(), func(tx state.Tx) error {
			tx.SetFact("breakers", []byte(`[{"robot":"r1","state":"half_open","cause":"risk_answer","pause":300000000000,"openings":1,"probe":"20000101000002000610867692666045"}]`), time.Time{})
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
		b := w.breakers()
		w.start()
		w.enqueue(message("r1", "c1", "first"))
		after(10 * time.Second)
		w.wantSends("first")
		if l := b.List(); len(l) != 1 || l[0].State != dispatch.BreakerClosed {
			w.t.Errorf("the breakers are %+v", l)
		}
	})
}
