package ruletest

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/engine"
	"botengine/internal/rule"
)

// changedRule is a rule that changed when a test begins.
type changedRule struct {
	id   string
	node *yaml.Node
}

func (d *decoder) changed(n *yaml.Node) []changedRule {
	out := []changedRule{}
	for _, c := range d.list(n) {
		out = append(out, changedRule{d.text(c), c})
	}
	return out
}

// change puts the rules on trial that changed just now, as their `rollout` says. How
// they were before a test does not know: where they do not act yet, they only record.
func (w *world) change(changed []changedRule, at time.Time) {
	var trials []*rule.Trial
	for _, c := range changed {
		r, ok := w.set.Rule(c.id)
		if !ok || r.Rollout == nil || r.Rollout.Off {
			continue
		}
		trials = append(trials, &rule.Trial{Rule: r, Since: at, Until: at.Add(r.Rollout.For), Canary: r.Rollout.Canary})
	}
	if len(trials) > 0 {
		w.set, w.seen = w.set.WithTrials(trials), engine.NewSeen()
	}
}
