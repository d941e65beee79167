package literal

import "math/bits"

// Found is a set of small numbers from which the smallest is taken out first. It
// keeps its memory, so that one that was emptied costs nothing to fill again. The
// zero Found has room for nothing: see Reserve. It is used by one goroutine.
type Found struct {
	words []uint64
	tops  []uint64 // one bit for each of words that is not 0
	first int      // no top before this one is other than 0
}

// Reserve makes room for the numbers 0 to n-1. The set must be empty.
func (f *Found) Reserve(n int) {
	if words := (n + 63) / 64; words > len(f.words) {
		f.words, f.tops = make([]uint64, words), make([]uint64, (words+63)/64)
	}
	f.first = len(f.tops)
}

// Add puts i in.
func (f *Found) Add(i int) {
	w := i >> 6
	f.words[w] |= 1 << (i & 63)
	f.tops[w>>6] |= 1 << (w & 63)
	f.first = min(f.first, w>>6)
}

// Pop takes the smallest number out; ok is false when there is none.
func (f *Found) Pop() (i int, ok bool) {
	for f.first < len(f.tops) && f.tops[f.first] == 0 {
		f.first++
	}
	if f.first == len(f.tops) {
		return 0, false
	}
	w := f.first<<6 | bits.TrailingZeros64(f.tops[f.first])
	bit := bits.TrailingZeros64(f.words[w])
	if f.words[w] &= f.words[w] - 1; f.words[w] == 0 {
		f.tops[f.first] &= f.tops[f.first] - 1
	}
	return w<<6 | bit, true
}
