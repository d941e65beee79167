package engine

import (
	"cmp"
	"slices"
	"time"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// How long "ever" is remembered after it was last asked about, so that what
// nobody asks about any more does not stay for good; and how often it is renewed.
const (
	everLasts  = 366 * 24 * time.Hour
	everRenews = 30 * 24 * time.Hour
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
		until, ok := d.until(key, cmp.Or(o.Within, everLasts))
		if !ok {
			return "", diag.Text{}
		}
		last = until
		if o.Within == 0 && until.Sub(d.in.Now) < everLasts-everRenews {
			d.noteOnce(key, everLasts)
		}
	}
	if o.Within == 0 {
		return rule.OnceOnly, diag.T("已经触发过", "it has fired before")
	}
	return rule.OnceOnly, diag.T("%s 后可以再触发", "again in %s", brief(left(last, d.in.Now)))
}

// noteOnce remembers that the rule has fired.
func (d *decider) noteOnce(key string, lasts time.Duration) {
	d.ledger.write(FactWrite{Key: key, Value: []byte("1"), Expires: d.in.Now.Add(lasts)})
}

func (d *decider) takeOnce(m rule.Match) {
	if m.Rule.Once == nil {
		return
	}
	for _, key := range d.onceKeys(m) {
		d.noteOnce(key, cmp.Or(m.Rule.Once.Within, everLasts))
	}
}
