package socket

import (
	"math/rand/v2"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestDelayStaysBetweenItsBoundsForEver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		least := time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "least"))
		most := least + time.Duration(rapid.Int64Range(0, int64(24*time.Hour)).Draw(t, "more"))
		failures := rapid.IntRange(1, 1<<40).Draw(t, "failures")
		if d := delay(least, most, failures, rand.N); d < least || d > most {
			t.Errorf("delay %v is not between %v and %v", d, least, most)
		}
	})
}

func TestDelayGrowsAndSpreadsEvenly(t *testing.T) {
	const least, most, draws, parts = 10 * time.Second, time.Minute, 10_000, 10
	random := rand.New(rand.NewPCG(1, 2))
	for failures, ceiling := range map[int]time.Duration{1: 20 * time.Second, 2: 40 * time.Second, 3: most, 4: most, 1013: most, 1 << 30: most} {
		var hits [parts]int
		for range draws {
			d := delay(least, most, failures, func(n time.Duration) time.Duration { return time.Duration(random.Int64N(int64(n))) })
			hits[(d-least)*parts/(ceiling-least)]++
		}
		for part, n := range hits {
			if n < draws/parts*8/10 || n > draws/parts*12/10 {
				t.Errorf("after %d failures: part %d of the range up to %v was drawn %d times of %d", failures, part, ceiling, n, draws)
			}
		}
	}
}
