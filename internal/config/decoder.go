package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/schema"

	"go.yaml.in/yaml/v3"
)

// decoder reads YAML nodes into settings and collects what is wrong with them.
type decoder struct {
	file     string
	dir      string // relative paths begin here
	env      func(string) (string, bool)
	findings diag.List
}

// setter reads one node into the setting it was made for, and says what may stand
// there.
type setter struct {
	read func(n *yaml.Node)
	node *schema.Node
}

// referencePattern is that of a value that holds a reference, which stands for
// whatever is there when the program starts.
const referencePattern = `\$\{`

// orReference is the node, or a text with a reference.
func orReference(n *schema.Node) *schema.Node {
	if n.Pattern == "" && len(n.Words) == 0 {
		return schema.Or(n, &schema.Node{Types: []string{schema.String}, Pattern: referencePattern, Message: n.Message})
	}
	out := *schema.Or(n, &schema.Node{Types: []string{schema.String}})
	out.Pattern = "(?:" + out.Pattern + ")|" + referencePattern
	return &out
}

// report notes a finding.
func (d *decoder) report(f diag.Finding) { d.findings = append(d.findings, f) }

// at is the place of a node.
func (d *decoder) at(n *yaml.Node) diag.Place { return diag.At(d.file, rangeOf(n)) }

// rangeOf is what a node takes on its first line.
func rangeOf(n *yaml.Node) diag.Range {
	text, _, more := strings.Cut(n.Value, "\n")
	switch {
	case n.Kind != yaml.ScalarNode || more || n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return diag.Span(n.Line, n.Column, 1)
	case n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0:
		text = `"` + text + `"`
	}
	return diag.Word(n.Line, n.Column, text)
}

// object reads a mapping whose keys are all known.
func (d *decoder) object(fields map[string]setter) setter {
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	group := schema.Group(nil)
	group.Types = append(group.Types, schema.Null)
	s := d.table(nil, func(key, value *yaml.Node) {
		set, known := fields[key.Value]
		if !known {
			d.report(d.at(key).Error("BE501", diag.T("未知配置项 `%s`", "unknown setting `%s`", key.Value)).
				WithHint(diag.Suggestion(key.Value, names)))
			return
		}
		set.read(value)
	})
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		group.Props = append(group.Props, schema.Prop{Name: name, Node: fields[name].node})
	}
	return setter{read: s.read, node: group}
}

// table reads a mapping with any keys that hold what of says; nothing at all is an
// empty one.
func (d *decoder) table(of *schema.Node, entry func(key, value *yaml.Node)) setter {
	node := schema.Map(of)
	node.Types = append(node.Types, schema.Null)
	return setter{node: node, read: func(n *yaml.Node) {
		if isNull(n) {
			return
		}
		if n.Kind != yaml.MappingNode {
			d.notAMapping(n)
			return
		}
		seen := make(map[string]*yaml.Node, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key := n.Content[i]
			if first, again := seen[key.Value]; again {
				d.report(d.at(key).Error("BE108", diag.T("`%s` 写了两次", "`%s` is there twice", key.Value)).
					WithRelated(d.file, rangeOf(first), diag.T("第一次在这里", "first here")))
				continue
			}
			seen[key.Value] = key
			entry(key, n.Content[i+1])
		}
	}}
}

// notAMapping says what stands where settings were wanted.
func (d *decoder) notAMapping(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && n.Style == 0 {
		if f, ok := diag.NotAMapping(d.file, n.Line, n.Column, n.Value); ok {
			d.report(f)
			return
		}
	}
	d.wrongType(n, diag.T("这里要写成 `键: 值`", "`key: value` is wanted here"))
}

// list reads a sequence; a single value is a sequence of one.
func (d *decoder) list(item setter) setter {
	node := schema.List(item.node, 0)
	node.Types = append(node.Types, schema.Null)
	if !slices.Contains(item.node.Types, schema.Object) {
		node = schema.Or(item.node, node)
	}
	return setter{node: node, read: func(n *yaml.Node) {
		switch {
		case isNull(n):
		case n.Kind == yaml.SequenceNode:
			for _, c := range n.Content {
				item.read(c)
			}
		case n.Kind == yaml.ScalarNode:
			item.read(n)
		default:
			d.wrongType(n, diag.T("这里要写成列表，每项以「- 」开头", "a list is wanted here, every entry begins with `- `"))
		}
	}}
}

