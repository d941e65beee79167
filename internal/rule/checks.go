package rule

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// check is one of a rule's conditions.
type check struct {
	sort checkSort
	name string // of an exception
	cond *expression.Condition
	// pending: only who has the facts can ask.
	pending bool
}

// checkSort says where a condition stands, and so what it leads to.
type checkSort uint8

// The sorts, in the order in which they are asked.
const (
	inWhere     checkSort = iota // `where` of the scope: it has to hold
	exceptWhere                  // `where` of its exclude: it must not
	inWhen                       // `when`: it has to hold
	inUnless                     // an exception: it must not
)

// checks compiles the rule's conditions.
func (b *builder) checks(r *Rule, when, unless *yaml.Node, opts *expression.Options) {
	add := func(sort checkSort, name string, n *yaml.Node) {
		if n == nil {
			return
		}
		if c := b.condition(n, opts); c != nil {
			// Exceptions are looked at when all else holds, and that may be known late.
			pending := c.UsesFacts() || sort == inUnless && r.needFacts()
			r.checks = append(r.checks, check{sort: sort, name: name, cond: c, pending: pending})
		}
	}
	if s := r.scope; s != nil {
		add(inWhere, "", s.where)
		if s.exclude != nil {
			add(exceptWhere, "", s.exclude.where)
		}
	}
	add(inWhen, "", when)
	for _, p := range b.exceptions(unless) {
		add(inUnless, p.key.Value, p.value)
	}
	for i := range r.checks {
		if c := &r.checks[i]; c.sort == inWhen {
			r.When = c.cond
		}
	}
}

// exceptions returns the entries of `unless`.
func (b *builder) exceptions(n *yaml.Node) []field {
	if n == nil {
		return nil
	}
	pairs, ok := b.pairs(n, unlessForm)
	if ok && len(n.Content) == 0 {
		b.fail(n, "BE125", diag.T("`unless` 里一个例外也没有", "`unless` has no exceptions"), unlessForm.example)
	}
	out := pairs[:0]
	for _, p := range pairs {
		switch {
		case strings.TrimSpace(p.key.Value) == "":
			b.fail(p.key, "BE106", diag.T("例外要有名字", "an exception has a name"), unlessForm.example)
		case isNull(p.value):
			b.empty(p.key)
		default:
			out = append(out, p)
		}
	}
	return out
}

// verdict is what the answer of the condition leads to; "" = nothing.
func (c *check) verdict(holds bool) (Outcome, diag.Text) {
	switch {
	case c.sort == inWhere && !holds:
		return OutOfScope, diag.T("`scope` 的 `where` 不成立：`%s`", "`where` of the `scope` is false: `%s`", c.cond.Source())
	case c.sort == exceptWhere && holds:
		return OutOfScope, diag.T("被 `exclude` 的 `where` 排除了：`%s`", "excluded by `where` of `exclude`: `%s`", c.cond.Source())
	case c.sort == inWhen && !holds:
		return ConditionFalse, diag.T("条件 `%s` 不成立", "condition `%s` is false", c.cond.Source())
	case c.sort == inUnless && holds:
		return Excepted, diag.T("例外「%s」成立：`%s`", "the exception %q holds: `%s`", c.name, c.cond.Source())
	}
	return "", diag.Text{}
}

// ask asks those of the conditions that are wanted, in order, until one of them
// speaks against the rule.
func (r *Rule) ask(s *expression.Scope, wanted func(*check) bool) (Outcome, diag.Text) {
	for i := range r.checks {
		c := &r.checks[i]
		if !wanted(c) {
			continue
		}
		holds, err := c.cond.Eval(s)
		if err != nil {
			return ConditionError, Broken(c.cond, err)
		}
		if o, detail := c.verdict(holds); o != "" {
			return o, detail
		}
	}
	return "", diag.Text{}
}

// Ask asks the conditions of the rule that need facts, which s has. An outcome says
// that one of them speaks against the rule.
func (r *Rule) Ask(s *expression.Scope) (Outcome, diag.Text) {
	return r.ask(s, func(c *check) bool { return c.pending })
}

// before says whether the condition is asked before the rule's hours and age are
// looked at; after, whether it is then.
func (c *check) before() bool { return !c.pending && c.sort <= exceptWhere }
func (c *check) after() bool  { return !c.pending && c.sort > exceptWhere }

// needFacts says whether any of the conditions needs facts.
func (r *Rule) needFacts() bool {
	for i := range r.checks {
		if r.checks[i].pending {
			return true
		}
	}
	return false
}

// pendingSources are the conditions that need facts, as they are written.
func (r *Rule) pendingSources() string {
	var out []string
	for i := range r.checks {
		if c := &r.checks[i]; c.cond.UsesFacts() {
			out = append(out, "`"+c.cond.Source()+"`")
		}
	}
	return strings.Join(out, ", ")
}
