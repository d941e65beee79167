package expression

import (
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
)

// neverSince is what `since` gives for what never happened: longer than any time that a
// rule compares it with.
const neverSince = 100 * 365 * 24 * time.Hour

// counterRef names a counter, and how far back it is asked.
type counterRef struct {
	scope, name string
	window      time.Duration // 0 = as far back as the counter goes
}

// changing is a list that rules may change: its own entries, and those that were
// put on it.
type changing struct {
	name  string
	fixed *wordSet
}

// pastFunctions ask what was counted, tagged and listed.
func pastFunctions() []expr.Option {
	return []expr.Option{
		expr.Function("__counted", counted, new(func(*run, *counterRef) int)),
		expr.Function("__since", since, new(func(*run, *counterRef) time.Duration)),
		expr.Function("__tagged", tagged, new(func(*run, string) bool)),
		expr.Function("__listed", listed, new(func(*run, string, *changing) bool)),
	}
}

// What looks into the past cost of the budget: they read the store, and what is
// kept there may be long. A counter is read once an evaluation.
const (
	counterCost = 1000
	taggedCost  = 200
	listedCost  = 40
)

func counted(p ...any) (any, error) {
	r, c := p[0].(*run), p[1].(*counterRef)
	if r.scope.Past == nil {
		return 0, nil
	}
	if n, known := r.counts[*c]; known {
		return n, nil
	}
	n := int(r.scope.Past.Count(c.scope, c.name, c.window))
	r.keepCount(*c, n)
	return n, r.burn(counterCost)
}

func since(p ...any) (any, error) {
	r, c := p[0].(*run), p[1].(*counterRef)
	if r.scope.Past == nil {
		return neverSince, nil
	}
	ref := counterRef{c.scope, c.name, neverSince} // no count looks back as far
	if ago, known := r.counts[ref]; known {
		return time.Duration(ago), nil
	}
	ago, ok := r.scope.Past.Since(c.scope, c.name)
	if !ok {
		ago = neverSince
	}
	r.keepCount(ref, int(ago))
	return ago, r.burn(counterCost)
}

func tagged(p ...any) (any, error) {
	r, tag := p[0].(*run), p[1].(string)
	return r.scope.Past != nil && r.scope.Past.Tagged(tag), r.burn(taggedCost)
}

// keepCount remembers what a counter said, until the evaluation ends.
func (r *run) keepCount(c counterRef, n int) {
	if r.counts == nil {
		r.counts = map[counterRef]int{}
	}
	r.counts[c] = n
}

func listed(p ...any) (any, error) {
	r, list := p[0].(*run), p[2].(*changing)
	s, ok := p[1].(string)
	switch {
	case !ok:
		return false, nil
	case list.fixed.has(s):
		return true, nil
	}
	return r.scope.Past != nil && r.scope.Past.Listed(list.name, s), r.burn(listedCost)
}

// counterCall resolves count("member.ads", "24h") and since("member.ads").
func (r *resolver) counterCall(n ast.Node, function string, args []ast.Node) ast.Node {
	most, example := 1, `since("member.ads")`
	if function == "counted" {
		most, example = 2, `count("member.ads", "24h")`
	}
	if len(args) == 0 || len(args) > most {
		r.report(wrongCount(n.Location(), strings.TrimSuffix(function, "ed"), example))
		return n
	}
	name, ok := r.constantText(args[0])
	if !ok {
		r.report(say(args[0].Location(), "BE215", "计数器的名字要直接写在引号里", "the name of a counter has to be written out, in quotes").
			hint("例如 `%s`", "such as `%s`", example))
		return n
	}
	ref := &counterRef{}
	var problems []Problem
	if ref.scope, ref.name, problems = ParseCounter(name, r.o); len(problems) > 0 {
		for _, p := range problems {
			p.Offset, p.Length = args[0].Location().From, max(1, args[0].Location().To-args[0].Location().From)
			r.report(p)
		}
		return n
	}
	if len(args) == 2 {
		window, isText := r.constantText(args[1])
		if ref.window, ok = parseSpan(window); !isText || !ok {
			r.report(say(args[1].Location(), "BE215", "第二个参数是往回看多久，要写成引号里的时长", "the second argument is how far to look back: a duration in quotes").
				hint("例如 `%s`", "such as `%s`", example))
			return n
		}
	}
	r.facts = true
	return r.make(n, hiddenPrefix+function, r.constantAt(args[0], ref))
}

// constantText is the text that n always is.
func (r *resolver) constantText(n ast.Node) (string, bool) {
	if body, ok := n.(*ast.PredicateNode); ok { // expr takes the second argument of count for a loop's body
		n = body.Node
	}
	s, ok := r.node(n).(*ast.StringNode)
	return nameOf(s), ok
}

// ParseCounter takes apart the name of a counter such as member.ads. Its rules are
// those of facts.
func ParseCounter(src string, o *Options) (scope, name string, problems []Problem) {
	if !strings.Contains(src, ".") {
		p := say(whole(src), "BE204", "计数器要写明是谁的：「范围.名称」", "a counter says whose it is: SCOPE.NAME")
		if src == "" {
			p.Length = 1
		}
		return "", "", []Problem{p.hint("例如 `member.%[1]s`（群里的每个人）、`chat.%[1]s`（每个会话）、`global.%[1]s`", "such as `member.%[1]s` (each person in a chat), `chat.%[1]s`, `global.%[1]s`", src)}
	}
	return ParseFact(src, o)
}

// parseSpan reads a time such as 90m, 24h or 7d.
func parseSpan(s string) (time.Duration, bool) {
	days, rest, found := strings.Cut(s, "d")
	if !found {
		days, rest = "0", s
	}
	d, err := time.ParseDuration(days + "h")
	if err != nil || d < 0 || d > neverSince/24 {
		return 0, false
	}
	d *= 24
	if rest != "" {
		more, err := time.ParseDuration(rest)
		if err != nil || more < 0 {
			return 0, false
		}
		d += more
	}
	return d, d > 0 && d < neverSince
}

// taggedCall resolves tagged("组/标签").
func (r *resolver) taggedCall(n ast.Node, args []ast.Node) ast.Node {
	if len(args) != 1 {
		r.report(wrongCount(n.Location(), "tagged", `tagged("售后/退款")`))
		return n
	}
	if missing := roots["user"].missing(r.o.Kinds); len(missing) > 0 {
		r.report(say(n.Location(), "BE211", "触发条件 %[1]s 没有「这个人」，不能用 `tagged`", "there is no person in %[1]s whose tags could be asked for", strings.Join(missing, ", ")))
		return n
	}
	r.facts = true
	return r.make(n, "__tagged", args[0])
}

// listedCall asks whether the value is on a list that rules may change.
func (r *resolver) listedCall(n, value ast.Node, name string) ast.Node {
	r.facts = true
	return r.make(n, "__listed", value, r.constantAt(n, &changing{name: name, fixed: r.o.Memo.set(r.o.Lists[name])}))
}

// changingList is the name of the list that n is, if rules may change it.
func (r *resolver) changingList(n ast.Node) (name string, ok bool) {
	member, isMember := n.(*ast.MemberNode)
	if !isMember {
		return "", false
	}
	base, _ := member.Node.(*ast.IdentifierNode)
	if base == nil || r.shadowed(base) || base.Value != "lists" {
		return "", false
	}
	name, isName := literalName(member.Property)
	return name, isName && r.o.Changing[name]
}
