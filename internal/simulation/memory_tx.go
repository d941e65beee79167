package simulation

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// run calls a function the way the contract says: its first failure sticks, its panic
// is its own.
func run(tx *memoryTx, fn func(state.Tx) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &state.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.err
}

var (
	errReadOnly = errors.New("write in a view")
	errNoID     = errors.New("the command has no message id")
	errNoEntry  = errors.New("the outbox has no such entry")
)

type memoryTx struct {
	m        *memory
	writable bool
	err      error
}

func (t *memoryTx) fail(err error) {
	if t.err == nil {
		t.err = err
	}
}

func (t *memoryTx) mayWrite() bool {
	if !t.writable {
		t.fail(errReadOnly)
	}
	return t.err == nil
}

// set and unset write to one of the maps, and note how to take it back.
func set[K comparable, V any](t *memoryTx, all map[K]V, key K, value V) {
	if !t.mayWrite() {
		return
	}
	was, had := all[key]
	all[key] = value
	t.m.undo = append(t.m.undo, func() {
		if had {
			all[key] = was
		} else {
			delete(all, key)
		}
	})
}

func unset[K comparable, V any](t *memoryTx, all map[K]V, key K) {
	was, had := all[key]
	if !had || !t.mayWrite() {
		return
	}
	delete(all, key)
	t.m.undo = append(t.m.undo, func() { all[key] = was })
}

// Linger implements state.Lingerer: others are told, and come too late.
func (t *memoryTx) Linger(expect func() (looked <-chan struct{}, heard bool)) { _, _ = expect() }

// Seen implements state.Tx.
func (t *memoryTx) Seen(keys []string) bool {
	return slices.ContainsFunc(keys, func(key string) bool { _, ok := t.m.rows.seen[key]; return ok })
}

// MarkSeen implements state.Tx.
func (t *memoryTx) MarkSeen(keys []string, at time.Time) {
	for _, key := range keys {
		set(t, t.m.rows.seen, key, dayOf(at))
	}
}

// Fact implements state.Tx.
func (t *memoryTx) Fact(key string) ([]byte, time.Time, bool) {
	f, ok := t.m.rows.facts[key]
	return bytes.Clone(f.value), f.expires, ok
}

// SetFact implements state.Tx.
func (t *memoryTx) SetFact(key string, value []byte, expires time.Time) {
	set(t, t.m.rows.facts, key, fact{bytes.Clone(value), expires})
}

// DeleteFact implements state.Tx.
func (t *memoryTx) DeleteFact(key string) { unset(t, t.m.rows.facts, key) }

// RaiseMark implements state.Tx.
func (t *memoryTx) RaiseMark(robot, chat string, at time.Time) {
	key := [2]string{robot, chat}
	if at = time.UnixMilli(at.UnixMilli()); robot != "" && chat != "" && at.After(t.m.rows.marks[key]) {
		set(t, t.m.rows.marks, key, at)
	}
}

// Mark implements state.Tx.
func (t *memoryTx) Mark(robot, chat string) (time.Time, bool) {
	at, ok := t.m.rows.marks[[2]string{robot, chat}]
	return at, ok
}

