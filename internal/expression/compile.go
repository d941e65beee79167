package expression

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"sync"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/checker"
	"github.com/expr-lang/expr/compiler"
	"github.com/expr-lang/expr/conf"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
)

// workshop is what compiling needs and may be used again, by one goroutine at a
// time. Everything that differs between rules is put into the tree before the
// checker sees it, so one configuration serves all.
type workshop struct {
	config  *conf.Config
	checker checker.Checker
}

var workshops = sync.Pool{New: func() any { return newWorkshop() }}

func newWorkshop() *workshop {
	c := conf.New(env{})
	c.MaxNodes = maxNodes
	c.Optimize = false // its rewrites would undo what the resolver put in
	for _, option := range functions() {
		option(c)
	}
	return &workshop{config: c}
}

// compiled is an expression ready to run, and what it gives.
type compiled struct {
	program
	kind  kind
	typ   reflect.Type
	needs Needs // of a condition
	plain *direct
	said  bool // of a text: it may be words that somebody wrote
}

// compile compiles one expression; want is yesNo for a condition, unknown for
// whatever it gives.
func compile(src string, o *Options, want kind) (out *compiled, problems []Problem) {
	defer func() {
		if p := recover(); p != nil { // a bug of the library; the rule set must still load or be refused
			out, problems = nil, []Problem{say(whole(src), "BE204", "这个表达式无法处理", "this expression cannot be processed")}
		}
	}()
	if o == nil {
		o = &Options{}
	}
	w := workshops.Get().(*workshop)
	defer workshops.Put(w)
	tree, problems := w.parse(src)
	if len(problems) > 0 {
		return nil, problems
	}
	r := &resolver{o: o, work: w}
	tree.Node = r.node(tree.Node)
	if want == yesNo {
		r.expect(tree.Node, yesNo)
	}
	if len(r.problems) > 0 {
		return nil, r.problems
	}
	if want == yesNo {
		needed, plain := needs(tree.Node, nil, true), directly(tree.Node)
		if out, problems = w.finish(tree, r, want); out != nil {
			out.needs, out.plain = needed, plain
		}
		return out, problems
	}
	written := said(tree.Node)
	if out, problems = w.finish(tree, r, want); out != nil {
		out.said = written
	}
	return out, problems
}

// finish checks the types of a resolved tree and compiles it.
func (w *workshop) finish(tree *parser.Tree, r *resolver, want kind) (*compiled, []Problem) {
	w.config.Expect, w.config.ExpectAny = reflect.Invalid, false
	typ, err := w.checker.Check(tree, w.config)
	if err != nil {
		return nil, []Problem{r.translate(err)}
	}
	k := kindOfType(typ)
	if tree.Node.Nature().Nil {
		k = nothing
	}
	if want == yesNo && k != yesNo && k != unknown {
		return nil, []Problem{notYesNo(tree, k)}
	}
	if want == yesNo {
		w.config.Expect, w.config.ExpectAny = reflect.Bool, true
	}
	code, err := compiler.Compile(tree, w.config)
	if err != nil {
		return nil, []Problem{r.translate(err)}
	}
	return &compiled{program: program{code: code, facts: r.facts, reads: r.reads || r.facts}, kind: k, typ: typ}, nil
}

// notYesNo reports a condition that gives something else than yes or no.
func notYesNo(tree *parser.Tree, k kind) Problem {
	p := say(whole(tree.Source.String()), "BE203", "条件的结果应该是真或假，这里是%[1]s", "a condition has to be a yes or no, this is %[2]s", k.in().ZH, k.in().EN)
	if _, ok := tree.Node.(*ast.StringNode); ok || k == text {
		return p.hint("是不是想写 text contains \"…\"?", "did you mean text contains \"…\"?")
	}
	return p
}

// whole is the place of all of a source but the blanks around it.
func whole(src string) file.Location {
	from := len([]rune(src)) - len([]rune(strings.TrimLeft(src, " \t\r\n")))
	return file.Location{From: from, To: from + len([]rune(strings.TrimSpace(src)))}
}

// parse reads a source that is short enough and free of traps.
func (w *workshop) parse(src string) (*parser.Tree, []Problem) {
	switch {
	case len(src) > maxSource:
		return nil, []Problem{say(file.Location{From: 0, To: 1}, "BE209", "表达式太长（%d 字节，最多 %d）",
			"the expression is too long (%d bytes, %d at most)", len(src), maxSource)}
	case strings.TrimSpace(src) == "":
		return nil, []Problem{say(whole(src), "BE204", "表达式是空的", "the expression is empty")}
	}
	if problems := scan(src); len(problems) > 0 {
		return nil, problems
	}
	tree, err := parser.ParseWithConfig(src, w.config)
	if err == nil {
		return tree, nil
	}
	var at *file.Error
	if !errors.As(err, &at) {
		at = &file.Error{Location: whole(src), Message: err.Error()}
	}
	return nil, []Problem{syntaxProblem(at, src)}
}

// Condition is a compiled yes/no expression, safe for concurrent use.
type Condition struct {
	source  string
	program program
	needs   Needs
	plain   *direct // nil: the machine computes it
	options Options // it was compiled with: Tree compiles its parts
}

// CompileCondition compiles src; the Condition is nil when there are problems.
func CompileCondition(src string, o *Options) (*Condition, []Problem) {
	if p, ok := braceInCondition(src); ok {
		return nil, []Problem{p}
	}
	c, problems := compile(src, o, yesNo)
	if len(problems) > 0 {
		return nil, problems
	}
	out := &Condition{source: src, program: c.program, needs: c.needs, plain: c.plain}
	if o != nil {
		out.options = *o
		out.options.Memo = nil // it belongs to who compiles, and would keep all of that in memory
	}
	return out, nil
}

// Eval says whether the condition holds. The error, when there is one, is a
// *RunError: the condition is then neither true nor false.
func (c *Condition) Eval(s *Scope) (bool, error) {
	if c.plain != nil && s.Event != nil {
		return c.plain.holds(s.Event), nil
	}
	return c.run(s)
}

// run is Eval by the machine of expr.
func (c *Condition) run(s *Scope) (bool, error) {
	r := start(s, false)
	defer r.stop()
	out, err := r.do(&c.program)
	if err != nil {
		return false, fmt.Errorf("condition: %w", err)
	}
	yes, _ := out.(bool)
	return yes, nil
}

// UsesFacts says whether the answer depends on facts or on steps.
func (c *Condition) UsesFacts() bool { return c.program.facts }

// Source is the text the condition was compiled from.
func (c *Condition) Source() string { return c.source }
