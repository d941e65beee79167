package rule

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"botengine/internal/fold"
)

// foldTree rewrites a parsed pattern for the folded text: its characters become
// what folding makes of them, and a class also has what its members become. What
// a pattern means is kept, so a character that becomes a sign of the syntax stands
// for itself. Upper and lower case is left to the engine, blanks and marks are as
// they are.
func foldTree(re *syntax.Regexp, folds foldSet) {
	f := folders[folds&^(foldCase|foldSpace)]()
	switch re.Op {
	case syntax.OpLiteral:
		var folded []rune
		for _, r := range re.Rune {
			folded = append(folded, []rune(f.String(string(r)))...)
		}
		if re.Rune = folded; len(folded) == 0 {
			re.Op = syntax.OpEmptyMatch
		}
	case syntax.OpCharClass:
		re.Rune = foldClass(re.Rune, f)
	default:
		for _, s := range re.Sub {
			foldTree(s, folds)
		}
	}
}

// manyOfAClass is how many characters of a class are folded one by one; one with
// more of them is a script, which holds what its characters become.
const manyOfAClass = 4096

// foldClass adds to a class what folding makes of its members; of a class that says
// what it does not have, it takes those away.
func foldClass(class []rune, f *fold.Folder) []rune {
	if n := len(class); n > 0 && class[n-1] == unicode.MaxRune {
		return inverted(folded(inverted(class), f))
	}
	return folded(class, f)
}

func folded(class []rune, f *fold.Folder) []rune {
	size := 0
	for i := 0; i < len(class); i += 2 {
		size += int(class[i+1]-class[i]) + 1
	}
	if size > manyOfAClass {
		return class
	}
	out := slices.Clip(class)
	for i := 0; i < len(class); i += 2 {
		for r := class[i]; r <= class[i+1]; r++ {
			if to, n := utf8.DecodeRuneInString(f.String(string(r))); n > 0 && to != r && utf8.ValidRune(r) {
				out = append(out, to, to)
			}
		}
	}
	return out
}

// inverted are the ranges between those of a class, which are in order when they
// come from the parser, and are put in order here.
func inverted(class []rune) []rune {
	class = ordered(class)
	var out []rune
	next := rune(0)
	for i := 0; i < len(class); i += 2 {
		if class[i] > next {
			out = append(out, next, class[i]-1)
		}
		next = max(next, class[i+1]+1)
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}

// ordered sorts ranges by where they begin.
func ordered(class []rune) []rune {
	out := make([]rune, 0, len(class))
	for i := 0; i < len(class); i += 2 {
		at := len(out)
		for at > 0 && out[at-2] > class[i] {
			at -= 2
		}
		out = append(out[:at], append([]rune{class[i], class[i+1]}, out[at:]...)...)
	}
	return out
}

// wordBoundary says whether the pattern uses \b or \B.
func wordBoundary(re *syntax.Regexp) bool {
	if re.Op == syntax.OpWordBoundary || re.Op == syntax.OpNoWordBoundary {
		return true
	}
	return slices.ContainsFunc(re.Sub, wordBoundary)
}
