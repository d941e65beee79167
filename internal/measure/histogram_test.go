package measure

import (
	"sync"
	"testing"
	"time"
)

func TestADurationIsInTheBucketsThatAreLongEnough(t *testing.T) {
	var h Histogram
	for _, d := range []time.Duration{-time.Second, time.Millisecond, 30 * time.Millisecond, time.Hour} {
		h.Observe(d)
	}
	s := h.Snapshot()
	if s.Count != 4 || s.Sum != time.Hour+31*time.Millisecond {
		t.Errorf("%d in all, %v long", s.Count, s.Sum)
	}
	for most, want := range map[time.Duration]uint64{time.Millisecond / 2: 1, time.Millisecond: 2, 25 * time.Millisecond: 2, 50 * time.Millisecond: 3, 15 * time.Minute: 3} {
		for _, b := range s.Buckets {
			if b.Most == most && b.Count != want {
				t.Errorf("at most %v: %d, want %d", most, b.Count, want)
			}
		}
	}
}

func TestManyMayObserveAtOnceWithoutAllocating(t *testing.T) {
	var h Histogram
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 1000 {
				h.Observe(time.Duration(i) * time.Millisecond)
			}
		})
	}
	all.Wait()
	if s := h.Snapshot(); s.Count != 8000 {
		t.Errorf("%d of 8000 were counted", s.Count)
	}
	if n := testing.AllocsPerRun(100, func() { h.Observe(time.Second) }); n != 0 {
		t.Errorf("%v allocations for one", n)
	}
}
