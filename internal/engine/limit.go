package engine

import (
	"time"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// maxQueued is how many firings of a rule may wait for their turn, for each
// combination of what its limit is kept per. More are dropped.
const maxQueued = 100

// limitKey is lim/<rule>/<per values>: a window of the firings, and of the turns
// that were given to those that wait.
func (d *decider) limitKey(m rule.Match) string {
	return perKey("lim", m.Rule.ID, m.Rule.Limit.Per, d.in.Event, m.Hit)
}

// overLimit says whether the rule may not fire because it did so as often as its
// limit allows, and no more may wait.
func (d *decider) overLimit(m rule.Match) (rule.Outcome, diag.Text) {
	l := m.Rule.Limit
	if l == nil {
		return "", diag.Text{}
	}
	w := d.readWindow(d.limitKey(m), l.Within)
	turn := turnOf(l, w)
	switch {
	case turn <= w.At:
		return "", diag.Text{}
	case !l.Queue:
		return rule.OverLimit, diag.T("%[2]s 内已触发 %[1]d 次，%[3]s 后恢复", "fired %[1]d times within %[2]s, on again in %[3]s",
			len(w.Times), brief(l.Within), brief(left(time.UnixMilli(turn), d.in.Now)))
	case w.ahead() >= maxQueued:
		return rule.OverLimit, diag.T("已有 %d 次在排队，不再接收", "%d firings wait already, no more are taken", w.ahead())
	}
	return "", diag.Text{}
}

// turnOf is when the next firing may be: now, or so late that no window of the
// limit's length has more than it allows. Turns never overtake each other.
func turnOf(l *rule.Limit, w window) int64 {
	turn, n := w.At, len(w.Times)
	if n >= l.Count {
		turn = max(turn, w.Times[n-l.Count]+l.Within.Milliseconds())
	}
	if w.ahead() > 0 {
		turn = max(turn, w.Times[n-1]+1)
	}
	return turn
}

// takeTurn counts a firing, and says when it may be; the zero time: now.
func (d *decider) takeTurn(m rule.Match) time.Time {
	l := m.Rule.Limit
	if l == nil {
		return time.Time{}
	}
	key := d.limitKey(m)
	w := d.readWindow(key, l.Within)
	turn := turnOf(l, w)
	w.add(turn)
	d.writeWindow(key, w, l.Within)
	if turn <= w.At {
		return time.Time{}
	}
	return time.UnixMilli(turn).UTC()
}
