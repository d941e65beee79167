package replay

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"maps"
	"slices"
	"time"

	"botengine/internal/actions"
	"botengine/internal/engine"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// Item is one record of the journal, with the outbox rows of its commands as far as
// they are known.
type Item struct {
	state.Record
	Entries []state.Entry
}

// Options say what is replayed, and how. Set and Events must be set.
type Options struct {
	Set *rule.Set
	// Against is what Set is compared to. Changed compares it to what was recorded
	// instead: to the commands that each event led to at once.
	Against *rule.Set
	Changed bool
	// Events are the records, in their order; they are the replay's own. The first error
	// ends it.
	Events iter.Seq2[*Item, error]

	Past engine.Facts      // what happened before; nil: nothing
	Runs []engine.RunWrite // that wait from then

	Takeover time.Duration
	Chats    actions.StaffChats
	Text     bool // the report holds what people wrote

	// Progress is told now and then how many events are done. It may be nil.
	Progress func(done int, at time.Time)
}

// Report is what a replay found.
type Report struct {
	Events   int       // that happened
	Hashed   int       // of them without their text, because the journal has none
	From, To time.Time // when the first and the last of them came
	Stopped  bool      // ctx ended first: it is what was found so far
	Rules    Side
	Against  Side // of what the rules are compared to
	Changes  []Change
	Changed  int // how many events are answered differently
}

// Side is what one set of rules did.
type Side struct {
	Answered int         // events that led to commands
	Commands int         // in all
	Waiting  int         // runs that still wait at the end
	Rules    []RuleCount // by their ids; those that never came near to firing are left out
}

// RuleCount is what one rule did.
type RuleCount struct {
	Rule     string `json:"rule"`
	Fired    int    `json:"fired"`
	Commands int    `json:"commands"`
	Held     int    `json:"held"` // would have fired, but for a cooldown, a limit, a pause, another robot, …
	Errors   int    `json:"errors"`
}

// Run replays the events until they end or ctx does. Its clock stops at the last
// event: what still waits then is counted, and does not happen.
func Run(ctx context.Context, o Options) (Report, error) {
	b := newBook(&o)
	worlds := []*world{newWorld(&o, o.Set, 0, b)}
	if o.Against != nil {
		worlds = append(worlds, newWorld(&o, o.Against, 1, b))
	}
	rep := Report{}
	failed := ahead(ctx, &o, func(batch *batch) bool {
		for i, item := range batch.items {
			concerns := batch.loud[i]
			for _, w := range worlds {
				w.pass(item.At)
				concerns = concerns || w.waitsForMessages()
			}
			if concerns {
				b.happen(worlds, item, batch, i)
			}
			b.settle(false)
		}
		rep.note(batch)
		if o.Progress != nil {
			o.Progress(rep.Events, rep.To)
		}
		return ctx.Err() == nil
	})
	b.settle(true)
	rep.Stopped = ctx.Err() != nil
	rep.Rules = b.side(0, worlds[0].memory.Waiting())
	switch {
	case o.Against != nil:
		rep.Against = b.side(1, worlds[1].memory.Waiting())
	case o.Changed:
		rep.Against = b.side(1, 0)
	}
	rep.Changes = b.changes
	inOrder(rep.Changes)
	rep.Changed = eventsIn(rep.Changes)
	if rep.Stopped && errors.Is(failed, ctx.Err()) {
		failed = nil // that is why it stopped
	}
	return rep, failed
}

// happen lets the i-th event of a batch happen in all worlds, whose clocks went on
// to it.
func (b *book) happen(worlds []*world, item *Item, batch *batch, i int) {
	b.robots.hear(&item.Event)
	for side, w := range worlds {
		w.take(&item.Record, batch.matches[side][i])
	}
	if b.recorded {
		b.remember(item)
	}
}

// note counts the events of a batch.
func (r *Report) note(b *batch) {
	n := len(b.items)
	if n == 0 {
		return
	}
	if r.From.IsZero() {
		r.From = b.items[0].At
	}
	r.To = b.items[n-1].At
	r.Events += n
	r.Hashed += b.hashed
}

func (b *book) side(i, waiting int) Side {
	s := Side{Answered: b.answered[i], Commands: b.commands[i], Waiting: waiting, Rules: []RuleCount{}}
	for _, n := range slices.SortedFunc(maps.Values(b.rules[i]), func(x, y *RuleCount) int { return cmp.Compare(x.Rule, y.Rule) }) {
		s.Rules = append(s.Rules, *n)
	}
	return s
}

// eventsIn counts the events of changes.
func eventsIn(changes []Change) int {
	seen := map[*Origin]bool{}
	for i := range changes {
		seen[changes[i].Event] = true
	}
	return len(seen)
}
