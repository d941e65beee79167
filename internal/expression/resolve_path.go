package expression

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// member resolves a path: fields of what the event gives, facts, constants,
// steps, lists.
func (r *resolver) member(n *ast.MemberNode) ast.Node {
	base, ok := n.Node.(*ast.IdentifierNode)
	if !ok || r.shadowed(base) {
		return r.plainMember(n)
	}
	switch base.Value {
	case "vars", "inputs", "lists", "steps":
		return r.named(n, base.Value)
	}
	root, ok := roots[base.Value]
	if !ok || !root.fact {
		return r.plainMember(n)
	}
	if of := r.groupMember(n); of != nil {
		return of
	}
	name, constant := n.Property.(*ast.StringNode)
	if _, isField := fieldsOf(root.typ)[nameOf(name)]; constant && isField {
		return r.plainMember(n)
	}
	if !r.count(base) {
		return n
	}
	r.available(r.here(base), root)
	if !constant {
		r.report(say(n.Location(), "BE208", "`%s` 后面的名称要直接写出来", "the name behind `%s` has to be written out", base.Value))
		return n
	}
	return r.factCall(n, base.Value, name.Value)
}

// shadowed says whether a variable made by `let` has the name.
func (r *resolver) shadowed(n *ast.IdentifierNode) bool {
	return n != nil && r.locals[n.Value] != nil
}

// here places a node of a macro where the macro stands.
func (r *resolver) here(n *ast.IdentifierNode) *ast.IdentifierNode {
	if len(r.macros) > 0 {
		n.SetLocation(r.macroAt)
	}
	return n
}

// nameOf is the text of a node, "" for none.
func nameOf(n *ast.StringNode) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// factCall reads a fact. A name that is nearly that of a field is a mistyped field.
func (r *resolver) factCall(n *ast.MemberNode, scope, name string) ast.Node {
	if p, wrong := mistypedField(n.Location(), scope, name); wrong {
		r.report(p)
		return n
	}
	r.facts = true
	return r.make(n, "__fact", &ast.ConstantNode{Value: &factRef{scope: scope, name: name}})
}

// mistypedField reports a fact of chat or robot that was surely meant as a field.
func mistypedField(at file.Location, scope, name string) (Problem, bool) {
	fields := slices.Collect(maps.Keys(fieldsOf(roots[scope].typ)))
	p := say(at, "BE202", "`%s` 没有属性 `%s`", "`%s` has no field `%s`", scope, name).choose(name, fields)
	return p, strings.Contains(p.Hint.EN, "did you mean")
}

// plainMember resolves a path that stays one.
func (r *resolver) plainMember(n *ast.MemberNode) ast.Node {
	n.Node = r.node(n.Node)
	n.Property = r.node(n.Property)
	name, ok := n.Property.(*ast.StringNode)
	if !ok {
		return n
	}
	if c, isConstant := n.Node.(*ast.ConstantNode); isConstant {
		if m, isMap := c.Value.(map[string]any); isMap {
			return r.constantMember(n, m, name.Value)
		}
	}
	t := typeOf(n.Node)
	fields := fieldsOf(t)
	if _, known := fields[name.Value]; t == nil || known {
		return n
	}
	_, isMethod := timeMethods[name.Value]
	switch k := kindOfType(t); {
	case k == things:
		r.report(say(n.Location(), "BE202", "没有属性 `%s`", "there is no field `%s`", name.Value).
			choose(name.Value, slices.Collect(maps.Keys(fields))))
	case k == moment && isMethod && !n.Method:
		r.report(say(n.Location(), "BE202", "`%s` 后面要写括号", "`%s` needs brackets behind it", name.Value).
			hint("请写 `%s()`", "write `%s()`", name.Value))
	}
	return n
}

// constantMember takes an entry out of a map of vars.
func (r *resolver) constantMember(n *ast.MemberNode, m map[string]any, name string) ast.Node {
	v, ok := m[name]
	if !ok {
		r.report(say(n.Location(), "BE212", "没有变量 `%s`", "there is no variable `%s`", name).
			choose(name, slices.Collect(maps.Keys(m))))
		return n
	}
	return r.constant(n, v)
}

// named resolves vars.X, lists.X and steps.X.
func (r *resolver) named(n *ast.MemberNode, base string) ast.Node {
	name, ok := literalName(n.Property)
	if len(r.macros) > 0 {
		n.Property.SetLocation(r.macroAt)
	}
	if !ok {
		r.report(say(n.Location(), "BE208", "`%s` 后面的名称要直接写出来", "the name behind `%s` has to be written out", base))
		return n
	}
	switch base {
	case "vars":
		if v, ok := r.o.Vars[name]; ok {
			return r.constant(n, v)
		}
		r.missing(n, "没有变量 `%s`", "there is no variable `%s`", name, slices.Collect(maps.Keys(r.o.Vars)))
	case "inputs":
		if v, ok := r.o.Inputs[name]; ok {
			return r.constant(n, v)
		}
		r.missing(n, "模板没有输入 `%s`", "the template has no input `%s`", name, slices.Collect(maps.Keys(r.o.Inputs)))
	case "lists":
		if words, ok := r.o.Lists[name]; ok {
			return r.constant(n, words)
		}
		r.missing(n, "没有名单 `%s`", "there is no list `%s`", name, slices.Collect(maps.Keys(r.o.Lists)))
	case "steps":
		if slices.Contains(r.o.Steps, name) {
			r.facts = true
			if slices.Contains(r.o.Answers, name) {
				return r.make(n, answerCall, &ast.StringNode{Value: name})
			}
			return r.make(n, "__step", &ast.StringNode{Value: name})
		}
		r.noStep(n, name)
	}
	return n
}

