// Package schema owns JSON Schemas (draft-07) as editors read them: built in Go from
// the declarations of those who read a file, written in one language. It knows the
// extensions of yaml-language-server (snippets, messages for patterns), and refuses
// to know any file format.
package schema

import (
	"slices"
	"strings"

	"botengine/internal/diag"
)

// Node is one schema. The zero Node takes anything. Nodes may be shared; nobody
// changes a Node that others have.
type Node struct {
	Title diag.Text // of the whole
	Doc   diag.Text // what it is, for people
	More  diag.Text // what editors show below Doc, in Markdown

	Ref   string   // the name of a definition; then all else but Doc and More is empty
	Types []string // none: any type
	Words []Word   // nothing but these; editors complete them

	Pattern string    // of texts
	Message diag.Text // what to say of a text without the pattern, or of what Not refuses

	Minimum, Maximum *int // of numbers

	Props    []Prop   // keys
	Required []string // those that have to be there
	Closed   bool     // no other keys
	Rest     *Node    // what other keys hold
	Names    *Node    // what keys look like
	MinProps int

	Items    *Node // of lists
	MinItems int

	If, Then, Else *Node
	All            []*Node
	Any            []*Node
	Not            *Node

	Snippets   []Snippet
	Deprecated diag.Text // why it is not to be used any more
	Defs       []Prop    // of the whole file: what Ref names
}

// Prop is one key.
type Prop struct {
	Name string
	Node *Node
}

// Word is a word that a value may be.
type Word struct {
	Name string
	Doc  diag.Text
}

// Snippet is something that an editor writes for people.
type Snippet struct {
	Label string
	Doc   diag.Text
	Body  diag.Text // YAML; ${1:word} is a place to fill in
}

// The JSON types.
const (
	String  = "string"
	Number  = "number"
	Integer = "integer"
	Boolean = "boolean"
	Array   = "array"
	Object  = "object"
	Null    = "null"
)

// Text takes a text. Numbers and yes or no are taken as they are written.
func Text() *Node {
	return &Node{Types: []string{String, Number, Boolean}, Message: diag.T("这里要写一段文字，不是列表，也不是空的", "a text is wanted here: no list, and not nothing")}
}

// Scalar takes a text of that form, or a number; message says what it looks like.
func Scalar(pattern string, message diag.Text) *Node {
	return &Node{Types: []string{String, Number}, Pattern: pattern, Message: message}
}

// Whole takes a whole number within limits.
func Whole(least, most int) *Node {
	return &Node{Types: []string{Integer}, Minimum: &least, Maximum: &most, Message: diag.T("这里要写整数，%d 到 %d", "a whole number is wanted here, %d to %d", least, most)}
}

// YesNo takes true or false.
func YesNo() *Node {
	return &Node{Types: []string{Boolean}, Message: diag.T("这里写 true 或 false，不加引号", "this is true or false, without quotes")}
}

// Matching takes a text of that form; message says what it looks like.
func Matching(pattern string, message diag.Text) *Node {
	return &Node{Types: []string{String}, Pattern: pattern, Message: message}
}

// OneOf takes one of a few words.
func OneOf(words ...Word) *Node { return &Node{Types: []string{String}, Words: words} }

// Words are words that need no explanation.
func Words(names ...string) []Word {
	out := make([]Word, len(names))
	for i, name := range names {
		out[i].Name = name
	}
	return out
}

// List takes a list with at least so many entries.
func List(of *Node, least int) *Node {
	return &Node{Types: []string{Array}, Items: of, MinItems: least}
}

// Of is the definition of that name.
func Of(name string) *Node { return &Node{Ref: name} }

// Map takes any keys, all of which hold the same.
func Map(of *Node) *Node { return &Node{Types: []string{Object}, Rest: of} }

// Group takes these keys and no other.
func Group(required []string, props ...Prop) *Node {
	return &Node{Types: []string{Object}, Props: props, Required: required, Closed: true}
}

