package expression

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/expr-lang/expr/file"
)

// Template is a text with {{ expressions }} in it, safe for concurrent use. What
// an expression gives is never read as a template again.
type Template struct {
	source string
	parts  []part
	facts  bool
}

// part is a piece of text, or an expression whose value stands there.
type part struct {
	text string
	expr *compiled
}

// CompileTemplate compiles src; the Template is nil when there are problems.
// `{{"{{"}}` writes two braces.
func CompileTemplate(src string, o *Options) (*Template, []Problem) {
	t, problems := compileTemplate(src, o)
	if t == nil {
		return nil, problems
	}
	for _, p := range t.parts {
		if p.expr != nil && !p.expr.canShow() {
			k := p.expr.kind.in()
			at := file.Location{From: p.expr.offset, To: p.expr.offset + utf8.RuneCountInString(strings.TrimSpace(p.text))}
			problems = append(problems, say(at, "BE203", "%[1]s不能直接写进文字", "%[2]s cannot be shown in a text", k.ZH, k.EN).
				hint("请选其中一个属性，例如 sender.name 或 names(members)", "choose one of its fields, such as sender.name, or names(members)"))
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return t, nil
}

// canShow says whether what c gives can stand in a text; for values whose type is
// not known yet, rendering decides.
func (c *compiled) canShow() bool {
	if c.kind == list {
		elem := kindOfType(c.typ.Elem())
		return elem != things && elem != mapping && elem != list
	}
	return c.kind != things && c.kind != mapping && c.kind != nothing
}

// compileTemplate compiles the parts, whatever they give.
func compileTemplate(src string, o *Options) (*Template, []Problem) {
	if len(src) > maxString {
		return nil, []Problem{say(file.Location{From: 0, To: 1}, "BE209", "文字太长（%d 字节，最多 %d）", "the text is too long (%d bytes, %d at most)", len(src), maxString)}
	}
	t := &Template{source: src}
	var problems []Problem
	rest, at := src, 0 // at counts the runes before rest
	for {
		i := strings.Index(rest, "{{")
		if i < 0 {
			problems = append(problems, fullWidthBraces(rest, at)...)
			t.add(part{text: rest})
			break
		}
		problems = append(problems, fullWidthBraces(rest[:i], at)...)
		t.add(part{text: rest[:i]})
		at += utf8.RuneCountInString(rest[:i])
		end := closing(rest[i+2:])
		if end < 0 {
			problems = append(problems, say(file.Location{From: at, To: at + 2}, "BE210", "`{{` 没有对应的 `}}`", "this `{{` has no `}}`").
				hint("要写出两个大括号本身，请写 {{\"{{\"}}", "to write the braces themselves: {{\"{{\"}}"))
			break
		}
		inner := rest[i+2 : i+2+end]
		c, found := compileInner(inner, at+2, o)
		problems = append(problems, found...)
		if c != nil {
			t.facts = t.facts || c.facts
			t.parts = append(t.parts, part{text: inner, expr: c})
		}
		rest = rest[i+2+end+2:]
		at += utf8.RuneCountInString(inner) + 4
	}
	if len(problems) > 0 {
		return nil, problems[:min(len(problems), maxProblems)]
	}
	return t, nil
}

// compileInner compiles what stands between the braces; offset is where it begins.
func compileInner(inner string, offset int, o *Options) (*compiled, []Problem) {
	trimmed := strings.TrimSpace(inner)
	if trimmed == "" {
		return nil, []Problem{say(file.Location{From: offset - 2, To: offset + utf8.RuneCountInString(inner) + 2}, "BE213",
			"大括号里面是空的", "there is nothing between the braces")}
	}
	before, _, _ := strings.Cut(inner, trimmed)
	offset += utf8.RuneCountInString(before)
	c, problems := compile(trimmed, o, unknown)
	if len(problems) > 0 {
		return nil, shift(problems, offset)
	}
	c.offset = offset
	return c, nil
}

// add adds a piece of text.
func (t *Template) add(p part) {
	if p.text != "" {
		t.parts = append(t.parts, p)
	}
}

// closing finds the }} that ends an expression: not one in a text in quotes, nor
// one that closes braces of the expression. When quotes do not pair, the first }}
// counts, so that the mistake is told where it is.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'', '`':
			end := closingQuote(s[i+1:], c)
			if end < 0 {
				return strings.Index(s, "}}")
			}
			i += end + 1
		case '{':
			depth++
		case '}':
			if depth == 0 && strings.HasPrefix(s[i:], "}}") {
				return i
			}
			depth = max(0, depth-1)
		}
	}
	return strings.Index(s, "}}")
}

// closingQuote is where the text that s begins with ends.
func closingQuote(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == quote:
			return i
		case s[i] == '\\' && quote != '`':
			i++
		case s[i] == '\n' && quote != '`':
			return -1
		}
	}
	return -1
}

// fullWidthBraces finds ｛｛ in a piece of text.
func fullWidthBraces(s string, offset int) []Problem {
	var out []Problem
	for i := 0; ; {
		at, n := -1, 0
		for _, braces := range []string{"｛｛", "｛{", "{｛", "｝｝", "｝}", "}｝"} {
			if j := strings.Index(s[i:], braces); j >= 0 && (at < 0 || i+j < at) {
				at, n = i+j, len(braces)
			}
		}
		if at < 0 {
			return out
		}
		from := offset + utf8.RuneCountInString(s[:at])
		out = append(out, say(file.Location{From: from, To: from + 2}, "BE206", "大括号是全角的", "the braces are full-width").
			hint("请换成半角的 `{{` 和 `}}`", "use the half-width `{{` and `}}`"))
		i = at + n
	}
}

// Render returns the text with every expression replaced by its value. A value
// that is not there is a *RunError, never an empty piece of text.
func (t *Template) Render(s *Scope) (string, error) {
	if t.IsLiteral() {
		return t.source, nil
	}
	r := start(s, true)
	defer r.stop()
	var b strings.Builder
	b.Grow(len(t.source) + 64)
	for i := range t.parts {
		p := &t.parts[i]
		piece := p.text
		if p.expr != nil {
			v, err := r.do(&p.expr.program)
			if err == nil {
				piece, err = p.expr.render(v)
			}
			if err != nil {
				return "", fmt.Errorf("template: %w", err)
			}
		}
		if b.Len()+len(piece) > maxString {
			return "", fmt.Errorf("template: %w", (&program{}).failed(ErrBudget))
		}
		b.WriteString(piece)
	}
	return b.String(), nil
}

// render shows what the expression gave.
func (c *compiled) render(v any) (string, error) {
	s, err := render(v)
	if err != nil {
		return "", c.failed(err)
	}
	return s, nil
}

// IsLiteral says whether there is no expression in it.
func (t *Template) IsLiteral() bool {
	return len(t.parts) == 0 || len(t.parts) == 1 && t.parts[0].expr == nil
}

// Text is the source of the template.
func (t *Template) Text() string { return t.source }

// Constant gives the text when it is the same for every event: without
// expressions, or with such as name nothing but vars.
func (t *Template) Constant() (string, bool) {
	for i := range t.parts {
		if c := t.parts[i].expr; c != nil && c.reads {
			return "", false
		}
	}
	s, err := t.Render(&Scope{})
	return s, err == nil
}

// UsesFacts says whether the text depends on facts or on steps.
func (t *Template) UsesFacts() bool { return t.facts }
