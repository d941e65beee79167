package fold

import (
	"slices"
	"unicode/utf8"
	"unsafe"
)

// writer gathers the folded text. As long as it equals the source nothing is
// written: same counts those bytes, and the builder begins behind them.
type writer struct {
	source string
	places bool // record where the bytes come from
	same   int
	forked bool
	joint  int // where a character was last joined to the one before it, 0 for nowhere
	out    []byte
	at     []uint16
}

// keep takes over the character that stands at i.
func (w *writer) keep(m mapped, i, size int) {
	if !w.forked && !m.changed && w.same == i {
		w.same = i + size
		return
	}
	w.write(m.r, i)
}

// blank ends the run of separators between two places as one space.
func (w *writer) blank(from, to int) {
	if !w.forked && w.same == from && to == from+1 && w.source[from] == ' ' {
		w.same = to
		return
	}
	w.write(' ', from)
}

// write appends r, which stands for what begins at byte i of the source.
func (w *writer) write(r rune, i int) {
	if !w.forked {
		w.forked = true
		w.out = append(slices.Grow(w.out, len(w.source)+utf8.UTFMax), w.source[:w.same]...)
		if w.places {
			w.at = slices.Grow(w.at, len(w.source)-w.same+utf8.UTFMax)
		}
	}
	n := len(w.out)
	w.out = utf8.AppendRune(w.out, r)
	if !w.places {
		return
	}
	for range len(w.out) - n {
		w.at = append(w.at, uint16(i)) // fits: the source is at most MaxBytes long
	}
}

// text is the folded text.
func (w *writer) text() string {
	if !w.forked {
		return w.source[:w.same]
	}
	return unsafe.String(unsafe.SliceData(w.out), len(w.out)) // nothing writes to it any more
}
