package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// saidFields are the fields of events, people and answers whose value somebody
// wrote: whoever writes there chooses it.
var saidFields = map[string]bool{
	"text": true, "name": true, "reason": true, "title": true, "description": true, "file_name": true, "url": true, "avatar": true,
	"word": true, "words": true, "groups": true, "remark": true, "owner_name": true, "msg": true, "hit": true,
}

// said reports whether what the resolved tree gives may be words that somebody
// wrote. What is only chosen by them, such as an entry of vars, is the author's.
// Facts are the author's too: a rule has put them there.
func said(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value == "text" || n.Value == "hit"
	case *ast.MemberNode:
		if _, constant := n.Node.(*ast.ConstantNode); constant {
			return false
		}
		name, _ := n.Property.(*ast.StringNode)
		return saidFields[nameOf(name)] || said(n.Node)
	case *ast.ConditionalNode:
		return said(n.Exp1) || said(n.Exp2)
	case *ast.BinaryNode:
		return said(n.Left) || said(n.Right)
	case *ast.UnaryNode:
		return said(n.Node)
	case *ast.ChainNode:
		return said(n.Node)
	case *ast.SliceNode:
		return said(n.Node)
	case *ast.VariableDeclaratorNode:
		return said(n.Value) || said(n.Expr)
	case *ast.PredicateNode:
		return said(n.Node)
	case *ast.SequenceNode:
		return anySaid(n.Nodes)
	case *ast.ArrayNode:
		return anySaid(n.Nodes)
	case *ast.MapNode:
		return anySaid(n.Pairs)
	case *ast.PairNode:
		return said(n.Key) || said(n.Value)
	case *ast.BuiltinNode:
		if first := firstOf(n.Arguments); n.Name == "get" && isConstant(first) {
			return false
		}
		return anySaid(n.Arguments)
	case *ast.CallNode:
		return saidCall(n)
	}
	return false
}

func saidCall(n *ast.CallNode) bool {
	callee, _ := n.Callee.(*ast.IdentifierNode)
	switch kind := own[strings.TrimPrefix(nameOfCallee(callee), hiddenPrefix)]; {
	case kind == yesNo || kind == duration:
		return false
	case nameOfCallee(callee) == hiddenPrefix+"names":
		return true
	}
	return anySaid(n.Arguments)
}

func isConstant(n ast.Node) bool {
	_, ok := n.(*ast.ConstantNode)
	return ok
}

func anySaid(nodes []ast.Node) bool {
	return slices.ContainsFunc(nodes, said)
}

// Said reports whether a part of the text may be words that somebody wrote, such
// as {{text}} or {{sender.name}}, rather than an id, a time or a value of the rule
// file.
func (t *Template) Said() bool {
	for i := range t.parts {
		if c := t.parts[i].expr; c != nil && c.said {
			return true
		}
	}
	return false
}

// Fixed is what every rendering begins with: up to the first expression that differs
// from event to event.
func (t *Template) Fixed() string {
	var b strings.Builder
	for i := range t.parts {
		p := &t.parts[i]
		if p.expr == nil {
			b.WriteString(p.text)
			continue
		}
		one := Template{parts: t.parts[i : i+1]}
		value, constant := one.Constant()
		if !constant {
			break
		}
		b.WriteString(value)
	}
	return b.String()
}
