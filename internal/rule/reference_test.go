package rule

import (
	"slices"
	"testing"
)

// What stands in a group besides the fields that are read from its description is
// described too: the keys of steps, the settings of `defaults`, the triggers.
func TestEveryKeyAndTriggerIsDescribed(t *testing.T) {
	var triggers []string
	for _, w := range Triggers() {
		triggers = append(triggers, w.Name)
	}
	same := func(what string, described, accepted []string) {
		for _, word := range accepted {
			if !slices.Contains(described, word) {
				t.Errorf("%s: `%s` is not described", what, word)
			}
		}
	}
	same("on", triggers, triggerWords.known)
	same("step", formKeys["step"], slices.Concat(commonKeys, controlWords, companionWords()))
	same("rule", formKeys["rule"], settingFields)
	for _, f := range Fields() {
		if f.Doc.ZH == "" || f.Doc.EN == "" || f.Takes.IsZero() {
			t.Errorf("%s.%s: a description in both languages is wanted", f.Form, f.Name)
		}
	}
}
