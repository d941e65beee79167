package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// macro puts the tree of a macro in the place of its name.
func (r *resolver) macro(n *ast.IdentifierNode, source string) ast.Node {
	if slices.Contains(r.macros, n.Value) {
		circle := append(slices.Clone(r.macros[slices.Index(r.macros, n.Value):]), n.Value)
		r.report(say(n.Location(), "BE214", "宏互相引用：%s", "macros in a circle: %s", strings.Join(circle, " → ")))
		return n
	}
	if len(r.macros) == 0 {
		r.macroAt = n.Location()
	}
	r.macros = append(r.macros, n.Value)
	defer func() { r.macros = r.macros[:len(r.macros)-1] }()
	locals := r.locals
	r.locals = nil // a macro means the same wherever it stands
	defer func() { r.locals = locals }()
	tree, problems := r.work.parse(source)
	for _, p := range problems {
		p.Offset, p.Length = r.macroAt.From, max(1, r.macroAt.To-r.macroAt.From)
		r.report(p)
	}
	if len(problems) > 0 {
		return n
	}
	return r.node(tree.Node)
}
