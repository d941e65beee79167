package rule

import (
	"time"

	"botengine/internal/event"
)

// index finds the rules that may concern an event.
type index interface {
	candidates(ev *event.Event) []*Rule
}

// Match says which rules the event concerns, in walk order. With every, each
// rule of the set gets a Match with its outcome and the reason in words; without,
// only those that may fire are returned, and those whose condition broke. It
// takes no lock and may be called by any number of goroutines.
func (s *Set) Match(ev *event.Event, now time.Time, every bool) []Match {
	return newWalk(s, ev, now, every).run()
}
