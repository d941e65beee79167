package app

import (
	"context"
	"encoding/json"

	"botengine/internal/rule"
	"botengine/internal/state"
)

// ctlSeen answers what the platform was seen to have, a *rule.Seen: whoever checks
// rules while the engine runs can't read its state.
func (a *App) ctlSeen(ctx context.Context, _ json.RawMessage) (any, error) {
	var seen *rule.Seen
	err := a.store.View(ctx, func(tx state.Tx) error {
		seen = Seen(tx, &a.o.Config)
		return nil
	})
	return seen, err
}
