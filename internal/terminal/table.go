package terminal

import (
	"bufio"
	"io"
	"strconv"
	"strings"
	"time"
)

// gap stands between two columns.
const gap = "  "

// cell is one value of a table.
type cell struct {
	text  string
	right bool // numbers stand to the right
}

// writeTable writes a head, and a line for each row. All columns but the last
// are filled up to the widest cell.
func (l List[T]) writeTable(w io.Writer, s Style) error {
	if len(l.Rows) == 0 {
		_, err := io.WriteString(w, s.Empty+"\n")
		return err
	}
	var lines [][]cell
	var head []cell
	var shown []Column[T]
	for _, c := range l.Columns {
		if c.Title != "" {
			shown = append(shown, c)
			head = append(head, cell{text: c.Title})
		}
	}
	for _, row := range l.Rows {
		line := make([]cell, len(shown))
		for i, c := range shown {
			line[i] = s.cell(c.Value(row), c.Max)
			head[i].right = line[i].right
		}
		lines = append(lines, line)
	}
	return writeLines(w, append([][]cell{head}, lines...))
}

func writeLines(w io.Writer, lines [][]cell) error {
	widths := make([]int, len(lines[0]))
	for _, line := range lines {
		for i, c := range line {
			widths[i] = max(widths[i], Width(c.text))
		}
	}
	out := bufio.NewWriter(w)
	for _, line := range lines {
		var b strings.Builder
		for i, c := range line {
			if i > 0 {
				b.WriteString(gap)
			}
			b.WriteString(pad(c.text, widths[i], c.right))
		}
		out.WriteString(strings.TrimRight(b.String(), " ")) //nolint:errcheck // Flush tells
		out.WriteByte('\n')                                 //nolint:errcheck // Flush tells
	}
	return out.Flush()
}

// cell is what a table shows of a value.
func (s Style) cell(v any, most int) cell {
	_, isInt := v.(int)
	_, isInt64 := v.(int64)
	return cell{text: Cut(Visible(s.words(v)), most), right: isInt || isInt64}
}

// words says a value to people.
func (s Style) words(v any) string {
	switch v := v.(type) {
	case Named:
		return v.Name
	case bool:
		if v {
			return s.Yes
		}
		return s.No
	case time.Time:
		return s.moment(v)
	case []string:
		return strings.Join(v, ", ")
	default:
		return plain(v)
	}
}

func (s Style) moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone := s.Zone
	if zone == nil {
		zone = time.Local
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// plain says a value to programs that know texts only.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339)
	case []string:
		return strings.Join(v, ";")
	case Named:
		return plain(v.Value)
	default:
		return ""
	}
}
