package rule_test

import (
	"strings"
	"testing"

	"botengine/internal/rule"
)

func TestParsePercent(t *testing.T) {
	for text, want := range map[string]float64{"5%": 0.05, "100%": 1, "0.5%": 0.005, "12.25％": 0.1225, "0%": 0, "101%": 0, "5": 0, "-1%": 0, "1e1%": 0, "%": 0, "": 0, "5 %": 0} {
		if got, ok := rule.ParsePercent(text); ok != (want > 0) || ok && (got-want > 1e-12 || want-got > 1e-12) {
			t.Errorf("ParsePercent(%q) = %v, %t", text, got, ok)
		}
	}
}

// versions compiles a file with a library and returns what its rules do by id.
func versions(t *testing.T, file, library string) map[string]string {
	t.Helper()
	set, found := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(file)}, {Path: "lib.yaml", Text: []byte(library)}})
	if set == nil {
		t.Fatalf("it does not compile: %v", found)
	}
	out := map[string]string{}
	for _, r := range set.Rules {
		out[r.ID] = r.Version
	}
	return out
}

const (
	versioned = `use: [lib.yaml]
defaults: {cooldown: 30s}
lists: {bad: [加薇信], good: [你好]}
macros: {brief: len(text) < 20 and calm, calm: 'not (text contains "急")'}
rules:
  - {id: a, on: message.text, match: {list: bad}, when: brief, do: [{reply: "{{vars.url}}"}]}
  - {id: b, on: message.text, match: {any: [退款]}, do: [{reply: 好}]}
  - id: c
    template: 答
    with: {words: [发票]}
`
	versionedLib = `vars: {url: "https://example.com", other: 别的}
templates: {答: {inputs: {words: {type: list, required: true}}, rule: {on: message.text, match: {any: {input: words}}, do: [{reply: 好的}]}}}
`
)

func TestWhatMakesAnotherVersionOfARule(t *testing.T) {
	base := versions(t, versioned, versionedLib)
	for name, c := range map[string]struct {
		old, new string
		changed  string
	}{
		"a comment":                       {"rules:", "rules: # 规则", ""},
		"another order of its fields":     {"{id: b, on: message.text,", "{on: message.text, id: b,", ""},
		"its name and owner":              {"{id: b,", "{id: b, name: 退款, owner: 小王,", ""},
		"its rollout":                     {"{id: b,", "{id: b, rollout: {canary: 5%},", ""},
		"its text":                        {"[退款]", "[退款, 退货]", "b"},
		"a list that it names":            {"[加薇信]", "[加薇信, 加微]", "a"},
		"a list that nobody names":        {"good: [你好]", "good: [您好]", ""},
		"a macro behind its macro":        {"contains \"急\"", "contains \"快\"", "a"},
		"a setting of all rules":          {"cooldown: 30s", "cooldown: 40s", "abc"},
		"a rollout of all rules":          {"{cooldown: 30s}", "{cooldown: 30s, rollout: {canary: 5%}}", ""},
		"a variable of the library":       {"https://example.com", "https://example.org", "a"},
		"another variable of the library": {"别的", "另外", ""},
		"the template":                    {"reply: 好的", "reply: 好好", "c"},
		"an input of the template":        {"[发票]", "[开票]", "c"},
	} {
		t.Run(name, func(t *testing.T) {
			file, lib := strings.Replace(versioned, c.old, c.new, 1), strings.Replace(versionedLib, c.old, c.new, 1)
			if file == versioned && lib == versionedLib {
				t.Fatal("nothing was edited")
			}
			changed := ""
			now := versions(t, file, lib)
			for _, id := range []string{"a", "b", "c"} {
				if now[id] != base[id] {
					changed += id
				}
			}
			if changed != c.changed {
				t.Errorf("changed: %q, want %q", changed, c.changed)
			}
		})
	}
}
