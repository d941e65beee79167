package rule

import (
	"cmp"
	"slices"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// unconfigured warns of everything that steps use of a configuration which does
// not have it, at the steps. The rules are sound all the same: another machine's
// configuration may have it.
func (s *Set) unconfigured(has func(actions.Reference) bool) diag.List {
	var found diag.List
	where := places{}
	for _, r := range s.Rules {
		for i := range r.Steps {
			found = append(found, r.lacking(&r.Steps[i], has, where)...)
		}
	}
	return found
}

func (r *Rule) lacking(s *Step, has func(actions.Reference) bool, where places) diag.List {
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
			found = append(found, diag.At(r.File, where.inStep(r, s, asWritten(ref))).Warning("BE318",
				diag.T("配置的 `%s` 里没有 `%s`", "the configuration has no `%[2]s` under `%[1]s`", string(ref.Kind), ref.Name)).
				WithHint(diag.T("在配置里加上它，或改这一步", "add it to the configuration, or change the step")))
		}
	}
	return found
}

// asWritten is how the step writes what it refers to.
func asWritten(ref actions.Reference) string {
	if ref.Kind == actions.RefersSecret {
		return "${" + ref.Name + "}"
	}
	return ref.Name
}
