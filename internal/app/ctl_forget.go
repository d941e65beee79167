package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"botengine/internal/ctl"
	"botengine/internal/state"
)

// ForgetParams say who is to be forgotten.
type ForgetParams struct {
	Person string `json:"person"` // the id
}

// Forgotten is what was forgotten, version 1.
type Forgotten struct {
	V       int `json:"v"`
	Records int `json:"records"` // of the journal
}

// Forget takes what a person wrote and did out of the journal of a state, a part at a
// time, so that nobody waits for long.
func Forget(ctx context.Context, store state.Store, person string) (Forgotten, error) {
	out := Forgotten{V: 1}
	for after := uint64(0); ; {
		var next uint64
		var records int
		err := store.Update(ctx, func(tx state.Tx) error {
			next, records = tx.ForgetRecords(person, after)
			return nil
		})
		if err != nil {
			return out, fmt.Errorf("forget a person: %w", err)
		}
		if next == 0 {
			return out, nil
		}
		after, out.Records = next, out.Records+records
	}
}

// ForgetStopped does the same in the state file of an engine that does not run. It
// returns *state.InUseError when one does.
func ForgetStopped(ctx context.Context, path, person string) (out Forgotten, err error) {
	reader, err := state.OpenReader(path, state.Options{}) // so that no file is made where there is none
	if err != nil {
		return out, err
	}
	if err := reader.Close(); err != nil {
		return out, err
	}
	store, err := state.Open(path, state.Options{})
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return Forget(ctx, store, person)
}

func (a *App) ctlForget(ctx context.Context, raw json.RawMessage) (any, error) {
	params, err := ctl.Params[ForgetParams](raw)
	if err != nil {
		return nil, err
	}
	return Forget(ctx, a.store, params.Person)
}
