package state

import (
	"errors"
	"path/filepath"
	"testing"

	"go.etcd.io/bbolt"
)

func TestACopyThatWouldTakeTheLastRoomIsGivenUpAndNothingIsLeftOfIt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	store, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.Update(t.Context(), func(tx Tx) error {
		for _, name := range []string{"一", "二", "三"} {
			tx.PutDocument(name, make([]byte, copiedAtOnce+1))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	room := func(at string) error {
		if asked++; asked < 3 {
			return spareRoom(filepath.Join("/dev/null", at)) // nobody knows how much there is
		}
		return errNoSpare
	}
	err = store.(*bolt).db.View(func(tx *bbolt.Tx) error { return writeLean(t.Context(), tx, path+".copy", room) })
	if files, _ := filepath.Glob(path + ".copy*"); !errors.Is(err, errNoSpare) || asked != 3 || len(files) > 0 {
		t.Errorf("asked %d times: %v; there are %v", asked, err, files)
	}
}
