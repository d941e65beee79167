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
