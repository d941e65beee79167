package schedule

import (
	"context"
	"encoding/json"
	"time"

	"botengine/internal/state"
)

// The documents: which timetables were seen first when, up to when all instants are
// on disk, and which are on their way. Each is written more often than the one before.
const (
	tablesDocument = "sch/tables"
	untilDocument  = "sch/until"
	begunDocument  = "sch/begun" // the instants that are being handed in
)

// keptTable is a table on disk.
type keptTable struct {
	Text  string `json:"text"`
	Since int64  `json:"since"` // unix milliseconds
}

// remember reads what an earlier run kept. It tries until it can: to begin without
// it would be to forget what was missed.
func (s *Scheduler) remember(ctx context.Context) error {
	for {
		err := s.o.Store.View(ctx, s.recall)
		if err == nil {
			return ctx.Err()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.o.Log.Warn("the schedules cannot be read from the state", "error", err)
		if !sleep(ctx, lookSooner) {
			return ctx.Err()
		}
	}
}

// recall takes over what the state holds. What cannot be read is taken for nothing:
// every schedule then begins now.
func (s *Scheduler) recall(tx state.Tx) error {
	kept := map[string]keptTable{}
	if data, ok := tx.Document(tablesDocument); ok && json.Unmarshal(data, &kept) == nil {
		for id, k := range kept {
			s.tables[id] = &table{text: k.Text, since: time.UnixMilli(k.Since)}
		}
	}
	var until int64
	if data, ok := tx.Document(untilDocument); ok && json.Unmarshal(data, &until) == nil {
		s.done = time.UnixMilli(until)
	}
	if data, ok := tx.Document(begunDocument); ok && json.Unmarshal(data, &s.begun) != nil {
		s.begun = nil
	}
	s.noted = len(s.begun) > 0
	return nil
}

// keepTables writes the tables down.
func (s *Scheduler) keepTables(ctx context.Context) {
	kept := make(map[string]keptTable, len(s.tables))
	for id, t := range s.tables {
		kept[id] = keptTable{Text: t.text, Since: t.since.UnixMilli()}
	}
	s.keep(ctx, tablesDocument, kept)
}

// land forgets the flights whose events are all on disk, and writes down how far
// everything is.
func (s *Scheduler) land(ctx context.Context) {
	if len(s.flying) == 0 {
		return
	}
	var open []flight
	err := s.o.Store.View(ctx, func(tx state.Tx) error {
		open = open[:0]
		for _, f := range s.flying {
			if !landed(tx, f.keys) {
				open = append(open, f)
			}
		}
		return nil
	})
	if err != nil {
		return // the next look tries again
	}
	s.flying = open
	if len(open) == 0 && s.noted {
		s.noted = !s.keep(ctx, begunDocument, []begun{})
	}
	until := s.done
	for _, f := range open {
		if before := f.at.Add(-time.Millisecond); before.Before(until) {
			until = before
		}
	}
	if !until.Equal(s.kept) && s.keep(ctx, untilDocument, until.UnixMilli()) {
		s.kept = until
	}
}

func landed(tx state.Tx, keys []string) bool {
	for _, key := range keys {
		if !tx.Seen([]string{key}) {
			return false
		}
	}
	return true
}

// keep writes a document down, and says whether it could.
func (s *Scheduler) keep(ctx context.Context, name string, value any) bool {
	data, err := json.Marshal(value)
	if err == nil {
		err = s.o.Store.Update(ctx, func(tx state.Tx) error {
			tx.PutDocument(name, data)
			return nil
		})
	}
	if err != nil && ctx.Err() == nil {
		s.o.Log.Warn("the schedules cannot be kept in the state: what is missed from now on may not be noticed", "error", err)
	}
	return err == nil
}

// sleep waits; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
