package rule

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"hash"
	"maps"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// definition is something with a name that rules of a file may use.
type definition struct {
	name string
	sum  string // of what it is
	text string // what may name others; "" = nothing
}

// unversioned are the fields that say nothing of what a rule does.
var unversioned = []string{"name", "owner", "labels", "rollout"}

// versionOf names what a rule does. A definition belongs to it when its name stands
// anywhere in the rule's text: rather once too often than once too seldom.
func (b *builder) versionOf(n *yaml.Node) string {
	var text strings.Builder
	writeNode(&text, without(n, unversioned...))
	if d := b.defaultsNode; d != nil && d.Kind == yaml.MappingNode {
		text.WriteString("\x00defaults")
		writeNode(&text, without(d, "rollout"))
	}
	h := sha256.New()
	if len(b.inputs) > 0 {
		raw, err := json.Marshal(b.inputs) // texts, numbers and lists: it cannot fail
		if err == nil {
			text.Write(raw)
		}
	}
	b.hashUsed(h, text.String())
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// hashUsed adds a text and the definitions that it names, and those that they name.
func (b *builder) hashUsed(h hash.Hash, text string) {
	if b.defined == nil {
		b.defined = b.definitions()
	}
	h.Write([]byte(text)) // a hash never fails
	taken := make([]bool, len(b.defined))
	for queue := []string{text}; len(queue) > 0; queue = queue[1:] {
		for i := range b.defined {
			if d := &b.defined[i]; !taken[i] && strings.Contains(queue[0], d.name) {
				taken[i] = true
				if d.text != "" {
					queue = append(queue, d.text)
				}
			}
		}
	}
	for i := range b.defined {
		if taken[i] {
			h.Write([]byte("\x00" + b.defined[i].name + "\x00" + b.defined[i].sum))
		}
	}
}

// definitions are all that rules of the file may name, in a fixed order.
func (b *builder) definitions() []definition {
	out := []definition{}
	add := func(name, text string, search bool) {
		sum := sha256.Sum256([]byte(text))
		d := definition{name: name, sum: hex.EncodeToString(sum[:16])}
		if search {
			d.text = text
		}
		out = append(out, d)
	}
	for name, macro := range b.macros {
		add(name, "m"+macro, true)
	}
	for name, v := range b.vars {
		if raw, err := json.Marshal(v); err == nil { // texts, and groups of them: it cannot fail
			add(name, "v"+string(raw), false)
		}
	}
	for name, list := range b.lists {
		add(name, "l"+strings.Join(list, "\x00"), false)
	}
	for _, name := range slices.Sorted(maps.Keys(b.groupLabels)) {
		add(name, "g"+b.groupLabels[name].key, false)
	}
	slices.SortFunc(out, func(x, y definition) int { return cmp.Or(cmp.Compare(x.name, y.name), cmp.Compare(x.sum, y.sum)) })
	return out
}

// writeNode writes what a node says: not how it is laid out, nor in which order a
// mapping has its keys, nor its comments.
func writeNode(out *strings.Builder, n *yaml.Node) {
	switch n.Kind {
	case yaml.MappingNode:
		places := make([]int, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			places = append(places, i)
		}
		slices.SortStableFunc(places, func(x, y int) int { return cmp.Compare(n.Content[x].Value, n.Content[y].Value) })
		out.WriteByte('{')
		for _, i := range places {
			writeNode(out, n.Content[i])
			writeNode(out, n.Content[i+1])
		}
		out.WriteByte('}')
	case yaml.SequenceNode:
		out.WriteByte('[')
		for _, c := range n.Content {
			writeNode(out, c)
		}
		out.WriteByte(']')
	default:
		out.WriteString(strconv.Itoa(len(n.Value)))
		out.WriteByte(':')
		out.WriteString(n.Value)
	}
}
