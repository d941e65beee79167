package engine

import (
	"slices"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// Decide says what the event leads to. It is pure: the same input gives the same
// decision. Facts written by one rule are seen by the rules after it.
func Decide(in Input) Decision {
	in.Event = ownEffect(attributed(in.Event, in.Ended), in.Ended)
	d := &decider{in: in, ledger: newLedger(in.Facts, in.Now), key: eventKey(in.Event)}
	d.learnTags()
	d.learnTagged()
	d.learnRemark()
	d.noteTakeover()
	if w := d.wake(); w != nil {
		d.woken = append(d.woken, *w)
	}
	d.woken = append(d.woken, d.answer()...)
	verdicts := d.walk()
	verdicts = append(verdicts, d.chain()...)
	out := d.decision()
	if out.Verdicts = verdicts; len(d.begun) > 0 || len(verdicts) == 0 {
		out.Verdicts = slices.Concat(d.begun, verdicts)
	}
	if len(d.woken) > 0 {
		out.Woken, out.Others = &d.woken[0], d.woken[1:]
	}
	return out
}

// attributed adds to a result whose command it was.
func attributed(ev *event.Event, ended *command.Command) *event.Event {
	if ev.Kind != event.Result || ended == nil || ev.Result.Rule == ended.Rule && ev.Result.Step == ended.Step {
		return ev
	}
	out := *ev
	out.Result.Rule, out.Result.Step = ended.Rule, ended.Step
	return &out
}

// decider is the state of one decision.
type decider struct {
	in     Input
	ledger *ledger
	key    string    // of the event
	begun  []Verdict // of the run that the event began: it had waited to begin
	woken  []Woken
	record *record    // of the trial of the rule in hand, when it has changed
	panics []string   // the rules that panicked
	taken  *rule.Rule // which keeps the message for itself: it answers what it asked
}

// eventKey names the event in runs and command keys. A result has no dedupe key,
// because it can settle its command only once; it is named by that.
func eventKey(ev *event.Event) string {
	if key := ev.Key(); key != "" {
		return key
	}
	return "r/" + ev.Robot.Key + "/" + string(ev.Kind) + "/" + ev.Result.MessageID + ev.Hash
}

func (d *decider) decision() Decision {
	out := d.ledger.decision()
	out.Event, out.Panics = d.in.Event.Key(), d.panics
	if d.in.Set != nil {
		out.Generation = d.in.Set.Hash
	}
	return out
}

// walk judges the rules in order.
func (d *decider) walk() []Verdict {
	verdicts := make([]Verdict, 0, len(d.in.Matches))
	var stop *rule.Rule
	for _, m := range d.in.Matches {
		if d.gaveWay(m.Rule) {
			continue
		}
		v := d.try(m, stop)
		if v.Outcome.Takes() {
			d.noteAnswered(m.Rule)
		}
		if v.Outcome.Takes() && m.Rule.Stop && stop == nil {
			stop = m.Rule
		}
		verdicts = append(verdicts, v)
	}
	return verdicts
}

// judge decides one rule. A rule that panics takes nothing with it: what it wrote
// so far is undone, and the others go on.
func (d *decider) judge(m rule.Match, stop *rule.Rule) (v Verdict) {
	mark := d.ledger.mark()
	defer func() {
		if cause := recover(); cause != nil {
			d.ledger.rollback(mark)
			v = Verdict{Rule: m.Rule.ID, Outcome: rule.ConditionError, Detail: diag.T("内部错误：%v", "internal error: %v", cause)}
			d.ledger.problem(m.Rule.ID, "", "the rule panicked")
			d.blame(m.Rule.ID)
		}
	}()
	d.watch(m)
	v = Verdict{Rule: m.Rule.ID, Outcome: m.Outcome, Detail: m.Detail}
	if v.Outcome == "" {
		v.Outcome, v.Detail = d.setAside(m.Rule)
	}
	if v.Outcome == "" && stop != nil {
		v.Outcome, v.Detail = rule.Stopped, diag.T("被规则 `%s` 停止", "stopped by rule `%s`", stop.ID)
	}
	if v.Outcome == "" {
		v.Outcome, v.Detail = d.tooFar()
	}
	if v.Outcome == "" {
		v.Outcome, v.Detail = d.consumed(m.Rule)
	}
	if v.Outcome == "" {
		v.Outcome, v.Detail = d.unconcerned(m.Rule)
	}
	if v.Outcome == "" {
		v.Outcome, v.Detail = d.pending(m)
	}
	if v.Outcome == "" {
		v.Outcome, v.Detail = d.guarded(m.Rule)
	}
	if v.Outcome == "" && m.Outside {
		d.beyondHours(m, &v)
	}
	if v.Outcome == "" && !d.joins(m, &v) {
		v.Outcome, v.Detail = d.hold(m)
	}
	if v.Outcome == "" {
		d.act(m, &v)
	}
	return v
}

// hold says what the past has against the rule, in the order of rule.Gates; "" =
// nothing.
func (d *decider) hold(m rule.Match) (rule.Outcome, diag.Text) {
	for _, gate := range []func(rule.Match) (rule.Outcome, diag.Text){d.belowThreshold, d.onceOver, d.onCooldown, d.fuseOpen, d.busy, d.overLimit} {
		if outcome, detail := gate(m); outcome != "" {
			return outcome, detail
		}
	}
	return "", diag.Text{}
}

// pending asks the conditions that could not be asked without facts.
func (d *decider) pending(m rule.Match) (rule.Outcome, diag.Text) {
	if !m.Pending {
		return "", diag.Text{}
	}
	return m.Rule.Ask(d.scope(d.in.Event, m.Hit))
}

func (d *decider) scope(ev *event.Event, hit expression.Hit) *expression.Scope {
	past := factReader{d.ledger, ev, d}
	return &expression.Scope{Event: ev, Now: d.in.Now, Hit: hit, Facts: past, Past: past}
}

// act fires the rule. A rule in shadow mode does all the same, and then everything
// but the verdict is undone.
func (d *decider) act(m rule.Match, v *Verdict) {
	mark, begun := d.ledger.mark(), len(d.begun)
	turn := d.noteFiring(m)
	d.opened(m.Rule)
	r := d.begin(m, 0)
	r.gather(m.Rule.Coalesce)
	v.Detail = fits(m)
	unproven, why := d.unproven(m.Rule)
	shadow := m.Rule.Mode == rule.ModeShadow || unproven != ""
	if shadow || !r.waitsToBegin(m, turn, v) {
		r.start(v)
	}
	v.Run, v.Steps, v.Commands = r.id, r.reports, r.issued
	if shadow {
		v.Would = d.ledger.commandsSince(mark)
		d.ledger.rollback(mark)
		d.begun = d.begun[:begun]
		d.startOver(m)
		v.Outcome, v.Run, v.Commands, v.Step = rule.Shadow, "", nil, ""
		if unproven != "" {
			v.Outcome, v.Detail = unproven, why
		}
	}
}

// fits is why the rule fired: what the match said, and what it left open.
func fits(m rule.Match) diag.Text {
	if m.Detail.IsZero() {
		m.Detail = m.Passed()
	}
	if !m.Pending {
		return m.Detail
	}
	return diag.Text{ZH: m.Detail.ZH + "：成立", EN: m.Detail.EN + ": true"}
}
