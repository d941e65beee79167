package app

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
)

// Send implements dispatch.Sender: a command goes out by its own account.
func (a *App) Send(ctx context.Context, c command.Command) error {
	acc, ok := a.accounts[c.Account]
	if !ok {
		return fmt.Errorf("%w: no account %q in the configuration", command.ErrNotSent, c.Account)
	}
	err := acc.send(ctx, c)
	a.tally.sent(&c, err)
	return err
}

// Ready implements dispatch.Sender.
func (a *App) Ready(account, robot string) bool {
	acc, ok := a.accounts[account]
	return ok && acc.ready(robot)
}

// Ask implements dispatch.Asker.
func (a *App) Ask(ctx context.Context, c command.Command, sent time.Time) (dispatch.Answer, error) {
	acc, ok := a.accounts[c.Account]
	if !ok {
		return dispatch.Absent, fmt.Errorf("no account %q in the configuration", c.Account)
	}
	return catchup.Lookup{History: acc.rest, Clock: &acc.clock, Now: time.Now}.Ask(ctx, c, sent)
}

// learn takes what the platform says of a robot.
func (a *App) learn(ctx context.Context, account string, r event.Robot) {
	if acc, ok := a.accounts[account]; ok {
		acc.learn(ctx, r)
	}
}

// runAccounts runs all accounts until ctx ends. An account never fails: it tries
// again, and says so.
func (a *App) runAccounts(ctx context.Context) error {
	var wg sync.WaitGroup
	for _, acc := range a.accounts {
		wg.Go(func() {
			if err := acc.run(ctx); err != nil && !errors.Is(err, context.Canceled) {
				a.o.Log.Error("the account stopped", "account", acc.name, "error", err)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// drain lets commands in flight end, for a bounded time; what has not ended by
// then is settled at the next start.
func (a *App) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), a.o.stop.drain)
	defer cancel()
	if err := a.dispatch.Drain(ctx); err != nil {
		a.o.Log.Warn("some commands had no answer yet: they are looked up at the next start", "error", err)
	}
}
