package diag

import (
	"strings"

	"github.com/mattn/go-runewidth"
)

const (
	tabStop    = 4   // columns between tab stops in an excerpt
	maxExcerpt = 120 // columns of a source line that are shown
	maxLead    = 60  // columns kept before the caret when a line is cut
	maxBeside  = 40  // columns of a hint that still goes behind the carets
	maxWide    = 100 // columns such a line may have in all
)

// width measures text as a terminal shows it. It is fixed rather than taken from
// the environment, so that the same findings print the same everywhere.
var width = &runewidth.Condition{StrictEmojiNeutral: true}

// excerpt is a line of the source made ready for a terminal, and where the
// carets stand under it, in columns of the screen.
type excerpt struct {
	line   string
	indent int
	carets int
}

// newExcerpt shows line with the carets under r, whose first line it is.
func newExcerpt(line []rune, r Range) excerpt {
	from, to := columns(line, r)
	shown := expand(line)
	head, word := shown[:from], shown[from:to]
	e := excerpt{
		line:   strings.Join(shown, ""),
		indent: width.StringWidth(strings.Join(head, "")),
	}
	through := width.StringWidth(strings.Join(shown[:from], "") + strings.Join(word, ""))
	e.carets = max(1, through-e.indent)
	if width.StringWidth(e.line) > maxExcerpt {
		e.cut(shown, from)
	}
	return e
}

// columns returns the part of the line that r covers, as indices of runes.
func columns(line []rune, r Range) (from, to int) {
	from = min(max(r.Start.Column-1, 0), len(line))
	switch {
	case r.End.Line > r.Start.Line:
		to = len(line)
	case r.End.Line == r.Start.Line:
		to = min(max(r.End.Column-1, from), len(line))
	default:
		to = from
	}
	if to == from && from < len(line) {
		to++
	}
	return from, to
}

// expand returns what is shown for each rune: tabs become spaces up to the next
// stop, and what could steer the terminal becomes <U+202E>.
func expand(line []rune) []string {
	shown := make([]string, len(line))
	column := 0
	for i, r := range line {
		s := visible(r)
		if r == '\t' {
			s = strings.Repeat(" ", tabStop-column%tabStop)
		}
		shown[i] = s
		column += width.StringWidth(s)
	}
	return shown
}

// cut shortens a long line to a part around the carets.
func (e *excerpt) cut(shown []string, from int) {
	start, lead := 0, e.indent
	for start < from && lead > maxLead {
		lead -= width.StringWidth(shown[start])
		start++
	}
	line := strings.Join(shown[start:], "")
	indent := width.StringWidth(strings.Join(shown[start:from], ""))
	if start > 0 {
		line = "…" + line
		indent++
	}
	e.line = width.Truncate(line, maxExcerpt, "…")
	e.indent = indent
	e.carets = min(e.carets, max(1, width.StringWidth(e.line)-indent))
}

// fits says whether the hint can stand behind the carets.
func (e excerpt) fits(hint string) bool {
	w := width.StringWidth(hint)
	return w <= maxBeside && e.indent+e.carets+1+w <= maxWide
}