// wrongType reports a node of the wrong kind.
func (d *decoder) wrongType(n *yaml.Node, message diag.Text) {
	if n.Kind == yaml.AliasNode {
		d.report(d.at(n).Error("BE131", diag.T("这里不支持 YAML 引用", "YAML aliases are not taken here")))
		return
	}
	d.report(d.at(n).Error("BE514", message))
}

// isNull says whether nothing was written.
func isNull(n *yaml.Node) bool {
	return n.Kind == 0 || n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}

// scalar reads a single value, with its references replaced.
func (d *decoder) scalar(n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.wrongType(n, diag.T("这里只要一个值", "a single value is wanted here"))
		return "", false
	}
	if isNull(n) {
		d.report(d.at(n).Error("BE514", diag.T("没有写值", "there is no value")))
		return "", false
	}
	return d.expand(n)
}

// text reads any text that is not empty.
func (d *decoder) text(dst *string) setter {
	return setter{node: schema.Text(), read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if ok && strings.TrimSpace(s) == "" {
			d.report(d.at(n).Error("BE514", diag.T("不能是空的", "it can't be empty")))
			return
		}
		if ok {
			*dst = s
		}
	}}
}

// flag reads true or false.
func (d *decoder) flag(dst *bool) setter {
	word := orReference(schema.Or(schema.YesNo(), schema.OneOf(schema.Words("true", "false")...)))
	word.Snippets = nil
	return setter{node: word, read: func(n *yaml.Node) {
		word := strconv.FormatBool(*dst)
		d.word(&word, "true", "false").read(n)
		*dst = word == "true"
	}}
}

// word reads one of a few words.
func (d *decoder) word(dst *string, words ...string) setter {
	return setter{node: orReference(schema.OneOf(schema.Words(words...)...)), read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		if !slices.Contains(words, s) {
			d.report(d.at(n).Error("BE510", diag.T("`%s` 不是可选的值", "`%s` is not one of the choices", n.Value)).
				WithHint(diag.Suggestion(s, words)))
			return
		}
		*dst = s
	}}
}

// number reads a whole number within limits.
func (d *decoder) number(dst *int, least, most int) setter {
	digits := schema.Matching(`^[0-9]+$`, schema.Whole(least, most).Message)
	return setter{node: orReference(schema.Or(schema.Whole(least, most), digits)), read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		i, err := strconv.Atoi(s)
		if err != nil {
			d.report(d.at(n).Error("BE514", diag.T("`%s` 不是整数", "`%s` is not a whole number", n.Value)))
			return
		}
		if i < least || i > most {
			d.report(d.at(n).Error("BE511", diag.T("要在 %d 到 %d 之间", "it has to be between %d and %d", least, most)))
			return
		}
		*dst = i
	}}
}

// duration reads a duration within limits.
func (d *decoder) duration(dst *time.Duration, least, most time.Duration) setter {
	return setter{node: durationNode(), read: func(n *yaml.Node) {
		s, ok := d.scalar(n)
		if !ok {
			return
		}
		v, err := ParseDuration(s)
		if err != nil {
			d.report(d.at(n).Error("BE509", diag.T("`%s` 不是时长", "`%s` is not a duration", n.Value)).
				WithHint(diag.T("写成 30s、10m、2h 或 7d", "write 30s, 10m, 2h or 7d")))
			return
		}
		if v < least || v > most {
			d.report(d.at(n).Error("BE511", diag.T("要在 %s 到 %s 之间", "it has to be between %s and %s", short(least), short(most))))
			return
		}
		*dst = v
	}}
}

// durationNode is a length of time, for editors.
func durationNode() *schema.Node {
	return orReference(schema.Or(schema.Whole(0, 0), schema.Matching(durationPattern, diag.T("写成 30s、10m、2h 或 7d", "write 30s, 10m, 2h or 7d"))))
}

// short writes a duration as a user would.
func short(d time.Duration) string {
	const day = 24 * time.Hour
	if d >= day && d%day == 0 {
		return strconv.Itoa(int(d/day)) + "d"
	}
	return diag.Short(d)
}
