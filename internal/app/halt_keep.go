package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"botengine/internal/state"
)

// haltFact is the fact that keeps what was paused by ctl.
const haltFact = "halt"

// keep writes what was paused by ctl, as a fact and into a file beside the state file:
// a state file that is lost, put aside or replaced by an older one takes no pause with
// it, and a full disk that has no room for the one may have room for the other.
func (h *halt) keep(ctx context.Context, told map[string]Paused) error {
	raw, err := json.Marshal(told)
	if err != nil {
		return err
	}
	err = h.store.Update(ctx, func(tx state.Tx) error {
		if len(told) == 0 {
			tx.DeleteFact(haltFact)
		} else {
			tx.SetFact(haltFact, raw, time.Time{})
		}
		return nil
	})
	if len(told) == 0 {
		return errors.Join(err, removeIfThere(h.kept), state.SyncFolder(filepath.Dir(h.kept)))
	}
	return errors.Join(err, replaceFile(h.kept, raw))
}

// replaceFile replaces what a file holds in one step.
func replaceFile(path string, data []byte) error {
	fresh := path + ".new"
	if err := removeIfThere(fresh); err != nil {
		return err
	}
	err := state.WriteFile(fresh, func(w io.Writer) error { _, err := w.Write(data); return err })
	if err != nil {
		return err
	}
	if err := os.Rename(fresh, path); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return state.SyncFolder(filepath.Dir(path))
}

// recall reads what was kept: what either place says holds, and is kept in both again.
func (h *halt) recall(ctx context.Context, now time.Time) error {
	told := map[string]Paused{}
	err := h.store.View(ctx, func(tx state.Tx) error {
		maps.Copy(told, toldPauses(tx))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read what is paused: %w", err)
	}
	maps.Copy(told, keptPauses(h.kept))
	for robot, p := range told {
		if p.Since.IsZero() {
			p.Since = now
			told[robot] = p
		}
	}
	h.told = told
	if len(told) == 0 {
		return nil
	}
	if err := h.keep(ctx, told); err != nil {
		h.log.Error("what is paused could not be written", "error", err)
	}
	return nil
}

// toldPauses reads the fact.
func toldPauses(tx state.Tx) map[string]Paused {
	raw, _, ok := tx.Fact(haltFact)
	if !ok {
		return nil
	}
	return decodePauses(raw)
}

// keptPauses reads the file.
func keptPauses(path string) map[string]Paused {
	raw, err := os.ReadFile(path) //nolint:gosec // beside the state file
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return decodePauses(raw)
}

// decodePauses reads what was paused. What cannot be read pauses everything: somebody
// wanted something to be silent.
func decodePauses(raw []byte) map[string]Paused {
	var told map[string]Paused
	if err := json.Unmarshal(raw, &told); err != nil {
		return map[string]Paused{"": {Reason: "the record of what is paused cannot be read"}}
	}
	return told
}
