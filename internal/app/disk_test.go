package app

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

func TestOnlySnapshotsThatTheEngineMadeAreDeletedAndHalfOnesNeverStay(t *testing.T) {
	t.Parallel()
	a := &App{o: Options{Log: slog.New(slog.DiscardHandler)}}
	dir := filepath.Join(t.TempDir(), "群[1]")
	must(0, os.Mkdir(dir, 0o700))
	path := dir + "/./state.db" // as a person may write it
	a.o.Config.State.Path, a.o.Config.State.Snapshots.Keep = path, 2
	began := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	for n, name := range []string{"升级前", "20260302-100000", "20260302-160000", "20260302-220000", "20260303-040000.making"} {
		file := path + snapshotMark + name
		at := began.Add(time.Duration(n) * time.Hour)
		must(0, os.WriteFile(file, []byte(fmt.Sprint(n)), 0o600))
		must(0, os.Chtimes(file, at, at))
	}
	a.dropHalfSnapshots()
	a.dropSnapshots()
	var left []string
	for _, e := range must(os.ReadDir(dir)) {
		left = append(left, e.Name())
	}
	if want := []string{"state.db.snapshot-20260302-160000", "state.db.snapshot-20260302-220000", "state.db.snapshot-升级前"}; !slices.Equal(left, want) {
		t.Errorf("there are %q, want %q", left, want)
	}
}
