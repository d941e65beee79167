package terminal

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mattn/go-runewidth"
)

// width measures cells as modern terminals draw them, whatever the locale says
// about characters of ambiguous width.
var width = &runewidth.Condition{StrictEmojiNeutral: true}

// Width is how many cells of a terminal s takes.
func Width(s string) int { return width.StringWidth(s) }

// zeroWidthJoiner makes one picture of several emoji.
const zeroWidthJoiner = '\u200d'

// hostile says whether r could steer a terminal or hide something on it.
func hostile(r rune) bool {
	return r != zeroWidthJoiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// Visible returns s on one line and harmless: a line break is ⏎, every other
// control, direction mark or invisible character is its number, and what is no
// UTF-8 is U+FFFD.
func Visible(s string) string {
	s = strings.ToValidUTF8(s, string(unicode.ReplacementChar))
	if strings.IndexFunc(s, hostile) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range strings.ReplaceAll(s, "\r\n", "\n") {
		switch {
		case r == '\n':
			b.WriteRune('⏎')
		case r == '\t':
			b.WriteByte(' ')
		case hostile(r):
			fmt.Fprintf(&b, "<U+%04X>", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Cut shortens s to at most cells, whole characters only, and says so with an
// ellipsis. 0 cuts nothing.
func Cut(s string, cells int) string {
	if cells == 0 {
		return s
	}
	return width.Truncate(s, cells, "…")
}

// pad fills s up to cells.
func pad(s string, cells int, right bool) string {
	gap := strings.Repeat(" ", max(0, cells-Width(s)))
	if right {
		return gap + s
	}
	return s + gap
}
