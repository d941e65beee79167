package ruletest

import (
	"slices"

	"botengine/internal/engine"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// Coverage is what tests have shown of a set's rules.
type Coverage struct {
	set   *rule.Set
	rules map[*rule.Rule]*RuleCover
}

// RuleCover is what tests have shown of one rule.
type RuleCover struct {
	Rule       *rule.Rule
	Fired      int // how often; in shadow mode, how often it would have
	Conditions []ConditionCover
}

// ConditionCover is how often a condition held and did not, where it was asked or
// could have been: its rule listens to the event, and its words were in the text.
type ConditionCover struct {
	rule.Asked
	True, False int
}

// unconcerned are the outcomes of rules whose conditions are not asked.
var unconcerned = []rule.Outcome{rule.Off, rule.OtherTrigger, rule.OwnMessage, rule.OtherRobot, rule.NoKeyword}

// NewCoverage makes the coverage of a set of which nothing was shown so far.
func NewCoverage(set *rule.Set) *Coverage {
	c := &Coverage{set: set, rules: map[*rule.Rule]*RuleCover{}}
	for _, r := range set.Rules {
		cover := &RuleCover{Rule: r}
		for _, a := range r.Conditions() {
			cover.Conditions = append(cover.Conditions, ConditionCover{Asked: a})
		}
		c.rules[r] = cover
	}
	return c
}

// Cover lets the runner note what its tests show.
func (r *Runner) Cover(c *Coverage) { r.coverage = c }

// ask asks every condition of every rule that may be concerned, each by itself: in
// a walk, one that speaks against its rule keeps the ones behind it from being asked.
func (c *Coverage) ask(in engine.Input) {
	for _, m := range c.set.Match(in.Event, in.Now, true) {
		if slices.Contains(unconcerned, m.Outcome) {
			continue
		}
		scope := engine.Reading(in, m.Hit)
		cover := c.rules[m.Rule]
		for i := range cover.Conditions {
			if asked := &cover.Conditions[i]; m.Outcome != rule.OutOfScope || asked.OfScope() {
				asked.note(scope)
			}
		}
	}
}

// note asks the condition; one that can't be computed said neither.
func (c *ConditionCover) note(s *expression.Scope) {
	holds, err := c.Cond.Eval(s)
	switch {
	case err != nil:
	case holds:
		c.True++
	default:
		c.False++
	}
}

// note notes which rules fired.
func (c *Coverage) note(d engine.Decision) {
	if c == nil {
		return
	}
	for _, v := range d.Verdicts {
		if v.Outcome != rule.Fired && v.Outcome != rule.Shadow && v.Outcome != rule.Outside {
			continue
		}
		if r, ok := c.set.Rule(v.Rule); ok {
			c.rules[r].Fired++
		}
	}
}

// Rules are the rules of the set in walk order, but for those that are switched off:
// no test can make them fire.
func (c *Coverage) Rules() []RuleCover {
	var out []RuleCover
	for _, r := range c.set.Rules {
		if r.Enabled && r.Mode != rule.ModeOff {
			out = append(out, *c.rules[r])
		}
	}
	return out
}

// Missing is how many things no test has shown of the rule: that it fires, and of
// each of its conditions both answers. All is how many there are.
func (r *RuleCover) Missing() (missing, all int) {
	all = 1 + 2*len(r.Conditions)
	if r.Fired == 0 {
		missing++
	}
	for _, c := range r.Conditions {
		if c.True == 0 {
			missing++
		}
		if c.False == 0 && !c.Always() {
			missing++
		}
		if c.Always() {
			all--
		}
	}
	return missing, all
}

// Percent is how many of a hundred things the tests have shown; 100 where there is
// nothing to show.
func (c *Coverage) Percent() float64 {
	missing, all := 0, 0
	for _, r := range c.Rules() {
		m, n := r.Missing()
		missing, all = missing+m, all+n
	}
	if all == 0 {
		return 100
	}
	return float64(all-missing) * 100 / float64(all)
}
