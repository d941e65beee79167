package expression

import (
	"fmt"
	"reflect"

	"botengine/internal/diag"
)

// List is a compiled expression that gives a list of texts. It is safe for
// concurrent use.
type List struct {
	source  string
	program program
}

// CompileList compiles src; the List is nil when there are problems.
func CompileList(src string, o *Options) (*List, []Problem) {
	if p, ok := braceInCondition(src); ok {
		return nil, []Problem{p}
	}
	c, problems := compile(src, o, unknown)
	if len(problems) > 0 {
		return nil, problems
	}
	switch {
	case c.kind == list && c.typ.Kind() == reflect.Slice && kindOfType(c.typ.Elem()) == things:
		return nil, []Problem{say(whole(src), "BE203", "这里要的是文字的列表", "a list of texts is wanted here").
			hint("从每一项里选一个属性，例如 map(%[1]s, .id)", "choose one field of each, such as map(%[1]s, .id)", "members")}
	case c.kind != list && c.kind != unknown:
		return nil, []Problem{say(whole(src), "BE203", "这里要的是列表，不是%[1]s", "a list is wanted here, not %[2]s", c.kind.in().ZH, c.kind.in().EN)}
	}
	return &List{source: src, program: c.program}, nil
}

// Eval returns the texts: of numbers as they are written. An entry that is neither
// is a *RunError, and so is whatever is no list.
func (l *List) Eval(s *Scope) ([]string, error) {
	r := start(s, true)
	defer r.stop()
	out, err := r.do(&l.program)
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	v := reflect.ValueOf(out)
	if v.Kind() != reflect.Slice {
		return nil, fmt.Errorf("list: %w", &RunError{Reason: diag.T("这里的值不是列表", "the value is no list")})
	}
	texts := make([]string, v.Len())
	for i := range texts {
		entry := v.Index(i).Interface()
		if k := kindOf(entry); k != text && k != number {
			return nil, fmt.Errorf("list: %w", &RunError{Reason: diag.T("列表里有的不是文字", "not all entries of the list are texts")})
		}
		if texts[i], err = render(entry); err != nil {
			return nil, fmt.Errorf("list: %w", err)
		}
	}
	return texts, nil
}

// Source is the text the list was compiled from.
func (l *List) Source() string { return l.source }
