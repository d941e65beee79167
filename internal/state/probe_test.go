package state_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"botengine/internal/state"
)

// probe has a child of this test's own binary check a file.
func probe(ctx context.Context, t *testing.T, what, path string) (state.Checked, error) {
	t.Helper()
	t.Setenv(childPath, path)
	t.Setenv(childWhat, what)
	return state.Probe(ctx, path, []string{os.Args[0]}, state.CheckOptions{LockTimeout: 50 * time.Millisecond})
}

func TestAProbeSaysWhatACheckDoes(t *testing.T) {
	dir := t.TempDir()
	path := written(t, dir)
	want := check(t, path)
	if got, err := probe(t.Context(), t, "check", path); err != nil || got != want {
		t.Errorf("of a sound file: %+v, %v; want %+v", got, err, want)
	}
	damaged, text := filepath.Join(dir, "damaged.db"), filepath.Join(dir, "text.db")
	data, err := os.ReadFile(path)
	if err := errors.Join(err, os.WriteFile(damaged, data[:len(data)/2], 0o600), os.WriteFile(text, []byte("退款"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := probe(t.Context(), t, "check", damaged); !errors.As(err, new(*state.DamagedError)) {
		t.Errorf("of a damaged file: %v", err)
	}
	if _, err := probe(t.Context(), t, "check", text); !errors.As(err, new(*state.ForeignError)) {
		t.Errorf("of another file: %v", err)
	}
	if _, err := probe(t.Context(), t, "check", filepath.Join(dir, "nothing.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("of none: %v", err)
	}
	store := open(t, path, state.Options{})
	defer store.Close()
	var inUse *state.InUseError
	if _, err := probe(t.Context(), t, "check", path); !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Errorf("of a file in use: %v", err)
	}
}

func TestAChildThatDiesOnAFileSaysThatItIsDamaged(t *testing.T) {
	path := written(t, t.TempDir())
	if _, err := probe(t.Context(), t, "die", path); !errors.As(err, new(*state.DamagedError)) {
		t.Errorf("Probe = %v", err)
	}
	if _, err := probe(t.Context(), t, "fault", path); !errors.As(err, new(*state.DamagedError)) {
		t.Errorf("of one that reads beyond the end: %v", err)
	}
	if c, err := probe(t.Context(), t, "starve", path); err != nil || c.Bytes == 0 {
		t.Errorf("of one that has no room for its threads: %+v, %v; the file is sound", c, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	var damaged *state.DamagedError
	if _, err := probe(ctx, t, "hang", path); err == nil || errors.As(err, &damaged) {
		t.Errorf("of a child that hangs: %v", err) // which may be the disk
	}
}

func TestWithoutAChildTheFileIsCheckedAllTheSame(t *testing.T) {
	path := written(t, t.TempDir())
	if c, err := state.Probe(t.Context(), path, []string{filepath.Join(t.TempDir(), "nothing")}, state.CheckOptions{}); err != nil || c.Bytes == 0 {
		t.Errorf("Probe = %+v, %v", c, err)
	}
}
