package state_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// A state file may hold anything: the check of it ends, and says so or that it is well.
func FuzzCheck(f *testing.F) {
	path := filepath.Join(f.TempDir(), "state.db")
	store, err := state.Open(path, state.Options{})
	if err != nil {
		f.Fatal(err)
	}
	err = store.Update(context.Background(), func(tx state.Tx) error {
		tx.MarkSeen([]string{"a"}, time.Unix(1, 0))
		tx.SetFact("甲", []byte("1"), time.Time{})
		tx.Enqueue(command.Command{Key: "k", MessageID: "m", Robot: "r", Type: command.MessageText, Lane: command.LaneChat, Chat: "c"})
		return nil
	})
	if err != nil {
		f.Fatal(err)
	}
	if err := store.Close(); err != nil {
		f.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(0, []byte{})
	f.Add(16, []byte{1})
	f.Add(4096+16, []byte("bbolt"))
	f.Add(len(whole)-8192, make([]byte, 64))
	f.Fuzz(func(t *testing.T, at int, bytes []byte) {
		image := append([]byte(nil), whole...)
		if at < 0 || at > len(image) {
			image = bytes
		} else {
			copy(image[at:], bytes)
		}
		damaged := filepath.Join(t.TempDir(), "state.db")
		if err := os.WriteFile(damaged, image, 0o600); err != nil {
			t.Fatal(err)
		}
		_, _ = state.Check(damaged, state.CheckOptions{}) // what it says is tested elsewhere: here that it says something
	})
}
