package expression_test

import (
	"testing"

	"botengine/internal/event"
	"botengine/internal/expression"
)

// What is explicit says the same, and says it in the same words when it is made
// explicit again.
func TestExplicitShowsWhatBelongsToWhat(t *testing.T) {
	o := &expression.Options{Kinds: []event.Kind{event.MessageText}}
	for source, want := range map[string]string{
		`text contains "退款"`:                                          `text contains "退款"`,
		`text contains "a" or text contains "b" and len(text) < 5`:    `text contains "a" or (text contains "b" and len(text) < 5)`,
		`!sender.is_self || text == "😀" && not sender.is_member`:      `not (sender.is_self) or (text == "😀" and not (sender.is_member))`,
		`not (sender.is_member or text == 'x') and sender.name != ""`: `not (sender.is_member or text == "x") and sender.name != ""`,
		`sender.is_member ? text == "a" or text == "b" : true`:        `(sender.is_member ? (text == "a" or text == "b") : true)`,
	} {
		c, problems := expression.CompileCondition(source, o)
		if len(problems) > 0 {
			t.Fatalf("%s: %v", source, problems)
		}
		if got := c.Explicit(); got != want {
			t.Errorf("%s is understood as %s, want %s", source, got, want)
		}
		again, problems := expression.CompileCondition(want, o)
		if len(problems) > 0 {
			t.Errorf("%s: %v", want, problems)
		} else if got := again.Explicit(); got != want {
			t.Errorf("%s became %s", want, got)
		}
	}
}
