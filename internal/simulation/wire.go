package simulation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/state"
)

// The engine's view of the robots.

// Robot implements intake.Directory.
func (l *life) Robot(_, key string) (event.Robot, bool) {
	for i := range l.w.p.robots {
		if robotKey(i) == key {
			return event.Robot{Key: key, ID: robotID(i), Name: "小助手", Status: l.status(key)}, true
		}
	}
	return event.Robot{}, false
}

func (l *life) status(key string) event.Status {
	if l.w.offline[key] {
		return event.StatusOffline
	}
	return event.StatusOnline
}

// IsRobot implements intake.Directory.
func (l *life) IsRobot(_, userID string) bool {
	for i := range l.w.p.robots {
		if robotID(i) == userID {
			return true
		}
	}
	return false
}

// Group implements intake.Directory: nothing is known of groups.
func (l *life) Group(string, string, string) (event.Group, bool) { return event.Group{}, false }

func (l *life) robots() (all []event.Robot) {
	for i := range l.w.p.robots {
		r, _ := l.Robot("", robotKey(i))
		all = append(all, r)
	}
	return all
}

// Ready implements dispatch.Sender.
func (l *life) Ready(_, robot string) bool {
	return l.w.cloud.connected && l.status(robot) == event.StatusOnline
}

var errCut = errors.New("the connection was cut")

// Send implements dispatch.Sender.
func (l *life) Send(_ context.Context, c command.Command) error {
	w := l.w
	w.mayDie("before a send")
	if w.paused {
		w.fail("%s is sent while everything is paused", c.MessageID)
	}
	if x := c.Expires; !x.IsZero() && w.clock().After(x) {
		w.fail("%s is sent %v after its time was over", c.MessageID, w.clock().Sub(x))
	}
	w.log("send ", c.MessageID, " ", c.Type)
	switch {
	case !w.cloud.connected:
		return fmt.Errorf("%w: there is no connection", command.ErrNotSent)
	case w.may(w.p.writeFails):
		switch w.random.IntN(3) {
		case 0:
			return fmt.Errorf("%w: not a byte", command.ErrNotSent)
		case 1:
			return errCut
		}
		w.cloud.send(&c)
		return errCut
	}
	w.cloud.send(&c)
	w.mayDie("after a send")
	return nil
}

// Ask implements dispatch.Asker, as an account does.
func (l *life) Ask(ctx context.Context, c command.Command, sent time.Time) (dispatch.Answer, error) {
	answer, err := catchup.Lookup{History: l.w.cloud, Clock: &l.clock, Now: l.w.clock}.Ask(ctx, c, sent)
	l.w.log("asked for ", c.MessageID, ": ", string(answer))
	return answer, err
}

// haltFact is the durable word that nothing may be sent.
const haltFact = "simulation/halt"

// Halted implements dispatch.Halt.
func (l *life) Halted(string) bool { return l.paused }

// HaltedIn implements dispatch.Halt.
func (l *life) HaltedIn(tx state.Tx, _ string) bool {
	_, _, told := tx.Fact(haltFact)
	return l.paused || told
}

// pause halts everything, or lets it go on.
func (l *life) pause(on bool) error {
	if on {
		l.paused = true
	}
	err := l.store.Update(l.ctx, func(tx state.Tx) error {
		if on {
			tx.SetFact(haltFact, []byte("1"), time.Time{})
		} else {
			tx.DeleteFact(haltFact)
		}
		return nil
	})
	if err != nil {
		return err
	}
	l.paused = on
	if !on {
		l.out.Wake()
	}
	return nil
}
