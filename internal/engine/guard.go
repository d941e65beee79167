package engine

import (
	"encoding/json"
	"strconv"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// onCooldown says whether the rule fired too short a while ago.
func (d *decider) onCooldown(m rule.Match) (rule.Outcome, diag.Text) {
	if m.Rule.Cooldown == nil {
		return "", diag.Text{}
	}
	until, ok := d.until(cooldownKey(m.Rule, d.in.Event, m.Hit), m.Rule.Cooldown.For)
	if !ok {
		return "", diag.Text{}
	}
	return rule.OnCooldown, diag.T("还要冷却 %s", "for another %s", brief(left(until, d.in.Now)))
}

// fuseOpen says whether the rule fired too often in this chat: as often as its
// loop guard allows, within the window that ends now.
func (d *decider) fuseOpen(m rule.Match) (rule.Outcome, diag.Text) {
	r := m.Rule
	if r.LoopGuard == nil {
		return "", diag.Text{}
	}
	times := d.firings(r)
	if len(times) < r.LoopGuard.Count {
		return "", diag.Text{}
	}
	until := times[len(times)-r.LoopGuard.Count].Add(r.LoopGuard.Within)
	return rule.LoopGuard, diag.T("%[2]s 内已触发 %[1]d 次，%[3]s 后恢复", "fired %[1]d times within %[2]s, on again in %[3]s",
		len(times), brief(r.LoopGuard.Within), brief(left(until, d.in.Now)))
}

// until is when the fact lapses. It never is longer ahead than the fact lasts at
// most: where the clock was set back, or the fact was meant for ever before the rule
// was edited, it is given that time from now on.
func (d *decider) until(key string, lasts time.Duration) (time.Time, bool) {
	value, until, ok := d.ledger.read(key)
	if !ok {
		return time.Time{}, false
	}
	if latest := d.in.Now.Add(lasts); until.IsZero() || until.After(latest) {
		d.ledger.write(FactWrite{Key: key, Value: value, Expires: latest})
		return latest, true
	}
	return until, true
}

// noteFiring writes what the guards will read next time, and says when the rule
// may begin; the zero time: now.
func (d *decider) noteFiring(m rule.Match) (turn time.Time) {
	now := d.in.Now
	d.noteVolley()
	d.coolDown(m.Rule, d.in.Event, m.Hit)
	if g := m.Rule.LoopGuard; g != nil {
		d.ledger.write(FactWrite{
			Key:     fuseKey(m.Rule, d.in.Event),
			Value:   encodeTimes(append(d.firings(m.Rule), now)),
			Expires: now.Add(g.Within),
		})
	}
	d.startOver(m)
	d.takeOnce(m)
	return d.takeTurn(m)
}

// coolDown begins the rule's cooldown.
func (d *decider) coolDown(r *rule.Rule, ev *event.Event, hit expression.Hit) {
	if c := r.Cooldown; c != nil && c.For > 0 {
		d.ledger.write(FactWrite{
			Key:     cooldownKey(r, ev, hit),
			Value:   []byte(d.in.Now.UTC().Format(time.RFC3339Nano)),
			Expires: d.in.Now.Add(c.For),
		})
	}
}

// firings are the times at which the rule fired in this chat within the window. A
// time that lies in the future (the clock was set back) does not count.
func (d *decider) firings(r *rule.Rule) []time.Time {
	raw, _, ok := d.ledger.read(fuseKey(r, d.in.Event))
	if !ok {
		return nil
	}
	var times []time.Time
	for _, t := range decodeTimes(raw) {
		if !t.After(d.in.Now) && d.in.Now.Sub(t) < r.LoopGuard.Within {
			times = append(times, t)
		}
	}
	return times
}

// encodeTimes writes the times as a JSON list of unix milliseconds.
func encodeTimes(times []time.Time) []byte {
	raw := []byte{'['}
	for i, t := range times {
		if i > 0 {
			raw = append(raw, ',')
		}
		raw = strconv.AppendInt(raw, t.UnixMilli(), 10)
	}
	return append(raw, ']')
}

// decodeTimes reads nothing out of what encodeTimes did not write.
func decodeTimes(raw []byte) []time.Time {
	var ms []int64
	if json.Unmarshal(raw, &ms) != nil {
		return nil
	}
	times := make([]time.Time, len(ms))
	for i, m := range ms {
		times[i] = time.UnixMilli(m)
	}
	return times
}

// left is how long it is until then, rounded up to whole seconds.
func left(until, now time.Time) time.Duration {
	return max(0, until.Sub(now)+time.Second-1).Truncate(time.Second)
}

// brief writes a time as rules do: 1m, not 1m0s.
func brief(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= 2*day { // nobody counts in hours any more: the days, and the hours above them
		s := strconv.FormatInt(int64(d/day), 10) + "d"
		if h := d % day / time.Hour; h > 0 {
			s += strconv.FormatInt(int64(h), 10) + "h"
		}
		return s
	}
	return diag.Short(d)
}
