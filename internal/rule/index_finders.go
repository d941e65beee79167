package rule

import (
	"math"
	"regexp/syntax"
	"unicode/utf8"

	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/literal"
)

// thing is something that an event has or has not, and by which a rule is found.
type thing struct {
	sort  thingSort
	view  view      // of a text
	whose dimension // otherwise
	value string
}

// thingSort says what a thing is.
type thingSort uint8

const (
	aLiteral thingSort = iota // the text holds it
	aText                     // the text is it
	aWhose                    // the event is of it
)

// finder are things of which an event has one, if a rule is to fire.
type finder struct {
	things    []thing
	ids       []int32 // of the things, while an index is built
	condition bool    // it comes from the rule's condition
	whole     bool    // it counts on all of the text being folded, however long that is
}

// foundBy is finders, worked out when the rule was made if it was: a rule is indexed
// each time another one is saved.
func (r *Rule) foundBy() []finder {
	if r.found != nil {
		return r.found
	}
	return r.finders()
}

// finders are all by which the rule could be found. One without things says that
// the rule never fires.
func (r *Rule) finders() []finder {
	var out []finder
	if r.match != nil {
		out = r.match.finders(r.kinds())
	}
	out = append(out, r.scope.finders()...)
	for i := range r.checks {
		if c := &r.checks[i]; c.sort == inWhere || c.sort == inWhen {
			out = append(out, c.finders()...)
		}
	}
	return out
}

// finders are those of a condition that has to hold.
func (c *check) finders() []finder {
	var out []finder
	for _, set := range c.cond.Needs() {
		f := finder{condition: !c.before()}
		for _, a := range set {
			t, whole := thingOf(a)
			f.things, f.whole = append(f.things, t), f.whole || whole
		}
		out = append(out, f)
	}
	return out
}

// finders are those of a match: of every part one thing has to be found.
func (m *matcher) finders(kinds []event.Kind) []finder {
	var out []finder
	texts := m.texts(kinds)
	add := func(sort thingSort, words ...word) {
		f := finder{}
		for _, w := range words {
			for _, folded := range w.folded {
				if folded == "" {
					return // it is in every text
				}
				for _, v := range texts {
					f.things = append(f.things, thing{sort: sort, view: v, value: folded})
				}
			}
		}
		if len(words) > 0 {
			out = append(out, f)
		}
	}
	add(aText, m.exact...)
	add(aLiteral, m.prefix...)
	add(aLiteral, m.suffix...)
	add(aLiteral, m.any...)
	if m.list != nil {
		if add(aLiteral, m.list.words...); len(m.list.words) == 0 {
			out = append(out, finder{}) // it never holds
		}
	}
	for _, w := range m.all {
		add(aLiteral, w)
	}
	var pattern []word
	for _, l := range m.patternLiterals() {
		pattern = append(pattern, word{folded: []string{l}})
	}
	add(aLiteral, pattern...)
	return out
}

// patternLiterals are texts of which one is in every text the regex matches.
func (m *matcher) patternLiterals() []string {
	if m.regex == nil {
		return nil
	}
	tree, err := syntax.Parse(m.regex.String(), syntax.Perl)
	if err != nil {
		return nil
	}
	return literal.OfRegex(tree, m.folds&foldCase != 0)
}

// finders are those of a scope; patterns with wildcards are none.
func (s *scope) finders() []finder {
	if s == nil {
		return nil
	}
	var out []finder
	add := func(d dimension, patterns []pattern) {
		f := finder{}
		for _, p := range patterns {
			if p.glob {
				return
			}
			f.things = append(f.things, thing{sort: aWhose, whose: d, value: p.text})
		}
		if len(patterns) > 0 {
			out = append(out, f)
		}
	}
	add(dimChat, s.chats)
	add(dimRobot, s.robots)
	add(dimAccount, s.accounts)
	add(dimMember, s.members)
	add(dimOwner, s.owners)
	if len(s.labels) > 0 {
		f := finder{}
		for _, l := range s.labels {
			f.things = append(f.things, thing{sort: aWhose, whose: dimLabel, value: l.key})
		}
		out = append(out, f)
	}
	switch {
	case s.kind != anyChat:
		add(dimScope, []pattern{{text: string(s.kind)}})
	case s.ofGroups():
		add(dimScope, []pattern{{text: string(groupChat)}})
	}
	return out
}

// thingOf is what a condition needs. What is in a text is, folded, in the folded
// text; so one look at that serves conditions and keywords. Whole says that it
// does only if none of the text was cut off.
func thingOf(a expression.Atom) (t thing, whole bool) {
	switch a.Place {
	case expression.InText:
		if folded, ok := folders[allFolds]().Piece(a.Value); ok && utf8.ValidString(a.Value) {
			return thing{sort: aLiteral, view: messageText, value: folded}, true
		}
		return thing{sort: aLiteral, view: rawText, value: a.Value}, false
	case expression.TheText:
		if folded := folders[allFolds]().String(a.Value); folded != "" {
			return thing{sort: aText, view: messageText, value: folded}, false
		}
		return thing{sort: aText, view: rawText, value: a.Value}, false
	default:
		return plainThing(a), false
	}
}

// plainThing is what is needed of the folded text, or of where and whose an event is.
func plainThing(a expression.Atom) thing {
	switch a.Place {
	case expression.InFolded:
		return thing{sort: aLiteral, view: messageText, value: a.Value}
	case expression.TheFolded:
		return thing{sort: aText, view: messageText, value: a.Value}
	case expression.TheChat:
		return thing{sort: aWhose, whose: dimChat, value: a.Value}
	case expression.TheRobot:
		return thing{sort: aWhose, whose: dimRobot, value: a.Value}
	case expression.TheSender:
		return thing{sort: aWhose, whose: dimSender, value: a.Value}
	default:
		return thing{sort: aWhose, whose: dimChatType, value: a.Value}
	}
}

// chance is about how often an event has the thing. Only the order matters.
func (t thing) chance() float64 {
	const bitsPerByte, rare, text = 1.4, 12, 20
	switch t.sort {
	case aLiteral:
		return math.Exp2(-bitsPerByte * float64(min(len(t.value), rare)))
	case aText:
		return math.Exp2(-text)
	default:
	}
	return [dimensions]float64{dimChat: 1. / 256, dimSender: 1. / 1024, dimRobot: 1. / 4, dimChatType: 1. / 2, dimScope: 1. / 2, dimAccount: 1. / 2, dimMember: 1. / 1024, dimOwner: 1. / 32, dimLabel: 1. / 16}[t.whose]
}
