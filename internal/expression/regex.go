package expression

import (
	"regexp"
	"regexp/syntax"
)

// pattern is the right side of `matches`: a regex and what a KiB of text costs it.
type pattern struct {
	re       *regexp.Regexp
	cost     int
	literals []string // one of them is in every text that matches; nil: none such
}

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
