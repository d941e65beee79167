package rule

import (
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// lines is a file cut into lines as YAML counts them: a position of a node is an
// index into it, plus one.
type lines [][]rune

// newLines cuts src at \n, \r\n and \r. A byte order mark is not counted.
func newLines(src string) lines {
	src = strings.TrimPrefix(src, "\ufeff")
	src = strings.ReplaceAll(src, "\r\n", "\n")
	src = strings.ReplaceAll(src, "\r", "\n")
	var out lines
	for line := range strings.SplitSeq(src, "\n") {
		out = append(out, []rune(line))
	}
	return out
}

// placed is a text whose every rune knows where it stands in the file. It has
// one place more than runes: the one behind the last.
type placed struct {
	text   string
	places []diag.Position
}

// span is the range of length runes from offset; it is never empty.
func (p placed) span(offset, length int) diag.Range {
	last := len(p.places) - 1
	start := min(max(offset, 0), last)
	end := min(start+max(length, 1), last)
	r := diag.Range{Start: p.places[start], End: p.places[end]}
	if end == start || r.End.Line != r.Start.Line {
		r.End = p.places[max(start, end-1)]
		r.End.Column++
	}
	return r
}

// value is the scalar's text with its places. ok is false when the way from the
// file to the value can't be followed; the text is right all the same.
func (l lines) value(n *yaml.Node) (p placed, ok bool) {
	s := &scanner{lines: l, value: []rune(n.Value), line: n.Line - 1, column: n.Column - 1}
	s.skipProperties()
	switch {
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		ok = s.block()
	case n.Style&yaml.DoubleQuotedStyle != 0:
		ok = s.quoted('"')
	case n.Style&yaml.SingleQuotedStyle != 0:
		ok = s.quoted('\'')
	default:
		ok = s.flow(plainRune)
	}
	return placed{text: n.Value, places: s.places}, ok
}

// raw is the text of a block scalar as it is written, without its indentation:
// an expression in it keeps its lines, so that a comment ends where its line
// ends. Any other scalar is taken by its value.
func (l lines) raw(n *yaml.Node) (p placed, ok bool) {
	p, ok = l.value(n)
	if !ok || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 || len(p.places) < 2 {
		return p, ok
	}
	var text strings.Builder
	p.places = p.places[:0:0]
	indent := l.blockIndent(n.Line, n.Value)
	for i := n.Line; i < len(l) && (blank(l[i]) || leading(l[i]) >= indent); i++ {
		for c := indent; c < len(l[i]); c++ {
			text.WriteRune(l[i][c])
			p.places = append(p.places, diag.Position{Line: i + 1, Column: c + 1})
		}
		text.WriteByte('\n')
		p.places = append(p.places, diag.Position{Line: i + 1, Column: len(l[i]) + 1})
	}
	p.text = strings.TrimRightFunc(text.String(), unicode.IsSpace)
	p.places = p.places[:len([]rune(p.text))+1]
	return p, true
}

// blockIndent is the indentation of a block scalar's content, found by comparing
// its first line of text, at from or behind, with the value.
func (l lines) blockIndent(from int, value string) int {
	first := strings.TrimLeft(value, "\n")
	extra := len(first) - len(strings.TrimLeft(first, " "))
	for _, line := range l[min(from, len(l)):] {
		if !blank(line) {
			return max(0, leading(line)-extra)
		}
	}
	return 0
}

// leading counts the spaces a line begins with.
func leading(line []rune) int {
	n := 0
	for n < len(line) && line[n] == ' ' {
		n++
	}
	return n
}

// blank says whether there is nothing but white space in line.
func blank(line []rune) bool {
	for _, r := range line {
		if r != ' ' && r != '\t' {
			return false
		}
	}
	return true
}
