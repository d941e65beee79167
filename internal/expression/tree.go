package expression

import (
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"

	"botengine/internal/diag"
)

// What a tree may cost beyond its condition.
const (
	maxTreeNodes = 120         // sub-expressions that are looked at
	maxTreeFuel  = 5 * maxFuel // for all of them together
	maxTreeDepth = 40          // of sub-expressions within sub-expressions
)

// Tree is a condition, or a part of it, and what it was for one event. Constants
// are no parts, nor is what a loop does with each entry of a list.
type Tree struct {
	Source string `json:"source"` // as the author wrote it
	// Value is nil, a bool, a number, a text, a time as RFC 3339, a duration as text,
	// or a list or map of these. Long texts and lists are cut, and say so by a last "…".
	// A fact that is not there, and what has no value, is nil.
	Value any `json:"value"`
	// Evaluated is whether the part was computed; false behind an `and` whose left
	// side was false, and the like, and where computing it all would cost too much.
	Evaluated bool `json:"evaluated"`
	// Problem is why a part that was computed has no value; empty if it has one.
	Problem  diag.Text `json:"problem,omitzero"`
	Children []*Tree   `json:"children,omitempty"`
}

// Tree computes the condition in s, part by part. It never fails and does nothing
// that could be noticed; the value of its root is what Eval gives. It costs about
// as much as compiling the condition anew, so it is for people who ask, not for
// every event.
func (c *Condition) Tree(s *Scope) (out *Tree) {
	out = &Tree{Source: oneLine(c.source), Evaluated: true}
	r := start(s, false)
	defer r.stop()
	g := &grower{o: &c.options, run: r, nodes: maxTreeNodes, fuel: maxTreeFuel}
	g.value(out, &c.program)
	defer func() {
		if recover() != nil { // a bug of the library: the root alone is an answer, too
			out.Children = nil
		}
	}()
	if root, src, ok := g.parse(c.source); ok {
		out.Children = g.children(root, place{src: src})
	}
	return out
}

// grower computes the parts of one condition.
type grower struct {
	o     *Options
	run   *run
	nodes int // that may still be looked at
	fuel  int // that they may still cost
}

// place is where a part stands.
type place struct {
	src   []rune // the source that its locations count in: of the condition, or of a macro
	lets  string // the `let`s around it, as source
	names []string
	depth int
	dead  bool // it is not evaluated
}

// parse reads a source that was compiled before.
func (g *grower) parse(source string) (ast.Node, []rune, bool) {
	w := workshops.Get().(*workshop)
	defer workshops.Put(w)
	tree, problems := w.parse(source)
	if len(problems) > 0 || tree == nil {
		return nil, nil, false
	}
	return tree.Node, []rune(source), true
}

// part computes one part and what it is made of. What cannot stand by itself, such
// as the name of a list, is left out for its own parts.
func (g *grower) part(n ast.Node, at place, want kind) []*Tree {
	if g.nodes--; g.nodes < 0 || at.depth >= maxTreeDepth {
		return nil
	}
	at.depth++
	out := &Tree{Source: oneLine(g.written(n, at))}
	compiled, problems := compile(at.lets+g.written(n, at), g.o, want)
	if len(problems) > 0 || compiled == nil {
		return g.children(n, at)
	}
	if out.Evaluated = !at.dead && g.fuel > 0; out.Evaluated {
		g.value(out, &compiled.program)
	}
	at.dead = !out.Evaluated
	out.Children = g.children(n, at)
	return []*Tree{out}
}

// value runs the program of a part.
func (g *grower) value(out *Tree, p *program) {
	result, err := g.run.do(p)
	g.fuel -= maxFuel - max(0, g.run.fuel) + 1
	if err != nil {
		out.Problem = reasonOf(err)
		return
	}
	out.Value = presentable(result, 0)
}

// reasonOf is why a part has no value.
func reasonOf(err error) diag.Text {
	if e, ok := err.(*RunError); ok { //nolint:errorlint // do returns nothing else
		return e.Reason
	}
	return diag.T("这里的值不能这样用", "the values cannot be used like this here")
}

// written is a part as it stands in the source or, where that cannot be told, as
// the library would write it: its locations are those of single tokens.
func (g *grower) written(n ast.Node, at place) string {
	from, to := extent(n, len(at.src), 0)
	if from < to && to <= len(at.src) {
		from, to = balance(at.src, from, to)
		piece := strings.TrimSpace(string(at.src[from:to]))
		if again, _, ok := g.parse(piece); ok && again.String() == n.String() {
			return piece
		}
	}
	return n.String()
}

// extent is from where to where the tokens of a part reach.
func extent(n ast.Node, from, to int) (int, int) {
	ast.Walk(&n, visitor(func(n ast.Node) {
		if at := n.Location(); at != (file.Location{}) || at.To > 0 {
			from, to = min(from, at.From), max(to, at.To)
		}
	}))
	return from, to
}

type visitor func(ast.Node)

// Visit implements ast.Visitor.
func (v visitor) Visit(n *ast.Node) { v(*n) }

// balance widens a span until every bracket in it has its other half: the tokens
// of a call end before its closing bracket.
func balance(src []rune, from, to int) (int, int) {
	open, missing := brackets(src[from:to])
	for ; missing > 0 && from > 0; from-- {
		if strings.ContainsRune("([{", src[from-1]) {
			missing--
		}
	}
	for ; open > 0 && to < len(src); to++ {
		switch {
		case strings.ContainsRune(")]}", src[to]):
			open--
		case strings.ContainsRune("([{", src[to]):
			open++
		}
	}
	return from, to
}

// brackets counts the brackets that are not closed, and those that were not opened.
func brackets(src []rune) (open, missing int) {
	for i := 0; i < len(src); i++ {
		switch r := src[i]; r {
		case '"', '\'', '`':
			i = textEnd(src, i)
		case '(', '[', '{':
			open++
		case ')', ']', '}':
			if open--; open < 0 {
				open, missing = 0, missing+1
			}
		}
	}
	return open, missing
}

// textEnd is where the text that begins at i ends.
func textEnd(src []rune, i int) int {
	quote := src[i]
	for i++; i < len(src) && src[i] != quote; i++ {
		if src[i] == '\\' && quote != '`' {
			i++
		}
	}
	return i
}

// oneLine is a source without line breaks, cut if it is long.
func oneLine(src string) string {
	lines := strings.FieldsFunc(src, func(r rune) bool { return r == '\n' || r == '\r' })
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return cutRunes(strings.TrimSpace(strings.Join(lines, " ")), maxShownSource)
}

// cutRunes shortens a text to n characters.
func cutRunes(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + "…"
}
