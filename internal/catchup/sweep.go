package catchup

import (
	"context"
	"slices"
	"sync"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/state"
	"botengine/internal/yjiyun/rest"
)

const (
	sweepIn     = time.Minute      // after its echo came, a message is looked up
	sweepBatch  = 20               // messages of a chat in one question
	sweepTries  = 3                // questions about a message, if the history cannot be asked
	sweepBefore = 10 * time.Minute // how long before its echo a message may have been sent
	sweepRoom   = 50_000           // messages that may wait for being looked up
)

// sweeper looks messages up whose echo came: that may mean no more than that the
// platform took them.
type sweeper struct {
	bell chan struct{} // rings when there is something to wait for; never closed

	mu   sync.Mutex // guards wait
	wait []echoed   // in the order of at
}

// echoed is a message whose echo came.
type echoed struct {
	robot, peer, id string
	came, at        time.Time // when it came, and when it is to be looked up
	tries           int
}

// Echoed takes note of a message that ended well because its echo came. It never
// blocks. What waits when the process ends is found by the next reading.
func (r *Runner) Echoed(e *state.Entry) {
	_, peer, ok := event.SplitChatID(e.Command.Chat)
	if !ok || e.State != state.Confirmed || e.Command.Class != command.Verifiable {
		return
	}
	now := r.o.Now()
	r.sweep.put(echoed{robot: e.Command.Robot, peer: peer, id: e.Command.MessageID, came: now, at: now.Add(r.o.SweepIn)})
}

func (s *sweeper) put(e echoed) {
	s.mu.Lock()
	if len(s.wait) < sweepRoom {
		s.wait = append(s.wait, e)
	}
	s.mu.Unlock()
	select {
	case s.bell <- struct{}{}:
	default: // it rings already
	}
}

// sweepAll looks messages up when it is time, until ctx ends.
func (r *Runner) sweepAll(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for ctx.Err() == nil {
		due, next := r.sweep.due(r.o.Now())
		for _, batch := range batches(due) {
			r.look(ctx, batch)
		}
		if len(due) > 0 {
			continue
		}
		timer.Reset(next)
		select {
		case <-ctx.Done():
		case <-r.sweep.bell:
		case <-timer.C:
		}
	}
}

// due takes out what is to be looked up now; next is how long to wait for more.
func (s *sweeper) due(now time.Time) (due []echoed, next time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for n < len(s.wait) && !s.wait[n].at.After(now) {
		n++
	}
	due = slices.Clone(s.wait[:n])
	s.wait = slices.Delete(s.wait, 0, n)
	if len(s.wait) == 0 {
		return due, time.Hour
	}
	return due, s.wait[0].at.Sub(now)
}

// batches are questions: each about some messages of one chat.
func batches(all []echoed) (out [][]echoed) {
	chats := map[[2]string][]echoed{}
	var order [][2]string
	for _, e := range all {
		k := [2]string{e.robot, e.peer}
		if chats[k] == nil {
			order = append(order, k)
		}
		chats[k] = append(chats[k], e)
	}
	for _, k := range order {
		out = slices.AppendSeq(out, slices.Chunk(chats[k], sweepBatch))
	}
	return out
}

// look asks what became of messages of one chat, and reports those that were not
// delivered.
func (r *Runner) look(ctx context.Context, batch []echoed) {
	q := rest.MessagesQuery{RobotKey: batch[0].robot, ChatUser: batch[0].peer, From: r.clock.Platform(batch[0].came).Add(-sweepBefore)}
	for _, e := range batch {
		q.IDs = append(q.IDs, e.id)
	}
	found, err := r.o.Platform.Messages(ctx, q)
	if err != nil {
		r.lookLater(ctx, batch, err)
		return
	}
	var ends []event.Event
	for _, e := range batch {
		r.count.swept.Add(1)
		if rest.FateOf(found, e.id) == rest.FateFailed {
			ends = append(ends, r.undelivered(e.robot, e.id))
		}
	}
	if len(ends) == 0 {
		return
	}
	if _, err := r.o.TakeIn(ctx, ends); err != nil {
		r.lookLater(ctx, batch, err)
		return
	}
	r.count.undelivered.Add(uint64(len(ends)))
}

func (r *Runner) lookLater(ctx context.Context, batch []echoed, err error) {
	if ctx.Err() != nil {
		return
	}
	if batch[0].tries+1 >= sweepTries {
		r.count.unswept.Add(uint64(len(batch)))
		r.o.Log.Warn("what became of messages cannot be found out", "robot", batch[0].robot, "messages", len(batch), "error", err)
		return
	}
	for _, e := range batch {
		e.tries++
		e.at = r.o.Now().Add(r.o.SweepIn)
		r.sweep.put(e)
	}
}

// undelivered is the end of a message that the platform could not deliver (§2.11,
// sendStatus 2). Where it had ended well, because its echo came, it ends anew.
func (r *Runner) undelivered(robot, messageID string) event.Event {
	now := r.o.Now()
	return event.Event{
		Kind: event.Result, Account: r.o.Account, Robot: event.Robot{Key: robot, Status: event.StatusUnknown},
		Time: now, Received: now, From: event.FromHistory,
		Result: event.CommandEnd{
			Type: "message", MessageID: messageID, Code: command.CodeUndelivered, Msg: "the platform could not deliver it",
		},
	}
}
