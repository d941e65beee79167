package statetest

import (
	"context"
	"errors"
	"slices"
	"time"

	"botengine/internal/state"
)

var errNo = errors.New("no")

func failing(s *suite) {
	s.update(func(tx state.Tx) {
		tx.SetFact("kept", []byte("alt"), time.Time{})
		tx.PutRun(state.Run{ID: "r1", Due: Noon})
		tx.Enqueue(Command("r", "c", "old"))
	})
	err := s.store.Update(s.t.Context(), func(tx state.Tx) error {
		writeAll(tx)
		return errNo
	})
	if !errors.Is(err, errNo) {
		s.t.Errorf("update = %v, want the function's own error", err)
	}
	s.untouched()
	s.reopen()
	s.untouched()
}

// writeAll changes something of every kind.
func writeAll(tx state.Tx) {
	tx.MarkSeen([]string{"x"}, Noon)
	tx.SetFact("new", []byte("1"), Noon.Add(time.Hour))
	tx.SetFact("kept", []byte("neu"), Noon.Add(time.Hour))
	tx.DeleteFact("kept")
	tx.PutRun(state.Run{ID: "r2", Due: Noon})
	tx.DeleteRun("r1")
	tx.PutArchive("h", []byte("text"))
	tx.KeepArchives(map[string]bool{"h": true})
	tx.PutDocument("d", []byte("text"))
	e := tx.Enqueue(Command("r", "c", "new"))
	e.State = state.Confirmed
	tx.PutEntry(e)
	old, _ := tx.Entry(Command("r", "c", "old").MessageID)
	old.State = state.Sending
	tx.PutEntry(old)
}

// untouched checks that nothing of writeAll is there.
func (s *suite) untouched() {
	s.t.Helper()
	s.wantFact("kept", "alt")
	s.wantFact("new", "")
	s.view(func(tx state.Tx) {
		_, document := tx.Document("d")
		_, archive := tx.Archive("h")
		_, entry := tx.Entry(Command("r", "c", "new").MessageID)
		if tx.Seen([]string{"x"}) || document || archive || entry {
			s.t.Error("something was written")
		}
		due := tx.DueRuns(Noon, 10)
		if len(due) != 1 || due[0].ID != "r1" {
			s.t.Errorf("due = %v, want r1 alone", due)
		}
		all := tx.Open("")
		if len(all) != 1 || all[0].State != state.Pending {
			s.t.Errorf("open = %v, want the old command, pending", all)
		}
	})
}

func panicking(s *suite) {
	s.update(func(tx state.Tx) {
		tx.SetFact("kept", []byte("alt"), time.Time{})
		tx.PutRun(state.Run{ID: "r1", Due: Noon})
		tx.Enqueue(Command("r", "c", "old"))
	})
	err := s.store.Update(s.t.Context(), func(tx state.Tx) error {
		writeAll(tx)
		panic("ein Fehler")
	})
	var panicked *state.PanicError
	if !errors.As(err, &panicked) || panicked.Value != "ein Fehler" || len(panicked.Stack) == 0 {
		s.t.Errorf("update = %v, want a *PanicError with its stack", err)
	}
	s.untouched()
	err = s.store.View(s.t.Context(), func(state.Tx) error { panic("again") })
	if !errors.As(err, &panicked) {
		s.t.Errorf("view = %v, want a *PanicError", err)
	}
}

// together starts updates at the same time and returns what each was answered.
func (s *suite) together(fns ...func(state.Tx) error) []error {
	errs := make([]error, len(fns))
	done := make(chan int)
	for i, fn := range fns {
		go func() {
			errs[i] = s.store.Update(context.WithoutCancel(s.t.Context()), fn)
			done <- i
		}()
	}
	for range fns {
		<-done
	}
	return errs
}

func neighbours(s *suite) {
	var fns []func(state.Tx) error
	for i := range 300 {
		fns = append(fns, func(tx state.Tx) error {
			tx.SetFact(key(i), []byte("1"), time.Time{})
			switch i % 3 {
			case 1:
				return errNo
			case 2:
				panic(i)
			}
			return nil
		})
	}
	for i, err := range s.together(fns...) {
		var panicked *state.PanicError
		right := []bool{err == nil, errors.Is(err, errNo), errors.As(err, &panicked) && panicked.Value == i}
		if !right[i%3] {
			s.t.Errorf("function %d was answered %v", i, err)
		}
	}
	for i := range fns {
		s.wantFact(key(i), []string{"1", "", ""}[i%3])
	}
}

func key(i int) string { return string(rune('一' + i)) }

func ordered(s *suite) {
	var fns []func(state.Tx) error
	for range 200 {
		fns = append(fns, func(tx state.Tx) error {
			n, _, _ := tx.Fact("n")
			tx.SetFact("n", append(n, '1'), time.Time{})
			return nil
		})
	}
	for _, err := range s.together(fns...) {
		if err != nil {
			s.t.Errorf("update: %v", err)
		}
	}
	s.view(func(tx state.Tx) {
		if n, _, _ := tx.Fact("n"); len(n) != 200 {
			s.t.Errorf("%d of 200 additions are there", len(n))
		}
	})
}

func undone(s *suite) {
	var fns []func(state.Tx) error
	for i := range 200 {
		fns = append(fns, func(tx state.Tx) error {
			if value, _, _ := tx.Fact("shared"); len(value) > 0 {
				return errors.New("saw what was taken back")
			}
			if i%2 == 0 {
				return nil
			}
			tx.SetFact("shared", []byte("1"), time.Time{})
			return errNo
		})
	}
	for _, err := range s.together(fns...) {
		if err != nil && !errors.Is(err, errNo) {
			s.t.Error(err)
		}
	}
}

func cancelled(s *suite) {
	ctx, cancel := context.WithCancel(s.t.Context())
	cancel()
	err := s.store.Update(ctx, func(tx state.Tx) error {
		tx.SetFact("x", []byte("1"), time.Time{})
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		s.t.Errorf("update = %v", err)
	}
	if err := s.store.View(ctx, func(state.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
		s.t.Errorf("view = %v", err)
	}
	s.wantFact("x", "")
}

func closed(s *suite) {
	if err := s.store.Close(); err != nil {
		s.t.Fatal(err)
	}
	nothing := func(state.Tx) error { return nil }
	if err := s.store.Update(s.t.Context(), nothing); !errors.Is(err, state.ErrClosed) {
		s.t.Errorf("update = %v", err)
	}
	if err := s.store.View(s.t.Context(), nothing); !errors.Is(err, state.ErrClosed) {
		s.t.Errorf("view = %v", err)
	}
}

func viewing(s *suite) {
	err := s.store.View(s.t.Context(), func(tx state.Tx) error {
		writeAll(tx)
		return nil
	})
	if err == nil {
		s.t.Error("a view wrote without an error")
	}
	s.wantFact("new", "")
}

func whole(s *suite) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range 50 {
			value := []byte{byte('a' + i%26)}
			_ = s.store.Update(context.WithoutCancel(s.t.Context()), func(tx state.Tx) error {
				tx.SetFact("left", value, time.Time{})
				tx.SetFact("right", value, time.Time{})
				return nil
			})
		}
	}()
	for reading := true; reading; {
		select {
		case <-done:
			reading = false
		default:
		}
		s.view(func(tx state.Tx) {
			left, _, _ := tx.Fact("left")
			right, _, _ := tx.Fact("right")
			if !slices.Equal(left, right) {
				s.t.Errorf("left is %q, right is %q", left, right)
			}
		})
	}
}
