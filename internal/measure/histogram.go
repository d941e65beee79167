// Package measure tells how the loops of the engine do: how long what they did took,
// and for how long they have been at it. It is cheap enough for every commit and
// every event: a few atomic operations, no lock, no allocation. It refuses to know who
// reads it.
package measure

import (
	"sync/atomic"
	"time"
)

// bounds are the upper ends of the buckets. What takes longer is in none of them.
var bounds = [...]time.Duration{
	time.Millisecond / 2, time.Millisecond, 2500 * time.Microsecond, 5 * time.Millisecond, 10 * time.Millisecond, 25 * time.Millisecond, 50 * time.Millisecond,
	100 * time.Millisecond, 250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2500 * time.Millisecond, 5 * time.Second,
	10 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute,
}

// Histogram counts durations. The zero value is empty; any goroutine may use it.
type Histogram struct {
	counts [len(bounds) + 1]atomic.Uint64
	sum    atomic.Int64 // nanoseconds
}

// Observe counts one duration; a negative one, of a clock that was put back, is 0.
func (h *Histogram) Observe(d time.Duration) {
	d = max(d, 0)
	i := 0
	for i < len(bounds) && d > bounds[i] {
		i++
	}
	h.counts[i].Add(1)
	h.sum.Add(int64(d))
}

// Snapshot is what was counted up to a moment.
type Snapshot struct {
	Count   uint64
	Sum     time.Duration
	Buckets []Bucket // each counts what the ones before it do, too
}

// Bucket says how many took at most so long.
type Bucket struct {
	Most  time.Duration
	Count uint64
}

// Snapshot returns the counts. What is observed meanwhile may be in some and not in
// others.
func (h *Histogram) Snapshot() Snapshot {
	s := Snapshot{Buckets: make([]Bucket, len(bounds))}
	for i, most := range bounds {
		s.Count += h.counts[i].Load()
		s.Buckets[i] = Bucket{Most: most, Count: s.Count}
	}
	s.Count += h.counts[len(bounds)].Load()
	s.Sum = time.Duration(h.sum.Load())
	return s
}
