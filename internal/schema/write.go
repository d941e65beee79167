package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// draft is the version of JSON Schema that editors know best.
const draft = "http://json-schema.org/draft-07/schema#"

// JSON writes the schema of a whole file in one language, keys in the order in which
// they were declared, so that the same declarations give the same bytes.
func (n *Node) JSON(lang diag.Lang) ([]byte, error) {
	w := writer{lang: lang}
	root := append(object{{"$schema", draft}}, w.node(n)...)
	if w.err != nil {
		return nil, w.err
	}
	out, err := root.lines(1)
	if err != nil {
		return nil, fmt.Errorf("write a schema: %w", err)
	}
	return append(out, '\n'), nil
}

// lines writes each key on a line of its own, and so on for objects so many levels
// down: short enough to keep, and yet a change shows where it is.
func (o object) lines(depth int) ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, e := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		key, err := plain(e.key)
		if err != nil {
			return nil, err
		}
		value, err := plain(e.value)
		if inner, ok := e.value.(object); ok && depth > 0 {
			value, err = inner.lines(depth - 1)
		}
		if err != nil {
			return nil, err
		}
		out.WriteByte('\n')
		out.Write(key)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteString("\n}")
	return out.Bytes(), nil
}

// object is a JSON object with its keys in order.
type object []entry

type entry struct {
	key   string
	value any
}

