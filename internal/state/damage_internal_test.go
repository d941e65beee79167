package state

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"
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

// Fault 58: a sync that fails for want of space may have lost what was written before,
// and is no reason to try again; a write that fails so is.
func TestFault58ASyncThatFailsIsNeverTriedAgain(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want bool
	}{
		"a write on a full disk":     {&fs.PathError{Op: "write", Path: "state.db", Err: syscall.ENOSPC}, true},
		"a write beyond one's quota": {&fs.PathError{Op: "write", Path: "state.db", Err: syscall.EDQUOT}, true},
		"a sync on a full disk":      {syscall.ENOSPC, false},
		"a sync of a broken disk":    {syscall.EIO, false},
		"a write to a broken disk":   {&fs.PathError{Op: "write", Path: "state.db", Err: syscall.EIO}, false},
	} {
		if got := outOfSpace(c.err); got != c.want {
			t.Errorf("after %s it is tried again: %v", name, got)
		}
	}
}
