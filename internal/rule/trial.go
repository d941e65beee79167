package rule

import (
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"botengine/internal/event"
)

// Trial is a rule that changed, for as long as it has to prove itself, or after it
// lost its right to act. It never changes.
type Trial struct {
	Rule   *Rule // as it is now
	Former *Rule // as it was, where that still acts; nil = it does not
	Since  time.Time
	Until  time.Time
	Canary float64 // the share of chats in which it acts until then, above 0 to 1
}

// Acts says whether the rule acts in a chat while it is tried: the same chats as
// long as the rule has its id, and all those of a smaller share are among those of
// a larger one. An event in no chat goes by its robot.
func (t *Trial) Acts(chat string) bool {
	if t.Canary >= 1 {
		return true
	}
	sum := sha256.Sum256([]byte("canary\x00" + t.Rule.ID + "\x00" + chat))
	return float64(binary.BigEndian.Uint64(sum[:])>>11)/(1<<53) < t.Canary
}

// WithTrials returns a set of the same rules of which some are on trial. The
// former rules of those are asked, too, wherever the rules are.
func (s *Set) WithTrials(trials []*Trial) *Set {
	out := *s
	out.trials, out.former = nil, nil
	if len(trials) == 0 {
		return &out
	}
	out.trials = make(map[string]*Trial, len(trials))
	for _, t := range trials {
		out.trials[t.Rule.ID] = t
		if t.Former != nil {
			out.former = append(out.former, t.Former)
		}
	}
	return &out
}

// Trial returns the trial of the rule of that id; nil when it is on none.
func (s *Set) Trial(id string) *Trial {
	if s == nil {
		return nil
	}
	return s.trials[id]
}

// OnTrial says whether any rule is on trial.
func (s *Set) OnTrial() bool { return s != nil && len(s.trials) > 0 }

// Trials are the rules on trial, in the order of their ids.
func (s *Set) Trials() []*Trial {
	if s == nil || len(s.trials) == 0 {
		return nil
	}
	out := make([]*Trial, 0, len(s.trials))
	for _, id := range slices.Sorted(maps.Keys(s.trials)) {
		out = append(out, s.trials[id])
	}
	return out
}

// withFormer adds what the event means for the former rules of those on trial, each
// right behind the rule that took its place.
func (s *Set) withFormer(w *walk, matches []Match) []Match {
	for _, f := range s.former {
		own := walk{ev: w.ev, now: w.now}
		m := own.look(f)
		if m.Outcome != "" && m.Outcome != Inactive && m.Outcome != ConditionError && m.Outcome != TooOld {
			continue
		}
		at := slices.IndexFunc(matches, func(o Match) bool { return o.Rule.ID == f.ID })
		if at < 0 {
			at = slices.IndexFunc(matches, func(o Match) bool { return o.Rule.Priority < f.Priority })
		} else {
			at++
		}
		if at < 0 {
			at = len(matches)
		}
		matches = slices.Insert(matches, at, m)
	}
	return matches
}

// Hears says whether the event is one that the rule listens to, in its scope: of
// which it might fire, whatever the event says. A condition of its scope that needs
// to be computed is not asked.
func (r *Rule) Hears(ev *event.Event) bool {
	w := walk{ev: ev}
	return w.head(r) == ""
}

// HearsNear says the same of any message where the rule listens to some: what share
// of all that is said in its scope a rule answers.
func (r *Rule) HearsNear(ev *event.Event) bool {
	if !ev.Kind.IsMessage() {
		return r.Hears(ev)
	}
	return r.on() && r.hears(event.Kind.IsMessage) && (!ev.Sender.IsSelf || r.include.self) &&
		(!ev.Sender.IsRobot || ev.Sender.IsSelf || r.include.robots) && r.scope.covers(ev)
}

// Picky says whether the rule says itself which messages it means: one that does
// not fires on every one of them, on purpose.
func (r *Rule) Picky() bool {
	return r.hears(event.Kind.IsMessage) && (r.match != nil || r.When != nil && !meansEvery(r.When.Source()))
}
