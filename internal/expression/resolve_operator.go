package expression

import (
	"math"
	"regexp"
	"regexp/syntax"

	"github.com/expr-lang/expr/ast"

	"botengine/internal/literal"
)

// binary resolves an operator.
func (r *resolver) binary(n *ast.BinaryNode) ast.Node {
	if name, ok := r.changingList(n.Right); ok && n.Operator == "in" {
		if _, known := r.o.Lists[name]; known {
			return r.listedCall(n, r.node(n.Left), name)
		}
	}
	n.Left, n.Right = r.node(n.Left), r.node(n.Right)
	r.operands(n)
	switch n.Operator {
	case "..":
		r.report(say(n.Location(), "BE208", "不能用 `..`", "`..` is not available"))
	case "in":
		if words, ok := constantTexts(n.Right); ok {
			return r.make(n, "__in", n.Left, r.constantAt(n.Right, r.o.Memo.set(words)))
		}
		if name, ok := foundIDs(n.Right); ok {
			return r.make(n, foundPrefix+"has", n.Left, &ast.StringNode{Value: name})
		}
		r.walkable(n.Right, "in")
		if k := r.kind(n.Right); r.depth > 0 && (k == list || k == unknown) {
			r.weight++
		}
	case "matches":
		return r.matches(n)
	case "contains", "startsWith", "endsWith":
		r.weight++
	case "+":
		return r.plus(n)
	}
	return n
}

// operands settles what facts beside an operator count as when they are absent.
func (r *resolver) operands(n *ast.BinaryNode) {
	left, right := r.kind(n.Left), r.kind(n.Right)
	switch n.Operator {
	case "and", "&&", "or", "||":
		left, right = yesNo, yesNo
	case "==", "!=":
		left, right = right, left
	case "<", ">", "<=", ">=", "+", "-", "*", "/", "%", "**", "^":
		left, right = textOrNumber(right), textOrNumber(left)
	default:
		return
	}
	r.expect(n.Left, left)
	r.expect(n.Right, right)
}

// textOrNumber is what a fact is taken for beside a value of kind k.
func textOrNumber(k kind) kind {
	if k == text {
		return text
	}
	return number
}

// matches resolves a regex, which has to be known now: one made at run time would
// be compiled for every event.
func (r *resolver) matches(n *ast.BinaryNode) ast.Node {
	right, ok := n.Right.(*ast.StringNode)
	if !ok {
		r.report(say(n.Right.Location(), "BE208", "matches 右边要直接写正则", "the right side of matches has to be a written-out regex").
			hint("找一段文字请用 contains", "to look for a text use contains"))
		return n
	}
	tree, err := syntax.Parse(right.Value, syntax.Perl)
	if err != nil {
		r.report(say(right.Location(), "BE204", "正则写错了：%s", "the regex is wrong: %s", err.Error()))
		return n
	}
	size := regexSize(tree)
	if len(right.Value) > maxPattern || size > maxRegex {
		r.report(say(right.Location(), "BE209", "正则太大", "the regex is too large").
			hint("重复次数请写小一些，多个词请用 contains_any", "repeat less often; for many words use contains_any"))
		return n
	}
	re, err := regexp.Compile(right.Value)
	if err != nil {
		r.report(say(right.Location(), "BE204", "正则写错了：%s", "the regex is wrong: %s", err.Error()))
		return n
	}
	return r.make(n, "__matches", n.Left, r.constantAt(right, &pattern{re: re, size: size, literals: literal.OfRegex(tree, false)}))
}

// plus resolves `+`: numbers stay expr's business, texts have a limit.
func (r *resolver) plus(n *ast.BinaryNode) ast.Node {
	left, right := r.kind(n.Left), r.kind(n.Right)
	switch {
	case left == text || right == text:
		return r.make(n, "__cat", n.Left, n.Right)
	case left == number || right == number || left == moment || right == moment:
		return n
	}
	return r.make(n, "__add", n.Left, n.Right)
}

// slice resolves x[a:b]; texts are cut by characters.
func (r *resolver) slice(n *ast.SliceNode) ast.Node {
	n.Node, n.From, n.To = r.node(n.Node), r.node(n.From), r.node(n.To)
	k := r.kind(n.Node)
	if k == list {
		return n
	}
	from, to := n.From, n.To
	if from == nil {
		from = &ast.IntegerNode{Value: 0}
	}
	if to == nil {
		to = &ast.IntegerNode{Value: math.MaxInt}
	}
	if k == text {
		return r.make(n, "__substr", n.Node, from, to)
	}
	return r.make(n, "__slice", n.Node, from, to)
}

// constantTexts reads a list of texts that is known now.
func constantTexts(n ast.Node) ([]string, bool) {
	switch n := n.(type) {
	case *ast.ConstantNode:
		words, ok := n.Value.([]string)
		return words, ok
	case *ast.ArrayNode:
		words := make([]string, len(n.Nodes))
		for i, e := range n.Nodes {
			s, ok := e.(*ast.StringNode)
			if !ok {
				return nil, false
			}
			words[i] = s.Value
		}
		return words, len(words) > 0
	}
	return nil, false
}
