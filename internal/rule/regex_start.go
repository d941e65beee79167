package rule

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Bounds of looking for a pattern by how its matches begin.
const (
	maxStarts = 16 // different beginnings
	maxMisses = 8  // beginnings without a match, before all of the text is searched
)

// starter finds a pattern whose matches all begin with one of a few texts: it is
// tried where one of them stands, not everywhere. The zero starter knows none.
type starter struct {
	texts []string
	here  func() *regexp.Regexp // the pattern, at the beginning of a text; made when it is first needed
}

// newStarter reads how the matches of a compiled pattern begin.
func newStarter(re *regexp.Regexp) starter {
	tree, err := syntax.Parse(re.String(), syntax.Perl)
	if err != nil || looksBehind(tree) {
		return starter{}
	}
	texts, ok := beginnings(tree)
	if !ok || len(texts) > maxStarts || slices.ContainsFunc(texts, func(s string) bool { return len(s) < 3 }) {
		return starter{}
	}
	return starter{texts: texts, here: sync.OnceValue(func() *regexp.Regexp {
		anchored, err := regexp.Compile(`^(?:` + re.String() + `)`)
		if err != nil {
			return nil // too large by what we put around it
		}
		return anchored
	})}
}

// looksBehind says whether anything in the pattern depends on what stands before it.
func looksBehind(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	default:
		return slices.ContainsFunc(re.Sub, looksBehind)
	}
}

// beginnings are texts of which each match of re begins with one; ok is false when
// there is no saying.
func beginnings(re *syntax.Regexp) (texts []string, ok bool) {
	switch re.Op {
	case syntax.OpLiteral:
		fold := re.Flags&syntax.FoldCase != 0
		several := slices.ContainsFunc(re.Rune, func(r rune) bool { // it stands for other bytes, too
			return r == utf8.RuneError || fold && unicode.SimpleFold(r) != r
		})
		return []string{string(re.Rune)}, !several
	case syntax.OpCapture, syntax.OpPlus:
		return beginnings(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min == 0 {
			return nil, false
		}
		return beginnings(re.Sub[0])
	case syntax.OpConcat:
		if len(re.Sub) == 0 {
			return nil, false
		}
		return beginnings(re.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			some, fine := beginnings(sub)
			if !fine {
				return nil, false
			}
			texts = append(texts, some...)
		}
		return texts, true
	default:
		return nil, false
	}
}

// find is re.FindStringSubmatchIndex(text).
func (s *starter) find(re *regexp.Regexp, text string) []int {
	if len(s.texts) == 0 {
		return re.FindStringSubmatchIndex(text)
	}
	var next [maxStarts]int // where each beginning stands next
	for i, t := range s.texts {
		next[i] = indexOf(text, t)
	}
	for range maxMisses {
		at := s.nearest(&next)
		if at < 0 {
			return nil
		}
		here := s.here()
		if here == nil {
			break
		}
		if loc := here.FindStringSubmatchIndex(text[at:]); loc != nil {
			return moved(loc, at)
		}
		s.advance(&next, text, at)
	}
	return re.FindStringSubmatchIndex(text)
}

// nearest is the first place where any beginning stands, or -1.
func (s *starter) nearest(next *[maxStarts]int) int {
	at := -1
	for _, i := range next[:len(s.texts)] {
		if i >= 0 && (at < 0 || i < at) {
			at = i
		}
	}
	return at
}

// advance looks for those that stand at a place behind it.
func (s *starter) advance(next *[maxStarts]int, text string, at int) {
	for i, t := range s.texts {
		if next[i] != at {
			continue
		}
		if next[i] = indexOf(text[at+1:], t); next[i] >= 0 {
			next[i] += at + 1
		}
	}
}

// moved are places so many bytes further on.
func moved(loc []int, by int) []int {
	for i := range loc {
		if loc[i] >= 0 {
			loc[i] += by
		}
	}
	return loc
}
