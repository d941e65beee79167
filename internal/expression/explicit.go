package expression

import (
	"github.com/expr-lang/expr/ast"
)

// Explicit is the condition with every operator spelled out and every part of an
// `and`, `or` and `not` in brackets of its own: how it was understood, for those who
// wonder what belongs to what. What is not made of these is as it was written.
func (c *Condition) Explicit() string {
	w := workshops.Get().(*workshop)
	defer workshops.Put(w)
	tree, problems := w.parse(c.source)
	if len(problems) > 0 || tree == nil {
		return c.source
	}
	return explicit(tree.Node, true)
}

// logic are the operators in words.
var logic = map[string]string{"and": "and", "&&": "and", "or": "or", "||": "or", "??": "??"}

func explicit(n ast.Node, outermost bool) string {
	switch n := n.(type) {
	case *ast.BinaryNode:
		word, isLogic := logic[n.Operator]
		if !isLogic {
			return n.String()
		}
		text := explicit(n.Left, false) + " " + word + " " + explicit(n.Right, false)
		if outermost {
			return text
		}
		return "(" + text + ")"
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return "not (" + explicit(n.Node, true) + ")"
		}
	case *ast.ConditionalNode:
		return "(" + explicit(n.Cond, false) + " ? " + explicit(n.Exp1, false) + " : " + explicit(n.Exp2, false) + ")"
	}
	return n.String()
}
