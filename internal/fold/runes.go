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
	letter                 // the same, and may be one of a word that was spread
	mark                   // kept, unless it hides that Chinese characters belong together
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
	r = f.variants.of(r)
	if f.o.Case {
		r = unicode.ToLower(r)
	}
	r = f.pinyin.of(f.variants.of(r)) // again: a letter may be in the table in lower case only
	m := mapped{r: r, class: other, changed: r != was}
	switch {
	case f.o.Zero && invisible(r):
		m.class = dropped
	case !f.o.Space:
	case separates(r):
		m.class = separator
	case chinese(r):
		m.class = han
	case r < utf8.RuneSelf && isLetter(byte(r)):
		m.class = letter
	case marks(r):
		m.class = mark
	}
	return m
}

func isLetter(b byte) bool { b |= 0x20; return b >= 'a' && b <= 'z' }

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
		'．', '－', '＿', '＊', '｜', '～', '＾', '／', '＼', '…', '〜', '〰', '│', '┃', '▪', '■', '□', '▲', '△', '◆', '◇', '★', '☆', '※':
		return true
	}
	return unicode.IsSpace(r)
}

// marks says whether r is punctuation or a symbol that is no separator.
func marks(r rune) bool {
	if r < utf8.RuneSelf {
		return r > ' ' && r != 0x7f && !isLetter(byte(r)) && (r < '0' || r > '9')
	}
	return r != utf8.RuneError && unicode.In(r, unicode.P, unicode.S)
}

// invisible says whether r shows nothing and takes no room, or only decorates the
// character before it: zero-width and direction characters, soft hyphens,
// variation selectors, fillers, controls, combining marks.
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
	return unicode.Is(unicode.Cf, r) || decorates(r)
}

// decorates says whether r is a mark over or under another character that people
// put there for looks. The vowels of scripts that write them so are none; those of
// Tibetan are, which Chinese nicknames are full of.
func decorates(r rune) bool {
	switch {
	case r < 0x0300:
		return false
	case r <= 0x036f, r >= 0x0483 && r <= 0x0489, r >= 0x1ab0 && r <= 0x1aff, r >= 0x1dc0 && r <= 0x1dff,
		r >= 0x20d0 && r <= 0x20ff, r >= 0xfe20 && r <= 0xfe2f:
		return true
	case r >= 0x0610 && r <= 0x06ed, r >= 0x0f18 && r <= 0x0fc6:
		return unicode.In(r, unicode.Mn, unicode.Me)
	}
	return false
}
