package state_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"botengine/internal/state"
)

// Each update writes two facts; a copy made meanwhile has both of each or neither.
func TestACopyMadeWhileTheStoreIsWrittenIsOneMomentOfIt(t *testing.T) {
	dir := t.TempDir()
	store, err := state.Open(filepath.Join(dir, "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	pair := func(i int) {
		err := store.Update(t.Context(), func(tx state.Tx) error {
			tx.SetFact(fmt.Sprintf("左%d", i), []byte("1"), time.Time{})
			tx.SetFact(fmt.Sprintf("右%d", i), []byte("1"), time.Time{})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
	pair(0)
	stop := make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 1; ; i++ {
			select {
			case <-stop:
				return
			default:
				pair(i)
			}
		}
	})
	for n := range 10 {
		path := filepath.Join(dir, fmt.Sprintf("copy-%d.db", n))
		err := state.WriteFile(path, func(w io.Writer) error {
			_, err := store.(state.Copier).Copy(t.Context(), w)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		checkPairs(t, path)
	}
	close(stop)
	writing.Wait()
}

func checkPairs(t *testing.T, path string) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is %v, %v", info.Mode(), err)
	}
	copied, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer copied.Close()
	err = copied.View(t.Context(), func(tx state.Tx) error {
		for i := 0; ; i++ {
			_, _, left := tx.Fact(fmt.Sprintf("左%d", i))
			_, _, right := tx.Fact(fmt.Sprintf("右%d", i))
			if left != right || i == 0 && !left {
				t.Errorf("of pair %d there is left: %v, right: %v", i, left, right)
			}
			if !left {
				return nil
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestWriteFileLeavesAWholeFileOrNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "备份.db")
	broken := errors.New("the disk is full")
	half := func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, broken)
	}
	if err := state.WriteFile(path, half); !errors.Is(err, broken) {
		t.Errorf("a write that fails: %v", err)
	}
	if files, err := os.ReadDir(dir); err != nil || len(files) != 0 {
		t.Errorf("it left %v, %v", files, err)
	}
	whole := func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err }
	if err := state.WriteFile(path, whole); err != nil {
		t.Fatal(err)
	}
	if err := state.WriteFile(path, half); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over another file: %v", err)
	}
	came := func(w io.Writer) error {
		return errors.Join(whole(w), os.WriteFile(filepath.Join(dir, "二.db"), []byte("theirs"), 0o600))
	}
	if err := state.WriteFile(filepath.Join(dir, "二.db"), came); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file that came meanwhile: %v", err)
	}
	for name, want := range map[string]string{"备份.db": "whole", "二.db": "theirs"} {
		if got, err := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s holds %q, %v", name, got, err)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 2 {
		t.Errorf("there are %v", files)
	}
}
