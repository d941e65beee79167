package rule_test

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

const findings = "../../testdata/findings"

// TestFindings compiles each bad file, or folder of files that belong together,
// and compares what a user would read with the golden text beside it.
func TestFindings(t *testing.T) {
	t.Chdir(findings)
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, e := range entries {
		name, isRules := strings.CutSuffix(e.Name(), ".yaml")
		if e.Name() == "good" || e.Name() == "lists" || !isRules && !e.IsDir() {
			continue
		}
		cases++
		t.Run(name, func(t *testing.T) {
			sources, found := compilePath(t, e.Name())
			if len(found) == 0 {
				t.Fatal("nothing was found")
			}
			checkGolden(t, name+".txt", printed(t, sources, found))
			checkPlaces(t, sources, found)
		})
	}
	if cases < 120 {
		t.Errorf("only %d bad files", cases)
	}
}

// TestGoodFiles holds that sound files have no findings at all.
func TestGoodFiles(t *testing.T) {
	t.Chdir(filepath.Join(findings, "good"))
	files, err := filepath.Glob("*.yaml")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d good files: %v", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(name, ".yaml"), func(t *testing.T) {
			sources, found := compilePath(t, name)
			if len(found) > 0 {
				t.Errorf("findings in a good file:\n%s", printed(t, sources, found))
			}
		})
	}
}

// TestExampleRulesHaveNoFindings holds what is shipped to what check demands.
func TestExampleRulesHaveNoFindings(t *testing.T) {
	t.Chdir("../..")
	sources, found := compilePath(t, "rules")
	if len(found) > 0 {
		t.Errorf("findings in the example rules:\n%s", printed(t, sources, found))
	}
}

func compilePath(t *testing.T, path string) (rule.Sources, diag.List) {
	t.Helper()
	sources, err := rule.Read([]string{path})
	if err != nil {
		t.Fatal(err)
	}
	set, found := rule.Compile(sources)
	if (set == nil) != found.HasErrors() {
		t.Errorf("set is nil: %v, findings have errors: %v", set == nil, found.HasErrors())
	}
	return sources, found
}

func printed(t *testing.T, sources rule.Sources, found diag.List) string {
	t.Helper()
	var out bytes.Buffer
	lookUp := func(file string) ([]byte, bool) {
		for _, s := range sources {
			if s.Path == file {
				return s.Text, true
			}
		}
		return nil, false
	}
	if err := diag.Print(&out, found, lookUp, diag.Options{Lang: diag.ZH}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func checkGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (run the test with -update)", err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Errorf("findings differ (-want +got):\n%s", d)
	}
}

// checkPlaces holds that every finding is complete and lies inside its file.
func checkPlaces(t *testing.T, sources rule.Sources, found diag.List) {
	t.Helper()
	for _, f := range found {
		if _, ok := diag.Lookup(f.Code); !ok {
			t.Errorf("code %s is not explained", f.Code)
		}
		if f.Message.ZH == "" || f.Message.EN == "" || (f.Hint.ZH == "") != (f.Hint.EN == "") {
			t.Errorf("not in both languages: %+v", f)
		}
		if strings.Contains(f.Message.ZH+f.Message.EN+f.Hint.ZH+f.Hint.EN, "%!") {
			t.Errorf("a text is badly formatted: %+v", f)
		}
		if f.Range.IsZero() {
			continue
		}
		for _, s := range sources {
			if s.Path == f.File && !inside(s.Text, f.Range) {
				t.Errorf("%s lies outside of its file: %+v", f.Code, f.Range)
			}
		}
	}
}

// inside says whether the range lies within the text and is not empty; what is
// missing may be pointed at one rune behind the end of a line.
func inside(text []byte, r diag.Range) bool {
	s := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
	lines := strings.Split(strings.ReplaceAll(s, "\r", "\n"), "\n")
	for i, p := range []diag.Position{r.Start, r.End} {
		if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len([]rune(lines[p.Line-1]))+1+i {
			return false
		}
	}
	return r.Start.Before(r.End)
}
