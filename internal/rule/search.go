package rule

import (
	"strings"
	"unicode/utf8"
)

// shortText is how many bytes are too few to be worth a search of their own.
const shortText = 128

// indexOf is strings.Index, several times as fast in a long Chinese text. There,
// characters begin with one of very few bytes, and strings.Index stops at each;
// how a character ends says more.
func indexOf(text, word string) int {
	last := len(word) - 1
	if len(text) < shortText || last < 1 || word[last] < utf8.RuneSelf {
		return strings.Index(text, word)
	}
	end, stops := word[last], 0
	for at := last; at < len(text); at++ {
		next := strings.IndexByte(text[at:], end)
		if next < 0 {
			return -1
		}
		at += next
		if text[at-last:at+1] == word {
			return at - last
		}
		if stops++; stops > 8+at>>4 { // a text of hardly anything but this byte
			from := at - last + 1
			if i := strings.Index(text[from:], word); i >= 0 {
				return from + i
			}
			return -1
		}
	}
	return -1
}

// holds is strings.Contains.
func holds(text, word string) bool { return indexOf(text, word) >= 0 }
