package engine

import (
	"fmt"

	"botengine/internal/actions"
	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

const (
	// maxHops is how many rules may lie between what happened and a firing, less
	// one: a rule that leads to itself stops there.
	maxHops = 3
	// maxDerived is how many events rules may make of one event, so that a few
	// rules that lead to each other cannot multiply without end.
	maxDerived = 100
)

// emit makes the event of an `emit` step.
func (r *runner) emit(e *actions.Emit) error {
	ev := r.derived(event.Emitted, r.path(), e.Name)
	if e.Text != "" {
		ev.Message.Text = e.Text
	}
	return r.d.ledger.derive(ev)
}

// noteFired makes the event that rules hear which listen to firings.
func (r *runner) noteFired() {
	if set := r.d.in.Set; set == nil || !set.Listens(event.RuleFired) {
		return
	}
	if err := r.d.ledger.derive(r.derived(event.RuleFired, "fired", "")); err != nil {
		r.d.ledger.problem(r.rule.ID, "", err.Error())
	}
}

// derived makes an event about what the run is about. It happens now, but by the
// clock of the event in hand, so that it is the same however often that is decided.
func (r *runner) derived(kind event.Kind, path, name string) event.Event {
	ev := r.run.Event.Derive(kind, command.Key(r.run.Key, r.rule.ID, path, string(kind)+"/"+name), event.Cause{Rule: r.rule.ID, Name: name})
	ev.Time, ev.Received = r.d.in.Event.Time, r.d.in.Event.Received
	return ev
}

// derive hands an event to the rules once those of the event in hand are through.
func (l *ledger) derive(ev event.Event) error {
	if l.made >= maxDerived {
		return fmt.Errorf("one event led to %d others already", maxDerived)
	}
	l.made++
	l.derived = append(l.derived, ev)
	return nil
}

// chain judges the rules for every event that rules made of this one.
func (d *decider) chain() (verdicts []Verdict) {
	in, key, taken := d.in, d.key, d.taken
	defer func() { d.in, d.key, d.taken = in, key, taken }()
	for len(d.ledger.derived) > 0 {
		ev := d.ledger.derived[0]
		d.ledger.derived = d.ledger.derived[1:]
		d.in.Event, d.in.Ended, d.in.Matches = &ev, nil, in.Set.Match(&ev, in.Now, false)
		d.key, d.taken = eventKey(&ev), nil
		if in.Derived != nil {
			in.Derived(&ev)
		}
		for _, v := range d.walk() {
			v.Detail = becauseOf(&ev, v.Detail)
			verdicts = append(verdicts, v)
		}
		verdicts = append(verdicts, d.begun...)
		d.begun = nil
	}
	return verdicts
}

// becauseOf says of a verdict that it is about an event which a rule made.
func becauseOf(ev *event.Event, detail diag.Text) diag.Text {
	name := ev.Kind.Trigger()
	if ev.Kind == event.Emitted {
		name += "." + ev.Cause.Name
	}
	return diag.Text{
		ZH: fmt.Sprintf("规则 `%s` 引出的 %s：%s", ev.Cause.Rule, name, detail.ZH),
		EN: fmt.Sprintf("%s, made by rule `%s`: %s", name, ev.Cause.Rule, detail.EN),
	}
}

// tooFar says whether too many rules lie between the event and what happened.
func (d *decider) tooFar() (rule.Outcome, diag.Text) {
	if d.in.Event.Cause.Hops <= maxHops {
		return "", diag.Text{}
	}
	return rule.HopLimit, diag.T("规则引出规则已经有 %d 层，最后一层是 `%s`", "rules led to rules %d times over, the last was `%s`", d.in.Event.Cause.Hops, d.in.Event.Cause.Rule)
}

// ownEffect counts a hop for the robot's own message that a rule's command was.
func ownEffect(ev *event.Event, ended *command.Command) *event.Event {
	if ended == nil || ended.Rule == "" || !ev.IsEcho() {
		return ev
	}
	out := *ev
	out.Cause = event.Cause{Rule: ended.Rule, Hops: ended.Hops + 1}
	return &out
}
