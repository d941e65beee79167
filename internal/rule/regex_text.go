package rule

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"strings"
)

// rangesOf is how many ends of ranges the classes of a program have.
func rangesOf(program *syntax.Prog) int {
	n := 0
	for i := range program.Inst {
		n += len(program.Inst[i].Rune)
	}
	return n
}

// wideClass is how many characters a class has that syntax.Regexp.String would look
// at one by one: for one that is most of Unicode this takes a millisecond, and a
// pattern may have hundreds.
const wideClass = 2048

// standIns are characters that stand for wide classes, one after the other: of the
// last private plane, where no text has any.
const standIns = rune(0x100000)

// patternOf is the text of a parsed pattern, as syntax.Regexp.String gives it, but for
// wide classes: they are written here. The tree is changed.
func patternOf(tree *syntax.Regexp) string {
	var wide []string
	if !anyStandIn(tree) {
		wide = hideWide(tree, nil)
	}
	text := tree.String()
	if len(wide) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(wide))
	for i, class := range wide {
		pairs = append(pairs, fmt.Sprintf(`\x{%x}`, standIns+rune(i)), class)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// anyStandIn says whether the pattern has one of those characters itself.
func anyStandIn(re *syntax.Regexp) bool {
	written := re.Op == syntax.OpLiteral || re.Op == syntax.OpCharClass && !isWide(re.Rune)
	if written && slices.ContainsFunc(re.Rune, func(r rune) bool { return r >= standIns }) {
		return true
	}
	return slices.ContainsFunc(re.Sub, anyStandIn)
}

// hideWide puts characters in the place of wide classes, and returns their texts.
func hideWide(re *syntax.Regexp, wide []string) []string {
	if re.Op == syntax.OpCharClass && isWide(re.Rune) {
		text := classText(re.Rune)
		re.Op, re.Rune, re.Flags = syntax.OpLiteral, []rune{standIns + rune(len(wide))}, re.Flags&^syntax.FoldCase
		return append(wide, text)
	}
	for _, sub := range re.Sub {
		wide = hideWide(sub, wide)
	}
	return wide
}

func isWide(class []rune) bool {
	n := 0
	for i := 0; i+1 < len(class); i += 2 {
		n += int(class[i+1]-class[i]) + 1
	}
	return n > wideClass
}

// classText is a class as a pattern has it. Upper and lower case are in it already,
// and no sign around it adds to them.
func classText(class []rune) string {
	var b strings.Builder
	b.WriteString("(?-i:[")
	for i := 0; i+1 < len(class); i += 2 {
		fmt.Fprintf(&b, `\x{%X}-\x{%X}`, class[i], class[i+1])
	}
	b.WriteString("])")
	return b.String()
}
