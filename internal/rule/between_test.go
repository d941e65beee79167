package rule_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/rule/ruleload"
)

// between compiles one file or folder, which must be without errors, and looks for
// faults between its rules.
func between(t *testing.T, path string) (rule.Sources, diag.List) {
	t.Helper()
	sources, found := compilePath(t, path)
	set, _ := rule.Compile(sources)
	if set == nil {
		t.Fatalf("it has errors:\n%s", printed(t, sources, found))
	}
	return sources, set.Between()
}

// TestSeededFaultsBetweenRulesAreFound counts how many of the faults that were put
// into the files are found; the first line of each says which, at which rule.
func TestSeededFaultsBetweenRulesAreFound(t *testing.T) {
	t.Chdir("../../testdata/between/seeded")
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	hits := 0
	var all strings.Builder
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, _, _ := strings.Cut(string(text), "\n")
		want := strings.Fields(first) // # CODE RULE
		sources, found := between(t, name)
		all.WriteString(printed(t, sources, found))
		checkPlaces(t, sources, found)
		if found.HasErrors() {
			t.Errorf("%s: a guess must never refuse rules", name)
		}
		if len(found) == 1 && found[0].Code == want[1] && inRule(string(text), want[2], found[0]) {
			hits++
		} else {
			t.Logf("%s: want one %s at %s, found\n%s", name, want[1], want[2], printed(t, sources, found))
		}
	}
	t.Logf("%d of %d faults between rules found", hits, len(files))
	if hits < len(files)-2 {
		t.Errorf("only %d of %d were found", hits, len(files))
	}
	checkGolden(t, "../seeded.txt", all.String())
}

// inRule says whether the finding stands within the rule of that id.
func inRule(text, id string, f diag.Finding) bool {
	lines := strings.Split(text, "\n")
	for i := f.Range.Start.Line - 1; i >= 0; i-- {
		if got, begins := strings.CutPrefix(lines[i], "  - id: "); begins {
			return got == id
		}
	}
	return false
}

func TestNoFaultIsSeenBetweenRulesThatGetAlong(t *testing.T) {
	t.Chdir("../..")
	for _, pattern := range []string{"testdata/between/sound/*.yaml", "testdata/findings/good/*.yaml", "docs/examples/*.yaml", "rules"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files: %v", pattern, len(files), err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.yaml") {
				continue
			}
			if sources, found := between(t, name); len(found) > 0 {
				t.Errorf("%s:\n%s", name, printed(t, sources, found))
			}
		}
	}
}

func BenchmarkBetween10000(b *testing.B) {
	set, found := rule.Compile(ruleload.New(1, ruleload.Mixed, 10_000, 0).Sources)
	if set == nil {
		b.Fatal(found)
	}
	for b.Loop() {
		set.Between()
	}
}
