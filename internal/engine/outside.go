package engine

import (
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// closedAtMost is how long a rule that does not open again within a year holds its
// peace after what it did outside of its hours.
const closedAtMost = 367 * 24 * time.Hour

// outsideKey is out/<rule>/<chat>: the rule did there what it does outside of its
// hours, and lapses when they begin again.
func outsideKey(r *rule.Rule, ev *event.Event) string {
	return path("out", r.ID, ev.Robot.Key, peerOf(ev))
}

// beyondHours does what the rule does outside of its hours: once in each chat until
// they have come and gone again.
func (d *decider) beyondHours(m rule.Match, v *Verdict) {
	key, now := outsideKey(m.Rule, d.in.Event), d.in.Now
	if until, ok := d.until(key, closedAtMost); ok {
		v.Outcome = rule.Inactive
		v.Detail = diag.Text{
			ZH: m.Detail.ZH + "；`outside` 的步骤已经做过，" + brief(left(until, now)) + " 后恢复",
			EN: m.Detail.EN + "; its `outside` steps were done, it is on again in " + brief(left(until, now)),
		}
		return
	}
	mark := d.ledger.mark()
	until := m.Rule.Opens(now)
	if until.IsZero() {
		until = now.Add(closedAtMost)
	}
	d.ledger.write(FactWrite{Key: key, Value: []byte(now.UTC().Format(time.RFC3339Nano)), Expires: until})
	r := d.begin(m, m.Rule.Outside)
	r.proceed()
	v.Outcome, v.Detail, v.Run, v.Step, v.Steps, v.Commands = rule.Outside, m.Detail, r.id, r.waitsIn(), r.reports, r.issued
	unproven, why := d.unproven(m.Rule)
	if m.Rule.Mode == rule.ModeShadow || unproven != "" {
		v.Would = d.ledger.commandsSince(mark)
		d.ledger.rollback(mark)
		v.Outcome, v.Run, v.Commands, v.Step = rule.Shadow, "", nil, ""
		if unproven != "" {
			v.Outcome, v.Detail = unproven, why
		}
	}
}

// opened forgets, in a chat where the rule fires within its hours, what it did there
// outside of them: its hours may have been edited since.
func (d *decider) opened(r *rule.Rule) {
	if r.Outside == rule.End {
		return
	}
	key := outsideKey(r, d.in.Event)
	if _, _, ok := d.ledger.read(key); ok {
		d.ledger.write(FactWrite{Key: key, Delete: true})
	}
}
