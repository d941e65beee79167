package rule

import (
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// DefaultTakeover is how long a person who writes into a chat keeps rules from
// answering there, where neither rule nor configuration says it.
const DefaultTakeover = 10 * time.Minute

// maxTakeover bounds `takeover`: beyond it a typing error is likelier.
const maxTakeover = 30 * 24 * time.Hour

// staffList is the list whose entries are the ids of the staff.
const staffList = "staff"

// takeover reads a length of time or `off`.
func (b *builder) takeover(n *yaml.Node) *time.Duration {
	if isOff(n) {
		return new(time.Duration)
	}
	d := b.duration(n)
	if d > maxTakeover {
		b.fail(n, "BE126", diag.T("`takeover` 最长 30 天", "`takeover` is at most 30 days"),
			diag.T("写成 `10m`、`2h`，或 `off` 表示不让", "write `10m`, `2h`, or `off` to answer all the same"))
	}
	return &d
}

// Responder says which of several robots in one group answers.
type Responder string

// One robot of a group answers, or each of them does. One is the default.
const (
	ResponderOne Responder = "one"
	ResponderAll Responder = "all"
)

// responder reads `responder`.
func (b *builder) responder(n *yaml.Node) Responder {
	word, ok := b.choice(n, choicesOf("rule", "responder"))
	if !ok {
		return ResponderOne
	}
	return Responder(word)
}

// guards notes what the rule's steps mean for takeover and pauses. A rule that
// hears only what is written by hand could never answer if that held it.
func (b *builder) guards(r *Rule) {
	for i := range r.Steps {
		name := nameOfAction(r.Steps[i].Action)
		r.answers = r.answers || strings.HasPrefix(name, "reply")
		r.pauses = r.pauses || name == "pause"
		r.kicks = r.kicks || name == "kick"
	}
	byHandOnly := len(r.On) > 0 && !slices.ContainsFunc(r.On, func(t Trigger) bool { return t.Name != string(event.MessagePhone) })
	if r.Takeover == nil && byHandOnly {
		r.Takeover = new(time.Duration)
	}
}

// nameOfAction is the name of a step's action; "" when the step has none.
func nameOfAction(a actions.Bound) string {
	if a == nil {
		return ""
	}
	return a.Name()
}

// Answers reports whether a step of the rule may speak in the chat that its event
// happened in: such a rule gives way to a person who answers there.
func (r *Rule) Answers() bool { return r.answers }

// Pauses reports whether a step of the rule pauses others, or lets them go on: no
// pause silences such a rule, so that it can be ended.
func (r *Rule) Pauses() bool { return r.pauses }

// Kicks reports whether a step of the rule removes people from a group: no fuse holds
// such a rule, for nothing ends a loop like that.
func (r *Rule) Kicks() bool { return r.kicks }

// TakeoverOr returns how long a person keeps the rule from answering; otherwise is
// what is configured for rules that do not say it. 0 = not at all.
func (r *Rule) TakeoverOr(otherwise time.Duration) time.Duration {
	if r.Takeover != nil {
		return *r.Takeover
	}
	return otherwise
}

// Covers reports whether the event is within the rule's scope, whoever's it is.
func (r *Rule) Covers(ev *event.Event) bool { return r.scope.covers(ev) }

// IsStaff reports whether a person is on the list `staff` of any of the files.
func (s *Set) IsStaff(id string) bool { return len(s.staff) > 0 && id != "" && s.staff[id] }

// staffOf gathers the lists `staff` of the rules' files.
func staffOf(rules []*Rule) map[string]bool {
	var out map[string]bool
	var last []string
	for _, r := range rules {
		if len(r.staff) == 0 || len(last) > 0 && &r.staff[0] == &last[0] {
			continue
		}
		last = r.staff
		if out == nil {
			out = map[string]bool{}
		}
		for _, id := range r.staff {
			out[id] = true
		}
	}
	return out
}
