package statetest

import (
	"errors"
	"time"

	"botengine/internal/state"
)

func marks(s *suite) {
	s.update(func(tx state.Tx) {
		tx.RaiseMark("r1", "R:1", Noon)
		tx.RaiseMark("r1", "R:1", Noon.Add(-time.Hour)) // never back
		if at, ok := tx.Mark("r1", "R:1"); !ok || !at.Equal(Noon) {
			s.t.Errorf("the mark is %v, %v to the function that raised it", at, ok)
		}
		tx.RaiseMark("r2", "R:1", Noon)
		tx.RaiseMark("", "R:1", Noon) // nobody's
	})
	s.update(func(tx state.Tx) { tx.RaiseMark("r1", "R:1", Noon.Add(-time.Minute)) })
	failed := errors.New("no")
	if err := s.store.Update(s.t.Context(), func(tx state.Tx) error {
		tx.RaiseMark("r1", "R:1", Noon.Add(time.Hour))
		tx.RaiseMark("r3", "R:1", Noon)
		return failed
	}); !errors.Is(err, failed) {
		s.t.Errorf("a failed update says %v", err)
	}
	s.view(func(tx state.Tx) {
		if at, ok := tx.Mark("r1", "R:1"); !ok || !at.Equal(Noon) {
			s.t.Errorf("the mark is %v, %v", at, ok)
		}
		if _, ok := tx.Mark("r3", "R:1"); ok {
			s.t.Error("a function that failed left a mark")
		}
		var all []string
		tx.EachMark(func(robot, chat string, at time.Time) bool {
			all = append(all, robot+" "+chat+" "+at.UTC().Format(time.TimeOnly))
			return true
		})
		if len(all) != 2 || all[0] != "r1 R:1 "+Noon.UTC().Format(time.TimeOnly) {
			s.t.Errorf("the marks are %q", all)
		}
	})
}
