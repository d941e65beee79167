package ruletest

import (
	"maps"
	"slices"
	"time"

	"botengine/internal/engine"
	"botengine/internal/rule"
	"botengine/internal/schedule"
)

// occasion is the next instant of a rule's schedule.
type occasion struct {
	rule *rule.Rule
	at   time.Time
}

// nextOccasion is the first instant of any schedule after from and not after until;
// of rules that share it, the first in walk order.
func nextOccasion(set *rule.Set, from, until time.Time) (first occasion, ok bool) {
	for _, r := range set.Scheduled() {
		if at := schedule.Next(r, from); !at.IsZero() && !at.After(until) && (!ok || at.Before(first.at)) {
			first, ok = occasion{r, at}, true
		}
	}
	return first, ok
}

// runSchedules hands in what is due at that instant, in walk order. Of each
// decision only the verdict on the scheduled rule counts.
func (w *world) runSchedules(at time.Time) []engine.Decision {
	var all []engine.Decision
	for _, r := range w.set.Scheduled() {
		if !schedule.Next(r, at.Add(-1)).Equal(at) {
			continue
		}
		for _, ev := range schedule.Events(r, at, at, w.robots()) {
			for _, d := range w.take(ev, true) {
				d.Verdicts = slices.DeleteFunc(d.Verdicts, func(v engine.Verdict) bool { return v.Rule != r.ID })
				all = append(all, d)
			}
		}
	}
	return all
}

// scheduled are the robots that schedules may be meant for: the test's, in every
// group that the file or a step of the test names.
func (s *story) scheduled(steps []Step) func() []schedule.Robot {
	names := slices.Sorted(maps.Keys(s.groups))
	for _, step := range steps {
		if step.Group != "" && !slices.Contains(names, step.Group) {
			names = append(names, step.Group)
		}
	}
	return func() []schedule.Robot {
		r := schedule.Robot{Robot: s.robot, Account: s.account}
		for _, name := range names {
			r.Groups = append(r.Groups, s.chat("", name))
		}
		return []schedule.Robot{r}
	}
}
