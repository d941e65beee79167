package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// children computes what a part is made of, in the order in which the machine would.
func (g *grower) children(n ast.Node, at place) []*Tree {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return g.macro(n, at)
	case *ast.UnaryNode:
		want := unknown
		if n.Operator == "not" || n.Operator == "!" {
			want = yesNo
		}
		return g.operand(n.Node, at, want)
	case *ast.BinaryNode:
		return g.binary(n, at)
	case *ast.ConditionalNode:
		return g.choice(n, at)
	case *ast.VariableDeclaratorNode:
		return g.let(n, at)
	case *ast.ChainNode:
		return g.children(n.Node, at)
	case *ast.MemberNode:
		return g.each(at, n.Node, n.Property)
	case *ast.SliceNode:
		return g.each(at, n.Node, n.From, n.To)
	case *ast.CallNode:
		return g.call(n, at)
	case *ast.BuiltinNode:
		return g.each(at, n.Arguments...)
	case *ast.SequenceNode:
		return g.each(at, n.Nodes...)
	case *ast.ArrayNode:
		return g.each(at, n.Nodes...)
	case *ast.MapNode:
		return g.each(at, n.Pairs...)
	case *ast.PairNode:
		return g.each(at, n.Key, n.Value)
	}
	return nil
}

// operand computes a part unless it says nothing: a constant, a list that is
// written out, or what a loop does with each entry.
func (g *grower) operand(n ast.Node, at place, want kind) []*Tree {
	switch n := n.(type) {
	case nil, *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode, *ast.BytesNode, *ast.ConstantNode,
		*ast.PredicateNode, *ast.PointerNode:
		return nil
	case *ast.ArrayNode, *ast.MapNode, *ast.PairNode:
		return g.children(n, at)
	case *ast.MemberNode:
		if base, ok := n.Node.(*ast.IdentifierNode); ok && base.Value == "lists" {
			return nil
		}
		if isPath(n) {
			return g.leaf(n, at, want)
		}
	}
	return g.part(n, at, want)
}

// leaf computes a name with its fields, whose parts would say nothing.
func (g *grower) leaf(n ast.Node, at place, want kind) []*Tree {
	out := g.part(n, at, want)
	for _, t := range out {
		t.Children = nil
	}
	return out
}

// isPath says whether a part is a name with fields and nothing that is computed.
func isPath(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return true
	case *ast.ChainNode:
		return isPath(n.Node)
	case *ast.MemberNode:
		switch n.Property.(type) {
		case *ast.StringNode, *ast.IntegerNode:
			return isPath(n.Node)
		}
	}
	return false
}

// each computes parts that are all computed, whatever the others are.
func (g *grower) each(at place, nodes ...ast.Node) (out []*Tree) {
	for _, n := range nodes {
		if n != nil {
			out = append(out, g.operand(n, at, unknown)...)
		}
	}
	return out
}

// binary computes both sides of an operator; some need their right side only when
// the left one leaves the answer open.
func (g *grower) binary(n *ast.BinaryNode, at place) []*Tree {
	switch n.Operator {
	case "and", "&&":
		return g.shortCircuit(n, at, yesNo, func(left any) bool { return left == true })
	case "or", "||":
		return g.shortCircuit(n, at, yesNo, func(left any) bool { return left == false })
	case "??":
		return g.shortCircuit(n, at, unknown, func(left any) bool { return left == nil })
	}
	return g.each(at, n.Left, n.Right)
}

func (g *grower) shortCircuit(n *ast.BinaryNode, at place, want kind, goesOn func(left any) bool) []*Tree {
	left := g.operand(n.Left, at, want)
	value, known := constantOf(n.Left)
	if len(left) == 1 {
		value, known = left[0].Value, left[0].Evaluated && left[0].Problem.IsZero()
	}
	if at.dead = at.dead || !known || !goesOn(value); at.dead && len(left) == 0 && !known {
		return nil // the left side cannot be shown, so nobody can tell
	}
	return append(left, g.operand(n.Right, at, want)...)
}

// constantOf is the value of what is written out.
func constantOf(n ast.Node) (any, bool) {
	switch n := n.(type) {
	case *ast.BoolNode:
		return n.Value, true
	case *ast.NilNode:
		return nil, true
	}
	return nil, false
}

// choice computes the condition and the branch that it chose.
func (g *grower) choice(n *ast.ConditionalNode, at place) []*Tree {
	out := g.operand(n.Cond, at, yesNo)
	value, known := constantOf(n.Cond)
	if len(out) == 1 {
		value, known = out[0].Value, out[0].Evaluated && out[0].Problem.IsZero()
	}
	yes, no := at, at
	yes.dead = at.dead || !known || value != true
	no.dead = at.dead || !known || value == true
	out = append(out, g.operand(n.Exp1, yes, unknown)...)
	return append(out, g.operand(n.Exp2, no, unknown)...)
}

// let computes the value of a variable, and what it is used in.
func (g *grower) let(n *ast.VariableDeclaratorNode, at place) []*Tree {
	out := g.operand(n.Value, at, unknown)
	at.lets += "let " + n.Name + " = " + g.written(n.Value, at) + "; "
	at.names = append(slices.Clip(at.names), n.Name)
	return append(out, g.operand(n.Expr, at, unknown)...)
}

// call computes the arguments of a call and whose method it is.
func (g *grower) call(n *ast.CallNode, at place) []*Tree {
	var out []*Tree
	if method, ok := n.Callee.(*ast.MemberNode); ok {
		out = g.each(at, method.Node)
	}
	return append(out, g.each(at, n.Arguments...)...)
}

// macro computes what a macro stands for.
func (g *grower) macro(n *ast.IdentifierNode, at place) []*Tree {
	if g.o == nil || slices.Contains(at.names, n.Value) {
		return nil
	}
	source, ok := g.o.Macros[n.Value]
	if !ok {
		return nil
	}
	root, src, ok := g.parse(source)
	if !ok {
		return nil
	}
	return g.operand(root, place{src: src, depth: at.depth, dead: at.dead}, unknown)
}