// EachMark implements state.Tx.
func (t *memoryTx) EachMark(fn func(robot, chat string, at time.Time) bool) {
	keys := slices.SortedFunc(maps.Keys(t.m.rows.marks), func(a, b [2]string) int {
		return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	for _, key := range keys {
		if !fn(key[0], key[1], t.m.rows.marks[key]) {
			return
		}
	}
}

// Run implements state.Tx.
func (t *memoryTx) Run(id string) (state.Run, bool) {
	r, ok := t.m.rows.runs[id]
	r.Data = bytes.Clone(r.Data)
	return r, ok
}

// RunData implements state.Tx.
func (t *memoryTx) RunData(id string) ([]byte, bool) {
	r, ok := t.Run(id)
	return r.Data, ok
}

// PutRun implements state.Tx.
func (t *memoryTx) PutRun(r state.Run) {
	r.Data = bytes.Clone(r.Data)
	set(t, t.m.rows.runs, r.ID, r)
}

// DeleteRun implements state.Tx.
func (t *memoryTx) DeleteRun(id string) { unset(t, t.m.rows.runs, id) }

// EachRun implements state.Tx.
func (t *memoryTx) EachRun(fn func(state.Run) bool) {
	for _, id := range slices.Sorted(maps.Keys(t.m.rows.runs)) {
		if r, _ := t.Run(id); !fn(r) {
			return
		}
	}
}

// NextDue implements state.Tx.
func (t *memoryTx) NextDue() (first time.Time, ok bool) {
	for _, r := range t.m.rows.runs {
		if !r.Due.IsZero() && (!ok || r.Due.Before(first)) {
			first, ok = r.Due, true
		}
	}
	return first, ok
}

// DueRuns implements state.Tx.
func (t *memoryTx) DueRuns(now time.Time, limit int) (due []state.Run) {
	for _, r := range t.m.rows.runs {
		if !r.Due.IsZero() && !r.Due.After(now) {
			r.Data = bytes.Clone(r.Data)
			due = append(due, r)
		}
	}
	slices.SortFunc(due, func(a, b state.Run) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return due[:min(len(due), limit)]
}

// Archive implements state.Tx.
func (t *memoryTx) Archive(hash string) ([]byte, bool) {
	data, ok := t.m.rows.archives[hash]
	return bytes.Clone(data), ok
}

// PutArchive implements state.Tx.
func (t *memoryTx) PutArchive(hash string, data []byte) {
	if _, known := t.m.rows.archives[hash]; !known {
		set(t, t.m.rows.archives, hash, bytes.Clone(data))
	}
}

// KeepArchives implements state.Tx.
func (t *memoryTx) KeepArchives(hashes map[string]bool) (forgotten int) {
	if !t.mayWrite() {
		return 0
	}
	for _, hash := range slices.Sorted(maps.Keys(t.m.rows.archives)) {
		if !hashes[hash] {
			unset(t, t.m.rows.archives, hash)
			forgotten++
		}
	}
	return forgotten
}

// Enqueue implements state.Tx.
func (t *memoryTx) Enqueue(c command.Command) state.Entry {
	if c.MessageID == "" {
		t.fail(errNoID)
	}
	if known, ok := t.Entry(c.MessageID); ok || !t.mayWrite() {
		return known
	}
	r := &t.m.rows
	was := r.seq
	t.m.undo = append(t.m.undo, func() { r.seq = was })
	r.seq++
	c.Fields = bytes.Clone(c.Fields)
	e := state.Entry{Seq: r.seq, State: state.Pending, Command: c, AddedAt: t.m.now().Round(0).UTC(), NotBefore: c.NotBefore}
	set(t, r.entries, c.MessageID, e)
	set(t, r.open, c.MessageID, true)
	return handedOut(e)
}

// handedOut is an entry whose bytes belong to whoever asked for it.
func handedOut(e state.Entry) state.Entry {
	e.Command.Fields = bytes.Clone(e.Command.Fields)
	return e
}

// Entry implements state.Tx.
func (t *memoryTx) Entry(messageID string) (state.Entry, bool) {
	e, ok := t.m.rows.entries[messageID]
	return handedOut(e), ok
}

// PutEntry implements state.Tx.
func (t *memoryTx) PutEntry(e state.Entry) {
	id := e.Command.MessageID
	old, ok := t.m.rows.entries[id]
	if !ok || old.Seq != e.Seq {
		t.fail(errNoEntry)
	}
	if e.Ended() && e.EndedAt.IsZero() {
		e.EndedAt = t.m.now()
	}
	set(t, t.m.rows.entries, id, handedOut(e))
	if e.Ended() {
		unset(t, t.m.rows.open, id)
	} else {
		set(t, t.m.rows.open, id, true)
	}
}

// Open implements state.Tx.
func (t *memoryTx) Open(robot string) (open []state.Entry) {
	for id := range t.m.rows.open {
		if e := t.m.rows.entries[id]; robot == "" || e.Command.Robot == robot {
			open = append(open, handedOut(e))
		}
	}
	slices.SortFunc(open, bySeq)
	return open
}

func bySeq(a, b state.Entry) int { return cmp.Compare(a.Seq, b.Seq) }

// EachEnded implements state.Tx.
func (t *memoryTx) EachEnded(since time.Time, fn func(state.Entry) bool) {
	var ended []state.Entry
	for _, e := range t.m.rows.entries {
		if e.Ended() && !e.EndedAt.Before(since) {
			ended = append(ended, handedOut(e))
		}
	}
	slices.SortFunc(ended, func(a, b state.Entry) int {
		return cmp.Or(cmp.Compare(dayOf(a.EndedAt), dayOf(b.EndedAt)), bySeq(a, b))
	})
	for _, e := range ended {
		if !fn(e) {
			return
		}
	}
}

// Document implements state.Tx.
func (t *memoryTx) Document(name string) ([]byte, bool) {
	data, ok := t.m.rows.documents[name]
	return bytes.Clone(data), ok
}

// PutDocument implements state.Tx.
func (t *memoryTx) PutDocument(name string, data []byte) {
	set(t, t.m.rows.documents, name, bytes.Clone(data))
}

// Record implements state.Tx: there is no journal.
func (t *memoryTx) Record(state.EncodedEvent, *state.Fate) { t.mayWrite() }

// EachRecord implements state.Tx.
func (t *memoryTx) EachRecord(state.JournalQuery, func(state.Record) bool) {}

// ForgetRecords implements state.Tx.
func (t *memoryTx) ForgetRecords(string, uint64) (next uint64, records int) { return 0, 0 }

// JournalSize implements state.Tx.
func (t *memoryTx) JournalSize() state.JournalSize { return state.JournalSize{} }
