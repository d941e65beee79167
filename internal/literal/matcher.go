package literal

import (
	"slices"
	"strings"
)

// Matcher finds which of its literals occur in a text. It never changes after
// New, so any number of goroutines may use it.
//
// Each literal is found by one window of it, a few bytes that are as rare among
// all literals as possible. The windows of a text are probed at every byte in a
// bitmap that is empty for nearly all of them; only what passes is looked up and
// compared. So the cost hardly depends on how many literals there are.
type Matcher struct {
	tiers []*window
	bytes int
}

// tierWidths are the sizes of window. A literal belongs to the widest that fits
// into it: six bytes are two Chinese characters.
var tierWidths = [...]int{6, 3, 2, 1}

// New makes a matcher of the literals; the number of each is its place. An empty
// literal is never found.
func New(literals []string) *Matcher {
	m := &Matcher{}
	byTier, many := [len(tierWidths)][]piece{}, [len(tierWidths)]int{}
	for _, text := range literals {
		if tier := tierOf(text); tier >= 0 {
			many[tier]++
		}
	}
	for id, text := range literals {
		tier := tierOf(text)
		if tier < 0 {
			continue
		}
		if byTier[tier] == nil {
			byTier[tier] = make([]piece, 0, many[tier])
		}
		byTier[tier] = append(byTier[tier], piece{text: text, id: int32(id)})
	}
	for tier, pieces := range byTier {
		if len(pieces) > 0 {
			w := newWindow(pieces, tierWidths[tier])
			m.tiers, m.bytes = append(m.tiers, w), m.bytes+w.size()
		}
	}
	return m
}

// tierOf is the tier of a literal, -1 for an empty one.
func tierOf(text string) int {
	return slices.IndexFunc(tierWidths[:], func(width int) bool { return len(text) >= width })
}

// Scan adds the number of every literal that occurs in the text to found, which
// has room for all of them. It allocates nothing.
func (m *Matcher) Scan(text string, found *Found) {
	for _, w := range m.tiers {
		if w.width == 6 {
			w.scanWide(text, found)
		} else {
			w.scanNarrow(text, found)
		}
	}
}

// Bytes is about how much memory the matcher holds.
func (m *Matcher) Bytes() int { return m.bytes }

// window finds literals by one window of a fixed width.
type window struct {
	width     int
	bitmap    []uint64
	shift     uint // of a hash, for its bit
	slots     []slot
	slotShift uint // of a hash, for its slot
	entries   []entry
	texts     string             // the literals, one behind the other
	crowded   map[uint64][]group // keys that too many literals share
	inside    bool               // some windows begin inside of a character
}

// slot says which literals have a window. Its key is the window's bytes and, in
// the upper 16 bits, a tag of what stands beside it: most windows of a text that
// are also in a literal are refused by it.
type slot struct {
	key      uint64
	from, to uint32 // in entries; to is 0 in an empty slot
}

// entry is one literal.
type entry struct {
	at, length uint32 // in texts
	offset     uint32 // of its window
	id         int32
}

// group are literals of one length with their window at one place.
type group struct {
	offset, length int
	ids            map[string][]int32
}

// crowd is how many literals may share a window before they are looked up
// together rather than compared one by one.
const crowd = 16

const (
	multiplier = 0x9E3779B97F4A7C15 // 2^64 / φ
	keyMask    = 1<<48 - 1
)

// size is about how many bytes w holds.
func (w *window) size() int {
	n := len(w.bitmap)*8 + len(w.slots)*16 + len(w.entries)*16 + len(w.texts)
	for _, groups := range w.crowded {
		for _, g := range groups {
			n += len(g.ids) * (48 + g.length)
		}
	}
	return n
}

// key is the window of s at i.
func key(s string, i, width int) uint64 {
	var k uint64
	for b := range width {
		k |= uint64(s[i+b]) << (8 * b)
	}
	return k
}

// What a tag is of.
const (
	tagBehind = 1 // the three bytes behind the window
	tagBefore = 2 // the three bytes before it
)

// tag is that of a literal whose window is at offset; 0 for none.
func tag(text string, offset, width int) uint64 {
	switch {
	case offset+width+3 <= len(text):
		return tagBehind | neighbours(text, offset+width)<<2
	case offset >= 3:
		return tagBefore | neighbours(text, offset-3)<<2
	}
	return 0
}

// neighbours hashes three bytes to 14 bits.
func neighbours(s string, i int) uint64 { return key(s, i, 3) * multiplier >> 50 }

// admits says whether the tag of s allows for the window of the text at i.
func (s *slot) admits(text string, i, width int) bool {
	switch s.key >> 48 & 3 {
	case tagBehind:
		return i+width+3 <= len(text) && neighbours(text, i+width) == s.key>>50
	case tagBefore:
		return i >= 3 && neighbours(text, i-3) == s.key>>50
	}
	return true
}

// look adds the literals that have k at their window, which is at i of the text.
func (w *window) look(k uint64, text string, i int, found *Found) {
	mask := uint64(len(w.slots) - 1)
	for at := k * multiplier >> w.slotShift; ; at = (at + 1) & mask {
		s := &w.slots[at]
		switch {
		case s.to == 0:
			return
		case s.key&keyMask != k:
			continue
		case !s.admits(text, i, w.width):
			return
		case s.to-s.from > crowd:
			w.lookCrowded(k, text, i, found)
			return
		}
		for e := s.from; e < s.to; e++ {
			w.compare(&w.entries[e], text, i, found)
		}
		return
	}
}

func (w *window) compare(e *entry, text string, i int, found *Found) {
	from := i - int(e.offset)
	if from >= 0 && strings.HasPrefix(text[from:], w.texts[e.at:e.at+e.length]) {
		found.Add(int(e.id))
	}
}

func (w *window) lookCrowded(k uint64, text string, i int, found *Found) {
	for _, g := range w.crowded[k] {
		if from := i - g.offset; from >= 0 && from+g.length <= len(text) {
			for _, id := range g.ids[text[from:from+g.length]] {
				found.Add(int(id))
			}
		}
	}
}
