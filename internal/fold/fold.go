// Package fold owns the matching view of a text: what remains of it when the
// tricks are taken out by which people write one word in many ways (full-width
// letters, upper case, invisible characters, marks and blanks between characters,
// traditional characters, look-alikes, and where it is wanted other characters
// that sound alike), and where in the original each piece of that view stood.
//
// It refuses to know keywords, rules and events. Pattern and text go through the
// same Folder, the text by Fold and the pattern by Words: then a pattern that
// stands in the text also stands, folded, in the folded text. Whoever folds only
// one of them will miss hits.
package fold

import (
	"unicode/utf8"
)

// MaxBytes is how much of a text is looked at. What lies behind it is cut off, at
// the border of a character, so that a huge message costs no more than a long one.
const MaxBytes = 16 << 10

// Options names the folds of a Folder; the zero Options folds nothing.
type Options struct {
	Width   bool // full-width forms become half-width: ＡＢ１： becomes AB1:
	Case    bool // letters become lower case
	Zero    bool // characters that nobody sees are dropped, and marks over others
	Space   bool // separators beside a Chinese character are dropped: 加 薇.信 becomes 加薇信
	Variant bool // traditional characters become simplified, look-alikes what they look like
	Pinyin  bool // a Chinese character becomes the first of those that sound like it, whatever the tone
}

// Default is what a rule uses that names no folds: all but Pinyin.
func Default() Options {
	return Options{Width: true, Case: true, Zero: true, Space: true, Variant: true}
}

// Folder makes matching views. It is immutable and safe for concurrent use.
type Folder struct {
	o        Options
	variants *pages  // nil without
	pinyin   *pages  // nil without
	odd      *oddHan // the usual Chinese characters that do not stay as they are
	ascii    [utf8.RuneSelf]mapped
	common   [2][tableSize]mapped // the Chinese punctuation, and the full-width forms
}

// Where the characters of the tables begin, and how many each has.
const (
	firstPunctuation = 0x3000
	firstFullWidth   = 0xff00
	tableSize        = 0x100
)

// New returns a Folder that applies the folds of o.
func New(o Options) *Folder {
	f := &Folder{o: o, odd: new(oddHan)}
	if o.Variant {
		f.variants = variants()
		f.odd = &f.variants.odd
	}
	if o.Pinyin {
		f.pinyin = sounds().usual
		f.odd = everyHan
	}
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
// Separators (blanks, dots, dashes) between two characters neither of which is
// Chinese become one space, so that "hello, world" and "hello world" stay two
// words and "1.5" stays apart from "15"; at the ends of a text they are dropped,
// and between two letters that stand alone, so that "v x" becomes "vx".
//
// Other punctuation and symbols end sentences or mean something, so they stay,
// but for those between two Chinese characters one of which stands alone:
// "加，薇，信" becomes "加薇信" and "参加，微信群" stays.
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

// Buffer is memory for the view of one text after another. The zero Buffer has none.
type Buffer struct {
	text []byte
	at   []uint16
}

// Reuse is Fold with the memory of b where the text has to be written anew. The
// view is valid until b is used again.
func (f *Folder) Reuse(s string, b *Buffer) View {
	w := writer{source: cut(s), places: true, out: b.text[:0], at: b.at[:0]}
	f.run(&w)
	if !w.forked {
		return View{Text: w.text(), source: w.source, same: w.same}
	}
	b.text, b.at = w.out, w.at
	return View{Text: w.text(), source: w.source, same: w.same, at: w.at}
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
// it is known: only the characters around it count, so that a piece of a text
// folds as it does within the text.
func (f *Folder) run(w *writer) {
	separators := -1
	same, before := f.plain(w.source)
	w.same = same
	for i := same; i < len(w.source); {
		b := w.source[i]
		if w.forked {
			if r, ok := usualHan(w.source[i:]); ok && !f.odd.has(r) { // what most of a text is
				if separators >= 0 {
					separators, w.joint = -1, len(w.out)
				}
				w.out = append(w.out, w.source[i:i+3]...)
				if w.places {
					w.at = append(w.at, uint16(i), uint16(i), uint16(i))
				}
				before = han
				i += 3
				continue
			}
			if b < utf8.RuneSelf && separators < 0 && f.stays(b, before) {
				w.out = append(w.out, b)
				if w.places {
					w.at = append(w.at, uint16(i))
				}
				before = f.ascii[b].class
				i++
				continue
			}
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
			if m.class == mark && before == han {
				if end := f.between(w, i); end > 0 {
					separators, w.joint = -1, w.length()
					i = end
					continue
				}
			}
			if separators >= 0 {
				f.join(w, separators, i, before, m.class, size)
				separators = -1
			}
			w.keep(m, i, size)
			before = m.class
		}
		i += size
	}
}

// plain returns the length of the longest beginning of s that surely folds to
// itself, and what its last character is: most texts are plain to their end, and
// finding that out should cost next to nothing.
func (f *Folder) plain(s string) (end int, last class) {
	for i := 0; i < len(s); {
		b := s[i]
		switch {
		case b >= utf8.RuneSelf:
			r, ok := usualHan(s[i:])
			if !ok || f.odd.has(r) {
				return i, last
			}
			last = han
			i += 3
		case f.stays(b, last):
			last = f.ascii[b].class
			i++
		case b == ' ' && f.blankStays(s, i, last):
			last = f.ascii[s[i+1]].class
			i += 2
		default:
			return i, last
		}
	}
	return len(s), last
}

// stays says whether the ASCII character b folds to itself behind one of that class.
func (f *Folder) stays(b byte, before class) bool {
	m := &f.ascii[b]
	return m.class <= letter && !m.changed || m.class == mark && !m.changed && before != han
}

// blankStays says whether the blank at i surely does, what is before it folding to
// itself: between two characters that do, one of which is no single letter.
func (f *Folder) blankStays(s string, i int, before class) bool {
	if before == nothing || before == han || i+1 >= len(s) || s[i+1] >= utf8.RuneSelf || !f.stays(s[i+1], before) {
		return false
	}
	return before != letter || f.ascii[s[i+1]].class != letter ||
		i > 1 && isLetter(s[i-2]) || i+2 < len(s) && s[i+2] < utf8.RuneSelf && isLetter(s[i+2])
}

// usualHan returns the character that s begins with, if it is one of the usual
// Chinese ones: the three bytes E4 B8 80 to E9 BF BF.
func usualHan(s string) (rune, bool) {
	if len(s) < 3 || s[0] < 0xe4 || s[0] > 0xe9 || s[1]&0xc0 != 0x80 || s[2]&0xc0 != 0x80 {
		return 0, false
	}
	r := rune(s[0]&0xf)<<12 | rune(s[1]&0x3f)<<6 | rune(s[2]&0x3f)
	return r, r >= firstHan
}

// at maps the character at byte i of s.
func (f *Folder) at(s string, i int) (mapped, int) {
	if b := s[i]; b < utf8.RuneSelf {
		return f.ascii[b], 1
	}
	r, size := utf8.DecodeRuneInString(s[i:])
	if r >= firstHan && r <= lastHan {
		to := r
		if f.odd.has(r) {
			to = f.pinyin.of(f.variants.of(r))
		}
		return mapped{r: to, class: han, changed: to != r}, size
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
