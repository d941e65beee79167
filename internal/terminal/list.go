package terminal

import (
	"encoding/json"
	"fmt"
	"io"
	"time"
)

// Format is how a list is written.
type Format string

// The formats: for people, for programs, for spreadsheets.
const (
	Text Format = "text"
	JSON Format = "json"
	CSV  Format = "csv"
)

// ParseFormat reads the name of a format; an error names all of them.
func ParseFormat(name string) (Format, error) {
	switch f := Format(name); f {
	case Text, JSON, CSV:
		return f, nil
	default:
		return "", fmt.Errorf("%q is not a format: text, json or csv", name)
	}
}

// Column is one property of the things in a list. Value returns a string, bool,
// int, int64, time.Time, []string or Named; ids are strings.
type Column[T any] struct {
	Key   string // its name in JSON and CSV, where it is always there
	Title string // its head in a table; "" = not in tables
	Value func(T) any
	Max   int // cells of a table that are wider are cut; 0 = never
}

// Named is a value that programs read as Value and people as Name.
type Named struct {
	Value any // what else a Column may return
	Name  string
}

// List is something to be written: what it holds, and how.
type List[T any] struct {
	Name     string // of the array in JSON
	Columns  []Column[T]
	Rows     []T
	Extra    func(T) map[string]json.RawMessage // JSON's "extra": what no column has; may be nil
	Complete bool                               // false: the walk was cut short, and JSON says so
}

// Style is how a list is written.
type Style struct {
	Format  Format
	Yes, No string         // what tables say for true and false
	Empty   string         // what a table without rows says
	Zone    *time.Location // of the times in tables; nil = the machine's
	Mark    bool           // begin CSV with the byte order mark by which Excel knows UTF-8
}

// Write writes the list to w.
func (l List[T]) Write(w io.Writer, s Style) error {
	switch s.Format {
	case JSON:
		return l.writeJSON(w)
	case CSV:
		return l.writeCSV(w, s)
	case Text:
		return l.writeTable(w, s)
	default:
		return fmt.Errorf("write a list: %q is not a format", s.Format)
	}
}
