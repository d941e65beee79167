package actions

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// Binder reads the parameters of the steps of one file and collects what is wrong
// with them. It is used by one goroutine.
type Binder struct {
	file     string
	opts     *expression.Options
	locate   func(n *yaml.Node, runeOffset, runeLength int) diag.Range
	private  bool
	example  string // of the action that is bound
	findings diag.List
}

// NewBinder returns a Binder for a file. locate says where a piece of a scalar's
// value, in runes, stands in that file; texts are compiled with opts.
func NewBinder(file string, opts *expression.Options, locate func(n *yaml.Node, runeOffset, runeLength int) diag.Range) *Binder {
	return &Binder{file: file, opts: opts, locate: locate}
}

// PrivateOnly tells the binder that the rule's scope leaves only private chats, so
// that an action that needs a group becomes a finding.
func (b *Binder) PrivateOnly() { b.private = true }

// Findings returns what was found so far.
func (b *Binder) Findings() diag.List { return b.findings }

// fail adds an error at the node.
func (b *Binder) fail(n *yaml.Node, code string, message, hint diag.Text) {
	b.findings = append(b.findings, diag.At(b.file, b.place(n)).Error(code, message).WithHint(hint))
}

// warn adds a warning at the node.
func (b *Binder) warn(n *yaml.Node, code string, message, hint diag.Text) {
	b.findings = append(b.findings, diag.At(b.file, b.place(n)).Warning(code, message).WithHint(hint))
}

// place is where the node stands: a scalar with its first line, anything else
// with its first rune.
func (b *Binder) place(n *yaml.Node) diag.Range {
	switch {
	case n == nil || n.Line == 0:
		return diag.Range{}
	case n.Kind == yaml.ScalarNode && n.Value != "" && b.locate != nil:
		line, _, _ := strings.Cut(n.Value, "\n")
		return b.locate(n, 0, max(1, utf8.RuneCountInString(line)))
	}
	return diag.Span(n.Line, n.Column, 1)
}

// problems places what is wrong with an expression into the file.
func (b *Binder) problems(n *yaml.Node, list []expression.Problem) {
	for _, p := range list {
		rng := b.place(n)
		if b.locate != nil {
			rng = b.locate(n, p.Offset, max(1, p.Length))
		}
		b.findings = append(b.findings, diag.At(b.file, rng).Error(p.Code, p.Message).WithHint(HintFor(n, p.Hint)))
	}
}

// HintFor is a hint on an expression that can be typed where the expression stands:
// within double quotes of YAML, other double quotes would end the text.
func HintFor(n *yaml.Node, hint diag.Text) diag.Text {
	if n.Style&yaml.DoubleQuotedStyle == 0 {
		return hint
	}
	return diag.Text{ZH: strings.ReplaceAll(hint.ZH, `"`, "'"), EN: strings.ReplaceAll(hint.EN, `"`, "'")}
}

// errors counts the errors so far; more of them than before mean a failed bind.
func (b *Binder) errors() int { return b.findings.Count().Errors }
