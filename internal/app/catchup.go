package app

import (
	"context"
	"sync"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/event"
)

// newCatchUp makes what reads the account's history after every gap.
func (a *App) newCatchUp(acc *account) *catchup.Runner {
	cfg := a.o.Config.CatchUp
	o := catchup.Options{
		Account: acc.name, Platform: acc.rest, Store: a.store, Gate: acc.gate, TakeIn: a.intake.TakeIn,
		Robots: func() []event.Robot { return a.robots.list(acc.name) },
		Older:  a.doubtAll, Looked: sync.OnceFunc(func() { close(acc.looked) }), Drop: acc.drop,
		Clock: &acc.clock, Log: acc.log, LookBack: cfg.LookBack, Audit: cfg.Audit,
	}
	if cfg.Audit == 0 {
		o.Audit = -1
	}
	return catchup.New(o)
}

// CatchUp returns what catching up has done since the start, by account.
func (a *App) CatchUp() map[string]catchup.Stats {
	out := make(map[string]catchup.Stats, len(a.accounts))
	for name, acc := range a.accounts {
		out[name] = acc.catchUp.Stats()
	}
	return out
}

// healed is told that the store works again: what came meanwhile was slowed down,
// and the platform may have given up on it.
func (a *App) healed() {
	for _, acc := range a.accounts {
		acc.catchUp.Ask(catchup.Stored)
	}
}

// openGate runs the account's gate until it is told to let go: after the socket has
// handed over what it had.
func (a *account) openGate(ctx context.Context) (letGo func()) {
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	late, cut := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.gate.Run(running, late)
	}()
	return func() {
		defer time.AfterFunc(a.handOver, cut).Stop()
		stop()
		<-ended
		cut()
		if n := len(a.gate.Waiting()); n > 0 {
			a.log.Info("messages wait for the history of their chats: the next start fetches them", "chats", n)
		}
	}
}

// drop ends the connection, where the library knows how.
func (a *account) drop(reason error) {
	if c, ok := a.conn.(interface{ Drop(reason error) }); ok {
		c.Drop(reason)
	}
}

// tellTime lets the clock learn from a message that comes as it is written, and says
// how far the platform's is ahead where that matters.
func (a *account) tellTime(ev *event.Event) {
	if ev.Kind.IsMessage() && !ev.Time.Equal(ev.Received) {
		a.clock.Observe(ev.Time, ev.Received)
	}
	ev.Skew = a.clock.Beyond()
}
