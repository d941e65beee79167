package app

import (
	"context"
	"log/slog"
	"net"
	"path/filepath"
	"testing"
	"time"

	"botengine/internal/sim"
)

// supervised listens as systemd does; what it was told comes one by one.
func supervised(t *testing.T) (socket string, heard func() string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "notify")
	conn, err := new(net.ListenConfig).ListenPacket(t.Context(), "unixgram", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return socket, func() string {
		t.Helper()
		if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		word := make([]byte, 100)
		n, _, err := conn.ReadFrom(word)
		if err != nil {
			t.Fatalf("the supervisor hears nothing: %v", err)
		}
		return string(word[:n])
	}
}

func TestASupervisorHearsOfAnEngineAsLongAsItsLoopsTurn(t *testing.T) {
	socket, heard := supervised(t)
	ctx, cancel := context.WithCancel(t.Context())
	turns, ended := make(chan bool), make(chan struct{})
	go func() {
		defer close(ended)
		Supervisor{Socket: socket, Watchdog: 3 * time.Millisecond}.tell(ctx, slog.New(slog.DiscardHandler), func() bool {
			select {
			case turn := <-turns:
				return turn
			case <-ctx.Done():
				return false
			}
		})
	}()
	if got := heard(); got != toldReady {
		t.Errorf("at first it heard %q", got)
	}
	for range 3 {
		turns <- true
		if got := heard(); got != toldAlive {
			t.Errorf("of loops that turn it heard %q", got)
		}
	}
	turns <- false
	turns <- false
	cancel()
	if got := heard(); got != toldStopping {
		t.Errorf("of loops that are stuck, and at the end, it heard %q", got)
	}
	<-ended
}

func TestAnEngineTellsWhoStartedItThatItRunsAndThatItEnds(t *testing.T) {
	socket, heard := supervised(t)
	s := serve(t, sim.Options{})
	engine := must(New(t.Context(), Options{
		Config: settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, mainRules)), Log: slog.New(slog.DiscardHandler),
		Supervisor: Supervisor{Socket: socket, Watchdog: time.Hour},
	}))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	if got := heard(); got != toldReady {
		t.Errorf("at first it heard %q", got)
	}
	cancel()
	if got := heard(); got != toldStopping {
		t.Errorf("at the end it heard %q", got)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestALoopIsStuckWhenItDoesNotTurnAndTheProcessDid(t *testing.T) {
	clock := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	w := watchdog{now: func() time.Time { return clock }}
	names := func(busy time.Duration) (out []string) {
		for _, l := range w.stuck([]loop{{name: "writer"}, {name: "intake", busy: busy}, {name: "sender", busy: stuckAfter}}) {
			out = append(out, l.name)
		}
		return out
	}
	for _, c := range []struct {
		what       string
		after      time.Duration
		busy       time.Duration
		wantIntake bool
	}{
		{"the first look", 0, stuckAfter + 1, true},
		{"a piece of work that takes its time", time.Second, stuckAfter, false},
		{"one that does not end", stoodStill, stuckAfter + 1, true},
		{"the whole machine slept", time.Hour, time.Hour, false},
		{"the loops get time to go on", stoodStill - 1, time.Hour, false},
		{"and do not", 1, time.Hour, true},
	} {
		clock = clock.Add(c.after)
		if got := names(c.busy); len(got) > 1 || (len(got) == 1) != c.wantIntake || c.wantIntake && got[0] != "intake" {
			t.Errorf("%s: stuck are %v", c.what, got)
		}
	}
}
