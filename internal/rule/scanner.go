package rule

import (
	"slices"

	"botengine/internal/diag"
)

// scanner follows a scalar through the file, rune by rune, next to the value
// that YAML made of it, and notes where each rune of the value stands. It never
// decides what the value is: where file and value part, it gives up.
type scanner struct {
	lines        lines
	value        []rune
	places       []diag.Position
	line, column int // from 0
}

// rest is what remains of the current line.
func (s *scanner) rest() []rune {
	if s.line >= len(s.lines) || s.column > len(s.lines[s.line]) {
		return nil
	}
	return s.lines[s.line][s.column:]
}

// take notes that the next rune of the value stands here and moves on by width.
func (s *scanner) take(width int) {
	s.places = append(s.places, diag.Position{Line: s.line + 1, Column: s.column + 1})
	s.column += width
}

// done says whether every rune of the value has its place.
func (s *scanner) done() bool { return len(s.places) >= len(s.value) }

// finish notes the place behind the last rune.
func (s *scanner) finish() bool {
	if len(s.places) > 0 {
		last := s.places[len(s.places)-1]
		s.places = append(s.places, diag.Position{Line: last.Line, Column: last.Column + 1})
		return true
	}
	s.take(0)
	return true
}

// skipProperties steps over a tag and an anchor before the scalar proper.
func (s *scanner) skipProperties() {
	for rest := s.rest(); len(rest) > 0 && (rest[0] == '!' || rest[0] == '&'); rest = s.rest() {
		n := slices.IndexFunc(rest, func(r rune) bool { return r == ' ' || r == '\t' })
		if n < 0 {
			n = len(rest)
		}
		s.column += n
		s.skipBlank()
	}
}

// skipBlank steps over white space and, at the end of a line, to the next text.
func (s *scanner) skipBlank() (breaks int) {
	for s.line < len(s.lines) {
		for rest := s.rest(); len(rest) > 0 && (rest[0] == ' ' || rest[0] == '\t'); rest = s.rest() {
			s.column++
		}
		if len(s.rest()) > 0 || s.line+1 >= len(s.lines) {
			return breaks
		}
		s.line, s.column = s.line+1, 0
		breaks++
	}
	return breaks
}

// quoted follows a scalar in quotes.
func (s *scanner) quoted(quote rune) bool {
	if rest := s.rest(); len(rest) == 0 || rest[0] != quote {
		return false
	}
	s.column++
	if quote == '"' {
		return s.flow(doubleQuotedRune)
	}
	return s.flow(singleQuotedRune)
}

// flow follows a scalar that is not a block one. width says how many runes of the
// file stand for the next rune of the value; 0 means that the two have parted.
func (s *scanner) flow(width func(rest []rune, want rune) int) bool {
	for !s.done() {
		if s.brokenLine() {
			if !s.fold() {
				return false
			}
			continue
		}
		n := width(s.rest(), s.value[len(s.places)])
		if n == 0 {
			return false
		}
		s.take(n)
	}
	return s.finish()
}

// brokenLine says whether nothing of the scalar follows on this line.
func (s *scanner) brokenLine() bool {
	rest := s.rest()
	return blank(rest) || len(rest) == 1 && rest[0] == '\\'
}

// fold follows a line break: one becomes a space, more become one less; one that
// is escaped becomes nothing.
func (s *scanner) fold() bool {
	escaped := len(s.rest()) == 1
	if escaped {
		s.column++
	}
	at := diag.Position{Line: s.line + 1, Column: s.column + 1}
	breaks := s.skipBlank()
	if breaks == 0 {
		return false
	}
	runes := 1
	if breaks > 1 || escaped {
		runes = breaks - 1
	}
	for range runes {
		if s.done() || (s.value[len(s.places)] != ' ' && s.value[len(s.places)] != '\n') {
			return false
		}
		s.places = append(s.places, at)
	}
	return true
}

// plainRune is the width of a rune that stands for itself.
func plainRune(rest []rune, want rune) int {
	if len(rest) > 0 && rest[0] == want {
		return 1
	}
	return 0
}

// singleQuotedRune is plainRune but for the quote, which is doubled.
func singleQuotedRune(rest []rune, want rune) int {
	if want == '\'' && len(rest) > 1 && rest[0] == '\'' && rest[1] == '\'' {
		return 2
	}
	return plainRune(rest, want)
}

// doubleQuotedRune is plainRune but for escapes.
func doubleQuotedRune(rest []rune, want rune) int {
	if len(rest) < 2 || rest[0] != '\\' {
		return plainRune(rest, want)
	}
	width := 2
	switch rest[1] {
	case 'x':
		width = 4
	case 'u':
		width = 6
	case 'U':
		width = 10
	}
	if len(rest) < width {
		return 0
	}
	return width
}

// block follows a literal or folded block scalar.
func (s *scanner) block() bool {
	indent := s.lines.blockIndent(s.line+1, string(s.value))
	for s.line++; s.line < len(s.lines) && !s.done(); s.line++ {
		s.column = indent
		for !s.done() && len(s.rest()) > 0 && s.rest()[0] == s.value[len(s.places)] {
			s.take(1)
		}
		if len(s.rest()) > 0 && !blank(s.rest()) {
			return false
		}
		s.blockBreak()
	}
	return s.done() && s.finish()
}

// blockBreak takes what the value has for the end of this line: a line feed, a
// space, or nothing, when it comes later, after the blank lines that follow.
func (s *scanner) blockBreak() {
	if s.done() {
		return
	}
	if want := s.value[len(s.places)]; want == '\n' || want == ' ' && s.folds() {
		s.column = len(s.lines[s.line])
		s.take(0)
	}
}

// folds says whether a line with text of the block follows this one directly.
func (s *scanner) folds() bool {
	return s.line+1 < len(s.lines) && !blank(s.lines[s.line]) && !blank(s.lines[s.line+1])
}
