package expression

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
)

// theReference is what the examples of the reference are computed for.
func theReference() *Scope {
	return &Scope{
		Now: time.Date(2026, 3, 2, 10, 0, 0, 0, zone),
		Event: &event.Event{
			Kind: event.MessageText, ID: "7", Sender: event.Person{ID: "7881302", Name: "张三"},
			Chat:    event.Chat{ID: "S:1_R:2", Peer: "R:2", Name: "产品体验群1", Group: true},
			Members: []event.Person{{ID: "8", Name: "李四"}, {ID: "9", Name: "王五"}},
			Message: event.Message{Text: "你好，想问一下退款怎么办"},
		},
	}
}

func TestEveryFunctionHasADescriptionWithATrueExample(t *testing.T) {
	opts := &Options{Lists: map[string][]string{"staff": {"1688850285583026"}}}
	seen := map[string]bool{}
	for _, d := range Functions() {
		seen[d.Name] = true
		if d.Doc.ZH == "" || d.Doc.EN == "" || !strings.Contains(d.Example, d.Name) {
			t.Errorf("%s: a description in both languages and an example that uses it are wanted", d.Name)
		}
		scope := theReference()
		if strings.Contains(d.Example, "members") {
			scope.Event.Kind = event.MemberJoin
		}
		opts.Kinds = []event.Kind{scope.Event.Kind}
		got, problems := CompileTemplate("{{ "+d.Example+" }}", opts)
		if len(problems) > 0 {
			t.Errorf("%s: the example %s does not compile: %s", d.Name, d.Example, problems[0].Message.EN)
			continue
		}
		if text, err := got.Render(scope); err != nil || text != d.Gives {
			t.Errorf("%s: the example %s gives %q (%v), the reference says %q", d.Name, d.Example, text, err, d.Gives)
		}
	}
	for name := range maps.Keys(builtins) {
		if !seen[name] {
			t.Errorf("%s: the reference does not describe it", name)
		}
	}
	for name := range own {
		if !seen[name] {
			t.Errorf("%s: the reference does not describe it", name)
		}
	}
}

// Everything that completion and did-you-mean offer has its line in the reference.
func TestEveryValueHasADescription(t *testing.T) {
	described := map[string]bool{}
	for _, d := range Values() {
		described[d.Name] = true
		if d.Doc.ZH == "" || d.Doc.EN == "" {
			t.Errorf("%s: a description in both languages is wanted", d.Name)
		}
	}
	for name, r := range roots {
		for _, path := range paths(name, r) {
			if !described[path] {
				t.Errorf("%s: the reference does not describe it", path)
			}
			delete(described, path)
		}
	}
	if len(described) > 0 {
		t.Errorf("no names of the language: %v", slices.Sorted(maps.Keys(described)))
	}
}

// paths are the values under one name, as they are written.
func paths(name string, r root) []string {
	if r.typ == nil { // vars, lists, steps and facts: their names are the author's
		return nil
	}
	var out []string
	for _, field := range viewFields[r.typ.String()] {
		typ := fieldsOf(r.typ)[field]
		out = append(out, paths(name+"."+field, root{typ: typ})...)
	}
	if out == nil {
		return []string{name}
	}
	return out
}
