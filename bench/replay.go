package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"botengine/internal/event"
	"botengine/internal/replay"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// betweenReplayed lies between two events of the journal that is replayed.
const betweenReplayed = 100 * time.Millisecond

// replayed is a journal, decoded, and the rules that it is replayed through.
type replayed struct {
	set   *rule.Set
	items []*replay.Item
	err   error // the first
}

// newReplayed makes a journal of n events: the frames of the workload, over and over,
// each time another message at another time, of which three in a hundred are answered.
func newReplayed(n, rules int) (*replayed, error) {
	w := newWorkload(rules, 1)
	set, err := compiled(w)
	if err != nil {
		return nil, err
	}
	var once []event.Event
	for _, frame := range w.frames {
		ev, err := parse(frame)
		if err != nil {
			return nil, err
		}
		once = append(once, ev)
	}
	r := &replayed{set: set}
	for i := range n {
		item := &replay.Item{Record: state.Record{Position: uint64(i + 1), Event: once[i%frames], Text: state.TextFull}} //nolint:gosec // i is not negative
		item.At = sentAt.Add(time.Duration(i) * betweenReplayed)
		item.Event.ID = strconv.Itoa(1_000_000 + i)
		item.Event.Message.SvrID = "1407" + item.Event.ID
		item.Event.Time, item.Event.Received = item.At, item.At
		r.items = append(r.items, item)
	}
	return r, nil
}

// match asks for each event which rules it concerns, as a loop on one goroutine.
func (r *replayed) match() (found int) {
	for _, item := range r.items {
		found += len(r.set.Match(&item.Event, item.At, false))
	}
	return found
}

// replay replays the journal from an empty past.
func (r *replayed) replay() replay.Report {
	report, err := replay.Run(context.Background(), replay.Options{Set: r.set, Events: func(yield func(*replay.Item, error) bool) {
		for _, item := range r.items {
			if !yield(item, nil) {
				return
			}
		}
	}})
	r.err = errors.Join(r.err, err)
	return report
}

// agree checks that every event that rules concern is answered in the replay.
func (r *replayed) agree() error {
	found := r.match()
	report := r.replay()
	if r.err == nil && (report.Rules.Commands != found || report.Events != len(r.items) || found == 0) {
		return fmt.Errorf("rules concern %d of %d events, and the replay of %d had %d commands", found, len(r.items), report.Events, report.Rules.Commands)
	}
	return r.err
}

// sides are the replay, on all cores that it is given, and the loop.
func (r *replayed) sides() []side {
	again := func(f func()) func(n int) {
		return func(n int) {
			for range n {
				f()
			}
		}
	}
	return []side{
		{name: "match", do: again(func() { r.match() })},
		{name: "replay", do: again(func() { r.replay() })},
	}
}

// replayRows measures a replay of a journal against matching its events in a loop.
func replayRows(t *table, e effort) error {
	r, err := newReplayed(e.replayed, e.most())
	if err == nil {
		err = r.agree()
	}
	if err != nil {
		return err
	}
	got := interleave(4*e.slow, time.Millisecond, r.sides()...)
	each := func(name string) time.Duration {
		return time.Duration(undisturbed(got[name])) / time.Duration(len(r.items))
	}
	t.note("replay of %d events, %d of 100 answered: %v per event, matching %v", len(r.items), answered, each("replay"), each("match"))
	t.atLeast(fmt.Sprintf("speed of replaying %d events / of matching them in a loop", len(r.items)), undisturbed(got["match"])/undisturbed(got["replay"]), 0.7)
	return r.err
}

// undisturbed is one of the best of the rounds: in a slice that is this long the
// machine does a good deal else, and most to the side that uses all of its cores.
func undisturbed(rounds []float64) float64 { return percentile(rounds, 10) }
