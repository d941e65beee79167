package internal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	namedTest = regexp.MustCompile("`((?:Test|Fuzz)[A-Za-z0-9]+)`")
	testFunc  = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)[A-Za-z0-9]+)\(`)
)

// TestEveryTestOfTheSecurityPageIsThere holds the page to the tests it names: a line
// whose test is gone is shown by nothing.
func TestEveryTestOfTheSecurityPageIsThere(t *testing.T) {
	page, err := os.ReadFile("../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	there := allTests(t)
	named := namedTest.FindAllStringSubmatch(string(page), -1)
	if len(named) < 40 {
		t.Errorf("the page names %d tests only", len(named))
	}
	for _, n := range named {
		if !there[n[1]] {
			t.Errorf("docs/security.md names %s, which is nowhere", n[1])
		}
	}
}

// allTests are the names of all tests there are.
func allTests(t *testing.T) map[string]bool {
	t.Helper()
	there := map[string]bool{}
	for _, root := range []string{".", "../cmd"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, f := range testFunc.FindAllStringSubmatch(string(text), -1) {
				there[f[1]] = true
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return there
}
