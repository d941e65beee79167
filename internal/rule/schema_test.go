package rule

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/schema"
)

// Every key in the schema is one that a reader takes: a file that has it gets no
// finding that nobody knows it.
func TestReadersTakeEveryKeyOfTheSchema(t *testing.T) {
	root := Schema(nil, nil)
	defs := map[string]*schema.Node{}
	for _, d := range root.Defs {
		defs[d.Name] = d.Node
	}
	checked := 0
	walkSchema(root, defs, nil, func(path []string, names []string) {
		for _, name := range names {
			checked++
			text := fileWith(append(path, name))
			_, found := Compile(Sources{{Path: "a.yaml", Text: []byte(text)}})
			for _, f := range found {
				if (f.Code == "BE102" || f.Code == "BE301" || f.Code == "BE302") && strings.Contains(f.Message.EN, "`"+name+"`") {
					t.Errorf("%s:\n%s\n%s", strings.Join(append(path, name), "."), text, f.Message.EN)
				}
			}
		}
	})
	if checked < 300 {
		t.Errorf("only %d keys", checked)
	}
}

// walkSchema calls visit with the keys of every group, once for each way that is no
// circle.
func walkSchema(n *schema.Node, defs map[string]*schema.Node, path []string, visit func(path, names []string)) {
	if n == nil || len(path) > 8 {
		return
	}
	if n.Ref != "" {
		for _, part := range path {
			if part == "#"+n.Ref || strings.HasPrefix(n.Ref, "template_") {
				return // seen on this way, or the same once more
			}
		}
		walkSchema(defs[n.Ref], defs, append(slices.Clip(path), "#"+n.Ref), visit)
		return
	}
	var names []string
	for _, p := range n.Props {
		names = append(names, p.Name)
	}
	visit(path, names)
	for _, p := range n.Props {
		walkSchema(p.Node, defs, append(slices.Clip(path), p.Name), visit)
	}
	walkSchema(n.Rest, defs, append(slices.Clip(path), "名"), visit)
	walkSchema(n.Items, defs, append(slices.Clip(path), "-"), visit)
}

// fileWith is a file that has a key at a path.
func fileWith(path []string) string {
	var steps []string
	for _, part := range path {
		if !strings.HasPrefix(part, "#") {
			steps = append(steps, part)
		}
	}
	out := "1"
	for _, step := range slices.Backward(steps) {
		if step == "-" {
			out = "[" + out + "]"
		} else {
			out = "{" + step + ": " + out + "}"
		}
	}
	return out + "\n"
}

// The other way round: readers take their keys and words from the declarations that
// the schema is made of, and have no lists of their own.
func TestReadersHaveNoKeysOfTheirOwn(t *testing.T) {
	calls := 0
	noTests := func(info fs.FileInfo) bool { return !strings.HasSuffix(info.Name(), "_test.go") }
	packages, err := parser.ParseDir(token.NewFileSet(), ".", noTests, 0) //nolint:staticcheck // one package, no build tags
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range packages {
		ast.Inspect(p, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "fields" && sel.Sel.Name != "choice" && sel.Sel.Name != "choices" || len(call.Args) == 0 {
				return true
			}
			calls++
			ast.Inspect(call.Args[len(call.Args)-1], func(n ast.Node) bool {
				if lit, ok := n.(*ast.CompositeLit); ok {
					if _, isList := lit.Type.(*ast.ArrayType); isList {
						t.Errorf("a reader lists keys or words of its own: %s takes a list written out", sel.Sel.Name)
					}
				}
				return true
			})
			return true
		})
	}
	if calls < 25 {
		t.Errorf("only %d readers", calls)
	}
}

// Every group and every action is somewhere in the schema.
func TestTheSchemaHasEveryGroupAndAction(t *testing.T) {
	text, err := Schema(nil, nil).JSON(diag.EN)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range Fields() {
		raw, err := json.Marshal(f.Doc.EN)
		if err != nil {
			t.Fatal(err)
		}
		if plain := strings.ReplaceAll(strings.Trim(string(raw), `"`), "`", ""); !strings.Contains(unescaped(string(text)), unescaped(plain)) {
			t.Errorf("%s.%s is not in the schema", f.Form, f.Name)
		}
	}
	for _, name := range actions.Names() {
		if !strings.Contains(string(text), `"`+name+`":{`) {
			t.Errorf("%s is not in the schema", name)
		}
	}
}

func unescaped(s string) string {
	return strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(s)
}

// tabStop is a place of a snippet with the words that stand in it at first.
var tabStop = regexp.MustCompile(`\$\{[0-9]+:([^}]*)\}`)

func TestSnippetsCompile(t *testing.T) {
	check := func(s schema.Snippet, before, indent string) {
		for _, lang := range []diag.Lang{diag.ZH, diag.EN} {
			body := tabStop.ReplaceAllString(strings.TrimSuffix(s.Body.In(lang), "\n"), "$1")
			text := before + strings.ReplaceAll(body, "\n", "\n"+indent) + "\n"
			if _, found := Compile(Sources{{Path: "a.yaml", Text: []byte(text)}}); len(found) > 0 {
				t.Errorf("%s: %s %s\n%s", s.Label, found[0].Code, found[0].Message.EN, text)
			}
		}
	}
	for _, s := range fileSnippets {
		check(s, "", "")
	}
	for _, s := range ruleSnippets {
		check(s, "rules:\n  - ", "    ")
	}
	for _, s := range stepSnippets {
		check(s, "rules:\n  - id: a\n    on: mention\n    do:\n      - ", "        ")
	}
}

func TestTheSchemaIsTheSameEveryTimeAndHasBothLanguages(t *testing.T) {
	zh, err := Schema(nil, nil).JSON(diag.ZH)
	if err != nil {
		t.Fatal(err)
	}
	again, err := Schema(nil, nil).JSON(diag.ZH)
	if err != nil || string(zh) != string(again) {
		t.Errorf("two of the same differ: %v", err)
	}
	en, err := Schema(nil, nil).JSON(diag.EN)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(zh), "触发后沉默多久") || !strings.Contains(string(en), "how long it is silent after it fired") {
		t.Error("a language is missing")
	}
	if len(zh) > 400_000 {
		t.Errorf("the schema has %d bytes: editors load it for every file", len(zh))
	}
}
