package rule

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"botengine/internal/diag"
)

// scalarIn returns the document of `when: <written>` and the scalar's node.
func scalarIn(t interface{ Fatalf(string, ...any) }, src string) (*document, *yaml.Node) {
	docs, err := parseYAML([]byte(src))
	if err != nil {
		t.Fatalf("%q: %v", src, err)
	}
	return &document{path: "a.yaml", lines: newLines(src), root: docs[0]}, valueOf(docs[0], "when")
}

func TestAPlaceInAScalarIsFoundInTheFile(t *testing.T) {
	for _, c := range []struct {
		name, src, find string
		want            string // line:column-line:column
	}{
		{"plain", "a: 1\nwhen: 文字 == oops\n", "oops", "2:13-2:17"},
		{"plain after Chinese and an emoji", "when: 退款🙂 oops\n", "oops", "1:11-1:15"},
		{"plain over two lines", "when: 退款\n  and oops\n", "oops", "2:7-2:11"},
		{"plain over two lines with a blank one between", "when: 退款\n\n  and oops\n", "oops", "3:7-3:11"},
		{"plain with a tag and an anchor", "when: &x !!str 退款 oops\n", "oops", "1:19-1:23"},
		{"single quotes", "when: '退款 oops'\n", "oops", "1:11-1:15"},
		{"single quotes with a doubled quote", "when: 'it''s oops'\n", "oops", "1:14-1:18"},
		{"single quotes over two lines", "when: '退款\n  and oops'\n", "oops", "2:7-2:11"},
		{"double quotes", "when: \"退款 oops\"\n", "oops", "1:11-1:15"},
		{"double quotes with escapes", "when: \"\\\"\\u9000\\x41\\n oops\"\n", "oops", "1:23-1:27"},
		{"double quotes over two lines", "when: \"退款\n  and oops\"\n", "oops", "2:7-2:11"},
		{"double quotes with an escaped line break", "when: \"退\\\n  款 oops\"\n", "oops", "2:5-2:9"},
		{"literal block", "when: |\n  退款\n  and oops\n", "oops", "3:7-3:11"},
		{"literal block with a comment behind the bar", "when: | # 说明\n  退款 oops\n", "oops", "2:6-2:10"},
		{"literal block with a deeper first line", "when: |2\n    退款\n  oops\n", "oops", "3:3-3:7"},
		{"literal block with blank lines", "when: |\n\n  退款\n\n  oops\n", "oops", "5:3-5:7"},
		{"folded block", "when: >-\n  退款\n  and oops\n", "oops", "3:7-3:11"},
		{"folded block with a paragraph", "when: >\n  退款\n\n  and oops\n", "oops", "4:7-4:11"},
		{"folded block with a deeper line", "when: >\n  退款\n    and oops\n  end\n", "oops", "3:9-3:13"},
		{"CRLF", "a: 1\r\nwhen: |\r\n  退款\r\n  oops\r\n", "oops", "4:3-4:7"},
		{"byte order mark", "\ufeffwhen: 退款 oops\n", "oops", "1:10-1:14"},
		{"in brackets", "{a: 1, when: 退款 oops}\n", "oops", "1:17-1:21"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, n := scalarIn(t, c.src)
			at := strings.Index(n.Value, c.find)
			got := doc.piece(n, len([]rune(n.Value[:at])), len([]rune(c.find)))
			if s := fmt.Sprintf("%d:%d-%d:%d", got.Start.Line, got.Start.Column, got.End.Line, got.End.Column); s != c.want {
				t.Errorf("%q: got %s, want %s", c.src, s, c.want)
			}
		})
	}
}

func TestAnExpressionInABlockKeepsItsLines(t *testing.T) {
	for _, c := range []struct{ name, src, want string }{
		{"literal", "when: |\n  a // 说明\n  and b\n", "a // 说明\nand b"},
		{"folded", "when: >-\n  a // 说明\n  and b\nx: 1\n", "a // 说明\nand b"},
		{"folded with a deeper line", "when: >\n  a\n    and b\n\nx: 1\n", "a\n  and b"},
		{"plain", "when: a\n  and b\n", "a and b"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, n := scalarIn(t, c.src)
			p, ok := doc.lines.raw(n)
			if !ok || p.text != c.want || len(p.places) != len([]rune(p.text))+1 {
				t.Errorf("got %q with %d places, %v; want %q", p.text, len(p.places), ok, c.want)
			}
		})
	}
}

// TestEveryRuneOfAScalarHasItsPlace writes texts in every style and follows each
// rune back: where a place is given, that rune stands there.
func TestEveryRuneOfAScalarHasItsPlace(t *testing.T) {
	styles := []yaml.Style{0, yaml.SingleQuotedStyle, yaml.DoubleQuotedStyle, yaml.LiteralStyle, yaml.FoldedStyle}
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SampledFrom([]string{"退款", "a", "it's", "\"q\"", " ", "  ", "\n", "\n\n", "🙂", "，", "b\\c", "#", "x: y", "\t"}), 1, 12).Draw(t, "words")
		style := rapid.SampledFrom(styles).Draw(t, "style")
		text, err := yaml.Marshal(&yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{
			{Kind: yaml.ScalarNode, Value: "when"},
			{Kind: yaml.ScalarNode, Value: strings.Join(words, ""), Style: style},
		}})
		if err != nil || parseOnly(text) != nil {
			t.Skip("not to be written, or not to be read again")
		}
		doc, n := scalarIn(t, string(text))
		p, ok := doc.lines.value(n)
		if !ok {
			return // a style the way back of which is not followed; the text is still right
		}
		for i, r := range []rune(p.text) {
			checkRune(t, doc, p.places[i], r, n)
		}
	})
}

func checkRune(t *rapid.T, doc *document, at diag.Position, want rune, n *yaml.Node) {
	line := doc.lines[at.Line-1]
	switch {
	case want == ' ' || want == '\n' || want == '\t': // may be a line break
	case at.Column-1 < len(line) && (line[at.Column-1] == want || line[at.Column-1] == '\\'):
	default:
		t.Fatalf("%q (style %d): %q is said to be at %v, where %q is", n.Value, n.Style, want, at, string(line[min(at.Column-1, len(line)):]))
	}
}

// TestMostScalarsAreFollowed keeps the property above from holding emptily.
func TestMostScalarsAreFollowed(t *testing.T) {
	for _, src := range []string{
		"when: 退款 a  b\n", "when: 'it''s\n\n  退款'\n", "when: \"\\u9000 \\\n   款\"\n", "when: |+\n  退\n   款\n\n", "when: >\n\n  退\n  款\n\n    深\n  浅\n",
	} {
		doc, n := scalarIn(t, src)
		if _, ok := doc.lines.value(n); !ok {
			t.Errorf("%q was not followed", src)
		}
	}
}
