package diag

import (
	"slices"
	"strings"
	"unicode/utf8"

	edlib "github.com/hbollon/go-edlib"
)

// maxWord bounds what is compared: a longer word is no typing error.
const maxWord = 64

// listed is how many candidates a hint names when none is close.
const listed = 12

// Suggest returns the candidate that word was most likely meant to be, and only
// a close one: letters swapped, left out, doubled or mistyped (`mgs` finds
// `msg`), or the word of ours for one in Chinese or of another tool (`回复` finds
// `reply`). Upper and lower case are the same to it. Of equally close ones the
// first in the alphabet wins, so the answer never depends on the order given.
func Suggest(word string, candidates []string) (string, bool) {
	length := utf8.RuneCountInString(word)
	if length == 0 || length > maxWord {
		return "", false
	}
	if m := meaning(word, candidates); m != "" {
		return m, true
	}
	best, distance := "", allowed(length)+1
	for _, c := range candidates {
		if utf8.RuneCountInString(c) > maxWord {
			continue
		}
		d := edlib.OSADamerauLevenshteinDistance(strings.ToLower(word), strings.ToLower(c))
		if 2*d >= max(length, utf8.RuneCountInString(c)) { // too little in common
			continue
		}
		if d < distance || d == distance && best != "" && c < best {
			best, distance = c, d
		}
	}
	return best, best != ""
}

// allowed is how many mistakes a word of that many runes may hold and still be
// recognised.
func allowed(length int) int {
	switch {
	case length <= 4:
		return 1
	case length <= 8:
		return 2
	}
	return 3
}

// Suggestion is the hint for a mistyped word: the close candidate if there is
// one, else all candidates if they are few, else nothing.
func Suggestion(word string, candidates []string) Text {
	if s, ok := Suggest(word, candidates); ok {
		return T("是不是想写 `%s`?", "did you mean `%s`?", s)
	}
	if len(candidates) == 0 || len(candidates) > listed {
		return Text{}
	}
	sorted := slices.Sorted(slices.Values(candidates))
	return T("可以写的有：%s", "possible here: %s", strings.Join(sorted, ", "))
}
