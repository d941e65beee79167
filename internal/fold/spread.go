package fold

import (
	"slices"
	"unicode/utf8"
)

// What is decided by the characters around a place: whether somebody put marks or
// blanks between single characters of one word.

// join ends a run of separators that has a character of class next at i behind it.
func (f *Folder) join(w *writer, from, i int, before, next class, size int) {
	if before == nothing || before == han || next == han {
		w.joint = w.length()
		return
	}
	if before == letter && next == letter && w.letterAlone() && !f.followed(w.source, i+size, letter) {
		w.joint = w.length()
		return
	}
	w.blank(from, i)
}

// between returns where the next character is, when what lies between it and the
// one before the mark at i only hides that they belong together; otherwise 0.
func (f *Folder) between(w *writer, i int) int {
	for i < len(w.source) {
		m, size := f.at(w.source, i)
		switch m.class {
		case han:
			if w.hanAlone() || !f.followed(w.source, i+size, han) {
				return i
			}
			return 0
		case mark, separator, dropped:
		default:
			return 0
		}
		i += size
	}
	return 0
}

// followed says whether the next character from i on is of the class.
func (f *Folder) followed(s string, i int, by class) bool {
	if _, ok := usualHan(s[i:]); ok {
		return by == han
	}
	for i < len(s) {
		m, size := f.at(s, i)
		if m.class != dropped {
			return m.class == by
		}
		i += size
	}
	return false
}

// length is that of what is written so far.
func (w *writer) length() int {
	if w.forked {
		return len(w.out)
	}
	return w.same
}

// letterAlone says whether what is written ends with a letter that is no part of
// a word.
func (w *writer) letterAlone() bool {
	n := w.length()
	return n < 2 || w.joint == n-1 || !isLetter(w.byteAt(n-2))
}

// hanAlone says whether what is written ends with a Chinese character that stood
// alone.
func (w *writer) hanAlone() bool {
	n := w.length()
	if n >= 6 && w.joint != n-3 && beginsHan(w.byteAt(n-3)) && beginsHan(w.byteAt(n-6)) {
		return false // as almost always
	}
	n -= w.lastSize(n)
	if n == 0 || n == w.joint {
		return true
	}
	r := w.lastRune(n)
	return !chinese(r)
}

// beginsHan says whether a character of three bytes that begins with b is Chinese.
func beginsHan(b byte) bool { return b >= 0xe4 && b <= 0xe9 }

func (w *writer) byteAt(i int) byte {
	if w.forked {
		return w.out[i]
	}
	return w.source[i]
}

// lastRune is the character that ends at n of what is written.
func (w *writer) lastRune(n int) rune {
	var r rune
	if w.forked {
		r, _ = utf8.DecodeLastRune(w.out[:n])
	} else {
		r, _ = utf8.DecodeLastRuneInString(w.source[:n])
	}
	return r
}

func (w *writer) lastSize(n int) int { return utf8.RuneLen(w.lastRune(n)) }

// Words returns the foldings of a pattern by which it is found: where it stands in
// a text, one of them stands in the folded text. Almost always it is one; there
// are more when blanks or marks are in the pattern and it depends on what is
// beside them whether they stay, and under Pinyin when a character has several
// readings. Marks at the ends of a pattern are looked for as they are.
func (f *Folder) Words(s string) []string {
	alone := f.String(s)
	out := []string{alone}
	if f.o.Space && alone != "" && f.spread(s) {
		out = f.surrounded(s, out)
	}
	if f.o.Pinyin {
		out = f.read(s, out)
	}
	return out
}

// Piece returns the one folding that s has wherever it stands; ok is false when
// nothing is left of it, or when it depends on what is beside it.
func (f *Folder) Piece(s string) (folded string, ok bool) {
	folded = f.String(s)
	return folded, folded != "" && (!f.o.Space || !f.spread(s))
}

// spread says whether blanks or marks stand between characters of s.
func (f *Folder) spread(s string) bool {
	for i := 0; i < len(s); {
		m, size := f.at(s, i)
		if m.class == separator || m.class == mark {
			return true
		}
		i += size
	}
	return false
}

// surrounded adds the foldings that s has beside other characters of the same kind.
func (f *Folder) surrounded(s string, out []string) []string {
	first, _ := utf8.DecodeRuneInString(out[0])
	last, _ := utf8.DecodeLastRuneInString(out[0])
	before, after := f.beside(first), f.beside(last)
	for _, l := range []string{"", before} {
		for _, r := range []string{"", after} {
			word := f.String(l + s + r)
			if word = word[len(l) : len(word)-len(r)]; !slices.Contains(out, word) {
				out = append(out, word)
			}
		}
	}
	return out
}

// beside is a character of the same kind as r, or "".
func (f *Folder) beside(r rune) string {
	switch {
	case chinese(r):
		return f.String("一")
	case r < utf8.RuneSelf && isLetter(byte(r)):
		return "x"
	}
	return ""
}
