package ruletest

import (
	"slices"
	"strings"
	"testing"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/schema"
)

// What a reader of tests takes is what editors are told, group by group: a key that
// nobody knows is answered with all that there are.
func TestEditorsAndReadersKnowTheSameKeys(t *testing.T) {
	file := Schema()
	defs := map[string]*schema.Node{}
	for _, d := range file.Defs {
		defs[d.Name] = d.Node
	}
	groups := 0
	compare := func(where string, n *schema.Node) {
		groups++
		if n == nil || len(n.Props) == 0 {
			t.Errorf("%s: no group", where)
			return
		}
		var editors []string
		for _, p := range n.Props {
			editors = append(editors, p.Name)
		}
		slices.Sort(editors)
		if readers := readersKeys(t, where); !slices.Equal(readers, editors) {
			t.Errorf("%s:\nreaders %v\neditors %v", where, readers, editors)
		}
	}
	at := func(n *schema.Node, keys ...string) *schema.Node {
		for _, key := range keys {
			switch {
			case n == nil:
				return nil
			case key == "-" && n.Items != nil:
				n = n.Items
			case key == "*" && n.Rest != nil:
				n = n.Rest
			default:
				i := slices.IndexFunc(n.Props, func(p schema.Prop) bool { return p.Name == key })
				if i < 0 {
					return nil
				}
				n = n.Props[i].Node
			}
			if n.Ref != "" {
				n = defs[n.Ref]
			}
		}
		return n
	}
	compare("{%}", file)
	compare("{tests: [{%}]}", at(file, "tests", "-"))
	compare("{tests: [{steps: [{%}]}]}", at(file, "tests", "-", "steps", "-"))
	compare("{tests: [{steps: [{fail: [{%}]}]}]}", at(file, "tests", "-", "steps", "-", "fail", "-"))
	compare("{tests: [{steps: [{answer: [{%}]}]}]}", at(file, "tests", "-", "steps", "-", "answer", "-"))
	compare("{tests: [{steps: [{expect: {%}}]}]}", at(file, "tests", "-", "steps", "-", "expect"))
	compare("{robot: {%}}", at(file, "robot"))
	compare("{robots: [{%}]}", at(file, "robots", "-"))
	compare("{tags: [{%}]}", at(file, "tags", "-"))
	compare("{groups: {a: {%}}}", at(file, "groups", "*"))
	all := 0
	countGroups(file, &all)
	for _, d := range file.Defs {
		countGroups(d.Node, &all)
	}
	if head := 4; all != groups+head { // robot, robots, tags and groups are there once more within a test
		t.Errorf("%d groups in the schema, %d compared and %d of them twice there", all, groups, head)
	}
}

func countGroups(n *schema.Node, count *int) {
	if n == nil {
		return
	}
	if len(n.Props) > 0 {
		*count++
	}
	for _, p := range n.Props {
		countGroups(p.Node, count)
	}
	countGroups(n.Items, count)
	countGroups(n.Rest, count)
}

// readersKeys are the keys that a reader offers for one that it does not know.
func readersKeys(t *testing.T, where string) []string {
	t.Helper()
	text := strings.Replace(where, "%", "qqqqqqqqqqqqqqqqqqqqqq: 1", 1)
	_, found := Read(rule.Source{Path: "a_test.yaml", Text: []byte(text + "\n")})
	for _, f := range found {
		if f.Code != "BE102" {
			continue
		}
		_, list, ok := strings.Cut(f.Hint.In(diag.EN), ": ")
		if !ok {
			t.Fatalf("%s: the hint is %q", where, f.Hint.EN)
		}
		out := strings.Split(list, ", ")
		slices.Sort(out)
		return out
	}
	t.Fatalf("%s: nothing was found: %v", text, found)
	return nil
}
