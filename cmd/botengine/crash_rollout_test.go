package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// changing is a rule whose change acts nowhere yet, and loses its right to act at the
// fifth firing.
const changing = `version: 1
defaults: {loop_guard: off}
rules:
  - id: tried
    on: message.text
    match: {any: [订金]}
    rollout: {canary: 0.0001%, for: 2h, abort_if: fired >= 5}
    do: [{reply: "旧答 {{text}}"}]
`

// Killed in the middle of a trial, the trial goes on with what it had counted; killed
// after the rule lost its right to act, it does not get it back.
func TestKilledInTheMiddleOfATrial(t *testing.T) {
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	file := filepath.Join(dir, "rules", "tried.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := 0
	say := func(n int, c *child, want string) {
		t.Helper()
		for range n {
			said++
			if _, err := s.Say("产品体验群1", "张三", "订金"+strings.Repeat("？", said)); err != nil {
				t.Fatal(err)
			}
			waitReplies(t, s, said)
		}
		c.waitLog(t, want)
	}
	write(changing)
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	say(1, c, `"rule":"tried","outcome":"fired"`)
	c.kill()

	write(strings.Replace(changing, "旧答", "新答", 1)) // edited while nothing runs
	c = spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	say(3, c, `"rule":"tried","outcome":"canary"`)
	c.kill()

	c = spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	say(2, c, "the changed rule does not act any more") // the fourth and the fifth
	c.kill()

	c = spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	say(1, c, `"rule":"tried","outcome":"withheld"`)
	for _, e := range s.Ledger() {
		if !strings.HasPrefix(e.Text, "旧答") {
			t.Errorf("somebody was told %q", e.Text)
		}
	}
	if d := s.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
}
