package terminal

import (
	"encoding/csv"
	"io"
	"strings"
)

// byteOrderMark is how Excel knows that a file is UTF-8.
const byteOrderMark = "\ufeff"

// writeCSV writes all columns, with their keys as head (RFC 4180).
func (l List[T]) writeCSV(w io.Writer, s Style) error {
	if s.Mark {
		if _, err := io.WriteString(w, byteOrderMark); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	head := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		head[i] = c.Key
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for _, row := range l.Rows {
		record := make([]string, len(l.Columns))
		for i, c := range l.Columns {
			record[i] = disarm(c.Value(row))
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// disarm is a value that no spreadsheet takes for a formula: a text that begins
// like one has an apostrophe before it. What people call themselves is among
// these texts.
func disarm(v any) string {
	if named, ok := v.(Named); ok {
		return disarm(named.Value)
	}
	s := plain(v)
	switch v.(type) {
	case string, []string:
		if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
			return "'" + s
		}
	}
	return s
}
