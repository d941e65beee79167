package rule

import (
	"time"

	"botengine/internal/event"
)

// MatchEach is what Match says without every, one rule at a time and without the
// index: for an event over which Match panicked. A rule that panics gets the outcome
// ConditionError and is named; the others go on. Rules for which aside holds are not
// asked: where they listen to the event they get the outcome Quarantined.
func (s *Set) MatchEach(ev *event.Event, now time.Time, aside func(ruleID string) bool) (out []Match, panicked []string) {
	w := &walk{ev: ev, now: now}
	for _, r := range s.Rules {
		m, passed, broke := w.candidateAlone(r, aside(r.ID))
		if broke {
			panicked = append(panicked, r.ID)
		}
		if passed {
			out = append(out, m)
		}
	}
	return s.withFormer(w, out), panicked
}

// candidateAlone is candidate for a rule that may panic.
func (w *walk) candidateAlone(r *Rule, aside bool) (m Match, passed, broke bool) {
	defer func() {
		if recover() != nil {
			m, passed, broke = Match{Rule: r, Outcome: ConditionError, Detail: insideText}, true, true
		}
	}()
	if aside {
		return Match{Rule: r, Outcome: Quarantined}, w.head(r) == "", false
	}
	m, passed = w.candidate(r)
	return m, passed, false
}
