package replay

import (
	"context"
	"runtime"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// batchSize is how many events are matched in one go.
const batchSize = 256

// deep is how many batches a core may be ahead: what is decided at once takes longer
// at one time than at another, and the others are not to wait for it.
const deep = 32

// batch is some events in a row, with the rules of each side that they may concern.
type batch struct {
	items   []*Item
	matches [2][][]rule.Match
	loud    []bool        // of each, that it may lead to something even if nobody waits for it
	hashed  int           // how many have no text
	err     error         // that ended the events, behind these
	done    chan struct{} // closed when they are matched
}

// ahead reads the events and matches them, which needs no past, on the other cores,
// and hands them over in their order until each returns false. It returns the error
// that ended the events; when it returns, nothing of it is left.
func ahead(ctx context.Context, o *Options, each func(*batch) bool) error {
	ctx, stop := context.WithCancel(ctx)
	workers := max(1, runtime.GOMAXPROCS(0)-1)
	inOrder := make(chan *batch, deep*workers) // closed by the reader
	work := make(chan *batch)                  // closed by the reader
	ended := make(chan struct{})               // closed when the reader and all workers have ended
	go func() {
		defer close(ended)
		matchers := make(chan struct{}, workers)
		for range workers {
			go func() {
				for b := range work {
					b.match(o)
					close(b.done)
				}
				matchers <- struct{}{}
			}()
		}
		read(ctx, o, func(b *batch) bool {
			select {
			case inOrder <- b:
			case <-ctx.Done():
				return false
			}
			work <- b
			return true
		})
		close(inOrder)
		close(work)
		for range workers {
			<-matchers
		}
	}()
	defer func() { stop(); <-ended }()
	for b := range inOrder {
		help(b, work, o)
		if !each(b) {
			return nil
		}
		if b.err != nil {
			return b.err
		}
	}
	return nil
}

// help waits until the batch is matched, and matches others meanwhile.
func help(b *batch, work <-chan *batch, o *Options) {
	for {
		select {
		case <-b.done:
			return
		default:
		}
		select {
		case <-b.done:
			return
		case other, more := <-work:
			if !more {
				work = nil // the workers have the rest in hand
				continue
			}
			other.match(o)
			close(other.done)
		}
	}
}

// read gathers the events in batches.
func read(ctx context.Context, o *Options, hand func(*batch) bool) {
	b := newBatch()
	for item, err := range o.Events {
		if err != nil || ctx.Err() != nil {
			b.err = err
			break
		}
		b.items = append(b.items, item)
		if len(b.items) == batchSize {
			if !hand(b) {
				return
			}
			b = newBatch()
		}
	}
	if len(b.items) > 0 || b.err != nil {
		hand(b)
	}
}

func newBatch() *batch {
	return &batch{items: make([]*Item, 0, batchSize), done: make(chan struct{})}
}

// match asks which rules the events concern, and which events concern nobody. It goes
// over them once: an event is more than a core keeps at hand of many.
func (b *batch) match(o *Options) {
	b.loud = make([]bool, len(b.items))
	sets := [...]*rule.Set{o.Set, o.Against}
	for side, set := range sets {
		if set != nil {
			b.matches[side] = make([][]rule.Match, len(b.items))
		}
	}
	var before *event.Event
	for i, item := range b.items {
		ev := &item.Event
		loud := before == nil || tellsOfRobots(before, ev) || o.Changed && len(item.Commands) > 0
		for side, set := range sets {
			if set == nil {
				continue
			}
			found := matched(set, &item.Record)
			if len(found) > 0 {
				b.matches[side][i] = found
			}
			loud = loud || len(found) > 0 || engine.TakesOver(ev, item.ByHand)
		}
		b.loud[i] = loud
		if hashed(&item.Record) {
			b.hashed++
		}
		before = ev
	}
}

// tellsOfRobots says whether an event may tell more of the robots and their groups
// than the one before it did.
func tellsOfRobots(before, ev *event.Event) bool {
	robot, known := &ev.Robot, &before.Robot
	return ev.Chat.Group || robot.Key != known.Key || robot.ID != known.ID || robot.Name != known.Name || robot.Status != known.Status || ev.Account != before.Account
}

// hashed says whether the journal has a message without its text.
func hashed(r *state.Record) bool {
	return r.Text != state.TextFull && r.Event.Kind.IsMessage()
}

// staffOf says of the event whether the rules count its sender among the staff.
func staffOf(set *rule.Set, ev *event.Event) {
	if is := set.IsStaff(ev.Sender.ID); is != ev.Sender.IsStaff {
		ev.Sender.IsStaff = is // not written for nothing: the other cores would have to fetch it anew
	}
}

// matched are the rules that an event may concern. One that makes matching panic
// concerns none, as in the engine.
func matched(set *rule.Set, r *state.Record) (found []rule.Match) {
	defer func() {
		if recover() != nil {
			found = nil
		}
	}()
	if r.Poisoned {
		return nil
	}
	staffOf(set, &r.Event)
	return set.Match(&r.Event, r.At, false)
}
