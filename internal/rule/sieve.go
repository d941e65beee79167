package rule

import (
	"math/bits"
	"slices"
	"sync"
	"unicode/utf8"

	"botengine/internal/fold"
)

// sieve says of a text, before it is folded, that none of many folded texts can
// stand in it once it is: of most, in one pass that writes nothing. It may let
// too many texts through, never hold back one that has what is looked for.
//
// What is looked for is known by two characters of it that stand side by side, and
// by those two and the one before them. The pass asks of each character what the
// fold makes of it (see fold.Fate); where that depends on what is around it, every
// character is tried that could stand beside another.
type sieve struct {
	chart  *chart
	pairs  bitset
	triple bitset   // of three characters; of the two of a word that has no more
	swift  *swift   // what says of most texts that they have none of the pairs; nil: too many are looked for
	single []uint64 // a bit for each character that is looked for alone, by its lower 16 bits; nil: none is
}

// step is what one character after another makes of a text, as far as it counts.
type step struct {
	before, last uint64 // the last characters that surely stand there; 0 at the beginning
	sure         bool   // they stand side by side
	perhaps      [4]uint64
	n            int // of perhaps: characters that may stand behind last
}

// may reports whether one of the texts may stand in what the text folds to. A text
// that is not all UTF-8 is let through.
func (s *sieve) may(text string) bool {
	if s.swift != nil {
		return s.swift.may(s, text)
	}
	return s.careful(text)
}

// careful is may without the help of a table.
func (s *sieve) careful(text string) bool {
	at := step{sure: true}
	for i := 0; i < len(text); {
		if at.n == 0 && s.single == nil {
			var stop bool
			if i, stop = s.usual(text, i, &at); stop {
				return true
			}
			if i == len(text) {
				break
			}
		}
		v, size := s.chart.ask(text[i:])
		if size == 0 || s.slow(&at, v) {
			return true
		}
		i += size
	}
	return false
}

// usual goes over the characters that most of a text is: those of three bytes from
// E4 on, and ASCII, that surely stay. It returns where it came to, and whether what
// is looked for may end there.
func (s *sieve) usual(text string, i int, at *step) (end int, stop bool) {
	table, pairs := &s.chart.plain, s.pairs
	before, last, sure := at.before, at.last, at.sure
	for i < len(text) {
		b := text[i]
		var v uint32
		var size int
		if b-0xe4 <= 5 && i+2 < len(text) {
			c, d := text[i+1], text[i+2]
			if (c|d)&0x40 != 0 || c&d&0x80 == 0 {
				break
			}
			v, size = table[uint16(b)<<12|uint16(c&0x3f)<<6|uint16(d&0x3f)], 3
		} else if v, size = table[b&0x7f], 1; b >= utf8.RuneSelf {
			break
		}
		if v >= 1<<fateShift {
			break
		}
		c := uint64(v)
		if pairs.has(pair(last, c)) && (!sure || s.confirmed(before, last, c)) {
			return i, true
		}
		before, last, sure = last, c, true
		i += size
	}
	at.before, at.last, at.sure = before, last, sure
	return i, false
}

// slow is a step where something is not as it mostly is.
func (s *sieve) slow(at *step, v uint32) bool {
	fate, c := fold.Fate(v>>fateShift), uint64(v&(1<<fateShift-1))
	if fate == fold.Goes {
		return false
	}
	if s.single != nil && s.single[c>>6&1023]>>(c&63)&1 != 0 {
		return true
	}
	if s.pairs.has(pair(at.last, c)) && (at.n > 0 || !at.sure || s.confirmed(at.before, at.last, c)) {
		return true
	}
	for _, p := range at.perhaps[:at.n] {
		if s.pairs.has(pair(p, c)) {
			return true
		}
	}
	if fate == fold.Stays {
		at.before, at.last, at.sure, at.n = at.last, c, at.n == 0, 0
		return false
	}
	if slices.Contains(at.perhaps[:at.n], c) {
		return false
	}
	if at.n == len(at.perhaps) {
		return true
	}
	at.perhaps[at.n] = c
	at.n++
	return false
}

// confirmed says whether c and the two characters before it may be those of a text
// that is looked for.
func (s *sieve) confirmed(before, last, c uint64) bool {
	return s.triple.has(triple(before, last, c)) || s.triple.has(triple(0, last, c))
}

// A hash of characters that stand side by side.
func pair(a, b uint64) uint64      { return (a<<21 | b) * 0x9E3779B97F4A7C15 }
func triple(a, b, c uint64) uint64 { return (a<<42 | b<<21 | c + 1) * 0xD6E8FEB86659FD93 }

