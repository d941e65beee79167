package rule

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
)

var (
	groupLabelsForm = formOf("labels", "labels: {VIP: [\"VIP*\"], 华东: {file: lists/east.txt}}")
	sizeForm        = formOf("size", "size: {min: 100, max: 500}")
	unlessForm      = formOf("unless", "unless: {是员工: sender.id in lists.staff}")
)

// labelSet are the groups that have one label: those that the file says, and those
// of which it is known otherwise.
type labelSet struct {
	name  string
	exact map[string]bool // ids and names
	globs []pattern
	key   string // equal for equal sets
}

// covers says whether the chat is a group with the label.
func (l *labelSet) covers(c *event.Chat) bool {
	if !c.Group {
		return false
	}
	return l.exact[c.Peer] || l.exact[c.Name] || l.exact[c.ID] || slices.Contains(c.Labels, l.name) ||
		len(l.globs) > 0 && anyMatches(l.globs, c.Peer, c.Name, c.ID)
}

// newLabelSet makes a set of sorted patterns.
func newLabelSet(name string, patterns []pattern) *labelSet {
	l := &labelSet{name: name, exact: map[string]bool{}}
	all := []string{name}
	for _, p := range patterns {
		if all = append(all, p.text); p.glob {
			l.globs = append(l.globs, p)
		} else {
			l.exact[p.text] = true
		}
	}
	sum := sha256.Sum256([]byte(strings.Join(all, "\x00")))
	l.key = string(sum[:16])
	return l
}

// labelBook are the labels that a file gives to groups, by name. It implements
// expression.Labels.
type labelBook map[string]*labelSet

// Of returns the labels of the chat, sorted.
func (b labelBook) Of(c *event.Chat) []string {
	if !c.Group {
		return nil
	}
	out := slices.Clone(c.Labels)
	for name, l := range b {
		if !slices.Contains(out, name) && l.covers(c) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// readLabels reads the labels of groups: of each the groups that have it, inline or
// from a file, by id or pattern of the name.
func (b *builder) readLabels(n *yaml.Node) labelBook {
	out := labelBook{}
	if n == nil {
		return out
	}
	pairs, _ := b.pairs(n, groupLabelsForm)
	for _, p := range pairs {
		out[p.key.Value] = newLabelSet(p.key.Value, b.labelled(p))
	}
	return out
}

// labelled reads the groups of one label.
func (b *builder) labelled(p field) []pattern {
	if p.value.Kind == yaml.MappingNode {
		var out []pattern
		for _, entry := range b.listFile(p.value) {
			if one, ok := b.pattern(item{p.value, entry}); ok {
				out = append(out, one)
			}
		}
		return out
	}
	if isNull(p.value) {
		b.empty(p.key)
		return nil
	}
	return b.patterns(p.value)
}

// wantedLabels reads the labels that a scope asks for.
func (b *builder) wantedLabels(n *yaml.Node) []*labelSet {
	var out []*labelSet
	for _, it := range b.someTexts(n) {
		if l, ok := b.groupLabels[it.text]; ok {
			out = append(out, l)
			continue
		}
		b.fail(it.node, "BE140", diag.T("没有群标签 `%s`", "there is no label `%s` of groups", it.text), b.labelHint(it.text))
	}
	return out
}

func (b *builder) labelHint(name string) diag.Text {
	known := slices.Sorted(maps.Keys(b.groupLabels))
	if len(known) == 0 {
		return diag.T("在文件开头定义：`labels: {%[1]s: [\"群名*\"]}`", "define it at the head of the file: `labels: {%[1]s: [\"a name*\"]}`", name)
	}
	return choiceHint(name, known)
}
