package actions

import (
	"bytes"
	"flag"
	"os"
	"regexp"
	"slices"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
)

var update = flag.Bool("update", false, "rewrite the generated page")

const pagePath = "../../docs/actions.md"

func TestActionsPageIsFresh(t *testing.T) {
	var want bytes.Buffer
	if err := Page(&want); err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(pagePath, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(pagePath)
	if err != nil {
		t.Fatalf("%v; run `make generate`", err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Error("docs/actions.md is not what the catalogue says; run `make generate`")
	}
}

func TestCatalogIsSortedAndUnique(t *testing.T) {
	names := Names()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("names are not sorted or not unique: %v", names)
	}
	for _, name := range names {
		if a, ok := ByName(name); !ok || a.Name() != name {
			t.Errorf("%s is not found by its name", name)
		}
	}
	if _, ok := ByName("repyl"); ok {
		t.Error("an action that does not exist was found")
	}
}

var wireName = regexp.MustCompile(`^[a-z_]+$`)

func TestCatalogIsDocumented(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name(), func(t *testing.T) {
			wantBoth(t, "summary", a.Summary())
			if n := a.Note(); !n.IsZero() {
				wantBoth(t, "note", n)
			}
			main := a.Main() == ""
			for _, p := range a.Params() {
				wantBoth(t, p.Name, p.Doc)
				wantBoth(t, p.Name+"'s kind", diag.Text{ZH: p.Kind.In(diag.ZH), EN: p.Kind.In(diag.EN)})
				if p.Name != "" && !wireName.MatchString(p.Name) {
					t.Errorf("parameter %q is not in lower case", p.Name)
				}
				main = main || p.Name == a.Main()
			}
			if !main {
				t.Errorf("the main parameter %q does not exist", a.Main())
			}
			if s := a.Sends(); s.Type != "" && (s.Lane == "" || s.Class == "" || s.Section == "") {
				t.Errorf("command %s has no lane, class or section", s.Type)
			}
		})
	}
}

func wantBoth(t *testing.T, what string, text diag.Text) {
	t.Helper()
	hasHan := slices.ContainsFunc([]rune(text.ZH), func(r rune) bool { return unicode.Is(unicode.Han, r) })
	if !hasHan || text.EN == "" || text.EN == text.ZH {
		t.Errorf("%s is not documented in both languages: %q, %q", what, text.ZH, text.EN)
	}
}

func TestEveryExamplePassesItsOwnCheck(t *testing.T) {
	for _, a := range All() {
		t.Run(a.Name(), func(t *testing.T) {
			bound, findings := bindStep(t, a.Example(), kindsFor(t, a)...)
			if len(findings) > 0 || bound == nil || bound.Name() != a.Name() {
				t.Errorf("%s: %s", a.Example(), describe(findings))
			}
		})
	}
}

// kindsFor is one kind of event that the action's example can live with.
func kindsFor(t *testing.T, a Action) []event.Kind {
	t.Helper()
	for _, k := range []event.Kind{event.MessageText, event.FriendRequest, event.MemberJoin} {
		if !slices.ContainsFunc(a.Needs(), func(n Need) bool { return !n.MetBy(k) }) {
			return []event.Kind{k}
		}
	}
	t.Fatalf("no kind of event meets the needs %v", a.Needs())
	return nil
}

func TestEveryNeedIsMetBySomeEventAndNamedInBothLanguages(t *testing.T) {
	for _, n := range []Need{Chat, Group, Sender, Person, Friend, Members} {
		wantBoth(t, string(n), diag.Text{ZH: n.In(diag.ZH), EN: n.In(diag.EN)})
		if !slices.ContainsFunc(allKinds, n.MetBy) {
			t.Errorf("%s is met by no event", n)
		}
		if n.MetBy(event.Timer) {
			t.Errorf("%s is met by a timer", n)
		}
	}
	if Need("hat").MetBy(event.MessageText) {
		t.Error("a need that does not exist is met")
	}
}

func TestAStepWithoutParametersMayBeNullOrNothing(t *testing.T) {
	for name, n := range map[string]*yaml.Node{"nothing": nil, "null": {Kind: yaml.ScalarNode, Tag: "!!null"}} {
		t.Run(name, func(t *testing.T) {
			b := NewBinder("rules/a.yaml", nil, nil)
			a, _ := ByName("kick")
			if a.Bind(n, []event.Kind{event.MessageText}, b) == nil {
				t.Errorf("findings: %s", describe(b.Findings()))
			}
		})
	}
}
