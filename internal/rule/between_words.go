package rule

import (
	"slices"

	"botengine/internal/diag"
)

// claim is what rules that fire on the very same have in common.
type claim struct {
	signature string
	part      string // of the match: any, exact, or "" for a rule without one
	folds     foldSet
	field     string
	word      string // folded
	tag       string // "" = the answer
}

// claims are who was first to claim something.
type claims struct {
	answers, adds, removes map[claim]*judged
}

// contradicting finds rules that answer one keyword differently, and rules of which
// one adds the tag that the other removes.
func (b *between) contradicting() {
	c := claims{answers: map[claim]*judged{}, adds: map[claim]*judged{}, removes: map[claim]*judged{}}
	for _, r := range b.rules {
		b.ownTags(r)
		if !r.plain || !r.scope.simple() || len(r.On) == 0 || !slices.ContainsFunc(r.acts, act.speaks) {
			continue
		}
		base := claim{signature: r.signature()}
		for _, k := range r.keys(base) {
			if b.claim(&c, r, k.claim, k.written) {
				break // one finding for a pair of rules is enough
			}
		}
	}
}

func (a act) speaks() bool { return a.Says != "" || len(a.Adds)+len(a.Removes) > 0 }

// claimed is a claim with the word as it is written.
type claimed struct {
	claim
	written string
}

// keys are the claims of a rule that fires on each of its words alone.
func (r *judged) keys(base claim) []claimed {
	m := r.match
	if m == nil {
		return []claimed{{claim: base}}
	}
	part, words := "any", m.any
	if len(m.exact) > 0 {
		part, words = "exact", m.exact
	}
	more := len(m.all)+len(m.none)+len(m.prefix)+len(m.suffix) > 0 || len(m.any) > 0 && len(m.exact) > 0
	if more || m.regex != nil || m.list != nil || len(m.fields) > 1 {
		return nil
	}
	base.part, base.folds = part, m.folds
	if len(m.fields) == 1 {
		base.field = string(m.fields[0])
	}
	var out []claimed
	for _, w := range words {
		for _, f := range w.folded {
			base.word = f
			out = append(out, claimed{claim: base, written: w.written})
		}
	}
	return out
}

// claim compares what the rule does with what the first one to claim the same does,
// and says whether anything was found.
func (b *between) claim(c *claims, r *judged, k claim, written string) bool {
	found := false
	if says := r.says(); says != "" && k.part != "" {
		if first := c.answers[k]; first == nil {
			c.answers[k] = r
		} else if first != r && !first.Stop && first.says() != says {
			found = true
			b.warn("BE402", r.Rule, "match", written, first.Rule,
				diag.T("关键词 `%s` 在 `%s` 里已经有不同的回答，两条都会发出", "the keyword `%s` has another answer in `%s`; both will be sent", written, first.ID),
				diag.T("去掉其中一个，或在 `%s` 里写 `stop: true`", "take one of them out, or write `stop: true` in `%s`", first.ID))
		}
	}
	for _, a := range r.acts {
		if a.late {
			continue
		}
		found = b.claimTags(r, k, a.Adds, c.adds, c.removes) || found
		found = b.claimTags(r, k, a.Removes, c.removes, c.adds) || found
	}
	return found
}

// says is the first answer of the rule.
func (r *judged) says() string {
	for _, a := range r.acts {
		if a.Says != "" {
			return a.Says
		}
	}
	return ""
}

// claimTags notes what the rule does with the tags, and finds who does the opposite.
func (b *between) claimTags(r *judged, k claim, tags []string, mine, others map[claim]*judged) bool {
	found := false
	for _, tag := range tags {
		k.tag = tag
		if mine[k] == nil {
			mine[k] = r
		}
		if first := others[k]; first != nil && first != r && !first.Stop {
			found = true
			b.warn("BE404", r.Rule, "do", tag, first.Rule,
				diag.T("标签 `%s` 在同样的触发条件下，`%s` 和这条规则一个加一个删", "on the same events one of `%[2]s` and this rule adds the tag `%[1]s`, the other removes it", tag, first.ID),
				diag.T("只留其中一个", "keep one of them"))
		}
	}
	return found
}

// ownTags finds steps that add and remove the same tag.
func (b *between) ownTags(r *judged) {
	for i := range r.Steps {
		if r.Steps[i].Op != OpAction {
			continue
		}
		does := plainly(&r.Steps[i])
		for _, tag := range does.Adds {
			if slices.Contains(does.Removes, tag) {
				b.warn("BE404", r.Rule, "do", tag, nil,
					diag.T("同一个步骤里，标签 `%s` 又加又删", "one step adds and removes the tag `%s`", tag), diag.T("只留其中一个", "keep one of them"))
			}
		}
	}
}
