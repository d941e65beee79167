package expression

import (
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// resolver turns the tree a source was parsed to into the one that is compiled:
// it gives every name its meaning, puts in macros and constants, refuses what is
// not allowed and makes what may grow pay for it. It reports all it finds.
type resolver struct {
	o        *Options
	work     *workshop
	problems []Problem
	nodes    int
	facts    bool
	reads    bool // the event, or the time

	locals   map[string]*local // by `let`
	depth    int               // loops around this place
	visits   int               // of this place by the type checker, 0 meaning 1
	weight   int               // looks at texts in the loop body around this place
	macros   []string          // being put in, outermost first
	macroAt  file.Location     // where the outermost one stands in the source
	tooLarge bool

	explained string // the second half of a step's id, told with the first
}

// local is a variable made by `let`.
type local struct {
	kind kind
	fact *factRef // when it is a fact and nothing else
}

// report adds a problem; inside of a macro it is placed where the macro is used.
func (r *resolver) report(p Problem) {
	if len(r.macros) > 0 {
		p = p.inMacro(r.macros[len(r.macros)-1])
	}
	if len(r.problems) < maxProblems {
		r.problems = append(r.problems, p)
	}
}

// all resolves every node of a list in place.
func (r *resolver) all(nodes []ast.Node) {
	for i := range nodes {
		nodes[i] = r.node(nodes[i])
	}
}

// node resolves n and returns what stands in its place.
func (r *resolver) node(n ast.Node) ast.Node {
	if n == nil || !r.count(n) {
		return n
	}
	if len(r.macros) > 0 {
		n.SetLocation(r.macroAt)
	}
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return r.identifier(n)
	case *ast.MemberNode:
		return r.member(n)
	case *ast.CallNode:
		return r.call(n)
	case *ast.BuiltinNode:
		return r.builtin(n)
	case *ast.BinaryNode:
		return r.binary(n)
	case *ast.SliceNode:
		return r.slice(n)
	case *ast.VariableDeclaratorNode:
		return r.let(n)
	}
	r.children(n)
	return n
}

// children resolves what needs no more than that.
func (r *resolver) children(n ast.Node) {
	switch n := n.(type) {
	case *ast.UnaryNode:
		n.Node = r.node(n.Node)
		if n.Operator == "not" || n.Operator == "!" {
			r.expect(n.Node, yesNo)
		} else {
			r.expect(n.Node, number)
		}
	case *ast.ChainNode:
		n.Node = r.node(n.Node)
	case *ast.ConditionalNode:
		n.Cond, n.Exp1, n.Exp2 = r.node(n.Cond), r.node(n.Exp1), r.node(n.Exp2)
		r.expect(n.Cond, yesNo)
	case *ast.SequenceNode:
		r.all(n.Nodes)
	case *ast.ArrayNode:
		r.all(n.Nodes)
	case *ast.MapNode:
		r.all(n.Pairs)
	case *ast.PairNode:
		n.Key, n.Value = r.node(n.Key), r.node(n.Value)
	case *ast.PredicateNode:
		n.Node = r.node(n.Node)
	}
}

// count keeps the tree small, macros included.
func (r *resolver) count(n ast.Node) bool {
	if r.nodes++; r.nodes <= maxNodes {
		return true
	}
	if !r.tooLarge {
		r.tooLarge = true
		r.report(tooComplex(n.Location()))
	}
	return false
}

func tooComplex(at file.Location) Problem {
	return say(at, "BE209", "表达式太复杂", "the expression is too complex").
		hint("请拆成几条规则，长名单放进 lists", "split the rule, and put long enumerations into lists")
}

