package rule

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/fold"
)

// matcher is a rule's `match`: words and a pattern looked for in the folded text.
// Every part that is there has to hold.
type matcher struct {
	folds                                 foldSet
	fields                                []event.TextField // nil: the main text of each kind of event
	list                                  *wordList         // nil for none
	any, all, none, exact, prefix, suffix []word
	regex                                 *regexp.Regexp
	starts                                starter // of the regex
	pattern                               string  // the regex as written
}

// word is a keyword as the rule has it, and as it is looked for: almost always
// one folding of it, but see fold.Words.
type word struct {
	written string
	folded  []string
}

// in says whether the word stands in the folded text.
func (w word) in(text string) bool {
	return slices.ContainsFunc(w.folded, func(f string) bool { return holds(text, f) })
}

func (w word) is(text string) bool { return slices.Contains(w.folded, text) }

func (w word) begins(text string) bool {
	return slices.ContainsFunc(w.folded, func(f string) bool { return strings.HasPrefix(text, f) })
}

func (w word) ends(text string) bool {
	return slices.ContainsFunc(w.folded, func(f string) bool { return strings.HasSuffix(text, f) })
}

// locate returns where the word first stands in the folded text, or ok = false.
func (w word) locate(text string) (start, end int, ok bool) {
	for _, f := range w.folded {
		if i := indexOf(text, f); i >= 0 && (!ok || i < start) {
			start, end, ok = i, i+len(f), true
		}
	}
	return start, end, ok
}

// foldSet is a set of folds as a small number, so that texts folded alike are
// folded once.
type foldSet uint8

const (
	foldWidth foldSet = 1 << iota
	foldCase
	foldZero
	foldSpace
	foldVariant
	foldPinyin

	foldSets // how many there are
)

// options are the folds by name.
func (s foldSet) options() fold.Options {
	return fold.Options{
		Width: s&foldWidth != 0, Case: s&foldCase != 0, Zero: s&foldZero != 0, Space: s&foldSpace != 0,
		Variant: s&foldVariant != 0, Pinyin: s&foldPinyin != 0,
	}
}

// folders has a folder for each set, made when it is first asked for.
var folders = func() (all [foldSets]func() *fold.Folder) {
	for i := range all {
		all[i] = sync.OnceValue(func() *fold.Folder { return fold.New(foldSet(i).options()) })
	}
	return all
}()

// found says whether everything was found.
type found struct {
	part string // the part of match that failed; "" = all hold
	view view   // where
	loc  []int  // of the regex
}

// find looks through the texts of the event: the match holds if all its parts hold
// for one of them, the first of which counts, and no word of `none` is in any.
func (w *walk) find(m *matcher) found {
	fields := m.in(w.ev.Kind)
	var first found
	hit := false
	for i, field := range fields {
		v := viewOf(field, m.folds)
		f := m.look(w.text(v))
		f.view = v
		if f.part == "none" {
			return f
		}
		if i == 0 || f.part == "" && !hit {
			first, hit = f, f.part == ""
		}
	}
	return first
}

// look checks the folded text. It allocates only for a regex that fits.
func (m *matcher) look(text string) (f found) {
	switch {
	case slices.ContainsFunc(m.none, func(w word) bool { return w.in(text) }):
		f.part = "none"
	case len(m.exact) > 0 && !slices.ContainsFunc(m.exact, func(w word) bool { return w.is(text) }):
		f.part = "exact"
	case len(m.prefix) > 0 && !slices.ContainsFunc(m.prefix, func(w word) bool { return w.begins(text) }):
		f.part = "prefix"
	case len(m.suffix) > 0 && !slices.ContainsFunc(m.suffix, func(w word) bool { return w.ends(text) }):
		f.part = "suffix"
	case len(m.any) > 0 && !slices.ContainsFunc(m.any, func(w word) bool { return w.in(text) }):
		f.part = "any"
	case slices.ContainsFunc(m.all, func(w word) bool { return !w.in(text) }):
		f.part = "all"
	case m.list != nil && !m.list.in(text):
		f.part = "list"
	case m.regex != nil:
		if f.loc = m.starts.find(m.regex, text); f.loc == nil {
			f.part = "regex"
		}
	}
	return f
}

// hit says what was found, with its place in the original text.
func (m *matcher) hit(view *fold.View, original string, loc []int) expression.Hit {
	var h expression.Hit
	at := func(w word, start, end int) {
		if h.Words = append(h.Words, w.written); len(h.Words) == 1 {
			h.Word = w.written
			h.Start, h.End = view.Original(start, end)
		}
	}
	for _, words := range [][]word{m.any, m.all} {
		for _, w := range words {
			if start, end, ok := w.locate(view.Text); ok {
				at(w, start, end)
			}
		}
	}
	if m.list != nil {
		m.list.each(view.Text, at)
	}
	for _, w := range m.exact {
		if w.is(view.Text) {
			at(w, 0, len(view.Text))
		}
	}
	for _, w := range m.prefix {
		for _, f := range w.folded {
			if strings.HasPrefix(view.Text, f) {
				at(w, 0, len(f))
				break
			}
		}
	}
	for _, w := range m.suffix {
		for _, f := range w.folded {
			if strings.HasSuffix(view.Text, f) {
				at(w, len(view.Text)-len(f), len(view.Text))
				break
			}
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
