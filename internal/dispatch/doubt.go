package dispatch

import (
	"context"
	"fmt"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/state"
)

// resolve decides what becomes of a command whose fate nobody knows. Its class
// says what may be done.
func (w *worker) resolve(ctx context.Context, it *item) {
	switch it.entry.Command.Class {
	case command.Verifiable:
		w.doubt(ctx, it)
	case command.Idempotent:
		w.repeat(it)
	default:
		w.judge(it, event.CodeUnknown, "no result came: it may or may not have happened")
	}
}

// doubt marks an entry as ambiguous, so that every later start asks too.
func (w *worker) doubt(ctx context.Context, it *item) {
	marked := it.entry.State == state.Ambiguous || w.change(ctx, it, func(_ state.Tx, e *state.Entry) {
		e.State = state.Ambiguous
	})
	if marked {
		w.d.stats.doubts.Add(1)
		failpoint.Hit(failpoint.DoubtMarked)
		it.healthy, it.absent = false, time.Time{}
		it.turn(doubtful, w.o.Now())
	}
}

// repeat sends an idempotent command again, a bounded number of times.
func (w *worker) repeat(it *item) {
	if it.entry.Attempt >= w.o.Times.Attempts {
		w.judge(it, event.CodeTimeout, fmt.Sprintf("no result after %d attempts", it.entry.Attempt))
		return
	}
	it.turn(again, w.o.Now())
}

// sendAgain puts a command back into its place of the queue, under the same id.
func (w *worker) sendAgain(ctx context.Context, it *item) {
	next := w.o.Now().Add(w.o.Times.pause(it.entry.Attempt, w.o.Random))
	changed := w.change(ctx, it, func(_ state.Tx, e *state.Entry) {
		e.State = state.Pending
		e.NotBefore = next
	})
	if changed {
		failpoint.Hit(failpoint.DoubtAgain)
		it.turn(waiting, next)
	}
}

// inquire asks the history: after the connection is up again, and a grace in
// which a late echo may still come.
func (w *worker) inquire(ctx context.Context, it *item) {
	now := w.o.Now()
	ready := w.o.Sender.Ready(w.key.account, w.key.robot)
	switch {
	case it.asking:
		it.at = now.Add(longest) // the answer will ring
	case w.o.Asker == nil:
		w.judge(it, event.CodeUnknown, "no echo came, and there is no history to ask")
	case !ready && now.Before(w.patience(it)):
		it.healthy = false
		it.at = now.Add(w.o.Times.Ready)
	case ready && !it.healthy:
		it.healthy = true
		it.at = now.Add(w.o.Times.Grace)
	default:
		w.ask(ctx, it)
	}
}

// patience is until when a doubt is pursued.
func (w *worker) patience(it *item) time.Time {
	least := it.sentAt().Add(w.o.Times.Doubt)
	if expires := it.entry.Command.Expires; expires.After(least) {
		return expires
	}
	return least
}

// answer is what came of a question.
type answer struct {
	messageID string
	attempt   int
	is        Answer
	err       error
}

// ask asks in a goroutine of its own, so that the robot's other lanes go on.
func (w *worker) ask(ctx context.Context, it *item) {
	it.asking = true
	it.at = w.o.Now().Add(longest)
	c, attempt, sent := it.entry.Command, it.entry.Attempt, it.sentAt()
	w.d.spawn(w, func() {
		a := answer{messageID: c.MessageID, attempt: attempt}
		a.is, a.err = w.d.ask(ctx, c, sent)
		w.mu.Lock()
		w.answers = append(w.answers, a)
		w.mu.Unlock()
		w.nudge()
	})
}

// ask asks when there is a place for another question.
func (d *Dispatcher) ask(ctx context.Context, c command.Command, sent time.Time) (Answer, error) {
	select {
	case d.asks <- struct{}{}:
		defer func() { <-d.asks }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	asking, cancel := context.WithTimeout(ctx, d.o.Times.Ask)
	defer cancel()
	failpoint.Hit(failpoint.DoubtAsk)
	return d.o.Asker.Ask(asking, c, sent)
}

// weigh draws the conclusion from an answer, if the question still stands.
func (w *worker) weigh(a answer) {
	it := w.items[a.messageID]
	if it == nil || it.phase != doubtful || it.entry.Attempt != a.attempt {
		return
	}
	it.asking = false
	w.soil(it.lane)
	failpoint.Hit(failpoint.DoubtAnswered)
	if a.err != nil {
		w.unanswered(it, a.err)
		return
	}
	it.failures = 0
	w.conclude(it, a.is)
}

func (w *worker) unanswered(it *item, err error) {
	if w.o.Now().Before(w.patience(it)) {
		w.tryLater(it, "ask the history", err)
		return
	}
	w.judge(it, event.CodeUnknown, "no echo came, and the history could not be asked")
}

func (w *worker) conclude(it *item, is Answer) {
	switch is {
	case Sent, Accepted:
		w.judge(it, event.CodeOK, "found in the history")
	case Failed:
		w.judge(it, command.CodeUndelivered, "the platform could not deliver it")
	case NotSent:
		w.notSent(it)
	case Absent:
		w.missing(it)
	default:
		w.unanswered(it, fmt.Errorf("the answer is %q", is))
	}
}

// notSent sends once more what the platform took but did not send. That it did so
// twice is believed when it is said twice: the history may show the first try still.
func (w *worker) notSent(it *item) {
	switch {
	case it.entry.Attempt <= 1:
		w.mayGoAgain(it)
	case w.saidTwice(it):
		w.judge(it, command.CodeNotSent, "the platform did not send it, twice")
	}
}

// missing believes an absence the second time.
func (w *worker) missing(it *item) {
	if w.saidTwice(it) {
		w.mayGoAgain(it)
	}
}

// saidTwice reports whether the history has said some time ago, too, that there was no
// such message. Else it is asked again: it may lag, for one message more than for another.
func (w *worker) saidTwice(it *item) bool {
	now := w.o.Now()
	if it.absent.IsZero() {
		it.absent = now
	}
	if believed := it.absent.Add(w.o.Times.Settle); now.Before(believed) {
		it.at = believed
		return false
	}
	return true
}

func (w *worker) mayGoAgain(it *item) {
	switch now := w.o.Now(); {
	case expired(it, now):
		w.judge(it, event.CodeExpired, "it was not sent, and its time is over")
	case it.entry.Attempt >= w.o.Times.Attempts:
		w.judge(it, event.CodeUnknown, fmt.Sprintf("sent %d times, and never seen", it.entry.Attempt))
	default:
		it.turn(again, now)
	}
}