// MarshalJSON implements json.Marshaler.
func (o object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, e := range o {
		if i > 0 {
			out.WriteByte(',')
		}
		for j, part := range []any{e.key, e.value} {
			if j > 0 {
				out.WriteByte(':')
			}
			raw, err := plain(part)
			if err != nil {
				return nil, err
			}
			out.Write(raw)
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// plain is JSON with < and > as they are.
func plain(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// writer turns nodes into JSON and keeps the first error.
type writer struct {
	lang diag.Lang
	err  error
}

// node is one schema. Beside a reference nothing else is read, so that one with a
// description of its own stands within `allOf`.
func (w *writer) node(n *Node) object {
	var out object
	add := func(key string, value any, given bool) {
		if given {
			out = append(out, entry{key, value})
		}
	}
	w.words(n, add)
	if n.Ref != "" {
		ref := object{{"$ref", "#/definitions/" + n.Ref}}
		if len(out) == 0 {
			return ref
		}
		return append(out, entry{"allOf", []object{ref}})
	}
	add("type", n.types(), len(n.Types) > 0)
	w.texts(n, add)
	w.keys(n, add)
	w.list(n, add)
	w.logic(n, add)
	if len(n.Snippets) > 0 {
		add("defaultSnippets", w.snippets(n.Snippets), true)
	}
	add("definitions", w.props(n.Defs), len(n.Defs) > 0)
	return out
}

type adder func(key string, value any, given bool)

// words are what people read.
func (w *writer) words(n *Node, add adder) {
	doc, more := n.Doc.In(w.lang), n.More.In(w.lang)
	add("title", n.Title.In(w.lang), !n.Title.IsZero())
	marked := strings.TrimSpace(doc + "\n\n" + more)
	add("description", withoutMarks(doc), doc != "")
	add("markdownDescription", marked, marked != withoutMarks(doc))
	add("deprecationMessage", n.Deprecated.In(w.lang), !n.Deprecated.IsZero())
	add("deprecated", true, !n.Deprecated.IsZero())
}

// withoutMarks is a text for editors that know no Markdown.
func withoutMarks(s string) string { return strings.NewReplacer("`", "", "**", "").Replace(s) }

func (n *Node) types() any {
	if len(n.Types) == 1 {
		return n.Types[0]
	}
	return n.Types
}

func (w *writer) texts(n *Node, add adder) {
	names, docs := make([]string, len(n.Words)), make([]string, len(n.Words))
	for i, word := range n.Words {
		names[i], docs[i] = word.Name, word.Doc.In(w.lang)
	}
	add("enum", names, len(names) > 0)
	add("markdownEnumDescriptions", docs, slices.ContainsFunc(docs, func(s string) bool { return s != "" }))
	add("pattern", n.Pattern, n.Pattern != "")
	add("patternErrorMessage", n.Message.In(w.lang), n.Pattern != "" && !n.Message.IsZero())
	add("errorMessage", n.Message.In(w.lang), len(n.Types) > 0 && !n.takes(Object) && !n.takes(Array) && !n.Message.IsZero()) // editors would say it of a key, too
	add("minimum", n.Minimum, n.Minimum != nil)
	add("maximum", n.Maximum, n.Maximum != nil)
}

func (w *writer) keys(n *Node, add adder) {
	add("properties", w.props(n.Props), len(n.Props) > 0)
	add("required", n.Required, len(n.Required) > 0)
	if n.Names != nil {
		add("propertyNames", w.node(n.Names), true)
	}
	add("minProperties", n.MinProps, n.MinProps > 0)
	if n.Rest != nil {
		add("additionalProperties", w.node(n.Rest), true)
	}
	add("additionalProperties", false, n.Closed)
}

func (w *writer) props(list []Prop) object {
	out := object{}
	for _, p := range list {
		out = append(out, entry{p.Name, w.node(p.Node)})
	}
	return out
}

func (w *writer) list(n *Node, add adder) {
	if n.Items != nil {
		add("items", w.node(n.Items), true)
	}
	add("minItems", n.MinItems, n.MinItems > 0)
}

func (w *writer) logic(n *Node, add adder) {
	for _, one := range []struct {
		key  string
		node *Node
	}{{"if", n.If}, {"then", n.Then}, {"else", n.Else}, {"not", n.Not}} {
		if one.node != nil {
			add(one.key, w.node(one.node), true)
		}
	}
	add("allOf", w.each(n.All), len(n.All) > 0)
	add("anyOf", w.each(n.Any), len(n.Any) > 0)
}

func (w *writer) each(list []*Node) []object {
	out := make([]object, len(list))
	for i, n := range list {
		out[i] = w.node(n)
	}
	return out
}

func (w *writer) snippets(list []Snippet) []object {
	out := make([]object, len(list))
	for i, s := range list {
		out[i] = object{{"label", s.Label}}
		if !s.Doc.IsZero() {
			out[i] = append(out[i], entry{"description", withoutMarks(s.Doc.In(w.lang))})
		}
		out[i] = append(out[i], entry{"body", w.body(s)})
	}
	return out
}

// body is the snippet's YAML as JSON.
func (w *writer) body(s Snippet) any {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(s.Body.In(w.lang)), &doc); err != nil || len(doc.Content) != 1 {
		w.fail(fmt.Errorf("snippet %s: %w", s.Label, err))
		return nil
	}
	return w.value(doc.Content[0])
}

// place is where a person fills something in.
var place = regexp.MustCompile(`\$\{[0-9]+:[^}]*\}|\$[0-9]`)

// value is a node of a snippet. A dollar that begins no place is none.
func (w *writer) value(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		out := object{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out = append(out, entry{n.Content[i].Value, w.value(n.Content[i+1])})
		}
		return out
	case yaml.SequenceNode:
		out := make([]any, len(n.Content))
		for i, c := range n.Content {
			out[i] = w.value(c)
		}
		return out
	default:
		var v any
		if err := n.Decode(&v); err != nil {
			w.fail(err)
		}
		if text, ok := v.(string); ok {
			return escape(text)
		}
		return v
	}
}

// escape keeps a dollar that begins no place from beginning one.
func escape(text string) string {
	var out strings.Builder
	last := 0
	for _, at := range append(place.FindAllStringIndex(text, -1), []int{len(text), len(text)}) {
		out.WriteString(strings.ReplaceAll(text[last:at[0]], "$", `\$`))
		out.WriteString(text[at[0]:at[1]])
		last = at[1]
	}
	return out.String()
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}
