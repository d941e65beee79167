package rule

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// What one file may hold. Larger ones are refused before they are parsed.
const (
	maxFile  = 1 << 20 // bytes
	maxDepth = 64      // levels of nesting
)

// document is a parsed YAML file.
type document struct {
	path  string
	lines lines
	root  *yaml.Node // nil: there is nothing in the file

	foreign []*document // others whose nodes are compiled with this one's
}

// parseDocument parses a file. The document is nil when the file can't be read
// on: what else is wrong in it would only be a consequence of the findings.
func parseDocument(src Source) (*document, diag.List) {
	text := src.rulesOnly()
	doc, found := parseText(src, text)
	if doc == nil && len(text) != len(src.Text) { // the text beside the tests can't be read on: then it is said of the whole
		return parseText(src, src.Text)
	}
	return doc, found
}

// parseText parses a text that stands in the file, line by line.
func parseText(src Source, text []byte) (*document, diag.List) {
	src.Text = text
	whole := diag.At(src.Path, diag.Range{})
	if len(src.Text) > maxFile {
		return nil, diag.List{whole.Error("BE603", diag.T("文件超过 1 MiB", "the file is larger than 1 MiB")).
			WithHint(diag.T("分成几个文件；长名单放进名单文件", "split it; long lists go into list files"))}
	}
	docs, err := parseYAML(src.Text)
	found := traps(src, err)
	if err != nil && !found.HasErrors() { // a file is never left out without a word
		found = append(found, whole.Error("BE101", diag.T("YAML 写法有误：%v", "YAML syntax: %v", err)))
	}
	if err != nil || slices.ContainsFunc(found, shiftsTheRest) {
		return nil, found
	}
	doc := &document{path: src.Path, lines: newLines(string(src.Text))}
	if len(docs) > 0 {
		doc.root = docs[0]
	}
	bad := doc.refused(docs)
	if !bad.HasErrors() && doc.root != nil {
		bad = doc.secrets(nil, doc.root, bad)
	}
	return doc.unless(bad), append(found, bad...)
}

// unless returns the document if nothing was found that forbids going on.
func (d *document) unless(found diag.List) *document {
	if found.HasErrors() {
		return nil
	}
	return d
}

// shiftsTheRest says whether a trap makes places or keys behind it meaningless.
func shiftsTheRest(f diag.Finding) bool { return f.Code == "BE111" || f.Code == "BE118" }

// traps finds what YAML's surprises did to a file, and the cause of the parser's
// error, if it has one.
func traps(src Source, err error) diag.List {
	if err == nil {
		return diag.YAMLTraps(src.Path, src.Text, nil) // only what YAML accepts without a word
	}
	j := judge{left: max(maxTrials, 3*len(src.Text))}
	found := diag.YAMLTraps(src.Path, src.Text, j.parse)
	if j.left < 0 { // no verdict: say what the parser says
		return diag.YAMLTraps(src.Path, src.Text, func([]byte) error { return err })
	}
	return found
}

// maxTrials is how many bytes may be parsed in search of the cause of an error. A
// rule file of the usual size has enough for every suspect; a huge one would
// take minutes.
const maxTrials = 4 << 20

// judge is the parser that proves which suspect is the cause.
type judge struct{ left int }

var errNoVerdict = errors.New("too much to parse")

func (j *judge) parse(src []byte) error {
	if j.left -= len(src); j.left < 0 {
		return errNoVerdict
	}
	return parseOnly(src)
}

// parseOnly returns the parser's error.
func parseOnly(src []byte) error {
	_, err := parseYAML(src)
	return err
}

// parseYAML returns the contents of all documents in src. The library panics on
// some malformed input; that is an error here.
func parseYAML(src []byte) (docs []*yaml.Node, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("yaml: %v", v)
		}
	}()
	for dec := yaml.NewDecoder(bytes.NewReader(src)); ; {
		var doc yaml.Node
		if err := dec.Decode(&doc); errors.Is(err, io.EOF) {
			return docs, nil
		} else if err != nil {
			return docs, err
		}
		if len(doc.Content) > 0 {
			docs = append(docs, doc.Content[0])
		}
	}
}

