package app

import (
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/rule"
	"botengine/internal/rule/ruleload"
)

const contradicting = `version: 1
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, do: [{reply: 三天到账}]}
  - {id: again, on: message.text, match: {any: [退款]}, do: [{reply: 七天到账}]}
`

// A fault between rules is told of at the start and after every reload, in the words
// of check, and never keeps rules from going live; also in an engine that only
// rehearses, whose rules are in shadow.
func TestFaultsBetweenRulesAreToldOfAndKeepNothingBack(t *testing.T) {
	for name, shadow := range map[string]bool{"live": false, "rehearsing": true} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "a.yaml"), ruleText("first", "好"))
			d := newReloader(t, dir, openStore(t))
			d.r.shadow = shadow
			if err := d.r.start(t.Context(), true); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "b.yaml"), ruleText("second", "好")) // its file stays as it is
			for i, text := range []string{contradicting, contradicting + "# 再存一次\n"} {
				write(t, filepath.Join(dir, "a.yaml"), text)
				d.r.look(t.Context())
				if _, ok := d.rules.Load().Rule("again"); !ok {
					t.Fatalf("the rules are not live:\n%s", d.log.String())
				}
				_, found := rule.Check(d.rules.Load().Sources, rule.World{})
				if len(found) == 0 {
					t.Fatal("check finds nothing")
				}
				said := d.log.String()
				for _, f := range found {
					line := "at=" + place(f) + " code=BE402 message=\"" + f.Message.ZH + "\" hint=\"" + f.Hint.ZH + "\" related=" + f.Related[0].File
					if n := strings.Count(said, line); n != i+1 {
						t.Errorf("reload %d: %s was said %d times:\n%s", i+1, line, n, said)
					}
				}
			}
		})
	}
}

// BenchmarkFindingsOfAReload says what the search for faults between rules adds to
// the reload of 10,000 rules of which one file was saved.
func BenchmarkFindingsOfAReload(b *testing.B) {
	for _, shape := range ruleload.Shapes() {
		b.Run(strings.ReplaceAll(string(shape), " ", "-"), func(b *testing.B) {
			sources := ruleload.New(1, shape, 10_000, 0).Sources
			set, found := rule.Compile(sources)
			if set == nil {
				b.Fatal(found)
			}
			for b.Loop() {
				set.Between()
			}
		})
	}
}
