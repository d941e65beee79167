package engine

import (
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// Watch is told of the conditions that a decision asks, part by part, when somebody
// wants an explanation. It changes nothing of the decision, but costs much: nobody
// watches the decisions that are carried out.
type Watch struct {
	Wants func(r *rule.Rule, o rule.Outcome) bool // whether a rule with that outcome before its facts is of interest
	Tell  func(Asked)
}

// Asked is one condition, as things were when it was asked.
type Asked struct {
	Rule  string
	Where string // rule.AskWhen and the like; `do` for that of a step
	Name  string // of an exception; the path of a step
	Tree  *expression.Tree
}

// watch tells of the rule's conditions, in the order in which they are asked: what
// comes after the one that spoke against the rule is not evaluated.
func (d *decider) watch(m rule.Match) {
	w := d.in.Watch
	if w == nil || m.Outcome == rule.OutOfScope && !m.Asked || !w.Wants(m.Rule, m.Outcome) {
		return
	}
	decided := false
	for _, c := range m.Rule.Conditions() {
		tree := &expression.Tree{Source: c.Cond.Source()}
		if !decided {
			tree = c.Cond.Tree(d.scope(d.in.Event, m.Hit))
			holds := tree.Value == true
			wanted := c.Sort == rule.AskWhere || c.Sort == rule.AskWhen
			decided = holds != wanted || !tree.Problem.IsZero()
		}
		w.Tell(Asked{Rule: m.Rule.ID, Where: c.Sort, Name: c.Name, Tree: tree})
	}
}

// watch tells of the condition of the step in hand.
func (r *runner) watch(s *rule.Step) {
	if w := r.d.in.Watch; w != nil && w.Wants(r.rule, "") {
		w.Tell(Asked{Rule: r.rule.ID, Where: "do", Name: s.Path, Tree: s.When.Tree(r.scope())})
	}
}
