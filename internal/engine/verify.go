package engine

import (
	"strconv"
	"time"

	"botengine/internal/actions"
	"botengine/internal/event"
)

// CodeNotVerified is the code of a step that went well, as the platform said, or that
// nobody knows of, and of which nothing is to be seen.
const CodeNotVerified = "not_verified"

// looking is how far a step got in asking whether what it did is so.
type looking struct {
	Until time.Time `json:"until"`           // no look is taken after it
	Asked int       `json:"asked,omitempty"` // questions so far
	Nth   int       `json:"nth,omitempty"`   // the question in hand, of those of one look
	Waits bool      `json:"waits,omitempty"` // for an answer; else for the next look
	Over  bool      `json:"-"`               // the step is to end now
}

// look begins to ask whether what the step did is so, if its `verify` says so.
func (r *runner) look() bool {
	s := r.inHand()
	if s.Verify == nil || r.run.Look != nil {
		return false
	}
	now := r.d.in.Now
	r.run.Look = &looking{Until: now.Add(s.Verify.Within)}
	r.run.Await, r.run.Due = "", dueAt(now, min(s.Verify.Every, s.Verify.Within))
	return true
}

// rests says whether the step in hand waits between two tries or looks.
func (r *runner) rests() bool {
	return r.run.Pausing || r.run.Look != nil && !r.run.Look.Over
}

// lookAgain goes on with the look: the time for it has come, or an answer.
func (r *runner) lookAgain(end event.CommandEnd) {
	if l := r.run.Look; l.Waits {
		l.Waits = false
		r.hear(end)
		return
	}
	r.run.Due = time.Time{}
	r.ask()
}

// ask asks the question in hand. When none is left, all that was asked is so.
func (r *runner) ask() {
	l := r.run.Look
	verifier, ok := r.inHand().Action.(actions.Verifier)
	if !ok {
		r.stopLooking(event.CodeInvalid, "verify: the action cannot be asked about")
		return
	}
	q, err := verifier.Verify(r.env(), l.Nth)
	switch {
	case err != nil:
		r.stopLooking(event.CodeInvalid, err.Error())
	case q == nil:
		r.stopLooking(event.CodeOK, "verified")
	default:
		l.Asked++
		l.Waits = true
		r.issue(q.Command, r.path()+"?"+strconv.Itoa(l.Asked))
	}
}

// hear takes an answer. One that did not come, or cannot be read, says nothing.
func (r *runner) hear(end event.CommandEnd) {
	l := r.run.Look
	if end.Code != event.CodeOK {
		r.lookLater("the platform did not answer: " + end.Msg)
		return
	}
	verifier, _ := r.inHand().Action.(actions.Verifier)
	q, err := verifier.Verify(r.env(), l.Nth)
	if err != nil || q == nil {
		r.stopLooking(event.CodeInvalid, "verify: the question is gone")
		return
	}
	switch holds, err := q.Holds(end.Payload); {
	case err != nil:
		r.lookLater(err.Error())
	case !holds:
		r.lookLater("it is not so")
	default:
		l.Nth++
		r.ask()
	}
}

// lookLater looks once more, unless the time for it is over.
func (r *runner) lookLater(why string) {
	l, every := r.run.Look, r.inHand().Verify.Every
	due := dueAt(r.d.in.Now, every)
	if due.After(l.Until) {
		r.stopLooking(CodeNotVerified, "asked "+strconv.Itoa(l.Asked)+" times: "+why)
		return
	}
	l.Nth = 0
	r.run.Due = due
}

func (r *runner) stopLooking(code, msg string) {
	r.run.Look.Over = true
	r.end(code, msg)
}
