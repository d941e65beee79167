package rule

import "botengine/internal/event"

// index finds the rules that may concern an event, in walk order. It may find too
// many, never too few; what it returns is only read.
type index interface {
	candidates(ev *event.Event) []*Rule
}

// byKind is an index that knows only which rules listen to which kinds of event.
type byKind map[event.Kind][]*Rule

// newIndex indexes rules that are in walk order.
func newIndex(rules []*Rule) byKind {
	x := byKind{}
	for _, r := range rules {
		if !r.on() {
			continue
		}
		for _, k := range r.kinds() {
			x[k] = append(x[k], r)
		}
	}
	return x
}

// candidates implements index.
func (x byKind) candidates(ev *event.Event) []*Rule { return x[ev.Kind] }
