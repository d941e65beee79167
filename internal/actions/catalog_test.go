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

	"botengine/internal/command"
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
			wantParams(t, a.Params())
			if a.Main() != "" && !slices.ContainsFunc(a.Params(), func(p Param) bool { return p.Name == a.Main() }) {
				t.Errorf("the main parameter %q does not exist", a.Main())
			}
			for _, s := range a.Sends() {
				if s.Type == "" || s.Lane == "" || s.Class == "" || s.Section == "" {
					t.Errorf("command %q lacks its type, lane, class or section", s.Type)
				}
			}
		})
	}
}

func wantParams(t *testing.T, params []Param) {
	t.Helper()
	for _, p := range params {
		wantBoth(t, p.Name, p.Doc)
		wantBoth(t, p.Name+"'s kind", diag.Text{ZH: p.Kind.In(diag.ZH), EN: p.Kind.In(diag.EN)})
		if p.Name != "" && !wireName.MatchString(p.Name) {
			t.Errorf("parameter %q is not in lower case", p.Name)
		}
		isChoice, isObject := p.Kind == KindChoice || p.Kind == KindChoices, p.Kind == KindObject || p.Kind == KindObjects
		if p.Kind != KindDuration && isChoice != (len(p.Choices) > 0) || isObject != (len(p.Inner) > 0) {
			t.Errorf("parameter %q does not say what may be written", p.Name)
		}
		wantParams(t, p.Inner)
	}
}

func TestEveryCommandOfThePlatformHasAStep(t *testing.T) {
	sections := map[string]string{
		"§3.4": "reply", "§3.5": "reply_image", "§3.6": "reply_link", "§3.7": "forward", "§3.8": "accept_friend", "§3.9": "add_friend",
		"§3.10": "reply_file", "§3.11": "tag", "§3.12": "lookup", "§3.13": "remark", "§3.14": "robot_profile", "§3.15": "kick",
		"§3.16": "lookup", "§3.17": "set_admins", "§3.18": "invite", "§3.19": "rename_group", "§3.20": "create_group", "§3.21": "lookup",
		"§3.23": "announce", "§3.24": "reply_video", "§2.4": "lookup", "§2.6": "lookup", "§2.7": "broadcast",
		"§2.9": "copy_group_settings", "§2.12": "mark_read", "§2.13": "sync_contacts",
	}
	for section, name := range sections {
		a, ok := ByName(name)
		if !ok || !slices.ContainsFunc(a.Sends(), func(p Platform) bool { return p.Section == section }) {
			t.Errorf("%s has no step %s", section, name)
		}
	}
}

// What cannot be verified, repeated or asked for is sent at most once; what the
// document lost says so.
func TestTheClassesOfTheCommands(t *testing.T) {
	once, inferred := []string{}, []string{}
	for _, a := range All() {
		for _, s := range a.Sends() {
			if s.Class == command.Unverifiable {
				once = append(once, a.Name())
			}
			if s.Inferred {
				inferred = append(inferred, a.Name())
			}
			if isMessageType(s.Type) != (s.Lane == command.LaneChat) {
				t.Errorf("%s: %s waits in lane %s", a.Name(), s.Type, s.Lane)
			}
		}
	}
	if want := []string{"add_friend", "announce", "broadcast", "call", "command"}; !slices.Equal(once, want) {
		t.Errorf("at most once: %v, want %v", once, want)
	}
	if want := []string{"create_group", "kick", "remark"}; !slices.Equal(inferred, want) {
		t.Errorf("inferred: %v, want %v", inferred, want)
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
	for _, k := range []event.Kind{event.MessageText, event.FriendRequest, event.MemberJoin, event.MessageImage} {
		if !slices.ContainsFunc(a.Needs(), func(n Need) bool { return !n.MetBy(k) }) {
			return []event.Kind{k}
		}
	}
	t.Fatalf("no kind of event meets the needs %v", a.Needs())
	return nil
}

func TestEveryNeedIsMetBySomeEventAndNamedInBothLanguages(t *testing.T) {
	for _, n := range []Need{Chat, Group, Sender, Person, Friend, Members, Forwardable} {
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
