package rule_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/rule"
	"botengine/internal/rule/ruleload"
)

// loaded compiles a load.
func loaded(tb testing.TB, shape ruleload.Shape, n, events int) (*rule.Set, ruleload.Load) {
	tb.Helper()
	load := ruleload.New(1, shape, n, events)
	set, found := rule.Compile(load.Sources)
	if set == nil {
		tb.Fatal(found)
	}
	return set, load
}

// benchLoad matches the events of a load, one each turn.
func benchLoad(b *testing.B, set *rule.Set, load ruleload.Load) {
	b.ReportAllocs()
	matched := 0
	i := 0
	for b.Loop() {
		matched += len(set.Match(&load.Events[i%len(load.Events)], load.Now, false))
		i++
	}
	b.ReportMetric(100*float64(matched)/float64(i), "%matches")
}

func BenchmarkMatchByNumberOfRules(b *testing.B) {
	for _, n := range []int{10, 100, 1000, 10_000} {
		set, load := loaded(b, ruleload.Mixed, n, 2000)
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchLoad(b, set, load) })
	}
}

func BenchmarkMatchByShapeOfRules(b *testing.B) {
	for _, shape := range ruleload.Shapes() {
		set, load := loaded(b, shape, 10_000, 2000)
		b.Run(string(shape), func(b *testing.B) { benchLoad(b, set, load) })
	}
}

func BenchmarkMatchLongTexts(b *testing.B) {
	set, load := loaded(b, ruleload.Mixed, 10_000, 1)
	for _, size := range []int{1 << 10, 16 << 10} {
		load.Events[0].Message.Text = ruleload.Long(2, size)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(size))
			benchLoad(b, set, load)
		})
	}
}

// BenchmarkMatchRatios compares what is hard with what is normal, ten thousand
// mixed rules: all are measured in turn, in slices, and the best tenth counts, so
// that other work of the machine does not. A turn of the benchmark is one round.
func BenchmarkMatchRatios(b *testing.B) {
	var cases []*measured
	for _, n := range []int{10_000, 10, 100, 1000} {
		cases = append(cases, newMeasured(b, fmt.Sprint(n), ruleload.Mixed, n, 0))
	}
	for _, shape := range ruleload.Shapes()[1:] {
		cases = append(cases, newMeasured(b, strings.ReplaceAll(string(shape), " ", "-"), shape, 10_000, 0))
	}
	cases = append(cases, newMeasured(b, "16KiB", ruleload.Mixed, 10_000, 16<<10))
	for b.Loop() {
		for _, c := range cases {
			c.slice()
		}
	}
	normal := cases[0].cost()
	for _, c := range cases {
		b.ReportMetric(c.cost(), c.name+"-ns")
		b.ReportMetric(c.cost()/normal, c.name+"-x")
	}
}

// measured is a load and what its events cost in each slice of time.
type measured struct {
	name  string
	set   *rule.Set
	load  ruleload.Load
	parts float64 // of a normal text that one text is
	costs []float64
}

func newMeasured(tb testing.TB, name string, shape ruleload.Shape, n, size int) *measured {
	m := &measured{name: name, parts: 1}
	m.set, m.load = loaded(tb, shape, n, 1000)
	if size > 0 {
		text := m.quiet(size)
		m.parts = float64(len(text)) / float64(len(m.load.Events[0].Message.Text))
		m.load.Events = m.load.Events[:20]
		for i := range m.load.Events {
			m.load.Events[i].Message.Text = text
		}
	}
	return m
}

// quiet is a long text made of messages that concern no rule.
func (m *measured) quiet(size int) string {
	text := ""
	for i := 0; len(text) < size-200 && i < len(m.load.Events); i++ {
		ev := m.load.Events[i]
		ev.Message.Text = text + ev.Message.Text
		if len(m.set.Match(&ev, m.load.Now, false)) == 0 {
			text = ev.Message.Text
		}
	}
	return text
}

// slice matches every event once.
func (m *measured) slice() {
	began := time.Now()
	for i := range m.load.Events {
		m.set.Match(&m.load.Events[i], m.load.Now, false)
	}
	m.costs = append(m.costs, float64(time.Since(began).Nanoseconds())/float64(len(m.load.Events))/m.parts)
}

// cost is what an event costs in nanoseconds; of a long text, so much of it as a
// normal one has.
func (m *measured) cost() float64 {
	slices.Sort(m.costs)
	return m.costs[len(m.costs)/10]
}

// BenchmarkCompile10000 compiles and indexes rules from YAML, and says what the
// set holds.
func BenchmarkCompile10000(b *testing.B) {
	load := ruleload.New(1, ruleload.Mixed, 10_000, 0)
	var set *rule.Set
	for b.Loop() {
		set, _ = rule.Compile(load.Sources)
	}
	b.ReportMetric(float64(set.Index().Bytes)/(1<<20), "index-MiB")
}
