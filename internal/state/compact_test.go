package state_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"botengine/internal/state"
)

// everything is all that a state file holds: by bucket and key, with the sequences.
func everything(t *testing.T, path string) map[string]string {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	all := map[string]string{}
	var walk func(at string, b *bbolt.Bucket) error
	walk = func(at string, b *bbolt.Bucket) error {
		all[at] = fmt.Sprint("sequence ", b.Sequence())
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return walk(at+"/"+string(k), b.Bucket(k))
			}
			all[at+"/"+string(k)] = string(v)
			return nil
		})
	}
	err = db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error { return walk(string(name), b) })
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestACompactFileHoldsTheSameAndIsSmaller(t *testing.T) {
	path := written(t, t.TempDir())
	swell(t, path)
	before, c := everything(t, path), check(t, path)
	size, err := state.Compact(t.Context(), path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if after := everything(t, path); !maps.Equal(before, after) {
		t.Errorf("%d rows became %d others", len(before), len(after))
	}
	if got := check(t, path); got.Bytes != size || got.Bytes > (c.Bytes-c.Free)*2 || got.Bytes >= c.Bytes {
		t.Errorf("of %+v became %+v", c, got)
	}
	if files, _ := filepath.Glob(path + "*"); len(files) != 1 {
		t.Errorf("there are %v", files)
	}
	store := open(t, path, state.Options{})
	defer store.Close()
	if err := store.Update(t.Context(), func(tx state.Tx) error { writeAll(tx, 5000); return nil }); err != nil {
		t.Error(err)
	}
}

// swell makes a file that is mostly empty.
func swell(t *testing.T, path string) {
	t.Helper()
	store := open(t, path, state.Options{})
	defer store.Close()
	for _, big := range [][]byte{bytes.Repeat([]byte("大"), 1<<20), nil} {
		if err := store.Update(t.Context(), func(tx state.Tx) error { tx.PutDocument("big", big); return nil }); err != nil {
			t.Fatal(err)
		}
	}
}

func check(t *testing.T, path string) state.Checked {
	t.Helper()
	c, err := state.Check(path, state.CheckOptions{Full: true})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A compaction that is killed, at whatever moment, leaves the file as it was or as it
// is to be.
func TestACompactionThatIsKilledLosesNothing(t *testing.T) {
	path := written(t, t.TempDir())
	swell(t, path)
	before := everything(t, path)
	for n := range 6 {
		cmd, out := startAs(t, "compact", path)
		after := time.Duration(n) * 7 * time.Millisecond
		<-time.After(after) // whenever that is
		_ = cmd.Process.Kill()
		_, _ = out.WriteTo(&bytes.Buffer{})
		_ = cmd.Wait() // killed
		if now := everything(t, path); !maps.Equal(before, now) {
			t.Fatalf("killed after %v: %d rows became %d others", after, len(before), len(now))
		}
		check(t, path)
	}
	if err := state.DropUnfinished(path); err != nil {
		t.Fatal(err)
	}
	if files, _ := filepath.Glob(path + ".c*"); len(files) != 0 {
		t.Errorf("it has left %v", files)
	}
}

func TestASnapshotIsTheStateWithoutTheJournal(t *testing.T) {
	path := written(t, t.TempDir())
	before := everything(t, path)
	store := open(t, path, state.Options{})
	snapshot := path + ".snapshot-1"
	err := store.(state.Snapshotter).Snapshot(t.Context(), snapshot)
	if err := errors.Join(err, store.Close()); err != nil {
		t.Fatal(err)
	}
	check(t, snapshot)
	got := everything(t, snapshot)
	maps.DeleteFunc(before, func(at, _ string) bool { return bytes.HasPrefix([]byte(at), []byte("journal/")) })
	if !maps.Equal(before, got) {
		t.Errorf("%d rows became %d others", len(before), len(got))
	}
	if info, err := os.Stat(snapshot); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("it has mode %v, %v", info.Mode(), err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	store = open(t, path, state.Options{})
	defer store.Close()
	if err := store.(state.Snapshotter).Snapshot(ended, path+".snapshot-2"); !errors.Is(err, context.Canceled) {
		t.Errorf("when nobody waits for it: %v", err)
	}
	files, _ := filepath.Glob(path + ".snapshot*")
	if slices.Sort(files); len(files) != 1 {
		t.Errorf("there are %v", files)
	}
}

func TestTheBallastTakesItsRoomAndGivesItBack(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if ok, err := state.KeepBallast(path, 1<<20); err != nil || !ok {
		t.Skipf("there is none here: %v", err)
	}
	if info, err := os.Stat(path + ".ballast"); err != nil || info.Size() != 1<<20 || info.Mode().Perm() != 0o600 {
		t.Errorf("it is %v, %v", info, err)
	}
	for _, size := range []int64{1 << 20, 2 << 20} { // kept, and made anew
		if ok, err := state.KeepBallast(path, size); err != nil || !ok {
			t.Error(ok, err)
		}
	}
	for range 2 {
		if err := state.DropBallast(path); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(path + ".ballast"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
}

// A link may lead to another disk, and be made anew at each start of a container: a file
// in its place would be lost with it.
func TestALinkToTheStateFileStaysOneWhenTheFileIsCompacted(t *testing.T) {
	real := written(t, t.TempDir())
	path := filepath.Join(t.TempDir(), "link.db")
	if err := os.Symlink(real, path); err != nil {
		t.Skip(err)
	}
	swell(t, path)
	before, c := everything(t, real), check(t, real)
	if _, err := state.Compact(t.Context(), path, state.Options{}); err != nil {
		t.Fatal(err)
	}
	if to, err := os.Readlink(path); err != nil || to != real {
		t.Errorf("the link leads to %q, %v", to, err)
	}
	if after := check(t, real); after.Bytes >= c.Bytes || !maps.Equal(before, everything(t, real)) {
		t.Errorf("of %+v became %+v", c, after)
	}
}
