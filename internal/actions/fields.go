package actions

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// Fields are the fields of a command as the rule writes them: any YAML, with {{ }}
// in its texts. A number is sent digit by digit as it is written, so that an id
// of 64 bits stays what it is; a text that is exactly one {{ }} keeps its type.
type Fields struct{ entries []fieldEntry }

// fieldEntry is one field, in the order written.
type fieldEntry struct {
	name  string
	value fieldValue
}

// fieldValue is one of a constant, a text, a list and an object.
type fieldValue struct {
	constant json.RawMessage
	text     *expression.Value
	items    []fieldValue
	entries  []fieldEntry
}

func (*Fields) kind() Kind { return KindFields }

func (f *Fields) read(n *yaml.Node, b *Binder) {
	if n.Kind != yaml.MappingNode {
		b.fail(n, "BE104", diag.T("`fields` 要写成一组键和值", "`fields` takes keys with values"),
			diag.T("例如 `fields: {groupId: \"R:1\"}`", "such as `fields: {groupId: \"R:1\"}`"))
		return
	}
	f.entries = readEntries(n, b)
}

func readEntries(n *yaml.Node, b *Binder) []fieldEntry {
	entries := make([]fieldEntry, 0, len(n.Content)/2)
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], resolve(n.Content[i+1])
		switch {
		case key.Kind != yaml.ScalarNode || key.Value == "":
			b.fail(key, "BE104", diag.T("字段名要是一段文字", "the name of a field is a text"), diag.Text{})
		case seen[key.Value]:
			b.fail(key, "BE108", diag.T("`%s` 写了两次", "`%s` stands here twice", key.Value), diag.Text{})
		default:
			entries = append(entries, fieldEntry{key.Value, readFieldValue(val, b)})
		}
		seen[key.Value] = true
	}
	return entries
}

// jsonNumber is a number that JSON takes as it is written.
var jsonNumber = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?$`)

func readFieldValue(n *yaml.Node, b *Binder) fieldValue {
	switch n.Kind {
	case yaml.MappingNode:
		return fieldValue{entries: readEntries(n, b)}
	case yaml.SequenceNode:
		list := make([]fieldValue, len(n.Content))
		for i, c := range n.Content {
			list[i] = readFieldValue(resolve(c), b)
		}
		return fieldValue{items: list}
	default:
		return readScalarField(n, b)
	}
}

func readScalarField(n *yaml.Node, b *Binder) fieldValue {
	switch tag := n.ShortTag(); {
	case tag == "!!null":
		return fieldValue{constant: json.RawMessage("null")}
	case tag == "!!bool":
		constant, _ := constantOf(n)
		return fieldValue{constant: fmt.Append(nil, constant)}
	case (tag == "!!int" || tag == "!!float") && jsonNumber.MatchString(n.Value):
		return fieldValue{constant: json.RawMessage(n.Value)}
	}
	b.looksLikeNumber(n)
	text, problems := expression.CompileValue(n.Value, b.opts)
	b.problems(n, problems)
	return fieldValue{text: text}
}

// said reports whether something in the value may be words that somebody wrote.
func (v fieldValue) said() bool {
	return v.text != nil && v.text.Template().Said() || slices.ContainsFunc(v.items, fieldValue.said) ||
		slices.ContainsFunc(v.entries, func(e fieldEntry) bool { return e.value.said() })
}

// get returns the value of a field.
func (f Fields) get(name string) (fieldValue, bool) {
	for _, e := range f.entries {
		if e.name == name {
			return e.value, true
		}
	}
	return fieldValue{}, false
}

// render writes the fields as JSON for the event. Nothing in them mentions
// everybody, unless that is allowed.
func (f Fields) render(env Env, all bool) (json.RawMessage, error) {
	out := fieldWriter{env: env, all: all}
	if err := out.entries(f.entries); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// fieldWriter writes fields as JSON.
type fieldWriter struct {
	bytes.Buffer
	env Env
	all bool // a text may mention everybody
}

func (w *fieldWriter) entries(entries []fieldEntry) error {
	w.WriteByte('{')
	for i, e := range entries {
		if i > 0 {
			w.WriteByte(',')
		}
		name, err := encode(e.name)
		if err != nil {
			return err
		}
		w.Write(name)
		w.WriteByte(':')
		if err := w.value(e.value); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
	}
	w.WriteByte('}')
	return nil
}

func (w *fieldWriter) value(v fieldValue) error {
	switch {
	case v.constant != nil:
		w.Write(v.constant)
		return nil
	case v.entries != nil:
		return w.entries(v.entries)
	case v.text == nil:
		return w.items(v.items)
	}
	value, err := v.text.Eval(w.env.Scope)
	if err != nil {
		return err
	}
	if text, isText := value.(string); isText && !w.all {
		value = spareAll(text)
	}
	raw, err := encode(value)
	if err != nil {
		return err
	}
	w.Write(raw)
	return nil
}

func (w *fieldWriter) items(items []fieldValue) error {
	w.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := w.value(item); err != nil {
			return err
		}
	}
	w.WriteByte(']')
	return nil
}
