package app

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/sim"
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
