package rule

import (
	"bytes"
	"slices"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// testsKey begins the tests of a rule file.
var testsKey = []byte("tests:")

// HasTests says whether the file has tests of its own beside its rules.
func (s Source) HasTests() bool {
	from, _ := testLines(s.Text)
	return from >= 0
}

// rulesOnly is the text without the tests that stand beside the rules; every other
// line keeps its number. To the engine a file with tests is the file without them:
// they are not parsed with the rules, a mistake in them keeps no rule from being
// loaded, and a changed test is no changed rule.
func (s Source) rulesOnly() []byte {
	from, to := testLines(s.Text)
	if from < 0 {
		return s.Text
	}
	gap := bytes.Repeat([]byte("\n"), bytes.Count(s.Text[from:to], []byte("\n")))
	if to == len(s.Text) {
		return s.Text[:from]
	}
	return slices.Concat(s.Text[:from], gap, s.Text[to:])
}

// testLines is where the block under a top-level `tests:` begins and ends; from is
// -1 when there is none. It ends at the next line that begins a key.
func testLines(text []byte) (from, to int) {
	from = -1
	if !bytes.Contains(text, testsKey) {
		return -1, 0 // most files have none: a search is all that it costs
	}
	for at := 0; at < len(text); {
		next := len(text)
		if i := bytes.IndexByte(text[at:], '\n'); i >= 0 {
			next = at + i + 1
		}
		line := text[at:next]
		switch {
		case from < 0 && bytes.HasPrefix(line, testsKey):
			from = at
		case from >= 0 && beginsKey(line):
			return from, at
		}
		at = next
	}
	return from, len(text)
}

// beginsKey says whether a line stands at the left margin and is neither an entry of
// a list, nor a comment, nor empty.
func beginsKey(line []byte) bool {
	switch line[0] {
	case ' ', '\t', '-', '#', '\r', '\n':
		return false
	}
	return true
}

// Document is a parsed file of tests, or a rule file with tests in it.
type Document struct{ doc *document }

// OpenTests parses a file for the sake of its tests. What is wrong with its YAML is
// found as in rules, but that values may have tags. The Document is nil when
// there is an error.
func OpenTests(src Source) (*Document, diag.List) {
	doc, found := parseText(src, src.Text)
	found = slices.DeleteFunc(found, func(f diag.Finding) bool { return f.Code == "BE116" })
	if doc == nil || found.HasErrors() {
		return nil, found
	}
	return &Document{doc}, found
}

// Root is the content of the file; nil when it is empty.
func (d *Document) Root() *yaml.Node { return d.doc.root }

// At is where a node stands, a text with its first line.
func (d *Document) At(n *yaml.Node) diag.Range { return d.doc.at(n) }

// Piece is where some runes of a text's value stand.
func (d *Document) Piece(n *yaml.Node, offset, length int) diag.Range {
	return d.doc.piece(n, offset, length)
}
