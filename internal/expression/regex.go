package expression

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// pattern is the right side of `matches`: a regex, and how many instructions it has.
type pattern struct {
	re       *regexp.Regexp
	size     int
	literals []string // one of them is in every text that matches; nil: none such
}

// cost is what looking for the pattern in s costs: at worst every instruction is
// looked at for every character.
func (p *pattern) cost(s string) int { return 16 + p.size*utf8.RuneCountInString(s)/40 }

// regexSize estimates the instructions re compiles to, or maxRegex+1 when they
// are surely too many: x{1000} is written in seven characters.
func regexSize(re *syntax.Regexp) int {
	n := 1
	switch re.Op {
	case syntax.OpLiteral:
		n = len(re.Rune)
	case syntax.OpRepeat:
		times := max(re.Max, re.Min, 1)
		n = times * (regexSize(re.Sub[0]) + 1)
	default:
		for _, sub := range re.Sub {
			n += regexSize(sub) + 1
		}
	}
	return min(n, maxRegex+1)
}
