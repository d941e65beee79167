package rule

import (
	"maps"
	"slices"

	"botengine/internal/event"
	"botengine/internal/literal"
)

// crowd is how many rules one thing may lead to before those of other chats are
// told apart.
const crowd = 8

// indexer builds an index.
type indexer struct {
	x     *index
	ids   map[thing]int32 // places in known: a thing is hashed once for each rule that could use it
	known []knownThing
	order []int32 // things that are used, as they were met
	plans []plan
}

// knownThing is a thing and who uses it.
type knownThing struct {
	thing
	usage  int     // by how many rules it could be used
	places []int32 // of the rules that it leads to
}

// plan is how a rule is found.
type plan struct {
	by    *finder // nil: it is always looked at
	scope *finder // where it is at work, for what leads to many rules; nil: not known
}

// newIndex indexes rules that are in walk order.
func newIndex(rules []*Rule) *index { return indexed(rules).x }

// indexed is newIndex with what is known while it is built.
func indexed(rules []*Rule) *indexer {
	b := &indexer{
		x:     &index{rules: rules, kinds: make([]kindSet, len(rules)), listen: map[event.Kind]listeners{}},
		plans: make([]plan, len(rules)),
	}
	all := b.finders(rules)
	for i, r := range rules {
		if r.on() {
			b.listen(int32(i), r)
			b.label(r)
			b.place(int32(i), r, all[i])
		}
	}
	b.texts()
	b.whose()
	b.x.places, b.x.posts = slices.Clip(b.x.places), slices.Clip(b.x.posts)
	return b
}

// finders are those of each rule that is on, their things known. They are copies:
// sets share rules, and number their things each in its own way.
func (b *indexer) finders(rules []*Rule) [][]finder {
	all, finders, things := make([][]finder, len(rules)), 0, 0
	for i, r := range rules {
		if r.on() {
			all[i] = r.foundBy()
			finders += len(all[i])
			for k := range all[i] {
				things += len(all[i][k].things)
			}
		}
	}
	room, ids := make([]finder, 0, finders), make([]int32, things)
	b.ids, b.known = make(map[thing]int32, things), make([]knownThing, 0, things)
	for i, own := range all {
		from := len(room)
		room = append(room, own...)
		all[i] = room[from:len(room):len(room)]
		ids = b.count(all[i], ids)
	}
	return all
}

// count makes the things of a rule known. It returns what is left of the memory for
// their numbers.
func (b *indexer) count(finders []finder, ids []int32) []int32 {
	for i := range finders {
		f := &finders[i]
		f.ids, ids = ids[:len(f.things):len(f.things)], ids[len(f.things):]
		for k, t := range f.things {
			id, known := b.ids[t]
			if !known {
				id = int32(len(b.known))
				b.ids[t] = id
				b.known = append(b.known, knownThing{thing: t})
			}
			b.known[id].usage++
			f.ids[k] = id
		}
	}
	return ids
}

// label puts in the sets of labels that the rule asks for.
func (b *indexer) label(r *Rule) {
	if r.scope == nil {
		return
	}
	for _, l := range r.scope.labels {
		b.x.labels.add(l)
	}
}

// listen notes which kinds the rule listens to.
func (b *indexer) listen(place int32, r *Rule) {
	for _, k := range r.kinds() {
		l, known := b.x.listen[k]
		if !known {
			l.bit = 1 << len(b.x.listen)
			b.x.listen[k] = l
		}
		b.x.kinds[place] |= l.bit
	}
}

// place decides how the rule is found.
func (b *indexer) place(place int32, r *Rule, finders []finder) {
	p := b.plan(finders)
	b.plans[place] = p
	if p.by == nil {
		for _, k := range r.kinds() {
			l := b.x.listen[k]
			l.always = append(l.always, place)
			b.x.listen[k] = l
		}
		return
	}
	for _, id := range p.by.ids {
		t := &b.known[id]
		if len(t.places) == 0 {
			b.order = append(b.order, id)
		}
		if n := len(t.places); n == 0 || t.places[n-1] != place {
			t.places = append(t.places, place)
		}
	}
	if p.by.whole {
		b.x.long = append(b.x.long, place)
	}
}

