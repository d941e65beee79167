package intake

import (
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/failpoint"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// happen is the one transaction of an event. It may run twice: it does nothing but
// use tx and decide, and tell those who send what they would hear soon anyway.
func (t *taking) happen(tx state.Tx) error {
	if t.poisoned {
		return t.transactPoisoned(tx)
	}
	return t.transact(tx)
}

// transact is what becomes of an event whose handling does not panic.
func (t *taking) transact(tx state.Tx) error {
	t.outcome = outcome{}
	now := t.in.o.Now()
	failpoint.Hit(failpoint.IngestDedupe)
	var s settlement
	if !t.plain {
		s = t.settle(tx, now)
	}
	if s.ended != nil {
		failpoint.Hit(failpoint.ConfirmRead)
	}
	t.outcome.note(s)
	matches := t.matches
	switch seen := tx.Seen(t.keys); {
	case seen && s.ended == nil:
		t.outcome.duplicate = true
		if t.plain { // for the one before it, whose mark it may carry
			t.raiseMark(tx)
		}
		t.rest(tx)
		return nil
	case seen:
		matches = nil // its rules have had it; the run that waits has not
		t.outcome.again = true
	case t.plain:
	case t.ev.Kind == event.Result && s.ended == nil:
		return nil // it settles nothing, or the command is to be sent again
	case t.ev.Kind == event.MemberJoin && !t.joined(tx, now):
		tx.MarkSeen(t.keys, now)
		t.outcome.duplicate = true // all of them were heard of already
		return nil
	}
	tx.MarkSeen(t.keys, now)
	failpoint.Hit(failpoint.IngestSeen)
	t.raiseMark(tx)
	t.byHand = !t.plain && writtenByHand(t.ev, s)
	idle := t.plain || len(matches) == 0 && s.ended == nil && !mayWake(t.ev.Kind) && !engine.TakesOver(t.ev, t.byHand)
	if idle && !t.in.waits.mayAnswer(tx, t.ev, now) {
		t.decideNothing()
		t.journal(tx, now, &s)
		return nil
	}
	t.decide(tx, matches, s.ended, now)
	t.expect(tx)
	t.journal(tx, now, &s)
	t.rest(tx)
	return nil
}

// isPlain reports whether the event is a message that is the end of no command, was
// written in nobody's place and takes over no chat: like most. It concerns rules that
// match it, and runs that wait for an answer; the writer, whom all wait for, need not
// look at it again to know.
func isPlain(ev *event.Event) bool {
	return ev.Kind.IsMessage() && ev.Kind != event.MessagePhone && !ev.Sender.IsSelf && !engine.TakesOver(ev, false)
}

// transactPoisoned remembers the event, settles what it ends, and gives up the run
// that it was for: nothing else would ever wake that.
func (t *taking) transactPoisoned(tx state.Tx) error {
	t.outcome = outcome{}
	now := t.in.o.Now()
	s := t.settle(tx, now)
	t.outcome.note(s)
	t.outcome.again = tx.Seen(t.keys)
	tx.MarkSeen(t.keys, now)
	t.journal(tx, now, &s)
	if s.ended != nil && s.ended.Run != "" {
		tx.DeleteRun(s.ended.Run)
	}
	if r, ok := t.dueRun(tx); ok {
		tx.DeleteRun(r.ID)
	}
	return nil
}

// settle settles what the event is the end of, and tells who has to know.
func (t *taking) settle(tx state.Tx, now time.Time) settlement {
	s := settle(tx, t.ev, now, t.in.o.Random)
	if s.changed != nil {
		t.in.o.Ended(tx, s.changed, now)
	}
	return s
}

// writtenByHand says whether a person wrote the message in the robot's place: on
// its phone, or in another way that is no command of ours coming back.
func writtenByHand(ev *event.Event, s settlement) bool {
	return ev.Kind == event.MessagePhone || ev.IsEcho() && !s.ours && (ev.From != event.FromHistory || !command.IsMessageID(ev.ID))
}

// note takes over what settling came to.
func (o *outcome) note(s settlement) {
	o.late = s.late
	if s.changed != nil {
		o.changed = append(o.changed, *s.changed)
	}
	if s.ended != nil {
		o.settled = s.changed
	}
}

// mayWake reports whether events of the kind concern more than the rules that
// match them: waiting runs, and what the platform tells of itself.
func mayWake(k event.Kind) bool { return k == event.Result || k == event.Timer }

// decideNothing is what the engine makes of an event that no rule matches and
// nobody waits for: of most. The writer, whom all wait for, is not held up by it.
func (t *taking) decideNothing() {
	t.outcome.decided = true
	if len(t.keys) > 0 {
		t.outcome.decision.Event = t.keys[0]
	}
	if t.set != nil {
		t.outcome.decision.Generation = t.set.Hash
	}
}

func (t *taking) decide(tx state.Tx, matches []rule.Match, ended *command.Command, now time.Time) {
	d := engine.Decide(engine.Input{
		Set:     t.set,
		Event:   t.ev,
		Matches: matches,
		Ended:   ended,
		Now:     now, // of the commit: what others committed before lies before it
		Facts:   past{tx},
		Cache:   t.in.cache,

		Takeover: t.in.o.Takeover,
		ByHand:   t.byHand,
		Robots:   t.in.o.Robots,
		Chats:    t.in.o.Chats,
		Guard:    t.in.o.Guard,
		Seen:     t.in.o.Seen,
		Blast:    t.in.o.Blast,
		Fuses:    t.in.o.Fuses,

		Quarantine: t.in.o.Quarantine,
	})
	failpoint.Hit(failpoint.EngineDecided)
	t.outcome.decision, t.outcome.decided = d, true
	t.in.waits.note(d.Facts)
	for _, f := range d.Facts {
		if f.Delete {
			tx.DeleteFact(f.Key)
		} else {
			tx.SetFact(f.Key, f.Value, f.Expires)
		}
	}
	for _, a := range d.Archives {
		tx.PutArchive(a.Hash, a.Data)
	}
	for _, r := range d.Runs {
		writeRun(tx, r)
	}
	t.outcome.made = len(t.outcome.changed)
	for _, c := range d.Commands {
		if e := t.doubt(tx, tx.Enqueue(c)); !e.Ended() {
			t.outcome.changed = append(t.outcome.changed, e)
		}
	}
	failpoint.Hit(failpoint.IngestWritten)
}

// expect lets those who send claim the new commands in this very commit.
func (t *taking) expect(tx state.Tx) {
	made := t.outcome.changed[t.outcome.made:]
	if t.in.o.Expect == nil || len(made) == 0 {
		return
	}
	if l, ok := tx.(state.Lingerer); ok {
		l.Linger(func() (<-chan struct{}, bool) { return t.in.o.Expect(made) })
	}
}

// past is what a transaction knows of the past, and of what was sent.
type past struct{ state.Tx }

// Sent implements engine.Sends.
func (p past) Sent(messageID string) bool {
	e, ok := p.Entry(messageID)
	return ok && e.State != state.Pending
}

// SentAt implements engine.SendTimes.
func (p past) SentAt(messageID string) (time.Time, bool) {
	e, ok := p.Entry(messageID)
	return e.StartedAt, ok && e.State != state.Pending && !e.StartedAt.IsZero()
}

func writeRun(tx state.Tx, r engine.RunWrite) {
	if r.Done {
		tx.DeleteRun(r.ID)
		return
	}
	tx.PutRun(state.Run{ID: r.ID, Robot: r.Robot, Due: r.Due, Data: r.Data})
}

// rest puts a run to rest that its own timer did not move: it would be due for
// ever, and wake line 1 without end.
func (t *taking) rest(tx state.Tx) {
	if t.ev.Kind != event.Timer {
		return
	}
	for _, r := range t.outcome.decision.Runs {
		if r.ID == t.ev.Timer.Run {
			return
		}
	}
	if r, ok := t.dueRun(tx); ok {
		r.Due = time.Time{}
		tx.PutRun(r)
	}
}

// dueRun is the run that the event is the timer of, as long as it waits for it.
func (t *taking) dueRun(tx state.Tx) (state.Run, bool) {
	if t.ev.Kind != event.Timer {
		return state.Run{}, false
	}
	r, ok := tx.Run(t.ev.Timer.Run)
	return r, ok && timerID(&r) == t.ev.ID
}
