package app

import (
	"context"
	"slices"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// known says of which kinds of things the platform's whole list was seen.
type known struct{ robots, groups, tags bool }

// and adds what was seen now.
func (k known) and(seen *rule.Seen) known {
	if seen == nil {
		return k
	}
	return known{k.robots || len(seen.Robots) > 0, k.groups || len(seen.Groups) > 0, k.tags || len(seen.Tags) > 0}
}

// sayUnseen warns of names in the live rules that the platform does not have, as
// soon as a list of it has come that was not there when the rules were loaded.
func (r *reloader) sayUnseen(ctx context.Context, sources rule.Sources) {
	before := r.knew
	if r.seen == nil || before == (known{true, true, true}) {
		return
	}
	world := r.world(ctx)
	if r.knew == before {
		return
	}
	_, findings := r.compiler.Check(sources, world)
	findings = slices.DeleteFunc(findings, func(f diag.Finding) bool { return f.Code != "BE405" })
	if len(findings) > 0 {
		r.say(findings, sources)
	}
}
