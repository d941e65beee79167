package rule

import (
	"slices"
	"time"

	"botengine/internal/event"
	"botengine/internal/expression"
)

// Match says which rules the event concerns, in walk order. With every, each
// rule of the set gets a Match with its outcome and the reason in words; without,
// only those that may fire are returned, and those that found what they look for
// but may not: too late, outside their hours, or with a condition that broke. A
// condition that surely does not hold, because the event lacks what it needs, is
// not computed: then it cannot break, and what facts would make of it is no matter.
//
// Match takes no lock and may be called by any number of goroutines; an event
// that concerns no rule costs no memory, and hardly more with ten thousand rules
// than with ten.
func (s *Set) Match(ev *event.Event, now time.Time, every bool) []Match {
	through := none
	if !every && !ev.Kind.IsSchedule() && len(s.former) == 0 {
		var may bool
		if through, may = s.index.concerns(ev); !may {
			return nil
		}
	}
	w := walk{ev: ev, now: now}
	if every {
		return s.withFormer(&w, w.all(s.Rules))
	}
	if ev.Kind.IsSchedule() {
		return s.withFormer(&w, s.matchScheduled(&w))
	}
	w.scratch = scratches.Get().(*scratch)
	s.index.candidates(&w, through)
	var out []Match
	for i, ok := w.scratch.rules.Pop(); ok; i, ok = w.scratch.rules.Pop() {
		if m, passed := w.candidate(s.Rules[i]); passed {
			out = append(out, m)
		}
	}
	w.done()
	if len(s.former) > 0 {
		out = s.withFormer(&w, out)
	}
	return out
}

// candidate looks at a rule that the index offers; passed says whether it is worth
// a word.
func (w *walk) candidate(r *Rule) (m Match, passed bool) {
	o, at := w.against(r)
	if o != "" {
		return m, false
	}
	m = w.rest(r, at)
	return m, m.Outcome != ConditionFalse && m.Outcome != OutOfScope
}

// done gives the memory back for the next event.
func (w *walk) done() {
	w.forget()
	w.scratch.views.clear()
	scratches.Put(w.scratch)
}

// walk is one event on its way past the rules.
type walk struct {
	ev       *event.Event
	now      time.Time
	scratch  *scratch         // nil where every rule is looked at
	own      views            // then
	found    int              // words and texts that the index found
	gathered [dimensions]bool // values of the event
	some     bool             // were gathered
}

// all looks at every rule and says why.
func (w *walk) all(rules []*Rule) []Match {
	out := make([]Match, 0, len(rules))
	for _, r := range rules {
		m := w.look(r)
		if m.Detail.IsZero() {
			m.Detail = w.detail(m)
		}
		out = append(out, m)
	}
	return out
}

// look finds out what becomes of the rule.
func (w *walk) look(r *Rule) Match {
	o, at := w.against(r)
	if o != "" {
		return Match{Rule: r, Outcome: o}
	}
	return w.rest(r, at)
}

// against says what speaks against the rule before its condition: the cheap things
// first. at is where the match holds.
func (w *walk) against(r *Rule) (o Outcome, at found) {
	if o := w.head(r); o != "" || r.match == nil {
		return o, found{}
	}
	f := w.find(r.match)
	if f.part != "" {
		return NoKeyword, f
	}
	return "", f
}

// rest says what was found, and what the rule's conditions make of it.
func (w *walk) rest(r *Rule, at found) Match {
	m := Match{Rule: r}
	if r.match != nil {
		m.Hit = r.match.hit(w.view(at.view), w.ev.TextOf(at.view.field()), at.loc)
		m.Hit.Field = at.view.field()
	}
	if len(r.checks) > 0 {
		m.Outcome, m.Detail = r.ask(w.scope(m.Hit), (*check).before)
	}
	if m.Outcome != "" {
		m.Asked = true
		return m
	}
	if m.Outcome = w.late(r); m.Outcome == Inactive && r.Outside != End {
		m.Outcome, m.Outside = "", true
	}
	if m.Outcome != "" {
		return w.tooLate(m)
	}
	if len(r.checks) > 0 {
		m.Outcome, m.Detail = r.ask(w.scope(m.Hit), (*check).after)
		m.Pending = m.Outcome == "" && r.needFacts()
	}
	if m.Outside && m.Outcome == "" {
		m.Detail = w.hoursDetail(r)
	}
	return m
}

// tooLate gives a rule that comes too late its reason. Where not every rule is
// asked for, one whose condition is false all the same is nothing to tell of.
func (w *walk) tooLate(m Match) Match {
	if w.scratch != nil && len(m.Rule.checks) > 0 {
		if o, _ := m.Rule.ask(w.scope(m.Hit), (*check).after); o == ConditionFalse {
			m.Outcome = o
			return m
		}
	}
	m.Detail = w.detail(m)
	return m
}

// scope is what conditions see.
func (w *walk) scope(hit expression.Hit) *expression.Scope {
	return &expression.Scope{Event: w.ev, Now: w.now, Hit: hit}
}

// late says whether the rule comes too late, or at the wrong hour.
func (w *walk) late(r *Rule) Outcome {
	switch {
	case w.ev.Age(w.now) > r.MaxAge && !w.ev.Kind.IsSchedule(): // of which `missed` decides
		return TooOld
	case !r.active.covers(w.now):
		return Inactive
	}
	return ""
}

// head is all that can be said without looking at the text.
func (w *walk) head(r *Rule) Outcome {
	switch {
	case !r.on():
		return Off
	case !r.listens(w.ev):
		return OtherTrigger
	case w.ev.Sender.IsSelf && !r.include.self:
		return OwnMessage
	case w.ev.Sender.IsRobot && !w.ev.Sender.IsSelf && !r.include.robots:
		return OtherRobot
	case !r.scope.covers(w.ev):
		return OutOfScope
	}
	return ""
}

// listens says whether one of the rule's triggers is what happened.
func (r *Rule) listens(ev *event.Event) bool {
	for i := range r.On {
		t := &r.On[i]
		if slices.Contains(t.Kinds, ev.Kind) && (!t.Mention || ev.Message.MentionsMe) && (t.Schedule == nil || ev.Schedule.Rule == r.ID) && (t.Emit == "" || t.Emit == ev.Cause.Name) {
			return !succeeded(ev)
		}
	}
	return false
}

// succeeded says whether the event is the good end of a command, of which rules
// learn nothing.
func succeeded(ev *event.Event) bool {
	return ev.Kind == event.Result && ev.Result.Code == event.CodeOK
}
