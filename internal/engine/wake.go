package engine

import (
	"fmt"
	"strconv"
	"strings"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// wake carries on the run that the event is for: a timer's run, or the run of the
// command that has ended. An event for a run that is gone, or that waits for
// something else by now, changes nothing.
func (d *decider) wake() *Woken {
	id := d.runToWake()
	if id == "" || d.in.Facts == nil {
		return nil
	}
	r := d.stored(id, d.awaited)
	if r == nil {
		return nil
	}
	end := d.end()
	return d.carry(r, func() { r.resume(end) })
}

// stored reads a run that waits for what is wanted; nil when there is none. A run
// that cannot be carried on is removed.
func (d *decider) stored(id string, wanted func(*run) bool) *runner {
	state, there, err := d.readRun(id)
	if !there {
		return nil
	}
	if err != nil {
		d.drop(id, "", err.Error())
		return nil
	}
	if !wanted(state) {
		return nil
	}
	text, err := d.textOf(state)
	if err != nil {
		d.drop(id, state.Rule, err.Error())
		d.vacate(state.Slot, id)
		return nil
	}
	return &runner{d: d, id: id, run: state, rule: text, stored: true}
}

func (d *decider) runToWake() string {
	switch {
	case d.in.Event.Kind == event.Timer:
		return d.in.Event.Timer.Run
	case d.in.Ended != nil:
		return d.in.Ended.Run
	}
	return ""
}

// awaited reports whether the event is what the run waits for.
func (d *decider) awaited(state *run) bool {
	if d.in.Event.Kind == event.Timer {
		return !state.Due.IsZero() && timerFits(d.in.Event.ID, state.Due.UnixMilli())
	}
	return state.Await != "" && state.Await == d.in.Ended.MessageID
}

// timerFits reports whether a timer of that name, <run>/…/<due unix ms>, was set
// for the time. A late delivery of a timer must not end a wait that began after it.
func timerFits(name string, due int64) bool {
	at, err := strconv.ParseInt(name[strings.LastIndexByte(name, '/')+1:], 10, 64)
	return err != nil || at == due
}

// drop ends a run that cannot be carried on.
func (d *decider) drop(id, ruleID, why string) {
	d.ledger.problem(ruleID, "", "run given up: "+why)
	d.ledger.runs = append(d.ledger.runs, RunWrite{ID: id, Robot: d.in.Event.Robot.Key, Done: true})
}

// carry tells the run what it waited for and goes on. A run that panics is given
// up, and nothing of what it just did stays.
func (d *decider) carry(r *runner, tell func()) (w *Woken) {
	mark := d.ledger.mark()
	w = &Woken{Run: r.id, Rule: r.run.Rule}
	defer func() {
		if cause := recover(); cause != nil {
			d.ledger.rollback(mark)
			d.blame(r.run.Rule)
			d.drop(r.id, r.run.Rule, "the rule panicked")
			d.vacate(r.run.Slot, r.id)
			w = &Woken{Run: r.id, Rule: r.run.Rule}
		}
	}()
	if r.inHand() == nil {
		d.drop(r.id, r.run.Rule, "its rule has no such step")
		return w
	}
	if r.run.Waits {
		d.begun = append(d.begun, r.beginNow())
		return nil
	}
	tell()
	r.proceed()
	w.Step, w.Steps, w.Commands = r.waitsIn(), r.reports, r.issued
	return w
}

// end is how the wait ended. An echo is a message's success.
func (d *decider) end() event.CommandEnd {
	ev := d.in.Event
	if ev.Kind == event.Result {
		return ev.Result
	}
	return event.CommandEnd{Code: event.CodeOK}
}

// resume settles what the step in hand waited for. The step stays in hand when it
// is to be planned again.
func (r *runner) resume(end event.CommandEnd) {
	r.run.Await = ""
	s := r.inHand()
	switch {
	case r.run.Look != nil:
		r.lookAgain(end)
	case r.run.Pausing:
		r.tryAgain()
	case s.Op == rule.OpWait:
		r.unanswered(s)
	case r.run.Tags && !r.run.Asked && end.Code == event.CodeOK:
		r.run.Asked = true
	case r.run.Tags && !r.run.Asked:
		r.end(end.Code, "ask for the tags: "+end.Msg)
	case refused(end.Code) && r.run.More:
		r.run.Attempt++
	case r.run.Many:
		r.nextTarget(end)
	default:
		r.settle(end)
	}
}

// nextTarget turns to the next of several targets, whatever became of the one in
// hand. After the last the step ends with the first failure, if there was one.
func (r *runner) nextTarget(end event.CommandEnd) {
	if r.again(end.Code) {
		return
	}
	r.run.Try = 0
	if end.Code != event.CodeOK && r.run.Code == "" {
		r.run.Code, r.run.Msg = end.Code, fmt.Sprintf("target %d: %s", r.run.Attempt+1, end.Msg)
	}
	switch {
	case r.run.Next:
		r.run.Attempt++
	case r.run.Code != "":
		r.end(r.run.Code, r.run.Msg)
	default:
		r.end(end.Code, end.Msg)
	}
}

// settle ends the step in hand as its command ended, and keeps what it looked up.
// An answer that cannot be read is a failure: what it does not say must not be
// taken for no.
func (r *runner) settle(end event.CommandEnd) {
	look := r.inHand().Action.Looks()
	if look == nil || end.Code != event.CodeOK {
		r.end(end.Code, end.Msg)
		return
	}
	found, err := look.Read(r.d.in.Ended.Fields, end.Payload)
	if err != nil {
		r.end(event.CodeInvalid, err.Error())
		return
	}
	if r.run.Found == nil {
		r.run.Found = make(map[string]expression.Found)
	}
	r.run.Found[look.As] = found
	r.end(end.Code, end.Msg)
}

// refused reports whether the platform itself said no, so that surely nothing
// happened and another target may be tried.
func refused(code string) bool {
	switch code {
	case event.CodeOK, event.CodeTimeout, event.CodeUnknown, event.CodeExpired, event.CodeInvalid, event.CodeTakenOver, event.CodePaused:
		return false
	}
	return true
}

// textOf finds the rule as it was when the run began.
func (d *decider) textOf(state *run) (*rule.Rule, error) {
	if d.in.Set != nil {
		if r, ok := d.in.Set.Rule(state.Rule); ok && r.Hash == state.Hash {
			return r, nil
		}
	}
	return d.archived(state.Rule, state.Hash)
}
