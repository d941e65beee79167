package ruletest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// decoder reads YAML strictly and keeps everything that it finds.
type decoder struct {
	path  string
	doc   *rule.Document
	found diag.List
}

// slot is a key that a mapping may have, and who takes its value.
type slot struct {
	name string
	take func(*yaml.Node)
}

// pair is one `key: value`.
type pair struct{ key, value *yaml.Node }

func (d *decoder) fail(n *yaml.Node, code string, message, hint diag.Text) {
	d.found = append(d.found, diag.At(d.path, d.doc.At(n)).Error(code, message).WithHint(hint))
}

// pairs are the entries of a mapping, each key once.
func (d *decoder) pairs(n *yaml.Node) []pair {
	if n.Kind != yaml.MappingNode {
		d.fail(n, "BE104", diag.T("这里要写成一组 `键: 值`", "a group of `key: value` is wanted here"), diag.Text{})
		return nil
	}
	var out []pair
	seen := map[string]*yaml.Node{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch first := seen[key.Value]; {
		case key.Kind != yaml.ScalarNode:
			d.fail(key, "BE104", diag.T("字段名要是一段文字", "the name of a field is a text"), diag.Text{})
			continue
		case first != nil:
			d.fail(key, "BE108", diag.T("`%s` 写了两次", "`%s` stands here twice", key.Value), diag.T("只留一个", "keep one of them"))
			continue
		}
		seen[key.Value] = key
		out = append(out, pair{key, n.Content[i+1]})
	}
	return out
}

// fields reads a mapping that may have these keys and no others; false when there is
// no mapping.
func (d *decoder) fields(n *yaml.Node, slots []slot) bool {
	names := make([]string, len(slots))
	for i := range slots {
		names[i] = slots[i].name
	}
	for _, p := range d.pairs(n) {
		i := slices.Index(names, p.key.Value)
		switch {
		case i < 0:
			d.fail(p.key, "BE102", diag.T("未知字段 `%s`", "unknown field `%s`", p.key.Value), choices(p.key.Value, names))
		case names[i] == "expect" || d.there(p.key, p.value): // an empty `expect` asks to be filled in
			slots[i].take(p.value)
		}
	}
	return n.Kind == yaml.MappingNode
}

// choices names the word that was probably meant, or all there are.
func choices(word string, known []string) diag.Text {
	if hint := diag.Suggestion(word, known); !hint.IsZero() {
		return hint
	}
	return diag.T("可以写的有：%s", "possible here: %s", strings.Join(slices.Sorted(slices.Values(known)), ", "))
}

// listed is how many words a message names.
const listed = 8

// there says whether the key has a value, or else finds that it has none.
func (d *decoder) there(key, value *yaml.Node) bool {
	if isNull(value) {
		d.fail(key, "BE125", diag.T("`%s` 是空的", "`%s` is empty", key.Value), diag.T("写上内容，或去掉这个字段", "give it a value or take it out"))
		return false
	}
	return true
}

// list is a list, of whatever.
func (d *decoder) list(n *yaml.Node) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		d.fail(n, "BE104", diag.T("这里要写成列表", "a list is wanted here"), diag.T("每一项以「- 」开头，或者写成 `[…, …]`", "every entry begins with `- `, or write `[…, …]`"))
		return nil
	}
	return n.Content
}

// text is a scalar as it is written.
func (d *decoder) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || isNull(n) {
		d.fail(n, "BE104", diag.T("这里要写一段文字", "a text is wanted here"), diag.Text{})
		return ""
	}
	return n.Value
}

func (d *decoder) into(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) { *to = d.text(n) }
}

// digits takes an id that the platform has as a number.
func (d *decoder) digits(to *string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = d.text(n)
		if strings.Trim(*to, "0123456789") != "" {
			d.fail(n, "BE104", diag.T("标签的 id 是一串数字", "the id of a tag is digits"), diag.Text{})
		}
	}
}

// texts is a list of texts.
func (d *decoder) texts(n *yaml.Node) []string {
	out := []string{}
	for _, c := range d.list(n) {
		out = append(out, d.text(c))
	}
	return out
}

func (d *decoder) oneOf(to *string, words []string) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = d.text(n)
		if !slices.Contains(words, *to) && *to != "" {
			message := diag.T("没有 `%[1]s` 这种写法", "%[1]q is not possible here", *to)
			if len(words) <= listed {
				message.EN = fmt.Sprintf("%q is none of %s", *to, strings.Join(words, ", "))
			}
			d.fail(n, "BE107", message, choices(*to, words))
		}
	}
}

func (d *decoder) yes(to *bool) func(*yaml.Node) {
	return func(n *yaml.Node) {
		*to = n.Value == "true"
		if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!bool" {
			d.fail(n, "BE104", diag.T("这里写 `true` 或 `false`", "write `true` or `false`"), diag.Text{})
		}
	}
}

func (d *decoder) number(n *yaml.Node) int {
	v, err := strconv.Atoi(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil || v < 0 {
		d.fail(n, "BE104", diag.T("这里要写整数", "a whole number is wanted here"), diag.Text{})
	}
	return v
}

// valueOf returns what stands under the key, or nil.
func valueOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// keyOf returns the key of that name, or the mapping.
func keyOf(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i]
		}
	}
	return n
}

// isNull says whether nothing is written where the node stands.
func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.Style == 0 && n.ShortTag() == "!!null"
}
