package rule

import (
	"slices"

	"botengine/internal/actions"
)

// TagsNamed are the tags that steps name as they stand there, sorted, each once.
// Those that a template makes are not among them.
func (s *Set) TagsNamed() []string {
	var all []string
	for _, r := range s.Rules {
		for i := range r.Steps {
			if a := r.Steps[i].Action; a != nil {
				all = append(all, actions.Named(a).Tags...)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
