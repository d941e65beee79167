package diag

import (
	"slices"
	"unicode/utf8"
)

// Severity says whether a finding forbids loading or only warns.
type Severity int

// The severities. The zero Severity is Error, so that a finding made carelessly
// is rather too strict than too lax.
const (
	Error Severity = iota
	Warning
)

// String returns "error" or "warning"; it is the same in every language.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText writes the severity as String has it.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Position is a place in a text: line and column from 1, the column counted in
// runes. The zero Position means that no place is known.
type Position struct {
	Line   int
	Column int
}

// IsZero says whether no place is known.
func (p Position) IsZero() bool { return p.Line <= 0 }

// Before says whether p comes before q in the text.
func (p Position) Before(q Position) bool {
	if p.Line != q.Line {
		return p.Line < q.Line
	}
	return p.Column < q.Column
}

// Range is what lies between two positions; End is the first rune behind it.
// The zero Range stands for the file as a whole.
type Range struct {
	Start Position
	End   Position
}

// IsZero says whether r stands for the file as a whole.
func (r Range) IsZero() bool { return r.Start.IsZero() }

// Span returns the range of the given number of runes on one line.
func Span(line, column, runes int) Range {
	return Range{
		Start: Position{Line: line, Column: column},
		End:   Position{Line: line, Column: column + runes},
	}
}

// Word returns the range that word takes when it stands at line and column.
func Word(line, column int, word string) Range {
	return Span(line, column, max(1, utf8.RuneCountInString(word)))
}

// Related is another place that a finding speaks of.
type Related struct {
	File    string
	Range   Range
	Message Text
}

// Finding is one fault at one place: what is wrong and what to do about it.
type Finding struct {
	Code     string // stable, listed by Codes
	Severity Severity
	File     string
	Range    Range
	Message  Text      // one sentence, no jargon, no full stop
	Hint     Text      // what to do; may be empty
	Related  []Related // other places the message speaks of
	Omitted  Counts    // only in the closing finding that Cap makes

	// NoExcerpt keeps the source line from being shown, because it holds a secret.
	NoExcerpt bool
}

// Place is where a finding will point.
type Place struct {
	File  string
	Range Range
}

// At names a place; its methods make the findings:
//
//	diag.At(file, rng).Error("BE102", diag.T("未知字段 `%s`", "unknown field `%s`", name)).
//		WithHint(diag.Suggestion(name, fields))
func At(file string, rng Range) Place { return Place{File: file, Range: rng} }

// Error returns a finding that forbids loading. The code must be one that Codes
// lists; a test looks for codes in the source that are not.
func (p Place) Error(code string, message Text) Finding {
	return Finding{Code: code, Severity: Error, File: p.File, Range: p.Range, Message: message}
}

// Warning returns a finding that does not forbid loading.
func (p Place) Warning(code string, message Text) Finding {
	return Finding{Code: code, Severity: Warning, File: p.File, Range: p.Range, Message: message}
}

// WithHint returns f with a hint that says what to do.
func (f Finding) WithHint(hint Text) Finding {
	f.Hint = hint
	return f
}

// WithRelated returns f with one more place that its message speaks of.
func (f Finding) WithRelated(file string, rng Range, message Text) Finding {
	f.Related = append(slices.Clip(f.Related), Related{File: file, Range: rng, Message: message})
	return f
}
