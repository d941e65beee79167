package diag_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"botengine/internal/diag"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden and generated files anew")

func TestCodesAreCompleteAndInOrder(t *testing.T) {
	shape := regexp.MustCompile(`^BE[1-6]\d\d$`)
	last := ""
	for _, c := range diag.Codes() {
		if !shape.MatchString(c.Code) || c.Code <= last {
			t.Errorf("code %q does not follow %q", c.Code, last)
		}
		last = c.Code
		for _, text := range []diag.Text{c.Title, c.Explain} {
			if text.ZH == "" || text.EN == "" || strings.Contains(text.ZH+text.EN, "%!") {
				t.Errorf("%s: the text is not complete: %q", c.Code, text)
			}
		}
		if (c.Wrong == "" || c.Right == "" || c.Wrong == c.Right) && c.Code != "BE609" {
			t.Errorf("%s has no pair of examples", c.Code)
		}
	}
}

func TestLookupFindsACodeInAnyCase(t *testing.T) {
	if c, ok := diag.Lookup("be102"); !ok || c.Code != "BE102" {
		t.Errorf("be102 is %v, %v", c.Code, ok)
	}
	if _, ok := diag.Lookup("BE999"); ok {
		t.Error("BE999 is known")
	}
}

func TestExplanationHasTitleAndExamples(t *testing.T) {
	c, _ := diag.Lookup("BE112")
	want := "BE112: 用 Tab 缩进\n\nYAML 的缩进不能用 Tab，请换成空格。\n\n错误写法：\n\n  scope:\n  →   chat_type: group\n\n正确写法：\n\n  scope:\n    chat_type: group\n"
	if got := c.Explanation(diag.ZH); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

// TestEveryCodeInTheSourceIsListed looks for codes that somebody uses without a
// row in the table.
func TestEveryCodeInTheSourceIsListed(t *testing.T) {
	literal := regexp.MustCompile(`"(BE\d\d\d)"`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range literal.FindAllSubmatch(src, -1) {
			if _, ok := diag.Lookup(string(m[1])); !ok {
				t.Errorf("%s uses %s, which has no row in internal/diag/codes_*.go", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestGeneratedErrorsPage holds docs/errors.md to the table.
func TestGeneratedErrorsPage(t *testing.T) {
	var page bytes.Buffer
	if err := diag.Markdown(&page); err != nil {
		t.Fatal(err)
	}
	for _, c := range diag.Codes() {
		if !strings.Contains(page.String(), "### "+c.Code+"\n") {
			t.Errorf("%s has no place on the page", c.Code)
		}
	}
	golden(t, filepath.Join("..", "..", "docs", "errors.md"), page.Bytes())
}

// golden compares got with a file, or writes it under -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), string(got)); d != "" {
		t.Errorf("%s is out of date: `make generate` (or go test ./internal/diag -update) writes it anew (-is +would be):\n%s", path, d)
	}
}
