package rulebench

import (
	"math"
	"math/bits"
	"time"
)

// perOctave is into how many parts a doubling is divided: a percentile is wrong by
// less than 4.5 %.
const perOctave = 16

// histogram counts times by their size. The zero histogram is empty.
type histogram struct {
	counts []uint32
	n      uint64
	sum    time.Duration
}

// bucketOf is the place of a time; times grow by a sixteenth of a doubling from
// one to the next.
func bucketOf(d time.Duration) int {
	ns := uint64(max(d, 1))
	octave := bits.Len64(ns) - 1
	if octave < 4 {
		ns <<= 4 - octave
	} else {
		ns >>= octave - 4
	}
	return octave*perOctave + int(ns&(perOctave-1))
}

// middleOf is the time in the middle of a bucket.
func middleOf(bucket int) time.Duration {
	octave, part := bucket/perOctave, bucket%perOctave
	return time.Duration(math.Ldexp(1+(float64(part)+0.5)/perOctave, octave))
}

func (h *histogram) add(d time.Duration) {
	at := bucketOf(d)
	for at >= len(h.counts) {
		h.counts = append(h.counts, 0)
	}
	h.counts[at]++
	h.n++
	h.sum += d
}

// percentile is the time that p of a hundred do not exceed; 0 of an empty one.
func (h *histogram) percentile(p int) time.Duration {
	left := h.n * uint64(p) / 100
	for at, count := range h.counts {
		if left < uint64(count) {
			return middleOf(at)
		}
		left -= uint64(count)
	}
	return 0
}

// mean is 0 of an empty one.
func (h *histogram) mean() time.Duration {
	if h.n == 0 {
		return 0
	}
	return h.sum / time.Duration(h.n)
}
