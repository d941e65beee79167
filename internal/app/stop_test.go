package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/sim"
	"botengine/internal/state"
	"botengine/internal/yjiyun/socket"
)

// What the socket has read, line 1 takes in, although the stop has begun.
func TestAStopTakesInWhatTheSocketHasRead(t *testing.T) {
	s := serve(t, sim.Options{})
	b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, mainRules))}
	gate := make(chan struct{})
	var taken atomic.Int64
	var open sync.Once
	engine := must(New(t.Context(), Options{
		Config: b.cfg, Lang: diag.ZH, Log: slog.New(slog.NewTextHandler(&b.log, nil)),
		OnReport: func(r intake.Report) {
			if r.Event.Kind == event.MessageText {
				<-gate
				taken.Add(1)
			}
		},
	}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	t.Cleanup(func() { cancel(); open.Do(func() { close(gate) }) })
	b.connected(t)

	const n = 300 // many more than a shard's queue holds
	read := engine.accounts["main"].conn.(interface{ Stats() socket.Stats })
	before := read.Stats().Events
	for i := range n {
		must(s.Say("产品体验群1", "张三", fmt.Sprintf("第 %d 句", i)))
	}
	until(t, "the last sentence", func() bool { return read.Stats().Events >= before+n })
	cancel()
	until(t, "a socket that was left", func() bool { return s.Connections() == 0 })
	<-time.After(50 * time.Millisecond) // whatever else stops too early has had its time
	open.Do(func() { close(gate) })
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := taken.Load(); got != n {
		t.Errorf("%d of %d messages were taken in", got, n)
	}
}

// What an earlier run left in the outbox is not sent by a dry run, nor lost.
func TestADryRunSendsNothingOfTheOutbox(t *testing.T) {
	s := serve(t, sim.Options{})
	b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, mainRules))}
	owed := command.Command{
		Key: "1", MessageID: "20261123010000000000000000000001", Account: "main", Robot: "cfb3e2c2", Type: "robot.tags.sync",
		Lane: command.LaneAction, Class: command.Idempotent, Fields: []byte("{}"), Expires: time.Now().Add(time.Hour),
	}
	dry := func(engine *App) {
		must(0, engine.store.Update(t.Context(), func(tx state.Tx) error { tx.Enqueue(owed); return nil }))
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- engine.Run(ctx) }()
		b.connected(t)
		until(t, "a wish to speak", func() bool { return engine.Ready("main", "cfb3e2c2") })
		<-time.After(1500 * time.Millisecond) // in which it would have been sent
		cancel()
		must(0, <-done)
	}
	dry(must(New(t.Context(), Options{Config: b.cfg, Lang: diag.ZH, Log: slog.New(slog.NewTextHandler(&b.log, nil)), Shadow: true})))
	if n := len(s.Commands()); n != 0 {
		t.Errorf("%d commands were sent", n)
	}
	store := must(state.Open(b.cfg.State.Path, state.Options{}))
	defer store.Close()
	must(0, store.View(t.Context(), func(tx state.Tx) error {
		if e, ok := tx.Entry(owed.MessageID); !ok || e.State != state.Pending {
			t.Errorf("the entry is there: %t, and %s", ok, e.State)
		}
		return nil
	}))
}
