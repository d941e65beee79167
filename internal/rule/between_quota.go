package rule

import (
	"time"

	"botengine/internal/diag"
)

// maxInstants is how many instants of a schedule are looked at.
const maxInstants = 1000

// quotaBegins is where schedules are looked at from: a Monday, so that what is found
// does not depend on the day of the search.
var quotaBegins = time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)

// overbooked finds schedules that come more often than the rule may fire.
func (b *between) overbooked() {
	for _, r := range b.rules {
		if r.active != nil || len(r.checks) > 0 || r.Threshold != nil || r.Coalesce != nil {
			continue
		}
		for _, t := range r.On {
			if t.Schedule != nil && b.overbookedBy(r.Rule, t.Schedule) {
				break
			}
		}
	}
}

func (b *between) overbookedBy(r *Rule, s *Schedule) bool {
	if l := r.Limit; l != nil && s.exceeds(l.Count, l.Within) {
		message := diag.T("计划比额度多：%s 里最多 %d 次，多出来的会被丢掉", "the schedule is more than the quota of %[2]d in %[1]s; the rest is dropped", diag.Short(l.Within), l.Count)
		if l.Queue {
			message = diag.T("计划比额度多：%s 里最多 %d 次，多出来的会一直排队", "the schedule is more than the quota of %[2]d in %[1]s; the rest queues for ever", diag.Short(l.Within), l.Count)
		}
		b.warn("BE407", r, "limit", "", nil, message,
			diag.T("把计划放慢，或把 `limit` 放宽", "slow the schedule down, or widen the `limit`"))
		return true
	}
	if c := r.Cooldown; c != nil && s.exceeds(1, c.For) {
		b.warn("BE407", r, "cooldown", "", nil,
			diag.T("计划比冷却时间（%s）还密，有些永远不会发", "the schedule comes faster than the cooldown of %s: some of it never happens", diag.Short(c.For)),
			diag.T("把计划放慢，或写 `cooldown: off`", "slow the schedule down, or write `cooldown: off`"))
		return true
	}
	return false
}

// exceeds says whether the schedule, over the long run, has more instants than so
// many in each time; bursts that even out are none.
func (s *Schedule) exceeds(count int, within time.Duration) bool {
	if within <= 0 || count <= 0 {
		return false
	}
	first := s.Next(quotaBegins)
	last, n := first, 0
	for ; n < maxInstants && last.Sub(first) < 28*24*time.Hour; n++ {
		next := s.Next(last)
		if !next.After(last) {
			return false // it ends
		}
		last = next
	}
	span := last.Sub(first)
	return span >= within && float64(n)*within.Seconds() > float64(count)*span.Seconds()*1.01
}
