package schedule

import (
	"slices"
	"time"

	"botengine/internal/rule"
)

// due are the instants of a rule that are to happen now: of each of its schedules
// the last one that has come, if it came just now or is to happen late.
func (s *Scheduler) due(r *rule.Rule, t *table, now time.Time) []time.Time {
	from := later(s.done, t.since)
	var out []time.Time
	for _, sch := range r.Schedules() {
		at := last(sch, later(from, now.Add(-Grace)), now)
		if at.IsZero() && sch.Missed == rule.MissedOnce {
			at = lastMissed(sch, from, now)
		}
		if !at.IsZero() && !slices.ContainsFunc(out, at.Equal) {
			out = append(out, at)
		}
	}
	slices.SortFunc(out, time.Time.Compare)
	return out
}

// last is the last instant after from that has come; the zero time if there is none.
func last(sch *rule.Schedule, from, now time.Time) time.Time {
	var found time.Time
	for at := sch.Next(from); !at.IsZero() && !at.After(now); at = sch.Next(at) {
		found = at
	}
	return found
}

// looksBack are how far back a missed instant is looked for, one after the other:
// the last one of a dense schedule is found without a walk through all before it.
var looksBack = []time.Duration{time.Hour, 25 * time.Hour, 32 * 24 * time.Hour, 367 * 24 * time.Hour, 5 * 366 * 24 * time.Hour}

func lastMissed(sch *rule.Schedule, from, now time.Time) time.Time {
	for _, back := range looksBack {
		if at := last(sch, later(from, now.Add(-back)), now); !at.IsZero() {
			return at
		}
	}
	return time.Time{}
}
