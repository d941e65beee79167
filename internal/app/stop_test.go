package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/ctl"
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
		stop: bounds{soon, soon, soon}, // this is about what is taken in, not how fast
	}))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	t.Cleanup(func() { cancel(); open.Do(func() { close(gate) }) })
	b.connected(t)
	until(t, "the first reading", func() bool { return engine.CatchUp()["main"].Runs > 0 }) // until then messages wait for it

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

// A call that takes its time takes none from the commands in flight: both are waited
// for together.
func TestAStopWaitsForCallsAndCommandsTogether(t *testing.T) {
	t.Parallel()
	s := serve(t, sim.Options{})
	s.Faults().AddCommand(sim.CommandFault{Command: "text", DropReply: true}) // something stays in flight
	b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, mainRules))}
	engine := must(New(t.Context(), Options{Config: b.cfg, Lang: diag.ZH, Log: slog.New(slog.NewTextHandler(&b.log, nil))}))
	called := make(chan struct{})
	drained := func() bool { return strings.Contains(b.log.String(), "some commands had no answer yet") }
	var before atomic.Bool // the stop came past the calls before it drained
	engine.control.Handle("slow", func(context.Context, json.RawMessage) (any, error) {
		close(called)
		for over := time.Now().Add(soon); !drained() && time.Now().Before(over); {
			<-time.After(10 * time.Millisecond)
		}
		before.Store(!drained())
		return nil, nil
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	b.connected(t)
	must(s.Say("产品体验群1", "张三", "怎么退款"))
	b.ledger(t, "an answer without an echo", sim.HasKind("text", 1))
	go func() { _ = ctl.NewClient(ctl.SocketOf(b.cfg.State.Path)).Call(t.Context(), "slow", nil, nil) }() // it is cut off
	<-called
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if before.Load() {
		t.Error("the commands in flight were waited for after the call, not with it")
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

// The bounds of a stop are known; what is done besides takes no time.
func TestAStopTakesLessThanTenSeconds(t *testing.T) {
	if all := graceful.drain + graceful.handOver + graceful.takeIn; all >= 9*time.Second {
		t.Errorf("the bounds are %v in all", all)
	}
}
