package dispatch

import (
	"context"
	"time"

	"botengine/internal/command"
	"botengine/internal/failpoint"
	"botengine/internal/state"
)

// claimedTogether is how many commands of a robot, each of another lane, may share
// the commit that claims them: a robot with much to say does not wait for the disk
// before each message. It bounds how many are in doubt after a crash that left none
// of them sent.
const claimedTogether = 16

// claim is a command on its way from its moment to the wire.
type claim struct {
	lane *lane
	item *item
	at   time.Time

	found   state.Entry // what the store has
	changed bool
	held    verdict
	halted  bool // its robot is, or a breaker is open: it stays pending
}

// depart has a command claimed and sent: with those of other lanes, if its fate can
// be found out should the program die in between, else by itself.
func (w *worker) depart(ctx context.Context, l *lane, it *item) {
	alone := it.entry.Command.Class != command.Verifiable
	if alone {
		w.leaveTogether(ctx)
	}
	w.claims = append(w.claims, &claim{lane: l, item: it, at: w.o.Now()})
	if alone {
		w.leaveTogether(ctx)
	}
}

// leaveTogether claims and sends what is to leave now, and goes on with its lanes.
func (w *worker) leaveTogether(ctx context.Context) {
	for len(w.claims) > 0 {
		claims := w.claims
		w.claims = nil
		w.claimAll(ctx, claims)
		for _, c := range claims {
			w.step(ctx, c.lane)
		}
	}
}

// claimAll claims the commands in one transaction and sends them in their order. If
// that fails, whatever the reason, each gets a transaction of its own.
func (w *worker) claimAll(ctx context.Context, claims []*claim) {
	failpoint.Hit(failpoint.SendClaim)
	err := w.update(ctx, func(tx state.Tx) error {
		for _, c := range claims {
			w.claimIn(tx, c)
		}
		return nil
	})
	if err != nil && len(claims) > 1 {
		for i := range claims {
			w.claimAll(ctx, claims[i:i+1])
		}
		return
	}
	failpoint.Hit(failpoint.SendIntent)
	for _, c := range claims {
		if w.claimed(c, err) {
			w.send(ctx, c.item, c.at)
		}
	}
}

// claimIn makes the intent to send durable before the first byte leaves. A command
// that is held back is not claimed: it ends.
func (w *worker) claimIn(tx state.Tx, c *claim) {
	c.found, c.changed = rewrite(tx, c.item, func(tx state.Tx, e *state.Entry) {
		if c.halted = w.haltedIn(tx); c.halted {
			return
		}
		if c.held = w.held(tx, &e.Command, c.at); c.held.code != "" {
			return
		}
		if c.halted = !w.admitted(tx, &e.Command, c.at); c.halted {
			return
		}
		e.State = state.Sending
		e.Attempt++
		e.StartedAt = c.at
		w.count(tx, &e.Command, c.at)
	})
}

// claimed says whether the command is claimed, and may be sent.
func (w *worker) claimed(c *claim, err error) bool {
	it := c.item
	if err == nil && w.believe(it, c.found, c.changed) && c.held.code == "" && !c.halted {
		return true
	}
	w.land(it)
	w.unbook(it)
	it.turn(waiting, it.at) // its moment will have passed
	switch {
	case err != nil:
		w.tryLater(it, "write the outbox", err)
	case c.changed && c.halted:
		it.turn(waiting, sooner(w.o.Now().Add(w.o.Times.Ready), it.entry.Command.Expires))
	case c.changed:
		w.judge(it, c.held.code, c.held.msg)
	}
	return false
}

// held asks whether the command must not leave now.
func (w *worker) held(tx state.Tx, c *command.Command, now time.Time) verdict {
	if w.o.Held == nil {
		return verdict{}
	}
	code, msg := w.o.Held(tx, c, now)
	return verdict{code, msg}
}

// admitted asks the breakers, last of all: it may make the command their probe.
func (w *worker) admitted(tx state.Tx, c *command.Command, now time.Time) bool {
	return w.o.Breakers == nil || w.o.Breakers.admit(tx, c, now)
}
