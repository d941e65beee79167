package diag

import (
	"fmt"
	"strings"
	"unicode"
)

// hostile says whether r could steer a terminal or hide something on it: control
// characters, direction marks, zero-width ones, line and paragraph separators.
// The joiner that holds an emoji together is not among them.
func hostile(r rune) bool {
	return r != zeroWidthJoiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
}

// zeroWidthJoiner makes one picture of several emoji.
const zeroWidthJoiner = '\u200d'

// visible returns r, or its number if it is hostile.
func visible(r rune) string {
	if hostile(r) {
		return fmt.Sprintf("<U+%04X>", r)
	}
	return string(r)
}

// printable returns s on one line with every hostile rune shown as its number.
func printable(s string) string {
	if strings.IndexFunc(s, hostile) < 0 {
		return strings.ToValidUTF8(s, string(unicode.ReplacementChar))
	}
	var b strings.Builder
	for _, r := range s {
		b.WriteString(visible(r))
	}
	return b.String()
}
