package literal

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// What is worked out of a regular expression at most.
const (
	maxProduct = 24  // of sets that follow each other
	maxClass   = 8   // characters of a class
	maxAnyOf   = 256 // texts of one set
)

// OfRegex returns texts of which one occurs in every text that the expression
// matches, or nil when there are none such. Lowered says that it only ever sees
// texts in lower case.
func OfRegex(re *syntax.Regexp, lowered bool) []string {
	l := (&extractor{lowered: lowered}).of(re)
	return better(l.inside, l.exact)
}

// extractor works out what has to be in a text.
type extractor struct{ lowered bool }

// language is what is known of the texts that a part of an expression matches.
type language struct {
	exact  []string // it matches these and no others; nil: not known
	inside []string // each holds one of these; nil: not known
}

var emptyText = language{exact: []string{""}}

func (x *extractor) of(re *syntax.Regexp) language {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return emptyText
	case syntax.OpLiteral:
		return x.literal(re)
	case syntax.OpCharClass:
		return class(re.Rune)
	case syntax.OpCapture:
		return x.of(re.Sub[0])
	case syntax.OpPlus:
		return x.of(re.Sub[0]).again()
	case syntax.OpRepeat:
		if re.Min >= 1 {
			return x.of(re.Sub[0]).again()
		}
	case syntax.OpQuest:
		if l := x.of(re.Sub[0]); l.exact != nil && len(l.exact) < maxProduct {
			return language{exact: append([]string{""}, l.exact...)}
		}
	case syntax.OpConcat:
		return x.sequence(re.Sub)
	case syntax.OpAlternate:
		return x.choice(re.Sub)
	default: // whatever character, however often
	}
	return language{}
}

// again is what is known of l one or more times.
func (l language) again() language { return language{inside: better(l.inside, l.exact)} }

// literal is a text, perhaps in upper and lower case.
func (x *extractor) literal(re *syntax.Regexp) language {
	s := sequence{run: []string{""}, whole: true}
	for _, r := range re.Rune {
		l := language{}
		switch {
		case r == utf8.RuneError: // it also matches a byte that is no UTF-8
		case re.Flags&syntax.FoldCase == 0:
			l.exact = []string{string(r)}
		default:
			l.exact = x.cases(r)
		}
		s.add(l)
	}
	return s.end()
}

// cases are the characters that r is matched by, whatever their case; of a text in
// lower case only those that can be in it.
func (x *extractor) cases(r rune) []string {
	var out []string
	for c := r; ; {
		if !x.lowered || unicode.ToLower(c) == c {
			out = append(out, string(c))
		}
		if c = unicode.SimpleFold(c); c == r {
			return out
		}
	}
}

// class is one of a few characters.
func class(ranges []rune) language {
	var out []string
	for i := 0; i+1 < len(ranges); i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if len(out) == maxClass || r == utf8.RuneError {
				return language{}
			}
			out = append(out, string(r))
		}
	}
	return language{exact: out}
}

// sequence is a series of parts: as long as all of them are exact and few, so is
// the whole.
type sequence struct {
	run    []string // what the exact parts since the last other one match together
	inside []string
	whole  bool
}

func (x *extractor) sequence(parts []*syntax.Regexp) language {
	s := sequence{run: []string{""}, whole: true}
	for _, p := range parts {
		s.add(x.of(p))
	}
	return s.end()
}

func (s *sequence) add(l language) {
	if l.exact != nil && len(s.run)*len(l.exact) <= maxProduct {
		s.run = product(s.run, l.exact)
		return
	}
	s.whole = false
	s.inside = better(better(s.inside, s.run), l.inside)
	s.run = []string{""}
	if l.exact != nil {
		s.run = l.exact
	}
}

func (s *sequence) end() language {
	if s.whole {
		return language{exact: s.run}
	}
	return language{inside: better(s.inside, s.run)}
}

func product(a, b []string) []string {
	out := make([]string, 0, len(a)*len(b))
	for _, x := range a {
		for _, y := range b {
			out = append(out, x+y)
		}
	}
	return out
}

func (x *extractor) choice(parts []*syntax.Regexp) language {
	var all []string
	exact := true
	for _, p := range parts {
		l := x.of(p)
		texts := l.exact
		if texts == nil {
			texts, exact = l.inside, false
		}
		if all = append(all, texts...); texts == nil || len(all) > maxAnyOf {
			return language{}
		}
	}
	if exact {
		return language{exact: all}
	}
	return language{inside: better(nil, all)}
}

// better returns the set that tells more: the longer its shortest text, the fewer
// messages hold one.
func better(a, b []string) []string {
	if len(b) == 0 || slices.Contains(b, "") || a != nil && score(a) >= score(b) {
		return a
	}
	return b
}

func score(texts []string) int {
	shortest := 8 // beyond that, longer is not rarer
	for _, s := range texts {
		shortest = min(shortest, utf8.RuneCountInString(s))
	}
	return shortest*1000 - len(texts)
}
