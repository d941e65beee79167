package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"botengine/internal/diag"
)

// builtin resolves a call of one of expr's own functions.
func (r *resolver) builtin(n *ast.BuiltinNode) ast.Node {
	if hint, ok := forbidden[n.Name]; ok {
		r.forbid(n.Location(), n.Name, hint)
		return n
	}
	if first, _ := firstOf(n.Arguments).(*ast.StringNode); n.Name == "count" && first != nil {
		return r.counterCall(n, "counted", n.Arguments)
	}
	if _, ok := own[n.Name]; ok { // they are known to the parser by the same name
		return r.ownCall(n, n.Name, n.Arguments)
	}
	if _, ok := builtins[n.Name]; !ok {
		r.forbid(n.Location(), n.Name, [2]string{})
		return n
	}
	if visits := overloads[n.Name]; visits > 1 {
		r.visits = max(r.visits, 1) * visits
		defer func() { r.visits /= visits }()
		if r.visits > maxVisits {
			r.report(tooComplex(n.Location()))
			return n
		}
	}
	if len(n.Arguments) > 0 {
		if body, ok := n.Arguments[len(n.Arguments)-1].(*ast.PredicateNode); ok {
			return r.loop(n, body)
		}
		if len(n.Arguments) > 1 {
			if body, ok := n.Arguments[1].(*ast.PredicateNode); ok {
				return r.loop(n, body)
			}
		}
	}
	r.all(n.Arguments)
	if r.depth > 0 && walkers[n.Name] && !isPlainExtreme(n) {
		r.report(say(n.Location(), "BE208", "循环里面不能用 `%s`", "`%s` is not allowed inside of a loop", n.Name).
			hint("请先用 let 算好", "compute it before, with let"))
	}
	r.arguments(n)
	return n
}

// firstOf is the first of the arguments, nil when there are none.
func firstOf(args []ast.Node) ast.Node {
	if len(args) == 0 {
		return nil
	}
	return args[0]
}

// arguments settles what the arguments of a function are.
func (r *resolver) arguments(n *ast.BuiltinNode) {
	if textFunctions[n.Name] {
		r.weight++
	}
	for _, arg := range n.Arguments {
		switch {
		case n.Name == "len" || builtins[n.Name] == text && n.Name != "type" || n.Name == "hasPrefix" || n.Name == "hasSuffix" || n.Name == "indexOf" || n.Name == "lastIndexOf":
			r.expect(arg, text)
		case builtins[n.Name] == number:
			r.expect(arg, number)
		}
		r.walkable(arg, n.Name)
	}
	switch n.Name {
	case "date":
		if len(n.Arguments) > 2 {
			r.forbid(n.Location(), "date", [2]string{"时间总是北京时间，最多写两个参数", "times are always those of China: at most two arguments"})
		}
		place := &ast.ConstantNode{Value: zone}
		place.SetLocation(n.Location())
		n.Arguments = append([]ast.Node{place}, n.Arguments...)
	case "get":
		if len(n.Arguments) > 0 && r.kind(n.Arguments[0]) == text {
			r.report(say(n.Location(), "BE203", "get 要一个列表或对照表", "get takes a list or a map"))
		}
	}
}

// walkable refuses to walk a list that is too long for it.
func (r *resolver) walkable(n ast.Node, function string) {
	c, ok := n.(*ast.ConstantNode)
	if !ok || function == "len" {
		return
	}
	length := 0
	switch v := c.Value.(type) {
	case []string:
		length = len(v)
	case []any:
		length = len(v)
	case map[string]any:
		length = len(v)
	}
	if length > maxLoop {
		r.report(say(n.Location(), "BE209", "名单太长（%d 条），不能逐条处理", "the list is too long (%d entries) to be walked", length).
			hint("请用 `in`、in_list 或 contains_any", "use `in`, in_list or contains_any"))
	}
}

func (r *resolver) forbid(at file.Location, name string, hint [2]string) {
	p := say(at, "BE208", "不能用 `%s`", "`%s` is not available", name)
	p.Hint = diag.Text{ZH: hint[0], EN: hint[1]}
	r.report(p)
}

