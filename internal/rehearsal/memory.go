// Package rehearsal owns the past of a world in which nothing really happens: what
// decisions remember there, in memory, as the store does for the engine. Rule tests
// and replay share it. It refuses to know what is decided.
package rehearsal

import (
	"cmp"
	"container/heap"
	"maps"
	"slices"
	"time"

	"botengine/internal/engine"
)

// Memory is the facts that a decision reads and the place where its writes go. It
// is for one goroutine.
type Memory struct {
	base     engine.Facts // below all; nil = nothing happened before
	facts    map[string]engine.FactWrite
	runs     map[string]engine.RunWrite
	archives map[string][]byte
	due      dueRuns
	prune    int // how many facts there may be before those that lapsed are dropped
}

// firstPrune is how many facts make it worth a look at which of them lapsed.
const firstPrune = 10_000

// NewMemory returns a memory in which nothing happened.
func NewMemory() *Memory { return Over(nil, nil) }

// Over returns a memory that begins with another one, which it only reads, and with
// the runs that wait there. base may be nil.
func Over(base engine.Facts, runs []engine.RunWrite) *Memory {
	m := &Memory{
		base: base, facts: map[string]engine.FactWrite{}, runs: map[string]engine.RunWrite{}, archives: map[string][]byte{}, prune: firstPrune,
	}
	for _, r := range runs {
		m.put(r)
	}
	return m
}

// Fact implements engine.Facts.
func (m *Memory) Fact(key string) (value []byte, expires time.Time, ok bool) {
	f, ok := m.facts[key]
	if !ok && m.base != nil {
		return m.base.Fact(key)
	}
	return f.Value, f.Expires, ok && !f.Delete
}

// RunData implements engine.Facts.
func (m *Memory) RunData(id string) ([]byte, bool) {
	r, ok := m.runs[id]
	return r.Data, ok
}

// Keeping are the facts of a memory, which keeps runs as decisions left them and has
// no data of them: for those who never read it.
type Keeping struct{ *Memory }

// KeptRun implements engine.RunKeeper.
func (k Keeping) KeptRun(id string) *engine.KeptRun { return k.runs[id].Kept }

// Archive implements engine.Facts.
func (m *Memory) Archive(hash string) ([]byte, bool) {
	data, ok := m.archives[hash]
	if !ok && m.base != nil {
		return m.base.Archive(hash)
	}
	return data, ok
}

// Waiting is how many runs wait for something.
func (m *Memory) Waiting() int { return len(m.runs) }

// Runs are the runs that wait for something, in the order of their ids.
func (m *Memory) Runs() []engine.RunWrite {
	return slices.SortedFunc(maps.Values(m.runs), func(a, b engine.RunWrite) int { return cmp.Compare(a.ID, b.ID) })
}

// Apply makes a decision's writes part of the past. now is the time of the decision.
func (m *Memory) Apply(d *engine.Decision, now time.Time) {
	for _, f := range d.Facts {
		if f.Delete && m.base == nil {
			delete(m.facts, f.Key)
		} else {
			m.facts[f.Key] = f
		}
	}
	for _, r := range d.Runs {
		if r.Done {
			delete(m.runs, r.ID)
		} else {
			m.put(r)
		}
	}
	for _, a := range d.Archives {
		m.archives[a.Hash] = a.Data
	}
	if len(m.facts) > m.prune {
		m.forget(now)
	}
}

func (m *Memory) put(r engine.RunWrite) {
	m.runs[r.ID] = r
	if !r.Due.IsZero() {
		heap.Push(&m.due, dueRun{r.Due, r.ID})
	}
}

// forget drops the facts that have lapsed.
func (m *Memory) forget(now time.Time) {
	for key, f := range m.facts {
		if f.Expires.IsZero() || f.Expires.After(now) {
			continue
		}
		if m.base == nil {
			delete(m.facts, key)
		} else {
			m.facts[key] = engine.FactWrite{Key: key, Delete: true}
		}
	}
	m.prune = max(firstPrune, 2*len(m.facts))
}

// NextDue is the waiting run that is due first, at limit or before; of those due at
// the same time the one whose id comes first.
func (m *Memory) NextDue(limit time.Time) (engine.RunWrite, bool) {
	for len(m.due) > 0 {
		next := m.due[0]
		r, waits := m.runs[next.id]
		switch {
		case !waits || !r.Due.Equal(next.at):
			heap.Pop(&m.due) // it went on meanwhile
		case next.at.After(limit):
			return engine.RunWrite{}, false
		default:
			return r, true
		}
	}
	return engine.RunWrite{}, false
}

// dueRun is when a run was to be woken, when that was written.
type dueRun struct {
	at time.Time
	id string
}

// dueRuns is a heap, the first at its top.
type dueRuns []dueRun

func (d dueRuns) Len() int { return len(d) }
func (d dueRuns) Less(i, j int) bool {
	return d[i].at.Before(d[j].at) || d[i].at.Equal(d[j].at) && d[i].id < d[j].id
}
func (d dueRuns) Swap(i, j int) { d[i], d[j] = d[j], d[i] }

// Push implements heap.Interface.
func (d *dueRuns) Push(x any) { *d = append(*d, x.(dueRun)) }

// Pop implements heap.Interface.
func (d *dueRuns) Pop() any {
	last := len(*d) - 1
	x := (*d)[last]
	*d = (*d)[:last]
	return x
}
