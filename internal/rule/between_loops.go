package rule

import (
	"slices"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
)

func plainly(s *Step) actions.Plain { return actions.Plainly(s.Action) }

// maxCalled bounds how many rules one step is followed to.
const maxCalled = 16

// call is a step of a rule that fires another.
type call struct {
	to   *judged
	key  string // where it is written: do, on
	word string // as written there
	emit bool
}

// looping finds circles of rules: each fires the next by what it says or emits.
func (b *between) looping() {
	calls := b.calls()
	state := map[*judged]int{} // 1 = on the way, 2 = done
	for _, r := range b.rules {
		if len(calls[r]) > 0 {
			b.follow(r, calls, state)
		}
	}
}

// follow walks the calls depth first; a call of a rule that is on the way closes a
// circle.
func (b *between) follow(r *judged, calls map[*judged][]call, state map[*judged]int) {
	if state[r] != 0 {
		return
	}
	state[r] = 1
	for _, c := range calls[r] {
		if state[c.to] == 1 {
			b.circle(r, c)
			continue
		}
		b.follow(c.to, calls, state)
	}
	state[r] = 2
}

// circle is the finding on the step that closes it.
func (b *between) circle(r *judged, c call) {
	hint := diag.T("去掉 `include` 里的 `self` 和 `robots`，或换一句不含关键词的话", "take `self` and `robots` out of `include`, or say it without the keyword")
	switch {
	case c.key == "on":
		hint = diag.T("用 `when: event.rule == \"规则编号\"` 说明等的是哪条规则", "say by `when: event.rule == \"ID\"` which rule it waits for")
	case c.emit:
		hint = diag.T("去掉其中一个 `emit`", "take one of the `emit` steps out")
	}
	message := diag.T("这一步会触发 `%s`，它又引回这条规则", "this step fires `%s`, which leads back to this rule", c.to.ID)
	var other *Rule
	if c.to == r {
		message = diag.T("这一步会再次触发这条规则自己", "this step fires its own rule again")
	} else {
		other = c.to.Rule
	}
	b.warn("BE403", r.Rule, c.key, c.word, other, message, hint)
}

// calls are the steps that fire rules, of rules that fire whenever they are called.
func (b *between) calls() map[*judged][]call {
	loose := func(r *judged) bool { return r.plain && r.scope.simple() }
	hearers := newWordsOf(b.rules, func(r *judged) bool {
		return loose(r) && (r.include.self || r.include.robots) && r.listens(event.MessageText)
	})
	emitted := map[string][]*judged{}
	for _, r := range b.rules {
		for _, t := range r.On {
			if loose(r) && r.match == nil && t.Emit != "" {
				emitted[t.Emit] = append(emitted[t.Emit], r)
			}
		}
	}
	calls := map[*judged][]call{}
	for _, r := range b.rules {
		if !loose(r) {
			continue
		}
		if r.match == nil && r.listens(event.RuleFired) {
			calls[r] = append(calls[r], call{to: r, key: "on", word: string(event.RuleFired), emit: true})
		}
		for _, a := range r.acts {
			if to := emitted[a.Emits]; a.Emits != "" {
				for _, t := range to[:min(len(to), maxCalled)] {
					if t.scope.around(r.scope) {
						calls[r] = append(calls[r], call{to: t, key: "do", word: a.Emits, emit: true})
					}
				}
			}
			if a.Fixed && a.Says != "" && !hearers.empty() {
				calls[r] = append(calls[r], hearers.hearing(r, a.Says)...)
			}
		}
	}
	return calls
}

// listens says whether every event of the kind fires one of the rule's triggers.
func (r *judged) listens(k event.Kind) bool {
	return slices.ContainsFunc(r.On, func(t Trigger) bool { return !t.Mention && slices.Contains(t.Kinds, k) })
}

// hearing are the rules that the text fires in the chat where r says it.
func (w *wordsOf) hearing(r *judged, text string) []call {
	var out []call
	note := func(h *judged) bool {
		same := h.scope == nil || len(h.scope.members) == 0 && h.scope.around(r.scope)
		known := slices.ContainsFunc(out, func(c call) bool { return c.to == h })
		if same && !known && h.hears(text) {
			out = append(out, call{to: h, key: "do", word: text})
		}
		return len(out) >= maxCalled
	}
	_ = slices.ContainsFunc(w.wide, note)
	folded := folders[allFolds]().String(text)
	w.in(folded, note)
	return out
}

// hears says whether the rule's match holds for the text of a message.
func (r *judged) hears(text string) bool {
	m := r.match
	if m == nil {
		return true
	}
	if m.fields != nil && !slices.Equal(m.fields, textFields[:1]) {
		return false
	}
	return m.look(folders[m.folds]().String(text)).part == ""
}
