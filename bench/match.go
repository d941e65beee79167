package main

import (
	"encoding/json"
	"fmt"
	"runtime"
	"slices"

	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/yjiyun"
)

// contest is one number of rules, and all that is measured with them.
type contest struct {
	w        *workload
	set      *rule.Set
	events   []event.Event
	expr     *exprLoop
	contains *containsLoop
	err      error // the first of a side
	next     int
}

func newContest(n int) (*contest, error) {
	c := &contest{w: newWorkload(n, 1)}
	c.contains = newContainsLoop(c.w.rules)
	if c.set, c.err = compiled(c.w); c.err != nil {
		return nil, c.err
	}
	if c.expr, c.err = newExprLoop(c.w.rules); c.err != nil {
		return nil, c.err
	}
	for _, frame := range c.w.frames {
		ev, err := parse(frame)
		if err != nil {
			return nil, err
		}
		c.events = append(c.events, ev)
	}
	return c, nil
}

// agree checks that all three ways give the same rules for each event.
func (c *contest) agree(events int) error {
	fired := 0
	for i := range c.events[:events] {
		ev := &c.events[i]
		byExpr, err := c.expr.match(ev)
		if err != nil {
			return err
		}
		byHand, ours := c.contains.match(ev), c.match(ev)
		if fired += len(ours); !slices.Equal(byExpr, ours) || !slices.Equal(byHand, ours) {
			return fmt.Errorf("event %d: expr fires %v, strings.Contains %v, the set %v", i, byExpr, byHand, ours)
		}
	}
	if fired == 0 {
		return fmt.Errorf("no rule fires for %d events", events)
	}
	return nil
}

// match is the ids that the set fires, in the order of the files.
func (c *contest) match(ev *event.Event) (ids []string) {
	for _, m := range c.set.Match(ev, sentAt, false) {
		ids = append(ids, m.Rule.ID)
	}
	return ids
}

// over is a side that does f with one event after the other, for ever.
func (c *contest) over(name string, f func(i int) error) side {
	return side{name: name, do: func(n int) {
		for range n {
			if err := f(c.next % frames); err != nil && c.err == nil {
				c.err = fmt.Errorf("%s: %w", name, err)
			}
			c.next++
		}
	}}
}

func (c *contest) matching(name string) side {
	return c.over(name, func(i int) error {
		c.set.Match(&c.events[i], sentAt, false)
		return nil
	})
}

func (c *contest) decodings() []side {
	return []side{
		c.over("encoding/json", func(i int) error {
			var m plainMessage
			return json.Unmarshal(object(c.w.frames[i]), &m)
		}),
		c.over("decode", func(i int) error {
			_, err := yjiyun.Decode("main", yjiyun.EventMessage, object(c.w.frames[i]), sentAt)
			return err
		}),
	}
}

func (c *contest) loops() []side {
	return []side{
		c.matching("match"),
		c.over("expr", func(i int) error { _, err := c.expr.match(&c.events[i]); return err }),
		c.over("contains", func(i int) error { c.contains.match(&c.events[i]); return nil }),
	}
}

func (c *contest) roads() []side {
	l := newLane(c.set)
	return []side{
		c.over("bare", func(i int) error { _, err := readPlain(l.read(c.w.frames[i])); return err }),
		c.over("road", func(i int) error { return l.decide(c.w.frames[i]) }),
	}
}

// allocs is how much is allocated for one event on average.
func (c *contest) allocs() float64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for i := range c.events {
		c.set.Match(&c.events[i], sentAt, false)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / frames
}

// matchRows measures matching, on one core.
func matchRows(t *table, e effort) error {
	contests := map[int]*contest{}
	for _, n := range e.sizes {
		c, err := newContest(n)
		if err != nil {
			return err
		}
		if err := c.agree(frames / max(1, n/1000)); err != nil {
			return fmt.Errorf("%d rules: %w", n, err)
		}
		contests[n] = c
	}
	least, most := e.sizes[0], e.most()
	few, many := contests[least], contests[most]
	got := interleave(e.rounds, e.slice, append(many.decodings(), few.matching("match few"), many.matching("match"))...)
	t.note("decode with encoding/json %v, with ours %v; match over %d rules %v, over %d %v",
		got.typical("encoding/json"), got.typical("decode"), least, got.typical("match few"), most, got.typical("match"))
	t.atMost("decode / decode with encoding/json", got.ratio("decode", "encoding/json"), 1)
	t.atMost(fmt.Sprintf("match %d / decode with encoding/json", most), got.ratio("match", "encoding/json"), 0.15)
	t.atMost(fmt.Sprintf("match %d / decode", most), got.ratio("match", "decode"), 1)
	t.atMost(fmt.Sprintf("match %d / match %d", most, least), got.ratio("match", "match few"), 2.5)
	t.atMost(fmt.Sprintf("allocations of a match over %d, on average", most), many.allocs(), 0.2)
	t.atMost(fmt.Sprintf("live index of %d rules, MiB", most), float64(many.set.Index().Bytes)/(1<<20), 16)
	loopRows(t, contests, e)

	got = interleave(e.rounds, e.slice, many.roads()...)
	t.note("bare read and encoding/json %v, road without a store %v", got.typical("bare"), got.typical("road"))
	t.atMost("road without a store / bare read and encoding/json", got.ratio("road", "bare"), 1.5)
	for _, c := range contests {
		if c.err != nil {
			return c.err
		}
	}
	return nil
}

// loopRows compares matching with the loops that it stands in for.
func loopRows(t *table, contests map[int]*contest, e effort) {
	goals := map[int]float64{10: 20, 100: 150, 1000: 1500, 10_000: 10_000}
	for _, n := range e.sizes {
		got := interleave(max(3, e.rounds/3), e.slice, contests[n].loops()...)
		t.atLeast(fmt.Sprintf("loop of %d expr programs / match", n), got.ratio("expr", "match"), goals[n])
		if n == e.most() {
			t.atLeast(fmt.Sprintf("strings.Contains loop over %d / match", n), got.ratio("contains", "match"), float64(n)/5)
		}
	}
}
