package diag

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Format is a way of writing findings.
type Format string

// The formats that Print knows.
const (
	FormatText  Format = "text"  // for people: with an excerpt, the hint and a summary
	FormatShort Format = "short" // one line a finding, for editors and grep
	FormatJSON  Format = "json"  // versioned, with byte and UTF-16 offsets

	FormatGitHub Format = "github" // workflow commands, shown at the lines of a change
	FormatSARIF  Format = "sarif"  // SARIF 2.1.0, for code scanning
)

// Formats returns every format that Print knows.
func Formats() []Format {
	return []Format{FormatText, FormatShort, FormatJSON, FormatGitHub, FormatSARIF}
}

// Sources returns the content of a file that findings speak of, and whether it
// can be had; without it a finding is printed without an excerpt.
type Sources func(file string) ([]byte, bool)

// Options say how findings are printed. The zero Options print text in Chinese
// without colour.
type Options struct {
	Lang   Lang
	Format Format
	Color  bool // ANSI colours; only FormatText has any
}

// Print writes the findings in the order given. Nothing it writes can steer a
// terminal: control and direction characters appear as <U+202E>. It never panics,
// whatever the ranges or the bytes of the sources are. Its error is the writer's.
func Print(w io.Writer, findings List, sources Sources, o Options) error {
	if sources == nil {
		sources = func(string) ([]byte, bool) { return nil, false }
	}
	if o.Format == FormatJSON {
		return printJSON(w, findings, sources)
	}
	p := printer{w: bufio.NewWriter(w), options: o, texts: newTexts(sources)}
	if o.Format == FormatSARIF {
		return p.sarif(findings)
	}
	for _, f := range findings {
		p.finding(f)
	}
	if summary := findings.Summary(o.Lang); summary != "" && o.Format != FormatShort && o.Format != FormatGitHub {
		p.line(summary)
	}
	return p.w.Flush()
}

// printer writes findings as text. The bufio.Writer keeps the first error.
type printer struct {
	w       *bufio.Writer
	options Options
	texts   *texts
}

// finding writes one finding: its first line and, for people, all the rest.
func (p *printer) finding(f Finding) {
	if p.options.Format == FormatGitHub {
		p.github(f)
		return
	}
	p.line(p.first(f))
	if p.options.Format == FormatShort {
		return
	}
	hint := printable(f.Hint.In(p.options.Lang))
	hint = p.excerpt(f, hint)
	if hint != "" {
		p.line("  " + hintWord(p.options.Lang) + " " + hint)
	}
	for _, r := range f.Related {
		p.line(fmt.Sprintf("%s: note: %s", where(r.File, r.Range), printable(r.Message.In(p.options.Lang))))
	}
}

// first is the line that machines read: file:line:col: severity[CODE]: message.
func (p *printer) first(f Finding) string {
	severity := p.paint(severityColor(f.Severity), f.Severity.String()+"["+printable(f.Code)+"]")
	head := severity + ": " + printable(f.Message.In(p.options.Lang))
	if place := where(f.File, f.Range); place != "" {
		return place + ": " + head
	}
	return head
}

// where is the clickable beginning of a line; without a position it is the file
// alone, without a file the position alone.
func where(file string, r Range) string {
	var parts []string
	if file != "" {
		parts = append(parts, printable(file))
	}
	if !r.IsZero() {
		parts = append(parts, fmt.Sprintf("%d:%d", r.Start.Line, max(1, r.Start.Column)))
	}
	return strings.Join(parts, ":")
}

// excerpt writes the line of the source with carets under the range and, if it
// is short, the hint behind them; it returns the hint if it is still to be said.
func (p *printer) excerpt(f Finding, hint string) string {
	text, ok := p.texts.get(f.File)
	if !ok || f.NoExcerpt || f.Range.IsZero() || f.Range.Start.Line > len(text.lines) {
		return hint
	}
	e := newExcerpt(text.lines[f.Range.Start.Line-1], f.Range)
	number := strconv.Itoa(f.Range.Start.Line)
	gutter := strings.Repeat(" ", len(number)) + " |"
	carets := strings.Repeat(" ", e.indent) + p.paint(severityColor(f.Severity), strings.Repeat("^", e.carets))
	left := hint
	if hint != "" && e.fits(hint) {
		carets += " " + hint
		left = ""
	}
	p.line(gutter)
	p.line(strings.TrimRight(number+" | "+e.line, " "))
	p.line(gutter + " " + carets)
	return left
}

// line writes one line; the error is kept for Flush.
func (p *printer) line(s string) { _, _ = p.w.WriteString(s + "\n") }

// paint puts s into the colour, if colours are wanted.
func (p *printer) paint(color, s string) string {
	if !p.options.Color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// severityColor is the ANSI colour of a severity: bold red or bold yellow.
func severityColor(s Severity) string {
	if s == Warning {
		return "1;33"
	}
	return "1;31"
}

// hintWord begins a hint that has a line of its own.
func hintWord(lang Lang) string {
	if lang == EN {
		return "hint:"
	}
	return "提示:"
}