// let resolves `let name = value; rest`.
func (r *resolver) let(n *ast.VariableDeclaratorNode) ast.Node {
	n.Value = r.node(n.Value)
	if _, taken := r.locals[n.Name]; taken || r.taken(n.Name) {
		r.report(say(n.Location(), "BE204", "`%s` 这个名字已经有了", "the name `%s` is taken", n.Name).
			hint("请换一个名字", "choose another one"))
		return n
	}
	if r.locals == nil {
		r.locals = map[string]*local{}
	}
	r.locals[n.Name] = &local{kind: r.kind(n.Value), fact: r.fact(n.Value)}
	n.Expr = r.node(n.Expr)
	delete(r.locals, n.Name)
	return n
}

// taken says whether a name cannot be given to a variable.
func (r *resolver) taken(name string) bool {
	_, isRoot := roots[name]
	_, isMacro := r.o.Macros[name]
	_, isFound := r.o.Found[name]
	_, isBuiltin := builtins[name]
	_, isOwn := own[name]
	_, isForbidden := forbidden[name]
	return isRoot || isMacro || isFound || isBuiltin || isOwn || isForbidden || strings.HasPrefix(name, hiddenPrefix)
}

// identifier resolves a name that stands alone.
func (r *resolver) identifier(n *ast.IdentifierNode) ast.Node {
	if _, ok := r.locals[n.Value]; ok {
		return n
	}
	if shape, ok := r.o.Found[n.Value]; ok {
		return r.found(n, shape)
	}
	if root, ok := roots[n.Value]; ok {
		r.reads = true
		r.facts = r.facts || n.Value == "result" // whose command it was only the engine knows
		r.available(n, root)
		if root.typ == nil {
			r.alone(n)
		}
		return n
	}
	if source, ok := r.o.Macros[n.Value]; ok {
		return r.macro(n, source)
	}
	if n.Value != r.explained {
		r.report(r.unknownName(n))
	}
	return n
}

// alone reports a name that means something only with another one behind it.
func (r *resolver) alone(n *ast.IdentifierNode) {
	r.report(say(n.Location(), "BE204", "`%s` 后面要写 `.` 和名称", "`%s` needs `.` and a name behind it", n.Value).
		list(r.namesUnder(n.Value)))
}

// namesUnder lists what may stand behind a root, with the root before it.
func (r *resolver) namesUnder(name string) []string {
	var under []string
	switch name {
	case "vars":
		under = slices.Collect(maps.Keys(r.o.Vars))
	case "lists":
		under = slices.Collect(maps.Keys(r.o.Lists))
	case "inputs":
		under = slices.Collect(maps.Keys(r.o.Inputs))
	case "steps":
		under = slices.Clone(r.o.Steps)
	default:
		return nil
	}
	for i := range under {
		under[i] = name + "." + under[i]
	}
	return under
}

// unknownName reports a name nobody knows. Chinese words are texts without quotes.
func (r *resolver) unknownName(n *ast.IdentifierNode) Problem {
	p := say(n.Location(), "BE201", "未知名称 `%s`", "unknown name `%s`", n.Value)
	if strings.ContainsFunc(n.Value, func(c rune) bool { return c >= 0x80 }) {
		return p.hint("文字要加引号：\"%s\"", "texts need quotes: \"%s\"", n.Value)
	}
	if slices.Contains(functionNames, n.Value) {
		return p.hint("`%[1]s` 是函数，要写成 `%[1]s(…)`", "`%[1]s` is a function: `%[1]s(…)`", n.Value)
	}
	return p.choose(n.Value, r.known())
}

// known lists the names that could stand here.
func (r *resolver) known() []string {
	out := slices.Collect(maps.Keys(r.o.Macros))
	for name, root := range roots {
		if len(root.missing(r.o.Kinds)) == 0 && (name != "hit" || r.o.HasHit) && (name != "inputs" || r.o.Inputs != nil) && (name != "events" || r.o.Gather) {
			out = append(out, name)
		}
	}
	out = slices.AppendSeq(out, maps.Keys(r.o.Found))
	return slices.AppendSeq(out, maps.Keys(r.locals))
}

