package state

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
)

// A sweep writes, too: if its write fails, nothing may be built on what it left, even
// if the next write would work.
func TestASweepThatCannotWriteEndsAllWriting(t *testing.T) {
	store, err := Open(filepath.Join(t.TempDir(), "state.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	s, ok := store.(*bolt)
	if !ok {
		t.Fatalf("the store is a %T", store)
	}
	whole := s.db
	if s.db, err = openFile(filepath.Join(t.TempDir(), "gone.db"), s.o); err != nil {
		t.Fatal(err)
	}
	if err := s.db.Close(); err != nil { // a disk that refuses
		t.Fatal(err)
	}
	s.Sweep()
	s.db = whole // and works again
	if err := store.Update(context.Background(), func(tx Tx) error { tx.PutDocument("a", nil); return nil }); !errors.Is(err, ErrDamaged) {
		t.Errorf("after a sweep that failed: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}
