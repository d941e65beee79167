package expression

import (
	"strings"
	"sync"
	"unicode/utf8"

	"botengine/internal/fold"
)

// folder makes the view in which contains_any and fold compare: the same in which
// keywords of a rule are looked for by default.
var folder = fold.New(fold.Default())

// wordSet is a list made ready to be asked: is it in there, does one of them
// stand in this text. It is immutable once built.
type wordSet struct {
	exact  map[string]struct{}
	folded map[rune][]string // by first character; nil until it is needed
}

// newWordSet makes a set that knows membership.
func newWordSet(words []string) *wordSet {
	s := &wordSet{exact: make(map[string]struct{}, len(words))}
	for _, w := range words {
		s.exact[w] = struct{}{}
	}
	return s
}

// newWordFinder makes a set that finds its words in a text.
func newWordFinder(words []string) *wordSet {
	s := &wordSet{folded: make(map[rune][]string, len(words))}
	for _, w := range words {
		for _, f := range folder.Words(w) {
			if f == "" { // nothing is left of it: it would be found everywhere
				continue
			}
			r, _ := utf8.DecodeRuneInString(f)
			s.folded[r] = append(s.folded[r], f)
		}
	}
	return s
}

// has says whether word is in the set.
func (s *wordSet) has(word string) bool {
	_, ok := s.exact[word]
	return ok
}

// in says whether a word of the set stands in the folded text.
func (s *wordSet) in(text string) bool {
	for i, r := range text {
		for _, w := range s.folded[r] {
			if strings.HasPrefix(text[i:], w) {
				return true
			}
		}
	}
	return false
}

// Memo remembers the sets of long lists, so that a thousand rules that use one
// list share one set. Any number of goroutines may use it; the zero Memo is empty.
type Memo struct {
	mu            sync.Mutex // guards both
	sets, finders map[listKey]*wordSet
}

// listKey is a list's identity; the set keeps its words alive, so no other list
// can come to stand at the same place.
type listKey struct {
	first *string
	n     int
}

const shortList = 32 // entries; a shorter list is cheaper to read again

func (m *Memo) set(words []string) *wordSet {
	if m == nil || len(words) < shortList {
		return newWordSet(words)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return remember(&m.sets, words, newWordSet)
}

func (m *Memo) finder(words []string) *wordSet {
	if m == nil || len(words) < shortList {
		return newWordFinder(words)
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return remember(&m.finders, words, newWordFinder)
}

func remember(in *map[listKey]*wordSet, words []string, build func([]string) *wordSet) *wordSet {
	key := listKey{&words[0], len(words)}
	if s, ok := (*in)[key]; ok {
		return s
	}
	if *in == nil {
		*in = map[listKey]*wordSet{}
	}
	s := build(words)
	(*in)[key] = s
	return s
}