// available checks that the rule's triggers give the name.
func (r *resolver) available(n *ast.IdentifierNode, root root) {
	if n.Value == "hit" && !r.o.HasHit {
		r.report(say(n.Location(), "BE211", "这条规则没有 match，所以没有 `hit`", "the rule has no match, so there is no `hit`"))
		return
	}
	if n.Value == "events" && !r.o.Gather {
		r.report(say(n.Location(), "BE211", "没有 `events`：规则没有写 coalesce，或者这里还没开始合并", "there are no `events`: the rule has no coalesce, or has not gathered yet here"))
		return
	}
	if missing := root.missing(r.o.Kinds); len(missing) > 0 && (!r.o.Gather || n.Value != "members") {
		kinds := strings.Join(missing, ", ")
		r.report(say(n.Location(), "BE211", "触发条件 %[1]s 没有 `%[2]s`", "there is no `%[2]s` in %[1]s", kinds, n.Value).
			list(r.known()))
	}
}

// kind is what the resolved node n gives, as far as that can be told from its form.
func (r *resolver) kind(n ast.Node) kind {
	switch n := n.(type) {
	case *ast.StringNode:
		return text
	case *ast.IntegerNode, *ast.FloatNode:
		return number
	case *ast.BoolNode:
		return yesNo
	case *ast.NilNode:
		return nothing
	case *ast.ArrayNode:
		return list
	case *ast.MapNode:
		return mapping
	case *ast.ConstantNode:
		return kindOf(n.Value)
	case *ast.UnaryNode:
		if n.Operator == "-" || n.Operator == "+" {
			return number
		}
		return yesNo
	case *ast.BinaryNode:
		return r.binaryKind(n)
	case *ast.ConditionalNode:
		if a := r.kind(n.Exp1); a == r.kind(n.Exp2) {
			return a
		}
	case *ast.BuiltinNode:
		return builtins[n.Name]
	case *ast.CallNode:
		return r.callKind(n)
	case *ast.IdentifierNode:
		if l, ok := r.locals[n.Value]; ok {
			return l.kind
		}
		return typeKind(n)
	case *ast.MemberNode:
		return typeKind(n)
	}
	return unknown
}

func (r *resolver) binaryKind(n *ast.BinaryNode) kind {
	left, right := r.kind(n.Left), r.kind(n.Right)
	switch n.Operator {
	case "+", "-", "*", "/", "%", "**", "^":
		if left == number && right == number {
			return number
		}
		return unknown // a time and a duration, say
	case "??":
		if left == right {
			return left
		}
		return unknown
	case "..":
		return list
	}
	return yesNo
}

func (r *resolver) callKind(n *ast.CallNode) kind {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		switch callee.Value {
		case "__cat", "__substr":
			return text
		case "__in", "__matches", "__listed", foundPrefix + "has":
			return yesNo
		case "__counted":
			return number
		}
		if t, ok := foundType(callee.Value); ok {
			return kindOfType(t)
		}
		return own[strings.TrimPrefix(callee.Value, hiddenPrefix)]
	case *ast.MemberNode:
		if name, ok := callee.Property.(*ast.StringNode); ok {
			return timeMethods[name.Value]
		}
	}
	return unknown
}

// fact is the fact that n is, nil when it is something else.
func (r *resolver) fact(n ast.Node) *factRef {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		if l, ok := r.locals[n.Value]; ok {
			return l.fact
		}
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok && callee.Value == "__fact" {
			ref, _ := n.Arguments[1].(*ast.ConstantNode).Value.(*factRef)
			return ref
		}
	}
	return nil
}

// expect says that n is used as a value of kind k. An absent fact then counts as
// 0, as the empty text or as no: a rule about user.level holds for everybody from
// the first day on, without asking whether there is a level yet.
func (r *resolver) expect(n ast.Node, k kind) {
	if ref := r.fact(n); ref != nil && ref.absent == nil {
		ref.absent = k.zero()
	}
}
