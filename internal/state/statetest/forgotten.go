package statetest

import (
	"strconv"
	"time"

	"botengine/internal/state"
)

// Swept is what a store whose time of sweeping must be hurried along implements
// for this suite.
type Swept interface{ Sweep() }

func forgotten(s *suite) {
	s.update(func(tx state.Tx) {
		tx.MarkSeen([]string{"old"}, Noon)
		tx.SetFact("short", []byte("1"), Noon.Add(time.Hour))
		tx.SetFact("long", []byte("1"), Noon.AddDate(1, 0, 0))
		tx.SetFact("prolonged", []byte("1"), Noon.Add(time.Hour))
		tx.SetFact("prolonged", []byte("1"), Noon.AddDate(1, 0, 0))
		tx.SetFact("for ever", []byte("1"), time.Time{})
		for i := range 10 {
			e := tx.Enqueue(Command("r", "c", strconv.Itoa(i)))
			e.State = state.Confirmed
			tx.PutEntry(e)
		}
		tx.Enqueue(Command("r", "c", "open"))
	})
	for day := range 10 {
		s.clock = Noon.AddDate(0, 0, day)
		s.sweep()
		s.remembers(day)
	}
}

func (s *suite) sweep() {
	s.t.Helper()
	swept, ok := s.store.(Swept)
	if !ok {
		s.t.Skip("this store offers no way to hurry its sweep along")
	}
	swept.Sweep()
}

func (s *suite) remembers(day int) {
	s.t.Helper()
	s.view(func(tx state.Tx) {
		if got, want := tx.Seen([]string{"old"}), day <= 8; got != want {
			s.t.Errorf("day %d: seen = %v", day, got)
		}
		if _, got := tx.Entry(Command("r", "c", "3").MessageID); got != (day <= 7) {
			s.t.Errorf("day %d: the ended entry is there = %v", day, got)
		}
		if _, _, got := tx.Fact("short"); got != (day == 0) {
			s.t.Errorf("day %d: the short fact is there = %v", day, got)
		}
		for _, key := range []string{"long", "prolonged", "for ever"} {
			if _, _, ok := tx.Fact(key); !ok {
				s.t.Errorf("day %d: fact %s is gone", day, key)
			}
		}
		if len(tx.Open("r")) != 1 {
			s.t.Errorf("day %d: the open entry is gone", day)
		}
	})
}
