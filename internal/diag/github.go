package diag

import (
	"path/filepath"
	"strconv"
	"strings"
)

// githubMessage and githubProperty escape what a workflow command could take for
// its own signs: the text behind `::`, and the values before it.
var (
	githubMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// github writes one finding as a workflow command, which shows it at its line of a
// change. Columns are those of the other formats, in runes.
func (p *printer) github(f Finding) {
	var props []string
	add := func(name, value string) { props = append(props, name+"="+githubProperty.Replace(value)) }
	if f.File != "" {
		add("file", filepath.ToSlash(printable(f.File)))
	}
	if start, end := f.Range.Start, f.Range.End; !start.IsZero() {
		add("line", strconv.Itoa(start.Line))
		if end.Line > start.Line {
			add("endLine", strconv.Itoa(end.Line)) // columns are only for one line
		} else {
			column := max(1, start.Column)
			add("col", strconv.Itoa(column))
			add("endLine", strconv.Itoa(start.Line))
			add("endColumn", strconv.Itoa(max(column, end.Column)))
		}
	}
	add("title", printable(f.Code))
	p.line("::" + f.Severity.String() + " " + strings.Join(props, ",") + "::" + githubMessage.Replace(p.inWords(f)))
}

// inWords is all that a finding says, without a place of its own: the message, the
// hint and the other places, each on a line.
func (p *printer) inWords(f Finding) string {
	lines := []string{printable(f.Message.In(p.options.Lang))}
	if hint := printable(f.Hint.In(p.options.Lang)); hint != "" {
		lines = append(lines, hintWord(p.options.Lang)+" "+hint)
	}
	for _, r := range f.Related {
		lines = append(lines, where(r.File, r.Range)+": "+printable(r.Message.In(p.options.Lang)))
	}
	return strings.Join(lines, "\n")
}