// loop resolves any(list, …) and its like. Every turn pays: one step, and one
// more for each look at a text and each KiB of the longest one.
func (r *resolver) loop(n *ast.BuiltinNode, body *ast.PredicateNode) ast.Node {
	if r.depth >= maxNesting {
		r.report(say(n.Location(), "BE208", "最多嵌套两层 `%s(…)`", "`%s(…)` can be nested twice at most", n.Name))
		return n
	}
	for i, arg := range n.Arguments {
		if arg != ast.Node(body) {
			n.Arguments[i] = r.node(arg)
			r.walkable(n.Arguments[i], n.Name)
		}
	}
	outer := r.weight
	r.weight = 0
	r.depth++
	body.Node = r.node(body.Node)
	r.depth--
	if len(r.macros) > 0 {
		body.SetLocation(r.macroAt)
	}
	if n.Name != "map" && n.Name != "sum" && n.Name != "groupBy" && n.Name != "sortBy" {
		r.expect(body.Node, yesNo)
	} else if n.Name == "sum" {
		r.expect(body.Node, number)
	}
	turn := &ast.ConditionalNode{
		Cond: r.make(body.Node, "__tick", &ast.IntegerNode{Value: r.weight}),
		Exp1: body.Node, Exp2: &ast.NilNode{},
	}
	turn.SetLocation(body.Node.Location())
	turn.Exp2.SetLocation(body.Node.Location())
	body.Node = turn
	r.weight += outer
	return n
}

// call resolves a call of anything that expr's parser does not know.
func (r *resolver) call(n *ast.CallNode) ast.Node {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		if _, ok := own[callee.Value]; ok {
			return r.ownCall(n, callee.Value, n.Arguments)
		}
		if hint, ok := forbidden[callee.Value]; ok {
			r.forbid(n.Location(), callee.Value, hint)
			return n
		}
		r.report(r.unknownFunction(callee))
	case *ast.MemberNode:
		return r.method(n, callee)
	default:
		r.report(say(n.Location(), "BE204", "这里不能写括号", "no brackets can stand here"))
	}
	return n
}

func (r *resolver) unknownFunction(n *ast.IdentifierNode) Problem {
	at := n.Location()
	if len(r.macros) > 0 {
		at = r.macroAt
	}
	_, isRoot := roots[n.Value]
	_, isMacro := r.o.Macros[n.Value]
	_, isFound := r.o.Found[n.Value]
	if isRoot || isMacro || isFound {
		return say(at, "BE201", "`%s` 不是函数", "`%s` is not a function", n.Value).hint("后面不写括号", "leave the brackets out")
	}
	return say(at, "BE201", "没有函数 `%s`", "there is no function `%s`", n.Value).choose(n.Value, functionNames)
}

// method resolves a call with a dot: only times have some.
func (r *resolver) method(n *ast.CallNode, callee *ast.MemberNode) ast.Node {
	name, ok := callee.Property.(*ast.StringNode)
	if !ok {
		r.report(say(n.Location(), "BE204", "这里不能写括号", "no brackets can stand here"))
		return n
	}
	callee.Node = r.node(callee.Node)
	r.all(n.Arguments)
	if len(r.macros) > 0 {
		callee.SetLocation(r.macroAt)
		callee.Property.SetLocation(r.macroAt)
	}
	if _, ok := timeMethods[name.Value]; !ok {
		r.report(unknownMethod(n.Location(), name.Value))
		return n
	}
	if name.Value == "Weekday" || name.Value == "Month" { // their own types compare with no number
		out := &ast.BuiltinNode{Name: "int", Arguments: []ast.Node{n}}
		out.SetLocation(n.Location())
		return out
	}
	return n
}

// unknownMethod reports x.contains("a") and the like.
func unknownMethod(at file.Location, name string) Problem {
	p := say(at, "BE202", "没有 `.%s(…)` 这种写法", "there is no `.%s(…)`", name)
	switch name {
	case "contains", "startsWith", "endsWith", "matches":
		return p.hint("请写 `a %s \"…\"`", "write `a %s \"…\"`", name)
	}
	if slices.Contains(functionNames, name) {
		return p.hint("请写 `%s(…)`", "write `%s(…)`", name)
	}
	return p
}

