package ruletest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What is wrong with a file of tests is said at its place, as in rules: each bad file
// has beside it what a user would read.
func TestBadTestFiles(t *testing.T) {
	t.Chdir("testdata/findings")
	rules, err := rule.Read([]string{"rules.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	set, _ := rule.Compile(rules)
	bad, err := filepath.Glob("*.yaml")
	if err != nil || len(bad) < 25 {
		t.Fatalf("%d files: %v", len(bad), err)
	}
	for _, name := range bad {
		if name == "rules.yaml" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			f, found := Read(rule.Source{Path: name, Text: text})
			if !found.HasErrors() {
				found = append(found, Check(set, &f)...)
			}
			if !found.HasErrors() {
				t.Fatal("nothing was found")
			}
			golden(t, strings.TrimSuffix(name, ".yaml")+".txt", found)
		})
	}
}

func golden(t *testing.T, file string, found diag.List) {
	t.Helper()
	var out bytes.Buffer
	read := func(name string) ([]byte, bool) { text, err := os.ReadFile(name); return text, err == nil }
	for _, lang := range []diag.Lang{diag.ZH, diag.EN} {
		if err := diag.Print(&out, found, read, diag.Options{Lang: lang}); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(out.String(), "%!") {
		t.Errorf("a text is badly formatted: %s", out.String())
	}
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if d := cmp.Diff(string(want), out.String()); d != "" {
		t.Errorf("findings differ (-want +got):\n%s", d)
	}
}