// plan takes the finder that the fewest events pass, and the fewest rules share.
func (b *indexer) plan(finders []finder) plan {
	var p plan
	var least, narrowest float64
	for i := range finders {
		f := &finders[i]
		if n := b.cost(f); p.by == nil || n < least {
			p.by, least = f, n
		}
	}
	for i := range finders {
		f := &finders[i]
		if n := b.cost(f); f != p.by && f.tellsApart() && (p.scope == nil || n < narrowest) {
			p.scope, narrowest = f, n
		}
	}
	return p
}

// cost is about how many rules the things of f lead to.
func (b *indexer) cost(f *finder) float64 {
	sum := 0.0
	for _, id := range f.ids {
		t := &b.known[id]
		sum += float64(t.usage) * t.chance()
	}
	return sum
}

// tellsApart says whether f tells rules apart that share a word.
func (f *finder) tellsApart() bool {
	return len(f.things) > 0 && !slices.ContainsFunc(f.things, func(t thing) bool {
		return t.sort != aWhose || t.whose == dimChatType || t.whose == dimScope || t.whose == dimAccount
	})
}

// texts makes the indexes of the views of the text that anything is looked for in.
func (b *indexer) texts() {
	byView := map[view][]*knownThing{}
	for _, id := range b.order {
		if t := &b.known[id]; t.sort != aWhose {
			byView[t.view] = append(byView[t.view], t)
		}
	}
	for _, v := range slices.Sorted(maps.Keys(byView)) {
		t := textIndex{view: v, first: int32(len(b.x.posts))}
		var literals []string
		for _, th := range byView[v] {
			if th.sort == aLiteral {
				literals = append(literals, th.value)
				b.post(th)
			}
		}
		t.count, t.literals = len(literals), literal.New(literals)
		for _, th := range byView[v] {
			if th.sort != aText {
				continue
			}
			if t.whole == nil {
				t.whole = map[string]int32{}
			}
			t.whole[th.value] = b.post(th)
		}
		if v != rawText {
			for _, th := range byView[v] {
				if th.sort == aText {
					literals = append(literals, th.value)
				}
			}
			t.sieve = newSieve(v.folds(), literals)
		}
		b.x.texts = append(b.x.texts, t)
	}
}

// whose makes the postings by where and whose an event is.
func (b *indexer) whose() {
	for _, id := range b.order {
		t := &b.known[id]
		if t.sort != aWhose {
			continue
		}
		postings := &b.x.whose[t.whose]
		if *postings == nil {
			*postings = map[string]int32{}
			b.x.asked = append(b.x.asked, t.whose)
		}
		(*postings)[t.value] = b.post(t)
	}
}

// post makes the posting of a thing.
func (b *indexer) post(t *knownThing) int32 {
	places, shared := t.places, int32(-1)
	if len(places) > crowd {
		places, shared = b.split(places)
	}
	from := uint32(len(b.x.places))
	b.x.places = append(b.x.places, places...)
	b.x.posts = append(b.x.posts, posting{from: from, to: uint32(len(b.x.places)), shared: shared})
	return int32(len(b.x.posts) - 1)
}

// split keeps the rules that are at work everywhere and sorts the others by where.
func (b *indexer) split(places []int32) (everywhere []int32, shared int32) {
	var s scoped
	some := false
	for _, place := range places {
		f := b.plans[place].scope
		if f == nil {
			everywhere = append(everywhere, place)
			continue
		}
		some = true
		for _, t := range f.things {
			if s[t.whose] == nil {
				s[t.whose] = map[string][]int32{}
			}
			s[t.whose][t.value] = append(s[t.whose][t.value], place)
		}
	}
	if !some {
		return everywhere, -1
	}
	b.x.shared = append(b.x.shared, s)
	return everywhere, int32(len(b.x.shared) - 1)
}
