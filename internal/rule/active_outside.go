package rule

import (
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/expression"
)

// outsideSteps reads `outside`: `skip`, or a list of steps, which is compiled with
// each rule that has it.
func (b *builder) outsideSteps(f fields) *yaml.Node {
	n := f.get("outside")
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.ScalarNode && n.Value == "skip":
		return nil
	case n.Kind == yaml.ScalarNode:
		b.fail(n, "BE104", diag.T("`outside` 要写成 `skip` 或步骤的列表", "`outside` is `skip` or a list of steps"), diag.T("写成 `outside: [{reply: %s}]`", "write `outside: [{reply: %s}]`", n.Value))
		return nil
	case f.get("hours") == nil && f.get("days") == nil && f.get("dates") == nil && f.get("except_dates") == nil:
		b.warn(f.key("outside"), "BE411", diag.T("没有写生效时间，`outside` 永远轮不到", "no hours are named, so `outside` never comes"),
			diag.T("加上 `hours` 或 `days`", "add `hours` or `days`"))
	}
	return n
}

// outside adds the steps for events outside of the rule's hours to its program.
func (b *builder) outside(r *Rule, opts expression.Options) {
	if r.active == nil || r.active.outside == nil {
		return
	}
	opts.Gather = false
	if entry := b.compileBlock(r, r.active.outside, "outside.", opts); entry < len(r.Steps) {
		r.Outside = entry
	}
}

// searchDays is how far ahead an opening is looked for: dates may lie a year apart.
const searchDays = 367

// Opens is when the rule is at work again, after a time at which it is not; the zero
// time when that does not come within a year.
func (r *Rule) Opens(now time.Time) time.Time {
	a := r.active
	if a == nil {
		return now
	}
	local := now.In(a.zone)
	starts := a.windows
	if len(starts) == 0 {
		starts = []window{{}}
	}
	for d := range searchDays {
		var first time.Time
		for _, w := range starts {
			at := time.Date(local.Year(), local.Month(), local.Day()+d, 0, w.from, 0, 0, a.zone)
			if at.After(now) && a.covers(at) && (first.IsZero() || at.Before(first)) {
				first = at
			}
		}
		if !first.IsZero() {
			return first
		}
	}
	return time.Time{}
}
