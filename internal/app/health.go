package app

import (
	"context"
	"slices"
	"sync"
	"time"

	"botengine/internal/diag"
)

// Condition is one thing that is well or not, as `ctl status`, `healthcheck` and
// `/readyz?verbose` say it. There is one of each name, or one for each account or
// robot that it is about.
type Condition struct {
	Name     string    `json:"name"`            // stable, English: what is the trouble, if there is any
	About    string    `json:"about,omitempty"` // the account, or account/robot; "" = the whole engine
	OK       bool      `json:"ok"`
	Degraded bool      `json:"degraded,omitempty"` // not ok, and yet the engine does its work
	Detail   string    `json:"detail"`
	DetailZH string    `json:"detail_zh"`
	Since    time.Time `json:"since"` // it is as it is, as far as it was looked at
}

// Health is all conditions at one moment, version 1.
type Health struct {
	OK         bool        `json:"ok"`       // nothing is wrong that keeps the engine from its work
	Degraded   bool        `json:"degraded"` // something is not as it should be
	Conditions []Condition `json:"conditions"`
}

// Wrong are the conditions that are not ok, what keeps the engine from its work first.
func (h *Health) Wrong() []Condition {
	var out []Condition
	for _, c := range h.Conditions {
		if !c.OK {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b Condition) int {
		switch {
		case a.Degraded == b.Degraded:
			return 0
		case a.Degraded:
			return 1
		default:
			return -1
		}
	})
	return out
}

// look says how one thing is now: one Condition, or one for each account or robot.
// It must be quick, and may be asked by several goroutines. Name and Since are filled
// in for it. What it leaves out is not the matter any more.
type look func(ctx context.Context) []Condition

// well, degraded and broken make what a look returns.
func well(about string, t diag.Text) Condition {
	return Condition{About: about, OK: true, Detail: t.EN, DetailZH: t.ZH}
}

// degraded is for trouble with which the engine does its work all the same.
func degraded(about string, t diag.Text) Condition {
	return Condition{About: about, Degraded: true, Detail: t.EN, DetailZH: t.ZH}
}

// broken is for trouble that keeps the engine from its work; set About where it is not
// about the whole engine.
func broken(t diag.Text) Condition {
	return Condition{Detail: t.EN, DetailZH: t.ZH}
}

// one makes a look of what is a single condition about the whole engine.
func one(f func() Condition) look {
	return func(context.Context) []Condition { return []Condition{f()} }
}

// healthEvery is the pause between two looks at all conditions that nobody asked for:
// they keep Since true.
const healthEvery = 5 * time.Second

// health is the one list of conditions. Those who have one add it before Run.
type health struct {
	now   func() time.Time
	looks []namedLook

	mu    sync.Mutex // guards known
	known map[conditionKey]verdict
}

type namedLook struct {
	name string
	look look
}

type conditionKey struct{ name, about string }

// verdict is how a condition was when it was looked at last.
type verdict struct {
	ok, degraded bool
	since        time.Time
}

func newHealth() *health { return &health{now: time.Now, known: map[conditionKey]verdict{}} }

// add registers a condition; name says what the trouble is, such as "disk_full".
func (h *health) add(name string, l look) { h.looks = append(h.looks, namedLook{name, l}) }

// names are those of all conditions, in the order in which they are shown.
func (h *health) names() []string {
	out := make([]string, len(h.looks))
	for i, n := range h.looks {
		out[i] = n.name
	}
	return out
}

// check looks at everything.
func (h *health) check(ctx context.Context) Health {
	var found []Condition
	for _, n := range h.looks {
		for _, c := range n.look(ctx) {
			c.Name = n.name
			found = append(found, c)
		}
	}
	h.date(found)
	out := Health{OK: true, Conditions: found}
	for _, c := range found {
		out.OK = out.OK && (c.OK || c.Degraded)
		out.Degraded = out.Degraded || !c.OK
	}
	return out
}

// date says since when each is as it is, and forgets what was not found.
func (h *health) date(found []Condition) {
	h.mu.Lock()
	defer h.mu.Unlock()
	known, now := make(map[conditionKey]verdict, len(found)), h.now()
	for i := range found {
		c := &found[i]
		key := conditionKey{c.Name, c.About}
		v, before := h.known[key]
		if !before || v.ok != c.OK || v.degraded != c.Degraded {
			v = verdict{c.OK, c.Degraded, now}
		}
		if !c.Since.IsZero() {
			v.since = c.Since // who looks knows better
		}
		c.Since, known[key] = v.since, v
	}
	h.known = known
}

// run looks at everything now and then, until ctx ends.
func (h *health) run(ctx context.Context) error {
	tick := time.NewTicker(healthEvery)
	defer tick.Stop()
	for {
		h.check(ctx)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
