package rule

import (
	"slices"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// How far the search goes for rules that cover another: bounds that keep it linear.
const (
	maxCovering = 8  // rules tried for one word
	maxWide     = 32 // rules without words tried for each rule
	maxPieces   = 64 // bytes of a word whose pieces are looked up
)

// shadowed finds rules that an earlier `stop` leaves nothing to.
func (b *between) shadowed() {
	w := newWordsOf(b.rules, func(r *judged) bool { return r.plain && r.Stop })
	if w.empty() {
		return
	}
	for _, r := range b.rules {
		if c := w.search(r.Rule, func(c *judged) bool { return c.at < r.at && covers(c.Rule, r.Rule) }); c != nil {
			b.warn("BE401", r.Rule, "", "", c.Rule,
				diag.T("这条规则永远轮不到：前面的 `%s`（priority %d，stop）条件更宽", "this rule can never fire: `%s` before it (priority %d, stop) is wider", c.ID, c.Priority),
				diag.T("把它的 `priority` 调到 %d 以上，或去掉 `%s` 的 `stop`", "give it a `priority` above %d, or take `stop` out of `%s`", c.Priority, c.ID))
		}
	}
}

// wordsOf finds rules by a word of theirs that stands in a text.
type wordsOf struct {
	byWord  map[string][]*judged
	wide    []*judged // without a match
	longest int       // bytes of a word
}

func newWordsOf(rules []*judged, wanted func(*judged) bool) *wordsOf {
	w := &wordsOf{byWord: map[string][]*judged{}}
	for _, r := range rules {
		switch {
		case !wanted(r):
		case r.match == nil:
			if len(w.wide) < maxWide {
				w.wide = append(w.wide, r)
			}
		default:
			w.add(r)
		}
	}
	return w
}

func (w *wordsOf) empty() bool { return len(w.byWord) == 0 && len(w.wide) == 0 }

// add puts the rule under every word of one part of its match: one of them has to
// be in whatever it fires on.
func (w *wordsOf) add(r *judged) {
	for _, part := range [][]word{r.match.any, r.match.exact, r.match.prefix, r.match.suffix, r.match.all} {
		if len(part) == 0 {
			continue
		}
		for _, one := range part {
			for _, f := range one.folded {
				if len(w.byWord[f]) < maxCovering {
					w.byWord[f] = append(w.byWord[f], r)
				}
				w.longest = max(w.longest, len(f))
			}
		}
		return
	}
}

// search tries the rules that may cover r, and returns the first that fits.
func (w *wordsOf) search(r *Rule, fits func(*judged) bool) *judged {
	if i := slices.IndexFunc(w.wide, fits); i >= 0 {
		return w.wide[i]
	}
	if r.match == nil {
		return nil
	}
	for _, part := range [][]word{r.match.any, r.match.exact, r.match.prefix, r.match.suffix, r.match.all} {
		for _, one := range part {
			for _, f := range one.folded {
				if c := w.in(f, fits); c != nil {
					return c
				}
			}
		}
	}
	return nil
}

// in tries the rules that have a word in the text.
func (w *wordsOf) in(text string, fits func(*judged) bool) *judged {
	text = text[:min(len(text), maxPieces)]
	for from := range len(text) {
		for to := from + 1; to <= min(len(text), from+w.longest); to++ {
			rules := w.byWord[text[from:to]]
			if i := slices.IndexFunc(rules, fits); i >= 0 {
				return rules[i]
			}
		}
	}
	return nil
}

// covers says whether c surely fires on whatever r fires on.
func covers(c, r *Rule) bool {
	sameTakeover := (c.Takeover == nil) == (r.Takeover == nil) && (c.Takeover == nil || *c.Takeover == *r.Takeover)
	return c.MaxAge >= r.MaxAge && c.Responder == r.Responder && sameTakeover && c.answers == r.answers && c.pauses == r.pauses &&
		(c.include.self || !r.include.self) && (c.include.robots || !r.include.robots) &&
		coversTriggers(c.On, r.On) && c.scope.around(r.scope) && c.match.around(r.match)
}

func coversTriggers(c, r []Trigger) bool {
	return !slices.ContainsFunc(r, func(t Trigger) bool {
		return t.Schedule != nil || !slices.ContainsFunc(c, func(o Trigger) bool {
			if o.Name == t.Name {
				return o.Emit == t.Emit
			}
			return o.Emit == "" && !o.Mention && t.Emit == "" && o.Schedule == nil &&
				!slices.ContainsFunc(t.Kinds, func(k event.Kind) bool { return !slices.Contains(o.Kinds, k) })
		})
	})
}

// around says whether everything within t is within s, as far as can be told.
func (s *scope) around(t *scope) bool {
	if s == nil {
		return true
	}
	if t == nil || !s.simple() || s.kind == privateChat && t.kind != privateChat || s.kind == groupChat && !t.onlyGroups() {
		return false
	}
	return around(s.accounts, t.accounts) && around(s.robots, t.robots) && around(s.chats, t.chats) &&
		around(s.members, t.members) && around(s.owners, t.owners)
}

// around says whether whatever fits one of inner fits one of outer.
func around(outer, inner []pattern) bool {
	if len(outer) == 0 {
		return true
	}
	return len(inner) > 0 && !slices.ContainsFunc(inner, func(p pattern) bool {
		return !slices.ContainsFunc(outer, func(o pattern) bool { return o == p || !p.glob && o.matches(p.text) })
	})
}

// around says whether m holds wherever n does.
func (m *matcher) around(n *matcher) bool {
	switch {
	case m == nil:
		return true
	case n == nil, m.folds != n.folds, !slices.Equal(m.fields, n.fields), len(m.fields) > 1, m.regex != nil, m.list != nil, len(m.none) > 0:
		return false
	}
	any := len(m.any) == 0 || n.implies(holds, m.any, n.any, n.exact, n.prefix, n.suffix)
	for _, w := range n.all {
		any = any || allHave([]word{w}, m.any, holds)
	}
	return any && n.impliesAll(m.all) &&
		(len(m.prefix) == 0 || n.implies(strings.HasPrefix, m.prefix, n.exact, n.prefix)) &&
		(len(m.suffix) == 0 || n.implies(strings.HasSuffix, m.suffix, n.exact, n.suffix)) &&
		(len(m.exact) == 0 || n.implies(func(a, b string) bool { return a == b }, m.exact, n.exact))
}

// impliesAll says whether every one of the words is in whatever m finds.
func (m *matcher) impliesAll(words []word) bool {
	return !slices.ContainsFunc(words, func(w word) bool {
		one := []word{w}
		return !m.implies(holds, one, m.any, m.exact, m.prefix, m.suffix) &&
			!slices.ContainsFunc(m.all, func(a word) bool { return allHave([]word{a}, one, holds) })
	})
}

// implies says whether one of the parts, of which one word has to be there, has
// one of the words in every one of its own.
func (*matcher) implies(has func(text, word string) bool, words []word, parts ...[]word) bool {
	return slices.ContainsFunc(parts, func(part []word) bool { return len(part) > 0 && allHave(part, words, has) })
}

// allHave says whether each folding of each text has a folding of one of the words.
func allHave(texts, words []word, has func(text, word string) bool) bool {
	for _, t := range texts {
		for _, f := range t.folded {
			if !slices.ContainsFunc(words, func(w word) bool {
				return slices.ContainsFunc(w.folded, func(g string) bool { return has(f, g) })
			}) {
				return false
			}
		}
	}
	return true
}
