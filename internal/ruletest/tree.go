package ruletest

import (
	"strings"

	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// grow keeps, for every rule that one of its conditions spoke against, that condition
// with the value of each of its parts, as things were when it was asked.
func (w *world) grow(in engine.Input, d engine.Decision) {
	if w.trees == nil {
		return
	}
	hits := map[string]expression.Hit{}
	for _, m := range in.Matches {
		hits[m.Rule.ID] = m.Hit
	}
	for _, v := range d.Verdicts {
		r, known := w.set.Rule(v.Rule)
		if hit, judged := hits[v.Rule]; known && judged && asksConditions(v.Outcome) {
			w.trees[v.Rule] = against(r, v.Outcome, engine.Reading(in, hit))
		}
	}
}

// asksConditions says whether a rule has an outcome because of a condition.
func asksConditions(o rule.Outcome) bool {
	return o == rule.ConditionFalse || o == rule.ConditionError || o == rule.Excepted || o == rule.OutOfScope
}

// against is the condition that led to the outcome; nil when none did.
func against(r *rule.Rule, o rule.Outcome, s *expression.Scope) *expression.Tree {
	for _, c := range r.Conditions() {
		holds, err := c.Cond.Eval(s)
		var led bool
		switch {
		case o == rule.ConditionError:
			led = err != nil
		case err != nil:
		case o == rule.OutOfScope:
			led = c.Sort == rule.AskWhere && !holds || c.Sort == rule.AskExclude && holds
		case o == rule.Excepted:
			led = c.Sort == rule.AskUnless && holds
		case o == rule.ConditionFalse:
			led = c.Sort == rule.AskWhen && !holds
		}
		if led {
			return c.Cond.Tree(s)
		}
	}
	return nil
}

// tree is the condition that decided about a rule, with what its parts gave; one
// without parts says no more than the verdict.
func (s *story) tree(v engine.Verdict) []diag.Text {
	tree := s.world.trees[v.Rule]
	if tree == nil || len(tree.Children) == 0 || !asksConditions(v.Outcome) {
		return nil
	}
	return []diag.Text{{
		ZH: strings.TrimRight(tree.Text(diag.ZH, "  "), "\n"),
		EN: strings.TrimRight(tree.Text(diag.EN, "  "), "\n"),
	}}
}
