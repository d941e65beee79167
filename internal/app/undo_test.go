package app

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// Without a running engine what undoes a rule's work waits in the state file, once.
func TestUndoWithoutAnEngineWaitsInTheStateFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	p := UndoParams{Rule: "refund", Since: time.Now().Add(-time.Hour)}
	if _, err := UndoStopped(t.Context(), path, p); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
	store, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	err = store.Update(t.Context(), func(tx state.Tx) error {
		e := tx.Enqueue(command.Command{Key: "k", MessageID: "1", Robot: "r", Type: "robot.modify.group.name", Rule: "refund", Fields: []byte(`{"groupId":"R:1","newName":"退款群"}`)})
		e.State = state.Confirmed
		tx.PutEntry(e)
		tx.SetFact("un/1", []byte(`{"name":"产品体验群"}`), time.Time{})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var used *state.InUseError
	if _, err := UndoStopped(t.Context(), path, p); !errors.As(err, &used) {
		t.Errorf("while it is in use: %v", err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	p.Apply = true
	for range 2 {
		if out, err := UndoStopped(t.Context(), path, p); err != nil || len(out.Items) != 1 || out.Items[0].State != UndoIssued {
			t.Fatalf("%+v, %v", out, err)
		}
	}
	if store, err = state.Open(path, state.Options{}); err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	err = store.View(t.Context(), func(tx state.Tx) error {
		if open := tx.Open(""); len(open) != 1 || string(open[0].Command.Fields) != `{"groupId":"R:1","newName":"产品体验群"}` {
			t.Errorf("the outbox has %+v", open)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
