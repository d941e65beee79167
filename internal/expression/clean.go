package expression

import (
	"strings"
	"unicode"
)

const (
	maxName  = 32 // characters of a person's or chat's name in a message, as a reader counts them
	maxMarks = 3  // marks on one of them: more is somebody drawing over the lines around
)

const zeroWidthJoiner = 0x200d

// cleanName makes a name that strangers chose fit to stand in a message: no
// control, direction, zero-width or line characters, no @ in front that could
// pass for a mention, and at most maxName characters, none of them torn apart.
func cleanName(name string) string {
	if isCleanName(name) {
		return name
	}
	var b strings.Builder
	count, marks := 0, 0
	var last rune // what was written last; 0 at the beginning
	joined := false
	for _, r := range name {
		switch {
		case r == zeroWidthJoiner:
			joined = isPicture(last) || unicode.Is(unicode.Mn, last)
			continue
		case hidden(r):
			continue
		case last == 0 && unicode.IsSpace(r):
			continue
		case extends(r):
			if marks++; last == 0 || marks > maxMarks {
				continue
			}
		case joined && isPicture(r):
			b.WriteRune(zeroWidthJoiner)
			marks = 0
		case pairs(last, r, marks):
			marks = maxMarks // a flag is two letters; nothing more belongs to it
		default:
			if count++; count > maxName {
				return strings.TrimSpace(b.String())
			}
			marks = 0
		}
		if last == 0 && r == '@' {
			r = '＠'
		}
		b.WriteRune(r)
		last, joined = r, false
	}
	return strings.TrimSpace(b.String())
}

// isCleanName says quickly that nothing has to be done to most names.
func isCleanName(name string) bool {
	if len(name) > maxName {
		n := 0
		for range name {
			n++
		}
		if n > maxName {
			return false
		}
	}
	for i, r := range name {
		if hidden(r) || extends(r) || r == zeroWidthJoiner || i == 0 && r == '@' {
			return false
		}
	}
	return name == "" || name[0] != ' ' && name[len(name)-1] != ' '
}

// hidden says whether r may steer or break what is shown.
func hidden(r rune) bool {
	if r < 0x7f {
		return r < 0x20
	}
	switch {
	case r >= 0x4e00 && r <= 0x9fff:
		return false
	case r == unicode.ReplacementChar, r == 0x3164, r == 0x115f, r == 0x1160, r == 0xffa0, r == 0x034f:
		return true
	case r >= 0xe0000 && r <= 0xe0fff:
		return true
	}
	return r != zeroWidthJoiner && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}

// extends says whether r belongs to the character before it.
func extends(r rune) bool {
	if r < 0x300 {
		return false
	}
	return unicode.In(r, unicode.M) || r >= 0x1f3fb && r <= 0x1f3ff
}

// isPicture says whether r is an emoji, or about one: those join.
func isPicture(r rune) bool {
	return r >= 0x1f000 && r <= 0x1faff || r >= 0x2190 && r <= 0x2bff || r >= 0xfe00 && r <= 0xfe0f
}

// pairs says whether r is the second half of a flag.
func pairs(last, r rune, marks int) bool {
	return marks == 0 && isFlagHalf(last) && isFlagHalf(r)
}

func isFlagHalf(r rune) bool { return r >= 0x1f1e6 && r <= 0x1f1ff }
