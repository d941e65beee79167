package rule

import "botengine/internal/expression"

// The places where a rule has conditions.
const (
	AskWhere   = "where"   // of its scope: it has to hold
	AskExclude = "exclude" // `where` of the scope's exclude: it must not
	AskWhen    = "when"    // it has to hold
	AskUnless  = "unless"  // an exception: it must not
)

// Asked is one of the conditions of a rule, for who wants to know what each of them
// said.
type Asked struct {
	Sort string // one of the Ask… constants
	Name string // of an exception
	Cond *expression.Condition
}

// Conditions are the conditions of the rule, in the order in which they are asked.
func (r *Rule) Conditions() []Asked {
	sorts := map[checkSort]string{inWhere: AskWhere, exceptWhere: AskExclude, inWhen: AskWhen, inUnless: AskUnless}
	out := make([]Asked, len(r.checks))
	for i := range r.checks {
		out[i] = Asked{Sort: sorts[r.checks[i].sort], Name: r.checks[i].name, Cond: r.checks[i].cond}
	}
	return out
}

// OfScope says whether the condition belongs to the rule's scope: it is asked before
// anything else.
func (a Asked) OfScope() bool { return a.Sort == AskWhere || a.Sort == AskExclude }

// Always says whether the condition is written so that it can't be false.
func (a Asked) Always() bool { return a.Cond.Source() == "true" }
