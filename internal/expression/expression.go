// Package expression owns the language of conditions and templates: what they
// see, what they may call and what they may cost.
//
// It refuses to know rules, actions and files: a problem is placed by an offset
// into the source that was handed in.
package expression

// Condition is a compiled yes/no expression, safe for concurrent use.
type Condition struct{ source string }

// CompileCondition compiles src; the Condition is nil when there are problems.
func CompileCondition(src string, o *Options) (*Condition, []Problem) {
	return &Condition{source: src}, nil
}

// Eval says whether the condition holds.
func (c *Condition) Eval(s *Scope) (bool, error) { return false, nil }

// UsesFacts says whether the answer depends on facts or on steps.
func (c *Condition) UsesFacts() bool { return false }

// Source is the text the condition was compiled from.
func (c *Condition) Source() string { return c.source }

// Template is a text with {{ expressions }} in it, safe for concurrent use.
type Template struct{ source string }

// CompileTemplate compiles src; the Template is nil when there are problems.
func CompileTemplate(src string, o *Options) (*Template, []Problem) {
	return &Template{source: src}, nil
}

// Render returns the text with every expression replaced by its value.
func (t *Template) Render(s *Scope) (string, error) { return t.source, nil }

// IsLiteral says whether there is no expression in it.
func (t *Template) IsLiteral() bool { return true }

// Text is the source of the template.
func (t *Template) Text() string { return t.source }

// UsesFacts says whether the text depends on facts or on steps.
func (t *Template) UsesFacts() bool { return false }

// Value is what a step writes: a text, or the value of one expression.
type Value struct{ source string }

// CompileValue compiles src; the Value is nil when there are problems. A source
// that is exactly one {{ }} keeps the type of its expression.
func CompileValue(src string, o *Options) (*Value, []Problem) { return &Value{source: src}, nil }

// Eval returns a string, a bool, an int64 or a float64.
func (v *Value) Eval(s *Scope) (any, error) { return v.source, nil }

// UsesFacts says whether the value depends on facts or on steps.
func (v *Value) UsesFacts() bool { return false }
