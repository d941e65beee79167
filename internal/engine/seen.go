package engine

import (
	"crypto/rand"
	"sync"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// maxWatched is how many rules without a rollout are counted for at a time: each
// of them is asked about every event.
const maxWatched = 200

// Seen counts the events that rules on trial could have fired on. It keeps its
// counts in memory, because most events lead to nothing that is written anyway: they
// only ever grow, and a record says up to where it has taken them over. Any number
// of goroutines may use it; a nil Seen counts nothing.
type Seen struct {
	boot string // names this process

	mu      sync.Mutex // guards all below
	set     *rule.Set  // whose trials are watched
	watched []*watched
	by      map[string]*watched // by id and version
}

type watched struct {
	rule *rule.Rule
	name string
	n    int
}

// NewSeen returns counts that begin at nothing.
func NewSeen() *Seen { return &Seen{boot: rand.Text(), by: map[string]*watched{}} }

func watchedName(r *rule.Rule) string { return r.ID + "/" + r.Version }

// of is how many events were counted for the rule, by which process.
func (s *Seen) of(r *rule.Rule) (n int, boot string) {
	if s == nil {
		return 0, ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if w := s.by[watchedName(r)]; w != nil {
		n = w.n
	}
	return n, s.boot
}

// Note counts an event that was committed. A rule without a rollout is watched from
// its first firing on: one that does not fire can do no harm.
func (s *Seen) Note(set *rule.Set, ev *event.Event, verdicts []Verdict) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.set != set {
		s.takeLocked(set)
	}
	for i := range verdicts {
		if o := verdicts[i].Outcome; !o.Takes() && o != rule.Canary && o != rule.Withheld {
			continue
		}
		if t := set.Trial(verdicts[i].Rule); t != nil && len(s.watched) < maxWatched {
			s.watchLocked(t.Rule)
		}
	}
	for _, w := range s.watched {
		if w.hears(ev) {
			w.n++
		}
	}
}

func (w *watched) hears(ev *event.Event) bool {
	if w.rule.Rollout != nil {
		return w.rule.Hears(ev)
	}
	return w.rule.HearsNear(ev)
}

// takeLocked turns to the trials of another set.
func (s *Seen) takeLocked(set *rule.Set) {
	s.set = set
	old := s.watched
	s.watched = nil
	for _, w := range old {
		if t := set.Trial(w.rule.ID); t == nil || t.Rule.Version != w.rule.Version {
			delete(s.by, w.name)
		} else {
			w.rule = t.Rule
			s.watched = append(s.watched, w)
		}
	}
	for _, t := range set.Trials() {
		if t.Rule.Rollout != nil {
			s.watchLocked(t.Rule)
		}
	}
}

func (s *Seen) watchLocked(r *rule.Rule) {
	name := watchedName(r)
	if s.by[name] != nil {
		return
	}
	w := &watched{rule: r, name: name}
	s.by[name] = w
	s.watched = append(s.watched, w)
}
