package rule

import (
	"cmp"
	"slices"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// Unconfigured warns of everything that steps use of a configuration which does
// not have it, at the steps. The rules are sound all the same: another machine's
// configuration may have it.
func (s *Set) Unconfigured(has func(actions.Reference) bool) diag.List {
	var found diag.List
	for _, r := range s.Rules {
		for i := range r.Steps {
			found = append(found, r.lacking(&r.Steps[i], has)...)
		}
	}
	return found.Tidy()
}

func (r *Rule) lacking(s *Step, has func(actions.Reference) bool) diag.List {
	user, ok := s.Action.(actions.Referrer)
	if !ok {
		return nil
	}
	refs := user.Refers()
	slices.SortFunc(refs, func(a, b actions.Reference) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	var found diag.List
	for _, ref := range refs {
		if !has(ref) {
			found = append(found, diag.At(r.File, diag.Span(s.Line, 1, 1)).Warning("BE318",
				diag.T("配置的 `%s` 里没有 `%s`", "the configuration has no `%[2]s` under `%[1]s`", string(ref.Kind), ref.Name)).
				WithHint(diag.T("在配置里加上它，或改这一步", "add it to the configuration, or change the step")))
		}
	}
	return found
}