// Or takes what either takes. They must be of different types, so that nobody who
// reads a message has to choose between two: words become a pattern.
func Or(a, b *Node) *Node {
	a, b = a.worded(), b.worded()
	out := *a
	out.Types = nil
	for _, t := range slices.Concat(a.Types, b.Types) {
		if !slices.Contains(out.Types, t) {
			out.Types = append(out.Types, t)
		}
	}
	if b.Pattern != "" {
		out.Pattern, out.Message = b.Pattern, b.Message
	}
	if b.Minimum != nil {
		out.Minimum, out.Maximum = b.Minimum, b.Maximum
	}
	if b.takes(Object) {
		out.Props, out.Required, out.Closed, out.Rest, out.Names, out.MinProps = b.Props, b.Required, b.Closed, b.Rest, b.Names, b.MinProps
		out.All = slices.Concat(a.All, b.All)
	}
	if b.takes(Array) {
		out.Items, out.MinItems = b.Items, b.MinItems
	}
	out.Snippets = slices.Concat(a.Snippets, b.Snippets)
	return &out
}

// OrMany takes one of these, or a list of them.
func OrMany(one *Node, least int) *Node { return Or(one, List(one, least)) }

// OrWords takes a text of the pattern, too, which begins with ^ and ends with $.
func OrWords(a *Node, names ...string) *Node {
	if len(names) == 0 {
		return a
	}
	words := OneOf(Words(names...)...).worded()
	out := Or(words, a)
	if a.Pattern != "" {
		out.Pattern, out.Message = alternative(words.Pattern, a.Pattern), a.Message
	}
	return out
}

// alternative is the pattern of what fits either.
func alternative(a, b string) string { return "(?:" + a + ")|(?:" + b + ")" }

func (n *Node) takes(kind string) bool { return slices.Contains(n.Types, kind) }

// worded is the node with a pattern and snippets in the place of words.
func (n *Node) worded() *Node {
	if len(n.Words) == 0 {
		return n
	}
	out := *n
	out.Words = nil
	names := make([]string, len(n.Words))
	for i, w := range n.Words {
		names[i] = w.Name
		out.Snippets = append(out.Snippets, Snippet{Label: w.Name, Doc: w.Doc, Body: diag.Text{ZH: w.Name, EN: w.Name}})
	}
	all := strings.Join(names, ", ")
	out.Pattern, out.Message = "^(?:"+strings.Join(quoted(names), "|")+")$", diag.T("可以写的有：%s", "possible here: %s", all)
	return &out
}

// quoted escapes what patterns give a meaning to.
func quoted(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = strings.NewReplacer(".", `\.`, "*", `\*`, "+", `\+`, "?", `\?`, "(", `\(`, ")", `\)`, "[", `\[`, "]", `\]`, "{", `\{`, "}", `\}`, "|", `\|`, "^", `\^`, "$", `\$`).Replace(name)
	}
	return out
}

// AnyOf is the pattern of texts that are one of the words.
func AnyOf(names ...string) string { return "^(?:" + strings.Join(quoted(names), "|") + ")$" }

// WordNames are the names of the node's words.
func (n *Node) WordNames() []string {
	out := make([]string, len(n.Words))
	for i, w := range n.Words {
		out[i] = w.Name
	}
	return out
}

// NamesLike is what keys look like.
func NamesLike(pattern string, message diag.Text) *Node {
	return &Node{Pattern: pattern, Message: message}
}

// Saying is the node with a description.
func (n *Node) Saying(doc, more diag.Text) *Node {
	out := *n
	out.Doc, out.More = doc, more
	return &out
}

// With is the node with snippets besides its own.
func (n *Node) With(snippets ...Snippet) *Node {
	out := *n
	out.Snippets = slices.Concat(n.Snippets, snippets)
	return &out
}

// Within is a copy of the node in which for every value below it something else may
// stand: what fits the definition is, of which then is said what the definition place
// says. It names other definitions with that prefix, and says less of them.
func (n *Node) Within(is, place, prefix string) *Node {
	out := *n
	out.More, out.Snippets = diag.Text{}, nil
	if n.Ref != "" {
		out.Ref = prefix + n.Ref
		return &out
	}
	or := func(value *Node) *Node {
		if value == nil {
			return nil
		}
		inner := value.Within(is, place, prefix)
		inner.Doc = diag.Text{}
		return &Node{Doc: value.Doc, If: Of(is), Then: Of(place), Else: inner}
	}
	out.Props = make([]Prop, len(n.Props))
	for i, p := range n.Props {
		out.Props[i] = Prop{Name: p.Name, Node: or(p.Node)}
	}
	out.Rest, out.Items = or(n.Rest), or(n.Items)
	return &out
}
