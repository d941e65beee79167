package engine

import (
	"slices"
	"time"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// onceKeys are once/<rule>/<per values>: one for each new member where members are
// told apart, so that who joined with others is known when joining alone.
func (d *decider) onceKeys(m rule.Match) []string {
	ev, per := *d.in.Event, m.Rule.Once.Per
	members := ev.Members
	if personOf(&ev) != "" || len(members) == 0 || !slices.Contains(per, rule.PerMember) {
		return []string{perKey("once", m.Rule.ID, per, &ev, m.Hit)}
	}
	keys := make([]string, len(members))
	for i := range members {
		ev.Members = members[i : i+1]
		keys[i] = perKey("once", m.Rule.ID, per, &ev, m.Hit)
	}
	return keys
}

// onceOver says whether the rule fired before, for all whom the event is about.
func (d *decider) onceOver(m rule.Match) (rule.Outcome, diag.Text) {
	o := m.Rule.Once
	if o == nil {
		return "", diag.Text{}
	}
	var last time.Time
	for _, key := range d.onceKeys(m) {
		until, ok := d.firedOnce(key, o)
		if !ok {
			return "", diag.Text{}
		}
		last = until
	}
	if o.Within == 0 {
		return rule.OnceOnly, diag.T("已经触发过", "it has fired before")
	}
	return rule.OnceOnly, diag.T("%s 后可以再触发", "again in %s", brief(left(last, d.in.Now)))
}

// firedOnce says whether the rule has fired, and until when that counts; the zero
// time: for good, also where it counted for a time only before the rule was edited.
func (d *decider) firedOnce(key string, o *rule.Once) (until time.Time, fired bool) {
	if o.Within > 0 {
		return d.until(key, o.Within)
	}
	_, until, fired = d.ledger.read(key)
	if fired && !until.IsZero() {
		d.noteOnce(key, o)
	}
	return time.Time{}, fired
}

// noteOnce remembers that the rule has fired: what is meant for ever does not lapse.
func (d *decider) noteOnce(key string, o *rule.Once) {
	w := FactWrite{Key: key, Value: []byte("1")}
	if o.Within > 0 {
		w.Expires = d.in.Now.Add(o.Within)
	}
	d.ledger.write(w)
}

func (d *decider) takeOnce(m rule.Match) {
	if m.Rule.Once == nil {
		return
	}
	for _, key := range d.onceKeys(m) {
		d.noteOnce(key, m.Rule.Once)
	}
}
