package dispatch

import (
	"cmp"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// phase is where an item stands, and so what its next step is.
type phase int

const (
	waiting   phase = iota // pending: its moment is to be booked
	booked                 // pending: its moment is booked
	claiming               // pending: its claim is about to be written
	returning              // claimed but surely not sent: to be given back
	flying                 // sent: its end is awaited
	lost                   // its end is overdue, or the program stopped while it was flying
	doubtful               // ambiguous: the history is asked
	again                  // to be sent once more
	judged                 // our verdict is to be reported until it is taken in
)

// item is an open entry on its lane.
type item struct {
	entry    state.Entry // as it is in the store
	phase    phase
	at       time.Time // when its next step is due
	failures int       // in a row, of the step it is at

	reserved time.Time // booked: the moment the limiter gave
	misses   int       // sends in a row that surely left nothing on the wire
	inFlight bool      // counted by the Dispatcher
	healthy  bool      // doubtful: the connection was up, so the grace has begun
	absent   time.Time // doubtful: when the history first did not know it
	asking   bool      // doubtful: a question is under way
	reported bool      // judged: at least once
	verdict  verdict   // judged
}

// turn makes a step of the phase due at a time.
func (it *item) turn(p phase, at time.Time) { it.phase, it.at = p, at }

// lane is one queue of a robot: a chat's messages, or all else. Its items are in
// the order of the outbox.
type lane struct {
	key   string
	items []*item
}

// LaneOf names the lane of a command: two commands of one lane never overlap.
func LaneOf(c *command.Command) string {
	switch c.Lane {
	case command.LaneChat:
		return "c/" + c.Chat
	case command.LaneCall:
		return "h/" + c.Rule
	default:
		return "a"
	}
}

// oldest is the number of the lane's first entry.
func (l *lane) oldest() uint64 {
	if len(l.items) == 0 {
		return 0
	}
	return l.items[0].entry.Seq
}

func (l *lane) find(messageID string) *item {
	for _, it := range l.items {
		if it.entry.Command.MessageID == messageID {
			return it
		}
	}
	return nil
}

func (l *lane) add(e state.Entry) *item {
	it := &item{entry: e, phase: waiting, at: e.NotBefore}
	place, _ := slices.BinarySearchFunc(l.items, e.Seq, func(it *item, seq uint64) int {
		return cmp.Compare(it.entry.Seq, seq)
	})
	l.items = slices.Insert(l.items, place, it)
	return it
}

func (l *lane) drop(it *item) {
	l.items = slices.DeleteFunc(l.items, func(other *item) bool { return other == it })
}

// current is the one item of the lane that may be worked on: what is under way,
// else the oldest that was not set aside.
func (l *lane) current(aside func(*item) bool) *item {
	for _, it := range l.items {
		if it.phase != waiting {
			return it
		}
	}
	for _, it := range l.items {
		if !aside(it) {
			return it
		}
	}
	return nil
}
