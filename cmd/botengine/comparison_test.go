package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const shownBy = "\n## 由什么证明 · Shown by\n"

// A link of the table of proofs: a file, and perhaps the test in it.
var proofLink = regexp.MustCompile("\\[`([^`]+)`\\]\\(([^)]+)\\)")

// Every feature of the comparison is shown by a rule test and by a run against the
// simulated platform, and each of them is there.
func TestEveryFeatureIsShownByTestsThatThereAre(t *testing.T) {
	text, err := os.ReadFile("../../docs/comparison.md")
	if err != nil {
		t.Fatal(err)
	}
	compared, proofs, ok := strings.Cut(string(text), shownBy)
	if !ok {
		t.Fatalf("docs/comparison.md has no %q", strings.TrimSpace(shownBy))
	}
	shown := map[string]bool{}
	for _, cells := range tableRows(proofs) {
		if len(cells) != 3 {
			t.Errorf("%s: %d columns, want 3", cells[0], len(cells))
			continue
		}
		shown[cells[0]] = true
		for _, cell := range cells[1:] {
			checkProofs(t, cells[0], cell)
		}
	}
	for _, cells := range tableRows(compared) {
		if !shown[cells[0]] {
			t.Errorf("%s: nothing is named that shows it", cells[0])
		}
	}
}

// checkProofs holds that a cell names at least one proof and that all are there.
func checkProofs(t *testing.T, feature, cell string) {
	t.Helper()
	links := proofLink.FindAllStringSubmatch(cell, -1)
	if len(links) == 0 {
		t.Errorf("%s: a cell without a proof: %q", feature, cell)
	}
	for _, link := range links {
		name, path := link[1], filepath.Join("../../docs", link[2])
		file, err := os.ReadFile(path)
		switch {
		case err != nil:
			t.Errorf("%s: %v", feature, err)
		case strings.HasPrefix(name, "Test") && !strings.Contains(string(file), "\nfunc "+name+"("):
			t.Errorf("%s: %s has no %s", feature, link[2], name)
		case !strings.HasPrefix(name, "Test") && !strings.HasSuffix(path, name):
			t.Errorf("%s: %s is called %s", feature, link[2], name)
		}
	}
}

// tableRows are the cells of every row of the tables, without heads and headings.
func tableRows(text string) (rows [][]string) {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		head := i+1 < len(lines) && strings.HasPrefix(lines[i+1], "| ---")
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| **") || head {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		rows = append(rows, cells)
	}
	return rows
}
