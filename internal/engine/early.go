package engine

import (
	"maps"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// A person may answer before the platform has told that the question is sent: the
// echo and the answer are on roads of their own. So a run hears answers from when
// its question is on the wire, and keeps the first for the wait that follows. What
// people write before that is none.

// earlyFor is how long a run listens for the answer to a question of which nothing
// is heard: longer than the question itself lives, with all doubt about it.
const earlyFor = 2 * messageLife

// Sends is what Facts may know of commands, too.
type Sends interface {
	// Sent reports whether a command may be on the wire already.
	Sent(messageID string) bool
}

// sent reports whether a command may be on the wire; where nobody knows, it is.
func (d *decider) sent(messageID string) bool {
	s, knows := d.in.Facts.(Sends)
	return !knows || s.Sent(messageID)
}

// waitsNext is the wait that follows a step right away; nil: none does, or it is
// not certain.
func (r *runner) waitsNext(s *rule.Step) *rule.Step {
	if s.Next < 0 || s.Next >= len(r.rule.Steps) {
		return nil
	}
	next := &r.rule.Steps[s.Next]
	if next.Op != rule.OpWait || next.When != nil {
		return nil
	}
	return next
}

// listenEarly begins to listen for the answer to the message that the step in hand
// has just issued, if the step after it waits for one.
func (r *runner) listenEarly(s *rule.Step, c *command.Command) {
	next := r.waitsNext(s)
	_, peer, _ := event.SplitChatID(c.Chat)
	if next == nil || len(r.run.Ears) > 0 || r.run.Early != nil || !c.IsMessage() || peer != peerOf(&r.run.Event) {
		return
	}
	people, err := r.waitsFor(next.Wait)
	if err != nil {
		return // the wait will say so
	}
	until := dueAt(r.d.in.Now, earlyFor)
	if !r.listenTo(people, until) {
		return // as above
	}
	r.d.noteWaits(until)
}

// hears is the step that a message is an answer for: the wait in hand, or that which
// follows the question in hand.
func (r *runner) hears() *rule.Step {
	s := r.inHand()
	switch {
	case s == nil || s.Op == rule.OpWait:
		return s
	case r.run.Early != nil || r.run.Await == "" || !r.d.sent(r.run.Await):
		return nil
	}
	return r.waitsNext(s)
}

// keep keeps the message as the answer to the question in hand.
func (r *runner) keep(hit expression.Hit) *Woken {
	r.run.Early = answerIn(r.d.in.Event, hit)
	r.deafen()
	r.save()
	return &Woken{Run: r.id, Rule: r.run.Rule, Step: r.waitsIn()}
}

// hush ends all listening, and returns the answer that came early, if one did.
func (r *runner) hush() *expression.Answer {
	early := r.run.Early
	r.run.Early = nil
	r.deafen()
	return early
}

// assumed are the results of the steps as they will be once the question in hand is
// told to be sent.
func (r *runner) assumed() map[string]expression.StepResult {
	s := r.inHand()
	if s.Op == rule.OpWait {
		return r.run.Steps
	}
	steps := maps.Clone(r.run.Steps)
	if steps == nil {
		steps = make(map[string]expression.StepResult)
	}
	steps[s.ID] = expression.StepResult{Code: event.CodeOK, OK: true}
	return steps
}

// mayHear reports whether the run listens at that time.
func (r *run) mayHear(now time.Time) bool {
	return len(r.Ears) > 0 && (r.Await != "" || now.Before(r.Due))
}
