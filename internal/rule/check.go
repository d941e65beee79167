package rule

import (
	"botengine/internal/actions"
	"botengine/internal/diag"
)

// World is what rules are held against beside themselves. The zero World knows
// nothing, and nothing is found missing in it.
type World struct {
	Configured func(actions.Reference) bool // whether the configuration has what a step uses; nil = there is none
	Seen       *Seen                        // what was seen on the platform; nil = nobody ever looked
}

// Check compiles the sources and finds everything that can be known before an event
// comes: what is wrong in a file, between rules, and with names that the
// configuration or the platform does not have. Whoever loads rules for people calls
// it, so that all of them hear the same; faults beyond the files are warnings only.
// The findings are ready to be shown; the set is nil when any of them is an error.
func Check(sources Sources, w World) (*Set, diag.List) { return new(Compiler).Check(sources, w) }

// Check is like the function of that name, and reads only what changed anew.
func (c *Compiler) Check(sources Sources, w World) (*Set, diag.List) {
	set, findings := c.compile(sources)
	if set == nil {
		return nil, hide(findings).Tidy()
	}
	if w.Configured != nil {
		findings = append(findings, set.unconfigured(w.Configured)...)
	}
	if w.Seen != nil {
		findings = append(findings, set.unseen(w.Seen)...)
	}
	findings = append(findings, set.between()...)
	return set, hide(findings).Tidy()
}
