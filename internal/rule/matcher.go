package rule

import (
	"regexp"
	"slices"
	"strings"

	"botengine/internal/expression"
	"botengine/internal/fold"
)

// matcher is a rule's `match`: words and a pattern looked for in the folded text.
// Every part that is there has to hold.
type matcher struct {
	folds                                 foldSet
	any, all, none, exact, prefix, suffix []word
	regex                                 *regexp.Regexp
	pattern                               string // the regex as written
}

// word is a keyword as the rule has it, and as it is looked for.
type word struct{ written, folded string }

// foldSet is a set of folds as a small number, so that texts folded alike are
// folded once.
type foldSet uint8

const (
	foldWidth foldSet = 1 << iota
	foldCase
	foldZero
	foldSpace

	foldSets // how many there are
)

// options are the folds by name.
func (s foldSet) options() fold.Options {
	return fold.Options{Width: s&foldWidth != 0, Case: s&foldCase != 0, Zero: s&foldZero != 0, Space: s&foldSpace != 0}
}

// folders has a folder for each set.
var folders = func() (all [foldSets]*fold.Folder) {
	for i := range all {
		all[i] = fold.New(foldSet(i).options())
	}
	return all
}()

// found says whether everything was found.
type found struct {
	part string // the part of match that failed; "" = all hold
	loc  []int  // of the regex
}

// look checks the folded text. It allocates only for a regex that fits.
func (m *matcher) look(text string) (f found) {
	switch {
	case len(m.exact) > 0 && !slices.ContainsFunc(m.exact, func(w word) bool { return text == w.folded }):
		f.part = "exact"
	case len(m.prefix) > 0 && !slices.ContainsFunc(m.prefix, func(w word) bool { return strings.HasPrefix(text, w.folded) }):
		f.part = "prefix"
	case len(m.suffix) > 0 && !slices.ContainsFunc(m.suffix, func(w word) bool { return strings.HasSuffix(text, w.folded) }):
		f.part = "suffix"
	case len(m.any) > 0 && !slices.ContainsFunc(m.any, func(w word) bool { return holds(text, w.folded) }):
		f.part = "any"
	case slices.ContainsFunc(m.all, func(w word) bool { return !holds(text, w.folded) }):
		f.part = "all"
	case slices.ContainsFunc(m.none, func(w word) bool { return holds(text, w.folded) }):
		f.part = "none"
	case m.regex != nil:
		if f.loc = m.regex.FindStringSubmatchIndex(text); f.loc == nil {
			f.part = "regex"
		}
	}
	return f
}

// hit says what was found, with its place in the original text.
func (m *matcher) hit(view *fold.View, original string, loc []int) expression.Hit {
	var h expression.Hit
	at := func(w word, start int) {
		if h.Words = append(h.Words, w.written); len(h.Words) == 1 {
			h.Word = w.written
			h.Start, h.End = view.Original(start, start+len(w.folded))
		}
	}
	for _, words := range [][]word{m.any, m.all} {
		for _, w := range words {
			if i := indexOf(view.Text, w.folded); i >= 0 {
				at(w, i)
			}
		}
	}
	for _, w := range m.exact {
		if view.Text == w.folded {
			at(w, 0)
		}
	}
	for _, w := range m.prefix {
		if strings.HasPrefix(view.Text, w.folded) {
			at(w, 0)
		}
	}
	for _, w := range m.suffix {
		if strings.HasSuffix(view.Text, w.folded) {
			at(w, len(view.Text)-len(w.folded))
		}
	}
	if loc != nil {
		m.groups(&h, view, original, loc)
	}
	return h
}

// groups adds the regex's part of a hit: texts as they were written, not folded.
func (m *matcher) groups(h *expression.Hit, view *fold.View, original string, loc []int) {
	start, end := view.Original(loc[0], loc[1])
	if len(h.Words) == 0 {
		h.Word, h.Words = original[start:end], []string{original[start:end]}
		h.Start, h.End = start, end
	}
	for i, name := range m.regex.SubexpNames() {
		if name == "" {
			continue
		}
		if h.Groups == nil {
			h.Groups = map[string]string{}
		}
		h.Groups[name] = ""
		if loc[2*i] >= 0 {
			from, to := view.Original(loc[2*i], loc[2*i+1])
			h.Groups[name] = original[from:to]
		}
	}
}
