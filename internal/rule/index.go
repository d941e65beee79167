package rule

import (
	"sync"

	"botengine/internal/event"
	"botengine/internal/fold"
	"botengine/internal/literal"
)

// index finds the rules that may concern an event. It may find too many, never
// too few: each rule is found by something that must be so for it to fire. It
// never changes once built.
type index struct {
	rules  []*Rule
	kinds  []kindSet // of each rule
	listen map[event.Kind]listeners
	texts  []textIndex
	whose  [dimensions]map[string]int32 // postings of rules found by where and whose an event is
	asked  []dimension                  // those of whose that have any
	posts  []posting
	places []int32 // of rules; what postings are pieces of
	shared []scoped
	labels labelIndex
	long   []int32 // rules that are looked at when a text is too long to be folded whole
}

// kindSet is a set of kinds of event, by their bit.
type kindSet uint32

// listeners are what is known of a kind of event.
type listeners struct {
	bit    kindSet
	always []int32 // rules that only a look at each of them can decide about
}

// textIndex finds the rules by what is in the text, folded in one way.
type textIndex struct {
	view     view
	sieve    *sieve // of all that is looked for; nil: every text has to be folded
	literals *literal.Matcher
	first    int32            // the posting of literal 0
	count    int              // of literals
	whole    map[string]int32 // postings of rules that want the text to be this
}

// dimension is one of the things that say where an event is and whose.
type dimension uint8

const (
	dimChat     dimension = iota // its id, peer or name
	dimSender                    // the id or name
	dimRobot                     // its key, id or name
	dimChatType                  // as expressions have it
	dimScope                     // chat_type of a scope
	dimAccount                   // the name of its account
	dimMember                    // the ids and names of the people it is about
	dimOwner                     // the id or name of the person its group belongs to
	dimLabel                     // the labels of its group

	dimensions
)

// posting are the rules that something leads to.
type posting struct {
	from, to uint32 // in places
	shared   int32  // the scoped rules beside them, -1 for none
}

// scoped are many rules that one thing leads to, by where they are at work.
type scoped [dimensions]map[string][]int32

// scratch is the memory one Match needs. A pool keeps it for the next.
type scratch struct {
	literals, rules literal.Found
	views           views
	values          [dimensions][]string
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// concerns says whether the event may concern a rule. It needs no memory, and says no
// of most events. through is the first of the texts that is let through, if it is one
// of them that speaks for it.
func (x *index) concerns(ev *event.Event) (through int, may bool) {
	l := x.listen[ev.Kind]
	if l.bit == 0 {
		return none, false
	}
	if len(l.always) > 0 || len(x.asked) > 0 {
		return none, true
	}
	for i := range x.texts {
		t := &x.texts[i]
		text := ev.TextOf(t.view.field())
		if text == "" {
			continue
		}
		if t.sieve == nil || len(text) > fold.MaxBytes {
			return none, true
		}
		if t.sieve.may(text) {
			return i, true
		}
	}
	return none, len(ev.Message.Text) > fold.MaxBytes
}

// none of the texts was let through, as far as is known.
const none = -1

// candidates puts the rules that may concern the event into w.scratch.rules, by
// their place in walk order. Of through see concerns.
func (x *index) candidates(w *walk, through int) {
	l := x.listen[w.ev.Kind]
	if l.bit == 0 {
		return
	}
	found := &w.scratch.rules
	found.Reserve(len(x.rules))
	for _, place := range l.always {
		found.Add(int(place))
	}
	if len(w.ev.Message.Text) > fold.MaxBytes {
		x.add(x.long, l.bit, found)
	}
	for i := max(through, 0); i < len(x.texts); i++ {
		x.byText(&x.texts[i], w, l.bit, i == through)
	}
	x.byWhose(w, l.bit)
}

// add puts those rules in that listen to the kind.
func (x *index) add(places []int32, bit kindSet, found *literal.Found) {
	for _, place := range places {
		if x.kinds[place]&bit != 0 {
			found.Add(int(place))
		}
	}
}

// byText looks for everything that is looked for in one view of one of the texts,
// unless its sieve holds that back; through says that it does not.
func (x *index) byText(t *textIndex, w *walk, bit kindSet, through bool) {
	text := w.ev.TextOf(t.view.field())
	if text == "" {
		return
	}
	if t.view != rawText {
		if !through && t.sieve != nil && len(text) <= fold.MaxBytes && !t.sieve.may(text) {
			return
		}
		text = w.text(t.view)
	}
	if p, ok := t.whole[text]; ok {
		w.found++
		x.post(p, w, bit)
	}
	found := &w.scratch.literals
	found.Reserve(t.count)
	t.literals.Scan(text, found)
	for id, ok := found.Pop(); ok; id, ok = found.Pop() {
		w.found++
		x.post(t.first+int32(id), w, bit)
	}
}

// byWhose looks for the rules found by where and whose the event is.
func (x *index) byWhose(w *walk, bit kindSet) {
	for _, d := range x.asked {
		for _, value := range x.valuesIn(d, w) {
			if p, ok := x.whose[d][value]; ok {
				x.post(p, w, bit)
			}
		}
	}
}

// post puts the rules of a posting in.
func (x *index) post(p int32, w *walk, bit kindSet) {
	post, found := &x.posts[p], &w.scratch.rules
	x.add(x.places[post.from:post.to], bit, found)
	if post.shared < 0 {
		return
	}
	for d, rules := range x.shared[post.shared] {
		if rules == nil {
			continue
		}
		for _, value := range x.valuesIn(dimension(d), w) {
			x.add(rules[value], bit, found)
		}
	}
}

// chatTypeOf is what conditions call chat.type: other than for a scope, a friend
// request has none.
func chatTypeOf(ev *event.Event) string {
	if kind := kindOf(ev); kind == groupChat || ev.Chat.ID != "" || ev.Chat.Peer != "" {
		return string(kind)
	}
	return ""
}
