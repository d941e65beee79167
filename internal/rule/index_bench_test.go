package rule_test

import (
	"fmt"
	"testing"

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
