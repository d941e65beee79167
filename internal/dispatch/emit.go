package dispatch

import (
	"context"
	"errors"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// book gives a pending command its moment, or says why there is none yet.
func (w *worker) book(it *item, now time.Time) ratelimit.Wait {
	c := &it.entry.Command
	booking, wait := w.o.Limiter.Book(now, AskOf(c))
	if wait.By != ratelimit.Nobody {
		return wait
	}
	it.booking = booking
	it.turn(booked, sooner(booking.At, c.Expires))
	if !silent[c.Type] {
		w.line.grants(it)
	}
	failpoint.Hit(failpoint.SendBooked)
	return wait
}

func (w *worker) online(c *command.Command) bool {
	return !c.NeedsRobot() || w.o.Sender.Ready(w.key.account, w.key.robot)
}

// unbook gives a moment back that a command did not use.
func (w *worker) unbook(it *item) {
	w.o.Limiter.Cancel(it.booking)
	it.booking = ratelimit.Booking{}
}

func sooner(a, b time.Time) time.Time {
	if b.IsZero() || a.Before(b) {
		return a
	}
	return b
}

// emit has a command whose moment has come claimed and sent. A moment that was
// missed is booked anew: else all that piled up would leave at once.
func (w *worker) emit(ctx context.Context, l *lane, it *item) {
	now := w.o.Now()
	missed := now.Sub(it.at) > w.o.Times.ClaimAge
	_, why := w.hold(it, now)
	switch {
	case missed, expired(it, now), why != Free:
		w.unbook(it)
		l.front = missed
		it.turn(waiting, now)
	case !w.d.takeOff():
		w.unbook(it)
		it.turn(waiting, now.Add(w.o.Times.Ready)) // draining
	default:
		it.inFlight = true
		it.turn(claiming, now)
		w.depart(ctx, l, it)
	}
}

// send writes a claimed command, unless it is held back meanwhile, or so much time
// has passed since the claim that somebody may have asked about it already.
func (w *worker) send(ctx context.Context, it *item, claimed time.Time) {
	now := w.o.Now()
	if _, why := w.hold(it, now); ctx.Err() != nil || why != Free || now.Sub(claimed) > w.o.Times.ClaimAge {
		it.turn(returning, w.o.Now())
		w.giveBack(ctx, it)
		return
	}
	sending, cancel := context.WithTimeout(ctx, w.o.Times.Send)
	failpoint.Hit(failpoint.SendEmit)
	err := w.o.Sender.Send(sending, it.entry.Command)
	failpoint.Hit(failpoint.SendEmitted)
	cancel()
	w.sent(ctx, it, err)
}

// sent says what the result of a write means: the one place that does.
func (w *worker) sent(ctx context.Context, it *item, err error) {
	now := w.o.Now()
	switch {
	case err == nil:
		it.misses = 0
		it.turn(flying, now.Add(w.o.Times.timeout(&it.entry.Command)))
	case errors.Is(err, command.ErrInvalid):
		w.land(it)
		w.judge(it, event.CodeInvalid, err.Error())
	case errors.Is(err, command.ErrNotSent):
		w.o.Log.Warn("command not sent", "robot", w.key.robot, "message_id", it.entry.Command.MessageID, "error", err)
		it.misses++
		it.turn(returning, now)
		w.giveBack(ctx, it)
	default: // it may have left: ask, never repeat blindly
		w.o.Log.Warn("command may have been sent", "robot", w.key.robot, "message_id", it.entry.Command.MessageID, "error", err)
		w.land(it)
		it.turn(lost, w.overdue(it))
	}
}

// overdue is until when a robot may be at a command that may have left. Messages can be
// looked up meanwhile; of the others the next may not leave before, for a robot does
// one at a time. A clock that was put back does not prolong it.
func (w *worker) overdue(it *item) time.Time {
	now, c := w.o.Now(), &it.entry.Command
	if c.Lane != command.LaneAction {
		return now
	}
	timeout := w.o.Times.timeout(c)
	if due := it.entry.StartedAt.Add(timeout); due.Sub(now) < timeout {
		return due
	}
	return now.Add(timeout)
}

// giveBack returns a claim that surely put nothing on the wire. It is done even
// while the program stops: else the next start would have to ask.
func (w *worker) giveBack(ctx context.Context, it *item) {
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), w.o.Times.Send)
	defer cancel()
	now := w.o.Now()
	next := now
	if it.misses > 0 {
		next = now.Add(w.o.Times.pause(it.misses, w.o.Random))
	}
	given := w.change(closing, it, func(tx state.Tx, e *state.Entry) {
		w.uncount(tx, &e.Command, e.StartedAt)
		if w.o.Breakers != nil {
			w.o.Breakers.givenBack(tx, &e.Command, now)
		}
		e.State = state.Pending
		e.Attempt--
		e.NotBefore = next
	})
	if given {
		failpoint.Hit(failpoint.SendGivenBack)
		w.land(it)
		w.o.Limiter.Return(it.booking)
		it.booking = ratelimit.Booking{}
		it.turn(waiting, next)
	}
}
