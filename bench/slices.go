package main

import (
	"cmp"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

// side is one of several that are measured against each other; do does the work n
// times.
type side struct {
	name string
	do   func(n int)
	n    int // how often in one slice; found out before the first
}

// times are nanoseconds for one piece of work, by side and round.
type times map[string][]float64

// interleave measures the sides in turn, a slice each, round after round, so that
// whatever else the machine does meets all of them. The garbage of a slice is
// collected before the next and none within it: else the cycles fall on the same
// side each round.
func interleave(rounds int, slice time.Duration, sides ...side) times {
	for i := range sides {
		sides[i].n = calls(sides[i], slice)
	}
	out := times{}
	for range rounds {
		for _, s := range sides {
			out[s.name] = append(out[s.name], measure(s, s.n))
		}
	}
	return out
}

// calls is how often a side does its work in one slice. It is found by growing
// until a slice is nearly full: what a side does once for many, such as a commit,
// would make of a single call far too few.
func calls(s side, slice time.Duration) int {
	n := 1
	for {
		took := measure(s, n) * float64(n)
		if took > 0.7*float64(slice) || n > 1<<20 {
			return n
		}
		n = min(4*n, max(n+1, int(float64(n)*float64(slice)/max(took, 1))))
	}
}

func measure(s side, n int) float64 {
	runtime.GC()
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	began := time.Now()
	s.do(n)
	return float64(time.Since(began)) / float64(n)
}

// ratio is the median of the rounds' quotients.
func (t times) ratio(over, under string) float64 {
	all := make([]float64, len(t[over]))
	for i := range all {
		all[i] = t[over][i] / t[under][i]
	}
	return median(all)
}

// typical is the median of one side's rounds.
func (t times) typical(name string) time.Duration { return time.Duration(median(t[name])) }

func median[T cmp.Ordered](all []T) T { return percentile(all, 50) }

func percentile[T cmp.Ordered](all []T, p int) T {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)*p/100, len(sorted)-1)]
}
