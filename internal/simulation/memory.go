package simulation

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"botengine/internal/state"
)

// memory is a state.Store that forgets everything with the process that runs the
// simulation, and nothing before: what it has committed outlives the lives of the
// engine that the simulation kills. It keeps no journal.
type memory struct {
	now   func() time.Time
	fails func() error // why a commit fails whose functions have run; nil: none does

	mu     sync.Mutex // guards all below
	closed bool
	rows   rows
	undo   []func() // how to take back what the function that runs has written
	stats  state.Stats
}

// rows are what is committed. No value in it is ever changed in place.
type rows struct {
	seq       uint64
	seen      map[string]string // key -> its day
	facts     map[string]fact
	marks     map[[2]string]time.Time
	runs      map[string]state.Run
	archives  map[string][]byte
	documents map[string][]byte
	entries   map[string]state.Entry // by message id
	open      map[string]bool
}

type fact struct {
	value   []byte
	expires time.Time
}

func newRows() rows {
	return rows{
		seen: map[string]string{}, facts: map[string]fact{}, marks: map[[2]string]time.Time{}, runs: map[string]state.Run{},
		archives: map[string][]byte{}, documents: map[string][]byte{}, entries: map[string]state.Entry{}, open: map[string]bool{},
	}
}

// copied is a backup.
func (r *rows) copied() rows {
	return rows{
		seq: r.seq, seen: maps.Clone(r.seen), facts: maps.Clone(r.facts), marks: maps.Clone(r.marks), runs: maps.Clone(r.runs),
		archives: maps.Clone(r.archives), documents: maps.Clone(r.documents), entries: maps.Clone(r.entries), open: maps.Clone(r.open),
	}
}

// How long things are kept, as the file keeps them.
const (
	keepSeen  = 8 * 24 * time.Hour
	keepEnded = 7 * 24 * time.Hour
)

// Update implements state.Store.
func (m *memory) Update(ctx context.Context, fn func(state.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	m.undo = m.undo[:0]
	err := run(&memoryTx{m: m, writable: true}, fn)
	if err == nil && m.fails != nil {
		err = m.fails()
	}
	if err != nil {
		for _, back := range slices.Backward(m.undo) {
			back()
		}
		return err
	}
	m.stats.Updates++
	m.stats.Commits++
	m.stats.Largest = 1
	return nil
}

// View implements state.Store.
func (m *memory) View(ctx context.Context, fn func(state.Tx) error) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	return run(&memoryTx{m: m}, fn)
}

func (m *memory) usable(ctx context.Context) error {
	if m.closed {
		return state.ErrClosed
	}
	return ctx.Err()
}

// Stats implements state.Store.
func (m *memory) Stats() state.Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.stats
}

// Close implements state.Store.
func (m *memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	return nil
}

// Sweep forgets what is past its time, as the file does once a minute.
func (m *memory) Sweep() {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	oldSeen, oldEnded := dayOf(now.Add(-keepSeen)), dayOf(now.Add(-keepEnded))
	maps.DeleteFunc(m.rows.seen, func(_, day string) bool { return day < oldSeen })
	maps.DeleteFunc(m.rows.facts, func(_ string, f fact) bool { return !f.expires.IsZero() && !f.expires.After(now) })
	maps.DeleteFunc(m.rows.entries, func(_ string, e state.Entry) bool { return e.Ended() && dayOf(e.EndedAt) < oldEnded })
}

func dayOf(at time.Time) string { return at.UTC().Format("20060102") }
