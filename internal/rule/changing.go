package rule

import "go.yaml.in/yaml/v3"

// changingLists are the lists of the file that rules may change: those that one of
// its steps puts something on or takes something off, and those that say
// `dynamic: true`, because another file's rules do. What rules change, a condition
// has to ask the store for; all other lists are as they were loaded.
func (b *builder) changingLists(lists, whole *yaml.Node) map[string]bool {
	out := map[string]bool{}
	if lists != nil && lists.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(lists.Content); i += 2 {
			list := lists.Content[i+1]
			if dynamic := childOf(list, "dynamic"); dynamic != list && dynamic.Value == "true" {
				out[lists.Content[i].Value] = true
			}
		}
	}
	noteChanged(whole, out)
	return out
}

// noteChanged adds the lists that steps below the node change.
func noteChanged(n *yaml.Node, out map[string]bool) {
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 && n.Content[i-1].Value == "list" && c.Kind == yaml.MappingNode {
			for _, key := range []string{"add", "remove"} {
				if name := childOf(c, key); name != c && name.Kind == yaml.ScalarNode {
					out[name.Value] = true
				}
			}
		}
		if len(c.Content) > 0 {
			noteChanged(c, out)
		}
	}
}