// ownCall resolves a call of one of our functions.
func (r *resolver) ownCall(n ast.Node, name string, args []ast.Node) ast.Node {
	r.all(args)
	for i, arg := range args {
		if i == 0 && own[name] != list && name != "join" && name != "names" {
			r.expect(arg, text)
		}
		if name != "in_list" && name != "contains_any" {
			r.walkable(arg, name)
		}
	}
	switch name {
	case "replace":
		if len(args) == 3 {
			args = append(args, &ast.IntegerNode{Value: -1})
		}
	case "join":
		if len(args) == 1 {
			args = append(args, &ast.StringNode{})
		}
		fallthrough
	case "uniq", "names":
		r.wantList(name, args, 0)
	case "in_list":
		return r.inList(n, args)
	case "since":
		return r.counterCall(n, name, args)
	case "tagged":
		return r.taggedCall(n, args)
	case "between":
		return r.between(n, args)
	case "workday":
		return r.workday(n, args)
	case "contains_any":
		if len(args) == 2 {
			if words, ok := constantTexts(args[1]); ok {
				args[1] = r.constantAt(args[1], r.o.Memo.finder(words))
			} else {
				r.wantList(name, args, 1)
			}
		}
	}
	return r.make(n, hiddenPrefix+name, args...)
}

// isPlainExtreme reports whether the call compares its arguments, not a list's.
func isPlainExtreme(n *ast.BuiltinNode) bool {
	return len(n.Arguments) > 1 && (n.Name == "max" || n.Name == "min")
}

// wantList checks that argument i is not something that surely is no list.
func (r *resolver) wantList(name string, args []ast.Node, i int) {
	if i >= len(args) {
		return
	}
	if k := r.kind(args[i]); k != list && k != unknown {
		r.report(say(args[i].Location(), "BE215", "`%[1]s` 这里要一个列表，现在是%[2]s", "`%[1]s` takes a list here, this is %[3]s",
			name, k.in().ZH, k.in().EN))
	}
}

// constantAt is a value that stands in the place of n.
func (r *resolver) constantAt(n ast.Node, v any) ast.Node {
	c := &ast.ConstantNode{Value: v}
	c.SetLocation(n.Location())
	return c
}

// inList resolves in_list("staff", sender.id).
func (r *resolver) inList(n ast.Node, args []ast.Node) ast.Node {
	if len(args) != 2 {
		r.report(wrongCount(n.Location(), "in_list", "in_list(\"staff\", sender.id)"))
		return n
	}
	name, ok := args[0].(*ast.StringNode)
	if !ok {
		at := args[0].Location()
		r.problems = slices.DeleteFunc(r.problems, func(p Problem) bool { return p.Code == "BE201" && p.Offset == at.From }) // this says it better
		r.report(say(at, "BE215", "in_list 的第一个参数是加引号的名单名", "the first argument of in_list is the name of a list, in quotes").
			hint("例如 `in_list(\"staff\", sender.id)`", "such as `in_list(\"staff\", sender.id)`"))
		return n
	}
	words, ok := r.o.Lists[name.Value]
	if !ok {
		names := make([]string, 0, len(r.o.Lists))
		for known := range r.o.Lists {
			names = append(names, known)
		}
		r.report(say(name.Location(), "BE212", "没有名单 `%s`", "there is no list `%s`", name.Value).choose(name.Value, names))
		return n
	}
	if r.o.Changing[name.Value] {
		return r.listedCall(n, args[1], name.Value)
	}
	return r.make(n, "__in", args[1], r.constantAt(name, r.o.Memo.set(words)))
}

// between resolves between("09:00", "18:00").
func (r *resolver) between(n ast.Node, args []ast.Node) ast.Node {
	const example = `between("09:00", "18:00")`
	if len(args) != 2 {
		r.report(wrongCount(n.Location(), "between", example))
		return n
	}
	from, ok := args[0].(*ast.StringNode)
	to, fine := args[1].(*ast.StringNode)
	if ok && fine {
		if span, ok := parseDaySpan(from.Value, to.Value); ok {
			r.reads = true
			return r.make(n, "__between", r.constantAt(n, span))
		}
	}
	r.report(say(n.Location(), "BE215", "between 要两个钟点", "between takes two times of day").hint("例如 `%s`", "such as `%s`", example))
	return n
}

func wrongCount(at file.Location, name, example string) Problem {
	return say(at, "BE215", "`%s` 的参数个数不对", "`%s` has the wrong number of arguments", name).
		hint("例如 `%s`", "such as `%s`", example)
}
