package main

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// memory is a store that forgets everything when the process ends: maps behind one
// lock. It has what the road asks for, all or nothing, and nothing that it does not.
type memory struct {
	mu       sync.RWMutex // guards what follows
	seen     map[string]time.Time
	facts    map[string]fact
	runs     map[string]state.Run
	archives map[string][]byte
	entries  map[string]state.Entry
	marks    map[string]time.Time
	journal  []record
	stats    state.Stats
	undo     []func() // of the function that runs
}

type fact struct {
	value   []byte
	expires time.Time
}

type record struct {
	event state.EncodedEvent
	fate  state.Fate
}

func newMemory() *memory {
	return &memory{
		seen: map[string]time.Time{}, facts: map[string]fact{}, runs: map[string]state.Run{},
		archives: map[string][]byte{}, entries: map[string]state.Entry{}, marks: map[string]time.Time{},
	}
}

// Update implements state.Store.
func (m *memory) Update(ctx context.Context, fn func(state.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.undo = m.undo[:0]
	kept, recorded := false, len(m.journal)
	defer func() {
		if !kept { // it failed, or panics
			for _, back := range slices.Backward(m.undo) {
				back()
			}
			m.journal = m.journal[:recorded]
		}
	}()
	if err := fn(memoryTx{m: m}); err != nil {
		return err
	}
	kept = true
	m.stats.Updates++
	m.stats.Commits++
	return nil
}

// View implements state.Store.
func (m *memory) View(ctx context.Context, fn func(state.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	return fn(memoryTx{m: m})
}

// Stats implements state.Store.
func (m *memory) Stats() state.Stats {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.stats
}

// Close implements state.Store.
func (*memory) Close() error { return nil }

// memoryTx is what the road uses of a Tx; the rest is nobody's.
type memoryTx struct {
	state.Tx
	m *memory
}

// put writes into one of the maps, so that it can be taken back.
func put[V any](m *memory, into map[string]V, key string, value V) {
	old, known := into[key]
	m.undo = append(m.undo, func() {
		if known {
			into[key] = old
		} else {
			delete(into, key)
		}
	})
	into[key] = value
}

func drop[V any](m *memory, from map[string]V, key string) {
	if old, known := from[key]; known {
		m.undo = append(m.undo, func() { from[key] = old })
		delete(from, key)
	}
}

func (t memoryTx) Seen(keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { _, ok := t.m.seen[key]; return ok })
}

func (t memoryTx) MarkSeen(keys []string, at time.Time) {
	for _, key := range keys {
		put(t.m, t.m.seen, key, at)
	}
}

func (t memoryTx) Fact(key string) ([]byte, time.Time, bool) {
	f, ok := t.m.facts[key]
	return bytes.Clone(f.value), f.expires, ok
}

func (t memoryTx) SetFact(key string, value []byte, expires time.Time) {
	put(t.m, t.m.facts, key, fact{bytes.Clone(value), expires})
}

func (t memoryTx) DeleteFact(key string) { drop(t.m, t.m.facts, key) }

func (t memoryTx) Run(id string) (state.Run, bool) {
	r, ok := t.m.runs[id]
	r.Data = bytes.Clone(r.Data)
	return r, ok
}

func (t memoryTx) RunData(id string) ([]byte, bool) {
	r, ok := t.Run(id)
	return r.Data, ok
}

func (t memoryTx) PutRun(r state.Run) {
	r.Data = bytes.Clone(r.Data)
	put(t.m, t.m.runs, r.ID, r)
}

func (t memoryTx) DeleteRun(id string) { drop(t.m, t.m.runs, id) }

func (t memoryTx) NextDue() (due time.Time, ok bool) {
	for _, r := range t.m.runs {
		if !r.Due.IsZero() && (!ok || r.Due.Before(due)) {
			due, ok = r.Due, true
		}
	}
	return due, ok
}

func (t memoryTx) DueRuns(now time.Time, limit int) (due []state.Run) {
	for _, r := range t.m.runs {
		if !r.Due.IsZero() && !r.Due.After(now) {
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b state.Run) int { return a.Due.Compare(b.Due) })
	return due[:min(limit, len(due))]
}

func (t memoryTx) Archive(hash string) ([]byte, bool) {
	text, ok := t.m.archives[hash]
	return bytes.Clone(text), ok
}

func (t memoryTx) PutArchive(hash string, data []byte) {
	if _, known := t.m.archives[hash]; !known {
		put(t.m, t.m.archives, hash, bytes.Clone(data))
	}
}

func (t memoryTx) Enqueue(c command.Command) state.Entry {
	if known, ok := t.m.entries[c.MessageID]; ok {
		return known
	}
	e := state.Entry{Seq: uint64(len(t.m.entries) + 1), State: state.Pending, Command: c, NotBefore: c.NotBefore}
	put(t.m, t.m.entries, c.MessageID, e)
	return e
}

func (t memoryTx) Entry(messageID string) (state.Entry, bool) {
	e, ok := t.m.entries[messageID]
	return e, ok
}

func (t memoryTx) PutEntry(e state.Entry) { put(t.m, t.m.entries, e.Command.MessageID, e) }

func (t memoryTx) RaiseMark(robot, chat string, at time.Time) {
	if key := robot + "/" + chat; t.m.marks[key].Before(at) {
		put(t.m, t.m.marks, key, at)
	}
}

func (t memoryTx) Record(ev state.EncodedEvent, f *state.Fate) {
	t.m.journal = append(t.m.journal, record{bytes.Clone(ev), *f})
}
