package rule

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// ownLists are lists that mean something without being named.
var ownLists = []string{staffList, holidayList, workdayList}

// adviseUnused warns of what a file of rules defines and never names again: its
// users would miss it only when nothing happens. A name counts as used wherever it
// stands, so that nothing is blamed that could be meant.
func (b *builder) adviseUnused(f fields) {
	if b.findings.HasErrors() {
		return // what uses it may be what is wrong
	}
	said := &usedWords{skip: map[*yaml.Node]bool{}}
	for _, section := range []string{"vars", "macros", "lists", "templates", "labels"} {
		for _, key := range keysIn(f.get(section)) {
			said.skip[key] = true
		}
	}
	said.gather(b.doc.root)
	text := said.text.String()
	for _, section := range []string{"vars", "macros", "lists", "templates", "labels"} {
		for _, key := range keysIn(f.get(section)) {
			name := key.Value
			if section == "vars" {
				name = "vars." + name
			}
			dynamic := section == "vars" && strings.Contains(text, "vars[")
			if dynamic || section == "lists" && slices.Contains(ownLists, name) || strings.Contains(text, name) {
				continue
			}
			b.warn(key, "BE408", diag.T("`%[2]s` 里的 `%[1]s` 没有被用到", "`%[1]s` of `%[2]s` is never used", key.Value, section),
				diag.T("去掉它，或检查用它的地方是不是写错了名字", "take it out, or look whether its name is mistyped where it should be used"))
		}
	}
}

// keysIn are the keys of a mapping.
func keysIn(n *yaml.Node) []*yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	var keys []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		keys = append(keys, n.Content[i])
	}
	return keys
}

// usedWords are all words of a file but those that define something.
type usedWords struct {
	skip map[*yaml.Node]bool
	text strings.Builder
}

func (u *usedWords) gather(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode && !u.skip[n] {
		u.text.WriteString(n.Value)
		u.text.WriteByte('\n')
	}
	for _, c := range n.Content {
		u.gather(c)
	}
}
