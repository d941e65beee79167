package rule_test

import (
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/rule"
)

// TestGoodRulesHaveNoFindings counts the sound rules of the project: what is
// shipped, what the reference shows, what the corpus has. Of none of them is anything
// said, alone or together.
func TestGoodRulesHaveNoFindings(t *testing.T) {
	t.Chdir("../..")
	good := 0
	for _, pattern := range []string{"rules", "docs/examples/*.yaml", "testdata/findings/good/*.yaml", "testdata/between/sound/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files: %v", pattern, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.yaml") {
				continue
			}
			sources, err := rule.Read([]string{name})
			if err != nil {
				t.Fatal(err)
			}
			set, found := rule.Check(sources, rule.World{})
			if len(found) > 0 {
				t.Errorf("%s:\n%s", name, printed(t, sources, found))
				continue
			}
			good += len(set.Rules)
		}
	}
	if good < 200 {
		t.Errorf("only %d good rules, want 200", good)
	}
	t.Logf("%d good rules", good)
}
