package rule_test

import (
	"reflect"
	"slices"
	"testing"

	"botengine/internal/rule"
)

func describe(t *testing.T, text string) rule.Description {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatalf("the rules have errors: %v", findings)
	}
	return set.Rules[0].Describe()
}

func field(fields []rule.DescribedField, name string) []string {
	i := slices.IndexFunc(fields, func(f rule.DescribedField) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return fields[i].Values
}

// What a file sets for all its rules, and what nobody wrote, stands in the
// description as if the rule had said it.
func TestDescribeAppliesDefaults(t *testing.T) {
	d := describe(t, `version: 1
defaults: {cooldown: 90m, scope: {chats: ["*／退*"]}}
rules:
  - id: a
    on: message.text
    match: {any: [ＶＩＰ, "加 薇"], fold: [width, case]}
    limit: {count: 3, within: 2h}
    do: [{reply: 好}]
`)
	for name, want := range map[string][]string{
		"cooldown":    {"for: 1h30m, per: [rule, chat]"},
		"limit":       {"count: 3, within: 2h, per: [rule, chat], over: drop"},
		"loop_guard":  {"count: 6, within: 1m"},
		"max_age":     {"10m"},
		"priority":    {"100"},
		"scope.chats": {"*／退*"},
		"match.any":   {"vip", "加 薇"},
		"match.fold":  {"width", "case"},
		"responder":   {"one"},
	} {
		if got := field(d.Fields, name); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// Every way through the program leads to a step that is there, or to the end.
func TestDescribeLeadsThroughTheSteps(t *testing.T) {
	text := `version: 1
rules:
  - id: a
    on: message.text
    do:
      - choose:
          - {weight: 3, name: 甲, do: [{reply: 一}]}
          - {do: [{reply: 二}]}
      - repeat: 2
        do: [{reply: 三}]
      - reply: 四
        on_error: [{log: 失败}]
      - stop: 够了
`
	d := describe(t, text)
	if !reflect.DeepEqual(d, describe(t, text)) {
		t.Error("the same rule is described in two ways")
	}
	paths := []string{""}
	ways := map[string]string{}
	for _, s := range d.Steps {
		paths = append(paths, s.Path)
	}
	for _, s := range d.Steps {
		if !slices.Contains(paths, s.Next) {
			t.Errorf("%s leads on to %q, which is nowhere", s.Path, s.Next)
		}
		for _, w := range s.Ways {
			ways[s.Path+" "+w.Name] = w.To
			if w.To == "" || !slices.Contains(paths, w.To) {
				t.Errorf("%s: %s leads to %q", s.Path, w.Name, w.To)
			}
		}
	}
	for _, way := range []string{"1 甲 (3)", "1 2 (1)", "2 do", "3 on_error"} {
		if _, ok := ways[way]; !ok {
			t.Errorf("there is no way %q among %v", way, ways)
		}
	}
}