// refused finds what YAML has and rule files do not: more documents, aliases,
// depth without end.
func (d *document) refused(docs []*yaml.Node) diag.List {
	var found diag.List
	if d.root != nil {
		found = d.nodes(d.root, 1, found)
	}
	for _, doc := range docs[min(1, len(docs)):] {
		if !isNull(doc) {
			f := diag.At(d.path, diag.Span(d.marker(doc.Line), 1, 3)).Error("BE132",
				diag.T("一个文件里只能有一个 YAML 文档", "a file has only one YAML document"))
			return append(found, f.WithHint(diag.T("把 `---` 之后的内容放进另一个文件", "put what follows `---` into a file of its own")))
		}
	}
	return found
}

// nodes looks through the tree.
func (d *document) nodes(n *yaml.Node, depth int, found diag.List) diag.List {
	if depth > maxDepth {
		return append(found, diag.At(d.path, d.at(n)).Error("BE101", diag.T("嵌套太深", "nested too deep")))
	}
	if n.Kind == yaml.AliasNode || n.Tag == "!!merge" {
		place := diag.At(d.path, diag.Word(n.Line, n.Column, "*"+n.Value))
		if n.Kind != yaml.AliasNode {
			place = diag.At(d.path, d.at(n))
		}
		return append(found, place.Error("BE131", diag.T("这里不能用 YAML 的引用", "YAML aliases are not taken here")).
			WithHint(diag.T("写在 `vars`、`macros` 或 `defaults` 里；普通文字请加引号", "use `vars`, `macros` or `defaults`; quote an ordinary text")))
	}
	for _, c := range n.Content {
		if found = d.nodes(c, depth+1, found); len(found) > diag.PerFile {
			return found
		}
	}
	return found
}

// marker is the line of the `---` that begins the document whose content begins
// at line.
func (d *document) marker(line int) int {
	for n := min(line, len(d.lines)); n > 0; n-- {
		if strings.HasPrefix(string(d.lines[n-1]), "---") {
			return n
		}
	}
	return 1
}

// at is where the node stands: a scalar with the runes of its first line,
// anything else with its first rune.
func (d *document) at(n *yaml.Node) diag.Range {
	if home, own, base := d.home(n); base != 0 {
		return movedLines(home.at(own), base)
	}
	if n.Kind != yaml.ScalarNode || n.Value == "" {
		return diag.Span(n.Line, n.Column, 1)
	}
	line, _, _ := strings.Cut(n.Value, "\n")
	return d.piece(n, 0, len([]rune(line)))
}

// piece is where some runes of a scalar's value stand. Where the way back to the
// file can't be followed it is the scalar's beginning.
func (d *document) piece(n *yaml.Node, offset, length int) diag.Range {
	if home, own, base := d.home(n); base != 0 {
		return movedLines(home.piece(own, offset, length), base)
	}
	if n.Kind != yaml.ScalarNode {
		return diag.Span(n.Line, n.Column, 1)
	}
	if p, ok := d.lines.value(n); ok {
		return p.span(offset, length)
	}
	return d.firstLine(n)
}

// firstLine is the scalar as far as it goes on its first line.
func (d *document) firstLine(n *yaml.Node) diag.Range {
	if home, own, base := d.home(n); base != 0 {
		return movedLines(home.firstLine(own), base)
	}
	if n.Line < 1 || n.Line > len(d.lines) {
		return diag.Range{}
	}
	rest := len(d.lines[n.Line-1]) - (n.Column - 1)
	return diag.Span(n.Line, n.Column, max(1, min(len([]rune(n.Value)), rest)))
}

// isNull says whether nothing is written where the node stands.
func isNull(n *yaml.Node) bool {
	return n == nil || n.Kind == 0 || n.Kind == yaml.ScalarNode && n.Style == 0 && n.Tag == "!!null"
}
