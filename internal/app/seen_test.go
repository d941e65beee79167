package app

import (
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/ctl"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// Once the platform listed its robots and groups, a rule that names another one is
// told of when it goes live; the running engine says what it saw, and the state file
// says it when the engine is gone.
func TestARuleThatNamesNobodyIsToldOf(t *testing.T) {
	b := start(t, serve(t, sim.Options{}), rulesIn(t, groupRules))
	b.knowsGroups(t)
	client := ctl.NewClient(ctl.SocketOf(b.cfg.State.Path))
	var seen rule.Seen
	until(t, "the groups in the store", func() bool {
		seen = rule.Seen{}
		return client.Call(t.Context(), "seen", nil, &seen) == nil && len(seen.Groups) > 0
	})
	name := seen.Groups[0].Name
	if name == "" || len(seen.Robots) == 0 {
		t.Fatalf("the engine saw %+v", seen)
	}
	text := "version: 1\nrules:\n  - id: a\n    on: message.text\n    scope: {chats: [" + name + "们, \"" + name + "\"]}\n    match: {any: [退款]}\n    do: [{reply: 好}]\n"
	write(t, filepath.Join(b.cfg.Rules[0], "rules.yaml"), text)
	until(t, "the warning", func() bool { return strings.Contains(b.log.String(), "没有叫 `"+name+"们` 的群") })
	if strings.Contains(b.log.String(), "没有叫 `"+name+"` 的群") {
		t.Error("a group that is there is missed")
	}
}

// Rules that were loaded before anybody knew the platform's groups are held against
// them when they have come, though no rule changed; and that is said once.
func TestWhatIsMissedIsToldOfWhenTheListsHaveCome(t *testing.T) {
	text := "version: 1\nrules:\n  - id: a\n    on: message.text\n    scope: {chats: [没有这个群]}\n    match: {any: [退款]}\n    do: [{reply: 好}]\n"
	b := start(t, serve(t, sim.Options{}), rulesIn(t, text))
	b.knowsGroups(t)
	client := ctl.NewClient(ctl.SocketOf(b.cfg.State.Path))
	until(t, "the groups in the store", func() bool {
		var seen rule.Seen
		return client.Call(t.Context(), "seen", nil, &seen) == nil && len(seen.Groups) > 0
	})
	write(t, filepath.Join(b.cfg.Rules[0], "rules.yaml"), text) // the same: the folder is looked at
	until(t, "the warning", func() bool { return strings.Contains(b.log.String(), "没有叫 `没有这个群` 的群") })
	if n := strings.Count(b.log.String(), "没有叫 `没有这个群` 的群"); n != 1 {
		t.Errorf("it is said %d times", n)
	}
}
