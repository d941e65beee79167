package rule_test

import (
	"os"
	"path/filepath"
	"testing"

	"botengine/internal/rule"
	"botengine/internal/rule/ruleload"
)

// BenchmarkRead1000Files reads a folder of a thousand files with ten rules each.
func BenchmarkRead1000Files(b *testing.B) {
	b.Chdir(b.TempDir())
	if err := os.Mkdir("rules", 0o700); err != nil {
		b.Fatal(err)
	}
	for _, src := range ruleload.NewFiles(1, ruleload.Mixed, 10_000, 10, 0).Sources {
		if err := os.WriteFile(filepath.FromSlash(src.Path), src.Text, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if sources, err := rule.Read([]string{"rules"}); err != nil || len(sources) != 1000 {
			b.Fatal(len(sources), err)
		}
	}
}

func TestAReaderSeesThatAFileNamesAnotherList(t *testing.T) {
	folder(t, map[string]string{"a.yaml": "lists: {x: {file: one.txt}}\n", "one.txt": "一", "two.txt": "二"})
	var r rule.Reader
	for text, list := range map[string]string{"lists: {x: {file: two.txt}}\n": "two.txt", "lists: {x: {file: one.txt}}\n": "one.txt"} {
		if err := os.WriteFile("a.yaml", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			sources, err := r.Read([]string{"."})
			if err != nil || len(sources) != 2 || sources[1].Path != list {
				t.Errorf("got %v (%v), want the list %s", sources, err, list)
			}
		}
	}
}
