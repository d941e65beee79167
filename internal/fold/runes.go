package fold

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// class says what a character is to the folds.
type class uint8

const (
	nothing   class = iota // no character at all: an end of the text
	other                  // kept; separators beside it may matter
	han                    // kept; separators beside it never matter
	separator              // dropped, or joined to one space
	dropped                // as if it were not there
)

// mapped is what becomes of one character.
type mapped struct {
	r       rune
	class   class
	changed bool // r is not what stood there
}

// The Chinese characters almost every text is made of.
const (
	firstHan = 0x4e00
	lastHan  = 0x9fff
)

// look maps one character.
func (f *Folder) look(r rune) mapped {
	was := r
	if f.o.Zero && invisible(r) {
		return mapped{class: dropped}
	}
	if f.o.Width {
		r = narrow(r)
	}
	if f.o.Case {
		r = unicode.ToLower(r)
	}
	m := mapped{r: r, class: other, changed: r != was}
	switch {
	case f.o.Zero && invisible(r):
		m.class = dropped
	case f.o.Space && separates(r):
		m.class = separator
	case f.o.Space && chinese(r):
		m.class = han
	}
	return m
}

// narrow returns the usual form of a full-width or half-width character. The
// ideographic space is a space.
func narrow(r rune) rune {
	if r < utf8.RuneSelf {
		return r
	}
	if n := width.LookupRune(r).Folded(); n != 0 {
		return n
	}
	return r
}

// chinese says whether people write r without spaces around it.
func chinese(r rune) bool {
	if r >= firstHan && r <= lastHan {
		return true
	}
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo)
}

// separates says whether r is put between characters to hide a word. What ends
// a sentence or means something by itself (，。！？、：+ and the like) is not.
func separates(r rune) bool {
	switch r {
	case '.', '-', '_', '*', '|', '~', '^', '/', '\\', '`',
		'¦', '·', '˙', '‐', '‑', '‒', '–', '—', '―', '•', '‧', '∙', '⋅', '・', '･', '●', '○',
		'．', '－', '＿', '＊', '｜', '～', '＾', '／', '＼':
		return true
	}
	return unicode.IsSpace(r)
}

// invisible says whether r shows nothing and takes no room: zero-width and
// direction characters, soft hyphens, variation selectors, fillers, controls.
func invisible(r rune) bool {
	switch {
	case r < 0x20 || r == 0x7f:
		return !unicode.IsSpace(r)
	case r < 0x80:
		return false
	case r < 0xa0:
		return r != 0x85
	case r >= firstHan && r <= lastHan:
		return false
	case r == 0x034f, r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0, r == 0x2065:
		return true
	case r >= 0x180b && r <= 0x180f, r >= 0xfe00 && r <= 0xfe0f, r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}