// missing reports a name that is defined nowhere.
func (r *resolver) missing(n *ast.MemberNode, zh, en, name string, candidates []string) {
	r.report(say(n.Location(), "BE212", zh, en, name).choose(name, candidates))
}

// noStep reports a step that does not come before this one. steps.my-step is read
// as a difference, so an id with a hyphen has to stand in brackets.
func (r *resolver) noStep(n *ast.MemberNode, name string) {
	for _, id := range r.o.Steps {
		if rest, ok := strings.CutPrefix(id, name); ok && strings.ContainsAny(rest[:1], "-.") {
			r.report(say(n.Location(), "BE212", "前面没有步骤 `%s`", "no step `%s` comes before this", name).
				hint("请写 steps[\"%s\"]", "write steps[\"%s\"]", id))
			r.explained = rest[1:]
			return
		}
	}
	r.missing(n, "前面没有步骤 `%s`", "no step `%s` comes before this", name, r.o.Steps)
}

// literalName is a name as it stands behind a dot or in brackets.
func literalName(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.IntegerNode:
		return strconv.Itoa(n.Value), true
	}
	return "", false
}

// constant puts a value of vars or lists into the tree, in a type the checker
// knows well.
func (r *resolver) constant(at ast.Node, v any) ast.Node {
	var n ast.Node
	switch v := plainValue(v).(type) {
	case nil:
		n = &ast.NilNode{}
	case string:
		n = &ast.StringNode{Value: v}
	case bool:
		n = &ast.BoolNode{Value: v}
	case int:
		n = &ast.IntegerNode{Value: v}
	case float64:
		n = &ast.FloatNode{Value: v}
	default:
		n = &ast.ConstantNode{Value: v}
	}
	n.SetLocation(at.Location())
	return n
}

// plainValue brings what a YAML or JSON decoder makes to few types.
func plainValue(v any) any {
	if d, ok := v.(time.Duration); ok {
		return d
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return int(rv.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		if rv.Uint() <= math.MaxInt {
			return int(rv.Uint())
		}
		return float64(rv.Uint())
	case reflect.Float32, reflect.Float64:
		return rv.Float()
	case reflect.String:
		return rv.String()
	case reflect.Slice:
		return plainList(rv)
	default:
		return v
	}
}

// plainList makes a list of texts []string. One that is so already stays the same
// list, by which its set is found again.
func plainList(rv reflect.Value) any {
	if words, ok := reflect.TypeAssert[[]string](rv); ok {
		return words
	}
	words := make([]string, rv.Len())
	for i := range words {
		s, ok := reflect.TypeAssert[string](rv.Index(i))
		if !ok {
			return anyList(rv)
		}
		words[i] = s
	}
	return words
}

func anyList(rv reflect.Value) []any {
	out := make([]any, rv.Len())
	for i := range out {
		out[i] = plainValue(rv.Index(i).Interface())
	}
	return out
}

// typeOf is the Go type of a path, nil when it is not a plain one.
func typeOf(n ast.Node) reflect.Type {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return roots[n.Value].typ
	case *ast.MemberNode:
		if name, ok := n.Property.(*ast.StringNode); ok {
			return fieldsOf(typeOf(n.Node))[name.Value]
		}
	case *ast.CallNode:
		callee, ok := n.Callee.(*ast.IdentifierNode)
		if ok && callee.Value == "__step" {
			return reflect.TypeFor[stepView]()
		}
		if t, isAnswer := answerType(nameOfCallee(callee)); isAnswer {
			return t
		}
		if t, isFound := foundType(nameOfCallee(callee)); isFound {
			return t
		}
		if t, ofGroup := groupType(nameOfCallee(callee)); ofGroup {
			return t
		}
	}
	return nil
}

// typeKind is the kind of a path.
func typeKind(n ast.Node) kind {
	if t := typeOf(n); t != nil {
		return kindOfType(t)
	}
	return unknown
}

// make builds a call of one of the hidden functions in the place of at.
func (r *resolver) make(at ast.Node, name string, args ...ast.Node) ast.Node {
	callee, runner := &ast.IdentifierNode{Value: name}, &ast.IdentifierNode{Value: "__run"}
	call := &ast.CallNode{Callee: callee, Arguments: append([]ast.Node{runner}, args...)}
	for _, n := range append([]ast.Node{callee, call}, call.Arguments...) {
		if n.Location() == (file.Location{}) {
			n.SetLocation(at.Location())
		}
	}
	return call
}
