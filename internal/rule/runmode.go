package rule

import (
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// RunMode says what a firing does while runs of the rule are under way, for each
// combination of what Per names.
type RunMode struct {
	Mode string // one of the Run… constants
	Per  []string
	Max  int // RunParallel: runs at the same time; RunQueued: runs that wait
}

// What a firing does while another run of the rule is under way.
const (
	RunParallel = "parallel" // begins beside it
	RunSingle   = "single"   // does nothing
	RunRestart  = "restart"  // ends it and begins
	RunQueued   = "queued"   // waits until it has ended
)

// How many runs there are that do not say so, and at most.
const (
	defaultParallel = 10
	defaultQueued   = 10
	maxRuns         = 100
)

// runWords are the modes, in the order of the page.
var runWords = []string{RunParallel, RunSingle, RunRestart, RunQueued}

var runForm = formOf("run", "run: {mode: single, per: [chat]}")

// runMode reads `single`, `{mode, per, max}` or `off`.
func (b *builder) runMode(n *yaml.Node) *RunMode {
	words := names{known: runWords}
	m := &RunMode{Per: defaultPer()}
	if isOff(n) {
		return nil
	}
	var f fields
	if n.Kind == yaml.ScalarNode {
		m.Mode, _ = b.choice(n, words)
	} else {
		var ok bool
		f, ok = b.fields(n, runForm, keysOf("run"))
		if mode := f.get("mode"); mode != nil {
			m.Mode, _ = b.choice(mode, words)
		} else if ok {
			b.missing(f, "mode", runForm.example)
		}
		m.Per = b.per(f)
	}
	switch m.Mode {
	case RunParallel:
		m.Max = defaultParallel
	case RunQueued:
		m.Max = defaultQueued
	}
	if most := f.get("max"); most != nil {
		m.Max = b.integer(most, 1, maxRuns)
		if m.Mode == RunSingle || m.Mode == RunRestart {
			b.fail(f.key("max"), "BE102", diag.T("`%s` 没有 `max`", "`%s` has no `max`", m.Mode), diag.T("`max` 只用于 `parallel`（同时几个）和 `queued`（最多排几个）", "`max` is for `parallel` (how many at once) and `queued` (how many wait)"))
		}
	}
	return m
}
