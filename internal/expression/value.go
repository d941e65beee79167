package expression

import "fmt"

// Value is what a step writes: a text, or the value of one expression. It is safe
// for concurrent use.
type Value struct {
	template *Template
	single   *compiled // the source is this expression and nothing else
}

// CompileValue compiles src; the Value is nil when there are problems. A source
// that is exactly one {{ }} keeps the type of its expression, any other is a text.
func CompileValue(src string, o *Options) (*Value, []Problem) {
	t, problems := CompileTemplate(src, o)
	if len(problems) > 0 {
		return nil, problems
	}
	v := &Value{template: t}
	if len(t.parts) == 1 {
		v.single = t.parts[0].expr
	}
	return v, nil
}

// Eval returns a string, a bool, an int64 or a float64; a list becomes a text.
// The error is a *RunError.
func (v *Value) Eval(s *Scope) (any, error) {
	if v.single == nil {
		return v.template.Render(s)
	}
	r := start(s, true)
	defer r.stop()
	out, err := r.do(&v.single.program)
	if err != nil {
		return nil, fmt.Errorf("value: %w", err)
	}
	switch out := out.(type) {
	case bool, int64, float64:
		return out, nil
	case int:
		return int64(out), nil
	}
	piece, err := v.single.render(out)
	if err != nil {
		return nil, fmt.Errorf("value: %w", err)
	}
	return piece, nil
}

// UsesFacts says whether the value depends on facts or on steps.
func (v *Value) UsesFacts() bool { return v.template.UsesFacts() }

// Template is the text that the value is made of.
func (v *Value) Template() *Template { return v.template }
