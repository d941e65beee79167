package state_test

import (
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"botengine/internal/state"
)

// A file of the second format, whose rows had no seals, is taken over: all of it is what
// it was. A file of this format whose rows lack them is damaged.
func TestRowsWithoutSealsGetThemWhenAFileOfTheFormatBeforeIsOpened(t *testing.T) {
	path := written(t, t.TempDir())
	before := everything(t, path)
	strip(t, path)
	if bare := everything(t, path); maps.Equal(bare, before) {
		t.Fatal("nothing was taken away")
	}
	var damaged *state.DamagedError
	if _, err := state.Check(path, state.CheckOptions{}); !errors.As(err, &damaged) {
		t.Errorf("a file of this format without seals: %v", err)
	}
	rewriteFormat(t, path, "2")
	check(t, path)
	reader, err := state.OpenReader(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = reader.View(t.Context(), func(tx state.Tx) error { asWritten(t, tx); return nil })
	if err := errors.Join(err, reader.Close(), open(t, path, state.Options{}).Close()); err != nil {
		t.Fatal(err)
	}
	after := everything(t, path)
	for _, at := range slices.Sorted(maps.Keys(before)) {
		if after[at] != before[at] {
			t.Errorf("%q was %q and is %q", at, before[at], after[at])
		}
	}
	check(t, path)
}

// strip takes the seals off all rows.
func strip(t *testing.T, path string) {
	t.Helper()
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	var rows func(b *bbolt.Bucket) error
	rows = func(b *bbolt.Bucket) error {
		fresh := map[string][]byte{}
		err := b.ForEach(func(key, row []byte) error {
			if row == nil {
				return rows(b.Bucket(key))
			}
			fresh[string(key)] = slices.Clone(row[5:])
			return nil
		})
		for key, row := range fresh {
			err = errors.Join(err, b.Put([]byte(key), row))
		}
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range []string{"open", "ended", "runs", "facts", "reached", "documents", "archives"} {
			if err := rows(tx.Bucket([]byte(name))); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
}
