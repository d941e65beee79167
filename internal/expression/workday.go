package expression

import (
	"github.com/expr-lang/expr/ast"

	"botengine/internal/calendar"
)

// workday resolves workday(), by the calendar of the rule's file.
func (r *resolver) workday(n ast.Node, args []ast.Node) ast.Node {
	if len(args) != 0 {
		r.report(wrongCount(n.Location(), "workday", "workday()"))
		return n
	}
	days := r.o.Workdays
	if days == nil {
		days = &calendar.Workdays{}
	}
	r.reads = true
	return r.make(n, "__workday", r.constantAt(n, days))
}

func isWorkday(p ...any) (any, error) {
	return p[1].(*calendar.Workdays).Has(p[0].(*run).env.Now), nil
}
