package rule

import (
	"regexp/syntax"
	"strings"
	"unicode"
)

// longestRun is how often an example repeats what may be repeated without end.
const longestRun = 3

// fits is a text that the pattern fits, or nearly: what asks for a place, such as
// `^`, is passed over.
func (e *exampler) fits(pattern string) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var b strings.Builder
	e.write(&b, tree.Simplify())
	return b.String()
}

func (e *exampler) write(b *strings.Builder, re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		b.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		b.WriteRune(e.rune(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune('好')
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			e.write(b, sub)
		}
	case syntax.OpAlternate:
		e.write(b, re.Sub[e.IntN(len(re.Sub))])
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		e.repeat(b, re)
	default: // a place, or nothing
	}
}

// repeat writes what stands before `*`, `+` or `?`.
func (e *exampler) repeat(b *strings.Builder, re *syntax.Regexp) {
	least, most := 0, longestRun
	switch re.Op {
	case syntax.OpPlus:
		least = 1
	case syntax.OpQuest:
		most = 1
	default:
	}
	for range least + e.IntN(most-least+1) {
		e.write(b, re.Sub[0])
	}
}

// rune is a character of a class, one that can be seen if there is any.
func (e *exampler) rune(class []rune) rune {
	if len(class) == 0 {
		return '好'
	}
	at := 2 * e.IntN(len(class)/2)
	from, to := class[at], class[at+1]
	if r := from + rune(e.IntN(int(to-from)+1)); unicode.IsPrint(r) {
		return r
	}
	for r := from; r <= to && r < from+256; r++ {
		if unicode.IsPrint(r) {
			return r
		}
	}
	return from
}
