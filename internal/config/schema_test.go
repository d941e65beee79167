package config

import (
	"testing"

	"botengine/internal/schema"
)

// The schema is made of the readers, so that it has their keys and no other. What is
// left to check are the words about them.
func TestEverySettingIsDescribed(t *testing.T) {
	seen := map[string]bool{}
	noteSettings(seen, "", Schema())
	if len(seen) < 40 {
		t.Fatalf("only %d settings", len(seen))
	}
	for path := range seen {
		if text := settingTexts[path]; text.ZH == "" || text.EN == "" {
			t.Errorf("settingTexts has no text for %s", path)
		}
	}
	for path := range settingTexts {
		if !seen[path] {
			t.Errorf("settingTexts describes %s, which nobody reads", path)
		}
	}
}

func noteSettings(seen map[string]bool, path string, n *schema.Node) {
	for _, p := range n.Props {
		seen[path+p.Name] = true
		noteSettings(seen, path+p.Name+".", p.Node)
	}
	for _, inner := range []*schema.Node{n.Items, n.Rest} {
		if inner != nil {
			noteSettings(seen, path, inner)
		}
	}
}
