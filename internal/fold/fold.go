// Package fold owns the matching view of a text: what remains of it when the
// tricks are taken out by which people write one word in many ways (full-width
// letters, upper case, invisible characters, spaces between characters), and
// where in the original each piece of that view stood.
//
// It refuses to know keywords, rules and events. Pattern and text go through the
// same Folder: then a pattern that stands in the text also stands, folded, in the
// folded text. Whoever folds only one of them will miss hits.
package fold

import (
	"slices"
	"unicode/utf8"
	"unsafe"
)

// MaxBytes is how much of a text is looked at. What lies behind it is cut off, at
// the border of a character, so that a huge message costs no more than a long one.
const MaxBytes = 16 << 10

// Options names the folds of a Folder; the zero Options folds nothing.
type Options struct {
	Width bool // full-width forms become half-width: ＡＢ１： becomes AB1:
	Case  bool // letters become lower case
	Zero  bool // characters that nobody sees are dropped
	Space bool // separators beside a Chinese character are dropped: 加 薇.信 becomes 加薇信
}

// Default is every fold there is: what a rule uses that names none.
func Default() Options { return Options{Width: true, Case: true, Zero: true, Space: true} }

// Folder makes matching views. It is immutable and safe for concurrent use.
type Folder struct {
	o      Options
	ascii  [utf8.RuneSelf]mapped
	common [2][tableSize]mapped // the Chinese punctuation, and the full-width forms
}

// Where the characters of the tables begin, and how many each has.
const (
	firstPunctuation = 0x3000
	firstFullWidth   = 0xff00
	tableSize        = 0x100
)

// New returns a Folder that applies the folds of o.
func New(o Options) *Folder {
	f := &Folder{o: o}
	for r := range rune(utf8.RuneSelf) {
		f.ascii[r] = f.look(r)
	}
	for i := range rune(tableSize) {
		f.common[0][i], f.common[1][i] = f.look(firstPunctuation+i), f.look(firstFullWidth+i)
	}
	return f
}

// Fold returns the matching view of s. A byte that is no UTF-8 becomes U+FFFD,
// whatever the options. A text that needs no folding costs no memory.
//
// Separators between two characters neither of which is Chinese become one
// space, so that "hello, world" and "hello world" stay two words and "1.5" stays
// apart from "15"; at the ends of a text they are dropped.
func (f *Folder) Fold(s string) View {
	w := writer{source: cut(s), places: true}
	f.run(&w)
	return View{Text: w.text(), source: w.source, same: w.same, at: w.at}
}

// String is Fold without the way back to the original, and cheaper.
func (f *Folder) String(s string) string {
	w := writer{source: cut(s)}
	f.run(&w)
	return w.text()
}

// Reuse is String with the memory of buf where the text has to be written anew.
// The result is valid until buf is used again.
func (f *Folder) Reuse(s string, buf *[]byte) string {
	w := writer{source: cut(s), out: (*buf)[:0]}
	f.run(&w)
	if w.forked {
		*buf = w.out
	}
	return w.text()
}

// cut shortens s to MaxBytes, never inside of a character.
func cut(s string) string {
	if len(s) <= MaxBytes {
		return s
	}
	end := MaxBytes
	for end > MaxBytes-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// run folds w.source. A run of separators is decided when the character behind
// it is known: only the two neighbours count, so a piece of a text folds as it
// does within the text.
func (f *Folder) run(w *writer) {
	separators := -1
	same, before := f.plain(w.source)
	w.same = same
	for i := same; i < len(w.source); {
		if w.forked && !w.places && isHan(w.source[i:]) { // what most of a text is
			w.out = append(w.out, w.source[i:i+3]...)
			separators, before = -1, han
			i += 3
			continue
		}
		if b := w.source[i]; w.forked && !w.places && separators < 0 && b < utf8.RuneSelf && f.kept(b) {
			w.out = append(w.out, b)
			before = other
			i++
			continue
		}
		m, size := f.at(w.source, i)
		switch m.class {
		case dropped:
			// neither kept nor a neighbour
		case separator:
			if separators < 0 {
				separators = i
			}
		default:
			if separators >= 0 {
				w.join(separators, i, before == other && m.class == other)
				separators = -1
			}
			w.keep(m, i, size)
			before = m.class
		}
		i += size
	}
	if separators >= 0 {
		w.join(separators, len(w.source), false)
	}
}

// plain returns the length of the longest beginning of s that surely folds to
// itself, and what its last character is: most texts are plain to their end, and
// finding that out should cost next to nothing.
func (f *Folder) plain(s string) (end int, last class) {
	for i := 0; i < len(s); {
		switch b := s[i]; {
		case b < utf8.RuneSelf && f.kept(b):
			last = other
			i++
		case b == ' ' && last == other && i+1 < len(s) && s[i+1] < utf8.RuneSelf && f.kept(s[i+1]):
			i += 2
		case isHan(s[i:]):
			last = han
			i += 3
		default:
			return i, last
		}
	}
	return len(s), last
}

// kept says whether the ASCII character b folds to itself whatever is beside it.
func (f *Folder) kept(b byte) bool {
	m := &f.ascii[b]
	return m.class == other && !m.changed
}

// isHan says whether s begins with one of the usual Chinese characters: the
// three bytes E4 B8 80 to E9 BF BF.
func isHan(s string) bool {
	return len(s) >= 3 && s[0] >= 0xe4 && s[0] <= 0xe9 && s[1]&0xc0 == 0x80 && s[2]&0xc0 == 0x80 &&
		(s[0] > 0xe4 || s[1] >= 0xb8)
}

// at maps the character at byte i of s.
func (f *Folder) at(s string, i int) (mapped, int) {
	if b := s[i]; b < utf8.RuneSelf {
		return f.ascii[b], 1
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	if r >= firstHan && r <= lastHan {
		return mapped{r: r, class: han}, size
	}
	m := f.find(r)
	m.changed = m.changed || r == utf8.RuneError && size == 1
	return m, size
}

// find is look with the tables.
func (f *Folder) find(r rune) mapped {
	switch {
	case r >= firstPunctuation && r < firstPunctuation+tableSize:
		return f.common[0][r-firstPunctuation]
	case r >= firstFullWidth && r < firstFullWidth+tableSize:
		return f.common[1][r-firstFullWidth]
	}
	return f.look(r)
}

// writer gathers the folded text. As long as it equals the source nothing is
// written: same counts those bytes, and the builder begins behind them.
type writer struct {
	source string
	places bool // record where the bytes come from
	same   int
	forked bool
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

// join ends the run of separators between two places: as one space or as nothing.
func (w *writer) join(from, to int, space bool) {
	if !space {
		return
	}
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
			w.at = make([]uint16, 0, len(w.source)-w.same+utf8.UTFMax)
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
