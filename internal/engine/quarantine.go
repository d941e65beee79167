package engine

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"botengine/internal/diag"
	"botengine/internal/rule"
)

// How many panics of a rule within which time set it aside.
const (
	panicsMost   = 5
	panicsWithin = time.Minute
)

// Quarantine sets rules aside that panic over and over, until the rules are loaded
// again: a restart and an edit are such loads. What it knows is in memory alone. Any
// number of goroutines may use it; a nil Quarantine sets nothing aside.
type Quarantine struct {
	some atomic.Bool // a rule is set aside

	mu     sync.Mutex // guards all below
	set    *rule.Set
	panics map[string][]time.Time // by rule
	aside  map[string]time.Time   // since when
}

// SetAside is a rule that is set aside.
type SetAside struct {
	Rule  string    `json:"rule"`
	Since time.Time `json:"since"`
}

// NewQuarantine returns a Quarantine in which no rule is.
func NewQuarantine() *Quarantine { return &Quarantine{} }

// Note counts panics of rules of a set that were met with one event. It returns the
// rules that are set aside by that.
func (q *Quarantine) Note(set *rule.Set, ids []string, now time.Time) (aside []string) {
	if q == nil || len(ids) == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.set != set {
		q.set, q.panics, q.aside = set, map[string][]time.Time{}, map[string]time.Time{}
		q.some.Store(false)
	}
	for _, id := range ids {
		times := append(slices.DeleteFunc(q.panics[id], func(at time.Time) bool { return now.Sub(at) >= panicsWithin }), now)
		q.panics[id] = times
		if _, known := q.aside[id]; !known && len(times) >= panicsMost {
			q.aside[id] = now
			q.some.Store(true)
			aside = append(aside, id)
		}
	}
	return aside
}

// Holds reports whether a rule of the set is set aside.
func (q *Quarantine) Holds(set *rule.Set, id string) bool {
	if q == nil || !q.some.Load() {
		return false
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	_, held := q.aside[id]
	return held && q.set == set
}

// Clear lets all rules take part again.
func (q *Quarantine) Clear() {
	if q == nil {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.set = nil
	q.panics, q.aside = nil, nil
	q.some.Store(false)
}

// List returns the rules of the set that are set aside.
func (q *Quarantine) List(set *rule.Set) []SetAside {
	out := []SetAside{}
	if q == nil {
		return out
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.set != set {
		return out
	}
	for id, since := range q.aside {
		out = append(out, SetAside{id, since})
	}
	slices.SortFunc(out, func(a, b SetAside) int { return strings.Compare(a.Rule, b.Rule) })
	return out
}

// blame notes that a rule panicked in this decision.
func (d *decider) blame(id string) {
	if id != "" && !slices.Contains(d.panics, id) {
		d.panics = append(d.panics, id)
	}
}

// setAside says whether the rule panicked too often to be asked.
func (d *decider) setAside(r *rule.Rule) (rule.Outcome, diag.Text) {
	if !d.in.Quarantine.Holds(d.in.Set, r.ID) {
		return "", diag.Text{}
	}
	return rule.Quarantined, diag.T("1m 内内部出错 %d 次；重新加载规则后恢复（`botengine ctl reload`）", "it panicked %d times within 1m; loading the rules again ends it (`botengine ctl reload`)", panicsMost)
}
