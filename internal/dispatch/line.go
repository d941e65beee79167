package dispatch

import (
	"context"
	"slices"
	"time"

	"botengine/internal/event"
	"botengine/internal/ratelimit"
)

// line is where a robot's lanes stand in for a moment. Those alike stand one behind
// the other: whoever had a moment goes to the end, however much it still has to say,
// so that no chat waits for more than one turn of each of the others.
type line struct {
	buckets []*bucket
	tickets uint64    // given out so far
	gate    time.Time // the robot's pace lets nothing through before
	gateFor urgency   // of whom it was last asked for
	inARow  int       // moments that went to answers while something less urgent waited
	granted []*item   // that had a moment lately, the latest last
}

// bucket is the line of lanes that are alike.
type bucket struct {
	urgency urgency
	kind    string
	silent  bool
	first   []spot // that go before the others, the last one first
	spots   []spot
	until   time.Time // its kind's quota lets nothing through before
}

// spot is a lane's place; it is void when the lane has another ticket by now.
type spot struct {
	lane   *lane
	ticket uint64
}

// join has a lane stand in line for its item.
func (n *line) join(l *lane, it *item) {
	c := &it.entry.Command
	b := n.bucketOf(urgencyOf(c), KindOf(c), silent[c.Type])
	n.tickets++
	l.ticket, l.stands = n.tickets, it
	if s := (spot{l, l.ticket}); l.front {
		b.first = append(b.first, s)
	} else {
		b.spots = append(b.spots, s)
	}
	if b.urgency < n.gateFor {
		n.gate = time.Time{} // ask again, for what is more urgent
	}
}

func (n *line) bucketOf(u urgency, kind string, silent bool) *bucket {
	for _, b := range n.buckets {
		if b.urgency == u && b.kind == kind && b.silent == silent {
			return b
		}
	}
	b := &bucket{urgency: u, kind: kind, silent: silent}
	n.buckets = append(n.buckets, b)
	return b
}

// head returns who is first in the bucket's line.
func (b *bucket) head() (spot, bool) {
	for len(b.first) > 0 {
		if s := b.first[len(b.first)-1]; s.lane.ticket == s.ticket {
			return s, true
		}
		b.first = b.first[:len(b.first)-1]
	}
	for len(b.spots) > 0 {
		if s := b.spots[0]; s.lane.ticket == s.ticket {
			return s, true
		}
		b.spots[0] = spot{}
		b.spots = b.spots[1:]
	}
	return spot{}, false
}

// opens is when the bucket's first may be asked for.
func (n *line) opens(b *bucket) time.Time {
	if !b.silent && n.gate.After(b.until) {
		return n.gate
	}
	return b.until
}

// opensNext is when somebody who stands in line may be asked for, latest at the
// latest.
func (n *line) opensNext(latest time.Time) time.Time {
	for _, b := range n.buckets {
		if _, ok := b.head(); ok {
			latest = sooner(n.opens(b), latest)
		}
	}
	return latest
}

// next returns the bucket whose first is to get the next moment: the most urgent's,
// of these the one that waits for longest; now and then one that is less urgent than
// an answer. It is nil when nobody may have one now.
func (n *line) next(now time.Time) *bucket {
	best := n.nextBut(now, -1)
	if best == nil || best.urgency != service || n.inARow < guaranteed {
		return best
	}
	if other := n.nextBut(now, service); other != nil {
		return other
	}
	return best
}

// nextBut is the bucket to serve, without those of one urgency.
func (n *line) nextBut(now time.Time, but urgency) (best *bucket) {
	var oldest uint64
	for _, b := range n.buckets {
		s, ok := b.head()
		if !ok || b.urgency == but || n.opens(b).After(now) {
			continue
		}
		if best == nil || b.urgency < best.urgency || b.urgency == best.urgency && s.ticket < oldest {
			best, oldest = b, s.ticket
		}
	}
	return best
}

// tally notes whose turn it was.
func (n *line) tally(b *bucket) {
	switch {
	case b.silent: // took nobody's moment
	case b.urgency == marketing:
		n.inARow = 0
	case b.urgency == service && n.lessUrgentWaits():
		n.inARow++
	}
}

func (n *line) lessUrgentWaits() bool {
	return slices.ContainsFunc(n.buckets, func(b *bucket) bool {
		_, ok := b.head()
		return ok && b.urgency == marketing && !b.silent
	})
}

// grant has the lanes in line get their moments, as long as there are any.
func (w *worker) grant(ctx context.Context) {
	for ctx.Err() == nil {
		b := w.line.next(w.o.Now())
		if b == nil {
			return
		}
		s, _ := b.head()
		s.lane.ticket = 0
		w.offer(ctx, b, s.lane)
		if len(w.claims) == claimedTogether {
			w.leaveTogether(ctx)
		}
	}
}

// offer asks for a moment for the lane, and goes on with what it may do then.
func (w *worker) offer(ctx context.Context, b *bucket, l *lane) {
	now := w.o.Now()
	it, _ := l.current(w.aside)
	if it == nil || it.phase != waiting || it.at.After(now) {
		w.file(l)
		return
	}
	until, why := w.hold(it, now)
	switch {
	case expired(it, now):
		w.judge(it, event.CodeExpired, "its time was over before it could be sent")
	case why != Free:
		l.front = false
		it.at = sooner(until, it.entry.Command.Expires)
	default:
		w.primeChat(ctx, &it.entry.Command)
		if wait := w.book(it, now); wait.By != ratelimit.Nobody {
			w.putOff(b, l, it, wait)
			return
		}
		l.front = false
		w.line.tally(b)
	}
	w.step(ctx, l)
}

// putOff says who has to wait when there is no moment for an item: its chat, its
// kind, or all that the robot shows. What is less urgent gives way first.
func (w *worker) putOff(b *bucket, l *lane, it *item, wait ratelimit.Wait) {
	switch {
	case wait.By == ratelimit.OfChat:
		l.front = false
		it.at = sooner(wait.Until, it.entry.Command.Expires)
		w.file(l)
		return
	case wait.By != ratelimit.OfKind && w.giveWay(b): // and is asked for again
	case wait.By == ratelimit.OfKind || b.silent:
		b.until = wait.Until
	default:
		w.line.gate, w.line.gateFor = wait.Until, b.urgency
	}
	l.front = true
	w.line.join(l, it)
}

// giveWay takes the latest moment back that something less urgent was given and has
// not used. It reports whether there was one.
func (w *worker) giveWay(b *bucket) bool {
	n, now := &w.line, w.o.Now()
	n.granted = slices.DeleteFunc(n.granted, func(it *item) bool { return it.phase != booked })
	for i, it := range slices.Backward(n.granted) {
		if !b.silent && urgencyOf(&it.entry.Command) > b.urgency && it.booking.At.After(now) {
			n.granted = slices.Delete(n.granted, i, i+1)
			w.unbook(it)
			it.turn(waiting, now)
			it.lane.front = true
			w.file(it.lane)
			return true
		}
	}
	return false
}

// grants notes that an item has a moment.
func (n *line) grants(it *item) {
	if len(n.granted) >= 2*claimedTogether {
		n.granted = slices.DeleteFunc(n.granted, func(it *item) bool { return it.phase != booked })
	}
	n.granted = append(n.granted, it)
}
