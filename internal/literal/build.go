package literal

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
	"strings"
)

// bitsPerKey is the size of a bitmap: about one probe in a thousand hits by chance.
const bitsPerKey = 64

// piece is a literal on its way into a window.
type piece struct {
	text   string
	id     int32
	offset int    // of its window
	key    uint64 // the bytes there
}

// newWindow makes the window of literals that are at least that wide.
func newWindow(pieces []piece, width int) *window {
	w := &window{width: width}
	anchor(pieces, width)
	slices.SortFunc(pieces, func(a, b piece) int {
		if a.key != b.key {
			return cmp.Compare(a.key, b.key)
		}
		return cmp.Compare(a.id, b.id)
	})
	keys := 0
	for i := range pieces {
		w.inside = w.inside || pieces[i].key&0xC0 == 0x80
		if i == 0 || pieces[i].key != pieces[i-1].key {
			keys++
		}
	}
	w.allot(keys)
	w.fill(pieces)
	return w
}

// allot makes the tables for so many keys.
func (w *window) allot(keys int) {
	n := max(bits.Len(uint(keys*bitsPerKey-1)), 10)
	w.bitmap, w.shift = make([]uint64, 1<<n/64), uint(64-n)
	n = max(bits.Len(uint(keys*2-1)), 4)
	w.slots, w.slotShift = make([]slot, 1<<n), uint(64-n)
}

// fill puts pieces that are sorted by key into the tables.
func (w *window) fill(pieces []piece) {
	var texts strings.Builder
	size := 0
	for i := range pieces {
		size += len(pieces[i].text)
	}
	texts.Grow(size)
	w.entries = make([]entry, 0, len(pieces))
	for i := range pieces {
		p := &pieces[i]
		w.entries = append(w.entries, entry{at: uint32(texts.Len()), length: uint32(len(p.text)), offset: uint32(p.offset), id: p.id})
		texts.WriteString(p.text)
	}
	w.texts = texts.String()
	for from := 0; from < len(pieces); {
		to := from + 1
		for to < len(pieces) && pieces[to].key == pieces[from].key {
			to++
		}
		w.put(pieces[from:to], from)
		from = to
	}
}

// put makes the slot of pieces that share a key and begin at from of the entries.
func (w *window) put(pieces []piece, from int) {
	k := pieces[0].key
	g := k * multiplier
	h := g >> w.shift
	w.bitmap[h>>6] |= 1<<(h&63) | 1<<(g>>8&63)
	common := tag(pieces[0].text, pieces[0].offset, w.width)
	for _, p := range pieces[1:] {
		if tag(p.text, p.offset, w.width) != common {
			common = 0
		}
	}
	at := g >> w.slotShift
	for w.slots[at].to != 0 {
		at = (at + 1) & uint64(len(w.slots)-1)
	}
	w.slots[at] = slot{key: k | common<<48, from: uint32(from), to: uint32(from + len(pieces))}
	if len(pieces) > crowd {
		if w.crowded == nil {
			w.crowded = map[uint64][]group{}
		}
		w.crowded[k] = groups(pieces)
	}
}

// groups sorts pieces by where their window is and how long they are.
func groups(pieces []piece) []group {
	var out []group
	for _, p := range pieces {
		i := slices.IndexFunc(out, func(g group) bool { return g.offset == p.offset && g.length == len(p.text) })
		if i < 0 {
			i = len(out)
			out = append(out, group{offset: p.offset, length: len(p.text), ids: map[string][]int32{}})
		}
		out[i].ids[p.text] = append(out[i].ids[p.text], p.id)
	}
	return out
}

// anchor chooses the window of each piece: the one that is rarest among all of
// them, at the beginning of a character if that will do.
func anchor(pieces []piece, width int) {
	rarest(pieces, width, stride)
	shared := newTally(len(pieces))
	for i := range pieces {
		*shared.of(pieces[i].key)++
	}
	var crowded []piece
	var places []int
	for i, p := range pieces {
		if *shared.of(p.key) > crowd/2 && len(p.text) > width {
			crowded, places = append(crowded, p), append(places, i)
		}
	}
	rarest(crowded, width, func(byte) int { return 1 })
	for i, p := range crowded {
		pieces[places[i]] = p
	}
}

// rarest gives each piece its rarest window among those that step leads to.
func rarest(pieces []piece, width int, step func(byte) int) {
	windows := 0
	for i := range pieces {
		text := pieces[i].text
		for o := 0; o+width <= len(text); o += step(text[o]) {
			windows++
		}
	}
	counts := newTally(windows)
	for i := range pieces {
		text := pieces[i].text
		for o := 0; o+width <= len(text); o += step(text[o]) {
			*counts.of(key(text, o, width))++
		}
	}
	for i := range pieces {
		p, best := &pieces[i], int32(math.MaxInt32)
		for o := 0; o+width <= len(p.text); o += step(p.text[o]) {
			k := key(p.text, o, width)
			if n := *counts.of(k); n < best {
				best, p.key, p.offset = n, k, o
			}
		}
	}
}

// tally counts keys.
type tally struct {
	keys  []uint64 // plus one; 0 is none
	n     []int32
	shift uint // of a hash, for its place
}

// newTally has room for so many different keys.
func newTally(keys int) *tally {
	size := max(bits.Len(uint(keys)*2), 4)
	return &tally{keys: make([]uint64, 1<<size), n: make([]int32, 1<<size), shift: uint(64 - size)}
}

// of is how often the key was counted. A key has no more than six bytes.
func (t *tally) of(k uint64) *int32 {
	mask := uint64(len(t.keys) - 1)
	for at := (k + 1) * multiplier >> t.shift; ; at = (at + 1) & mask {
		if t.keys[at] == 0 {
			t.keys[at] = k + 1
		}
		if t.keys[at] == k+1 {
			return &t.n[at]
		}
	}
}

// stride is the size of the character that begins with b.
func stride(b byte) int {
	switch {
	case b >= 0xF0:
		return 4
	case b >= 0xE0:
		return 3
	case b >= 0xC0:
		return 2
	}
	return 1
}
