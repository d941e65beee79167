package actions

import (
	"errors"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// Text is a text parameter, with {{ }} in it or without. A YAML number is taken
// as it is written: 00123 stays 00123.
type Text struct{ template *expression.Template }

// IsLiteral says whether it says the same about every event.
func (t Text) IsLiteral() bool { return t.template == nil || t.template.IsLiteral() }

func (*Text) kind() Kind { return KindText }

func (t *Text) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	b.looksLikeNumber(n)
	template, problems := expression.CompileTemplate(source, b.opts)
	b.problems(n, problems)
	t.template = template
}

// Given reports whether the parameter was written.
func (t Text) Given() bool { return t.template != nil }

// Literal returns the text if it has no expression in it.
func (t Text) Literal() (string, bool) {
	if t.template == nil || !t.template.IsLiteral() {
		return "", false
	}
	return t.template.Text(), true
}

// Render returns the text for the event; "" when the parameter was not written.
func (t Text) Render(env Env) (string, error) {
	if t.template == nil {
		return "", nil
	}
	return t.template.Render(env.Scope)
}

// Texts is a list of texts; one text alone will do.
type Texts struct{ list []Text }

func (*Texts) kind() Kind { return KindTexts }

func (t *Texts) read(n *yaml.Node, b *Binder) {
	for _, item := range items(n, b) {
		var text Text
		text.read(item, b)
		t.list = append(t.list, text)
	}
}

// Given reports whether the parameter was written.
func (t Texts) Given() bool { return len(t.list) > 0 }

// Render returns the texts for the event; an empty one is an error.
func (t Texts) Render(env Env) ([]string, error) {
	out := make([]string, 0, len(t.list))
	for _, text := range t.list {
		s, err := text.Render(env)
		if err != nil {
			return nil, err
		}
		if s == "" {
			return nil, errors.New("an entry of the list is empty after rendering")
		}
		out = append(out, s)
	}
	return out, nil
}

// items returns the entries of a list; a single value is a list of one.
func items(n *yaml.Node, b *Binder) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		return []*yaml.Node{n}
	}
	if len(n.Content) == 0 {
		b.fail(n, "BE125", diag.T("列表是空的", "the list is empty"), diag.Text{})
	}
	return n.Content
}

// Duration is a length of time such as 30s, 10m, 2h or 7d.
type Duration struct{ d time.Duration }

func (*Duration) kind() Kind { return KindDuration }

func (d *Duration) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	parsed, err := ParseDuration(source)
	if err != nil {
		b.badDuration(n, source, DurationHint(source))
		return
	}
	d.d = parsed
}

// Span is a length of time, or a range of which one is drawn: 20s..90s.
type Span struct{ min, max time.Duration }

func (*Span) kind() Kind { return KindSpan }

func (s *Span) read(n *yaml.Node, b *Binder) {
	source, ok := b.scalar(n)
	if !ok {
		return
	}
	parsed, err := parseSpan(source)
	if err != nil {
		b.badDuration(n, source, spanHint(source))
		return
	}
	*s = parsed
}

func (b *Binder) badDuration(n *yaml.Node, source string, hint diag.Text) {
	b.fail(n, "BE120", diag.T("`%s` 不是时长", "`%s` is not a duration", source), hint)
}

// draw picks a time of the span.
func (s Span) draw(random func() float64) time.Duration {
	if s.max <= s.min || random == nil {
		return s.min
	}
	return s.min + time.Duration(random()*float64(s.max-s.min)).Truncate(time.Millisecond)
}
