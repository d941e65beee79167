package rule

import (
	"maps"

	"botengine/internal/expression"
)

// Words are the names that the rules of the set give to things, all files taken
// together: what an expression may speak of that is asked about the whole set.
// Where two files mean different things by a name, the first in the order of their
// paths counts. It parses the files: it is for tests and tools, not for the road of
// an event.
func (s *Set) Words() *expression.Options {
	all := &builder{lists: map[string][]string{}}
	out := &expression.Options{Vars: map[string]any{}, Lists: all.lists, Changing: map[string]bool{}, Macros: map[string]string{}}
	books := labelBook{}
	for _, src := range s.Sources {
		b := s.headOf(src)
		if b == nil {
			continue
		}
		addNew(out.Vars, b.vars)
		addNew(out.Lists, b.lists)
		addNew(out.Changing, b.changing)
		addNew(out.Macros, b.macros)
		addNew(books, b.groupLabels)
	}
	out.Labels, out.Workdays = books, all.workdays()
	return out
}

// headOf reads what a file defines for its rules; nil when it is no rule file.
func (s *Set) headOf(src Source) *builder {
	if !isRuleFile(src.Path) || !src.Problem.IsZero() {
		return nil
	}
	doc, _ := parseDocument(src)
	if doc == nil || doc.root == nil {
		return nil
	}
	b := &builder{doc: doc, all: &shelf{all: s.Sources}, used: Sources{src}, broken: map[string]bool{}}
	b.head(doc.root)
	return b
}

// addNew adds what is not there yet.
func addNew[M ~map[K]V, K comparable, V any](to, from M) {
	more := maps.Clone(from)
	maps.DeleteFunc(more, func(k K, _ V) bool { _, known := to[k]; return known })
	maps.Copy(to, more)
}
