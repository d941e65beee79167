package dispatch

import (
	"cmp"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/ratelimit"
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
	lane     *lane
	phase    phase
	at       time.Time // when its next step is due
	failures int       // in a row, of the step it is at
	entered  time.Time // on its lane

	booking  ratelimit.Booking // booked: the moment the limiter gave
	expiry   slot[*item]       // while it may expire
	misses   int               // sends in a row that surely left nothing on the wire
	inFlight bool              // counted by the Dispatcher
	expected bool              // nobody knows whether it is committed
	healthy  bool              // doubtful: the connection was up, so the grace has begun
	absent   time.Time         // doubtful: when the history first did not know it, or not as sent
	asking   bool              // doubtful: a question is under way
	reported bool              // judged: at least once
	verdict  verdict           // judged
}

// turn makes a step of the phase due at a time.
func (it *item) turn(p phase, at time.Time) {
	it.phase, it.at = p, at
	it.lane.note(it)
}

// sentAt is the latest moment at which it may have been sent. What was claimed before
// the program started was claimed by a clock that may have been put on since: all that
// is known of it is that it lies before.
func (it *item) sentAt() time.Time {
	if it.entry.StartedAt.Before(it.entered) {
		return it.entered
	}
	return it.entry.StartedAt
}

// lane is one queue of a robot: a chat's messages, or all else. A chat's messages
// leave in the order of the outbox; of all else those do that are alike in urgency and
// kind, but for what is for a chat that has to wait.
type lane struct {
	key     string
	ordered bool // a chat's
	queues  []*queue
	under   []*item // what is not waiting, in the order of the outbox
	size    int

	alarm  slot[*lane] // when something is due on it
	ticket uint64      // its place in the line for a moment; 0 = in none
	stands *item       // that it stands in line for
	front  bool        // it had a moment already, and goes first
	dirty  bool        // to be looked at
}

// queue are the items of a lane that are alike, in the order of the outbox.
type queue struct {
	urgency urgency
	kind    string
	items   []*item
}

func newLane(key string, ordered bool) *lane {
	l := &lane{key: key, ordered: ordered}
	l.alarm.owner = l
	return l
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
	var least uint64
	for i, q := range l.queues {
		if seq := q.items[0].entry.Seq; i == 0 || seq < least {
			least = seq
		}
	}
	return least
}

// add puts an entry on the lane.
func (l *lane) add(e state.Entry) *item {
	it := &item{entry: e, phase: waiting, at: e.NotBefore}
	it.expiry.owner = it
	l.join(it)
	return it
}

// join puts an item on the lane that is on none.
func (l *lane) join(it *item) {
	it.lane = l
	q := l.queueOf(&it.entry.Command)
	q.items = slices.Insert(q.items, q.place(it.entry.Seq), it)
	l.size++
}

func (l *lane) queueOf(c *command.Command) *queue {
	var u urgency
	var kind string
	if !l.ordered {
		u, kind = urgencyOf(c), KindOf(c)
	}
	for _, q := range l.queues {
		if q.urgency == u && q.kind == kind {
			return q
		}
	}
	q := &queue{urgency: u, kind: kind}
	l.queues = append(l.queues, q)
	return q
}

func (q *queue) place(seq uint64) int {
	place, _ := slices.BinarySearchFunc(q.items, seq, func(it *item, seq uint64) int {
		return cmp.Compare(it.entry.Seq, seq)
	})
	return place
}

// drop takes an item off the lane.
func (l *lane) drop(it *item) {
	q := l.queueOf(&it.entry.Command)
	place := q.place(it.entry.Seq)
	if place == len(q.items) || q.items[place] != it { // what was taken back may have left its number to another
		if place = slices.Index(q.items, it); place < 0 {
			return
		}
	}
	q.items = slices.Delete(q.items, place, place+1)
	l.size--
	l.under = slices.DeleteFunc(l.under, func(other *item) bool { return other == it })
	if len(q.items) == 0 {
		l.queues = slices.DeleteFunc(l.queues, func(other *queue) bool { return other == q })
	}
}

// note keeps track of which items are not waiting.
func (l *lane) note(it *item) {
	at := slices.Index(l.under, it)
	switch {
	case it.phase == waiting && at >= 0:
		l.under = slices.Delete(l.under, at, at+1)
	case it.phase != waiting && at < 0:
		l.under = append(l.under, it)
		slices.SortFunc(l.under, func(a, b *item) int { return cmp.Compare(a.entry.Seq, b.entry.Seq) })
	}
}

// current is the one item of the lane that may be worked on: what is under way, else the
// oldest. Of what is no chat's messages it is the oldest of the most urgent that is not
// set aside; until is when what is before it, or all, may not be any more.
func (l *lane) current(aside func(*item) ratelimit.Wait) (it *item, until time.Time) {
	if len(l.under) > 0 {
		return l.under[0], until
	}
	if l.ordered {
		if len(l.queues) == 0 {
			return nil, until
		}
		return l.queues[0].items[0], until
	}
	slices.SortFunc(l.queues, func(a, b *queue) int {
		return cmp.Or(cmp.Compare(a.urgency, b.urgency), cmp.Compare(a.items[0].entry.Seq, b.items[0].entry.Seq))
	})
	for _, q := range l.queues {
		var at time.Time
		if it, at = q.first(aside); !at.IsZero() {
			until = sooner(at, until)
		}
		if it != nil {
			break
		}
	}
	return it, until
}

// first is the oldest item that is not set aside, nor behind one of its chat that is.
// What sets an item aside for more than its chat does so for all of the queue.
func (q *queue) first(aside func(*item) ratelimit.Wait) (_ *item, until time.Time) {
	var full map[string]bool // chats
	for _, it := range q.items {
		chat := it.entry.Command.Chat
		if full[chat] {
			continue
		}
		wait := aside(it)
		if wait.By == ratelimit.Nobody {
			return it, until
		}
		until = sooner(wait.Until, until)
		if wait.By != ratelimit.OfChat {
			break
		}
		if full == nil {
			full = make(map[string]bool)
		}
		full[chat] = true
	}
	return nil, until
}
