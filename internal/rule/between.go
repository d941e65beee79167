package rule

import (
	"slices"
	"strings"

	"botengine/internal/actions"
	"botengine/internal/diag"
)

// Between finds the faults that no rule has by itself: rules that never get their
// turn, that contradict each other, that call each other for ever. They are
// warnings only, since they are judged by what surely holds: a rule with a
// condition, hours or a gate is never taken for one that always fires. The cost
// grows with the rules and their words, not with the pairs of rules. A Compiler
// leaves it out, so that whoever saves a file does not wait for it.
func (s *Set) Between() diag.List { return s.between().Tidy() }

func (s *Set) between() diag.List {
	b := &between{set: s, places: places{}}
	for i, r := range s.Rules {
		if r.on() {
			b.rules = append(b.rules, newJudged(r, i))
		}
	}
	b.shadowed()
	b.contradicting()
	b.looping()
	b.overbooked()
	return b.found
}

// between is the search for faults between rules.
type between struct {
	set   *Set
	rules []*judged // those that are switched on, in walk order
	found diag.List
	places
}

// judged is a rule with what is compared.
type judged struct {
	*Rule
	at    int  // in walk order
	plain bool // it is live and fires whenever trigger, scope and match say so
	acts  []act
}

// act is a step that every firing comes to.
type act struct {
	actions.Plain
	late bool // something is waited for before it
}

func newJudged(r *Rule, at int) *judged {
	j := &judged{Rule: r, at: at}
	parallel := r.Run == nil || r.Run.Mode == RunParallel
	ungated := r.Cooldown == nil && r.Limit == nil && r.Threshold == nil && r.Once == nil && r.Coalesce == nil
	j.plain = (r.Mode == ModeLive || r.rehearsed) && len(r.checks) == 0 && r.active == nil && ungated && parallel
	if j.plain {
		j.acts = actsOf(r)
	}
	return j
}

// actsOf are the steps that no condition guards, up to where a person is waited for
// or the run may end.
func actsOf(r *Rule) []act {
	var out []act
	late := false
	for i := 0; i >= 0 && i < len(r.Steps); i = r.Steps[i].Next {
		s := &r.Steps[i]
		if s.Op != OpAction { // it may end the run, or wait for somebody who never answers
			return out
		}
		late = late || s.Does() == "delay"
		if s.When == nil {
			out = append(out, act{Plain: actions.Plainly(s.Action), late: late})
		}
	}
	return out
}

// warn adds a finding at the word below the key of the rule, and names the other
// rule.
func (b *between) warn(code string, r *Rule, key, word string, other *Rule, message, hint diag.Text) {
	f := diag.At(r.File, b.of(r, key, word)).Warning(code, message).WithHint(hint)
	if other != nil {
		f = f.WithRelated(other.File, other.idAt, diag.T("另一条规则在这里", "the other rule is here"))
	}
	b.found = append(b.found, f)
}

// signature is the same for rules that listen to the same, in the same places.
func (r *Rule) signature() string {
	var on []string
	for _, t := range r.On {
		on = append(on, t.Name)
	}
	slices.Sort(on)
	return strings.Join(on, ",") + "\x00" + r.scope.signature()
}

// signature is the same for equal scopes.
func (s *scope) signature() string {
	if s == nil {
		return ""
	}
	var b strings.Builder
	for _, list := range [][]pattern{s.accounts, s.robots, s.chats, s.members, s.owners} {
		for _, p := range list {
			b.WriteString(p.text)
			b.WriteByte(1)
		}
		b.WriteByte(2)
	}
	b.WriteString(string(s.kind))
	return b.String()
}

// simple says whether the signature says all of the scope.
func (s *scope) simple() bool {
	return s == nil || s.size == nil && len(s.labels) == 0 && s.where == nil && s.exclude == nil
}