// newSieve makes the sieve of texts that are folded that way; nil where it would
// hold nothing back.
func newSieve(folds foldSet, texts []string) *sieve {
	s := &sieve{chart: charts[folds](), pairs: newBitset(len(texts)), triple: newBitset(2 * len(texts))}
	var usage [1 << 16]uint16 // of pairs, by a hash: the rarest is the best
	runes := make([][]rune, len(texts))
	for i, t := range texts {
		if t == "" || !utf8.ValidString(t) {
			return nil
		}
		runes[i] = []rune(t)
		for k := 1; k < len(runes[i]); k++ {
			if n := &usage[pair(uint64(runes[i][k-1]), uint64(runes[i][k]))>>48]; *n < 1<<16-1 {
				*n++
			}
		}
	}
	known := make([]runePair, 0, len(texts))
	for _, r := range runes {
		if p, ok := s.add(r, &usage); ok {
			known = append(known, p)
		}
	}
	if s.single == nil {
		s.swift = newSwift(s.chart, known)
	}
	return s
}

// add lets texts through that may have a word. It returns the pair by which the word
// is known, if it has one.
func (s *sieve) add(word []rune, usage *[1 << 16]uint16) (known runePair, ok bool) {
	switch len(word) {
	case 1:
		if s.single == nil {
			s.single = make([]uint64, 1024)
		}
		s.single[word[0]>>6&1023] |= 1 << (word[0] & 63)
		return runePair{}, false
	case 2:
		a, b := uint64(word[0]), uint64(word[1])
		s.pairs.add(pair(a, b))
		s.triple.add(triple(0, a, b))
		return runePair{word[0], word[1]}, true
	}
	best := 2 // where the second of the pair stands
	for k := 3; k < len(word); k++ {
		if usage[pair(uint64(word[k-1]), uint64(word[k]))>>48] < usage[pair(uint64(word[best-1]), uint64(word[best]))>>48] {
			best = k
		}
	}
	a, b, c := uint64(word[best-2]), uint64(word[best-1]), uint64(word[best])
	s.pairs.add(pair(b, c))
	s.triple.add(triple(a, b, c))
	return runePair{word[best-1], word[best]}, true
}

// bitset is a set of hashes, each two bits of one word: it may have too many.
type bitset struct {
	words []uint64
	shift uint
}

func newBitset(n int) bitset {
	size := max(bits.Len(uint(32*n)), 10)
	return bitset{words: make([]uint64, 1<<size/64), shift: uint(64-size) & 63}
}

func (b *bitset) add(g uint64) {
	h := g >> b.shift
	b.words[h>>6] |= 1<<(h&63) | 1<<(g>>8&63)
}

func (b *bitset) has(g uint64) bool {
	h := g >> (b.shift & 63)
	w := b.words[h>>6&uint64(len(b.words)-1)]
	return w>>(h&63)&(w>>(g>>8&63))&1 != 0
}

// chart says what a fold makes of each character: what it becomes in the lower
// bits, its fate above.
type chart struct {
	folder *fold.Folder
	plain  [1 << 16]uint32
	emoji  [lastEmoji - firstEmoji + 1]uint32
}

const (
	fateShift  = 24
	unknown    = 1<<32 - 1 // not in the table: to be asked for
	firstEmoji = 0x1f000
	lastEmoji  = 0x1faff
)

// charts has the chart of each set of folds, made when it is first asked for.
var charts = func() (all [foldSets]func() *chart) {
	for i := range all {
		all[i] = sync.OnceValue(func() *chart { return newChart(folders[i]()) })
	}
	return all
}()

func newChart(f *fold.Folder) *chart {
	c := &chart{folder: f}
	for i := range c.plain {
		if r := rune(i); usual(r) {
			c.plain[i] = c.find(r)
		} else {
			c.plain[i] = unknown
		}
	}
	for i := range c.emoji {
		c.emoji[i] = c.find(firstEmoji + rune(i))
	}
	return c
}

// usual says whether r is in a part of Unicode that the table is worth its while
// for: European and East Asian scripts and punctuation.
func usual(r rune) bool {
	return r < 0x0600 || r >= 0x2000 && r < 0x3400 || r >= 0x4e00 && r < 0xa000 || r >= 0xfe00 && r < 0xfffd
}

func (c *chart) find(r rune) uint32 {
	to, fate := c.folder.Fate(r)
	return uint32(to) | uint32(fate)<<fateShift
}

// ask is what becomes of the character that s begins with, and its size; 0 if it
// is none.
func (c *chart) ask(s string) (v uint32, size int) {
	r, size := utf8.DecodeRuneInString(s)
	switch {
	case r == utf8.RuneError:
		return 0, 0
	case r >= firstEmoji && r <= lastEmoji:
		return c.emoji[r-firstEmoji], size
	case r < 1<<16 && c.plain[r] != unknown:
		return c.plain[r], size
	}
	return c.find(r), size
}
