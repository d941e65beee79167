package catchup_test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"net/url"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/socket"
)

// line is a transport that breaks when it is told to, after the client's own rules
// of when to come back.
type line struct {
	w     *world
	least time.Duration // between two dials
	last  time.Time
	dials atomic.Int64
	life  func() time.Duration // of the next session
}

var errCut = errors.New("cut")

// Serve implements socket.Transport.
func (l *line) Serve(ctx context.Context, _ url.Values, link *socket.Link) error {
	if now := time.Now(); !l.last.IsZero() {
		l.least = min(l.least, now.Sub(l.last))
	}
	l.dials.Add(1)
	defer func() { l.last = time.Now() }()
	if err := link.Joined(ctx, 4, func(context.Context, string, json.RawMessage) error { return nil }); err != nil {
		return err
	}
	pushed := make(chan said, 1000)
	l.w.platform.mu.Lock()
	l.w.platform.push = func(m said) { pushed <- m }
	l.w.platform.mu.Unlock()
	defer func() {
		l.w.platform.mu.Lock()
		l.w.platform.push = nil
		l.w.platform.mu.Unlock()
	}()
	over := time.NewTimer(l.life())
	defer over.Stop()
	for {
		select {
		case m := <-pushed:
			if err := link.Event(ctx, "message", []json.RawMessage{m.frame()}); err != nil {
				return err
			}
		case <-over.C:
			return errCut // and what was pushed last is gone
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Faults 37 and 38, and goal D6: whatever the connection does, nothing is lost, nobody
// comes back too soon, and nothing piles up.
func TestFault37TenThousandDisconnectsLoseNothing(t *testing.T) {
	n := 10_000
	if testing.Short() {
		n = 500
	}
	in(t, func(t *testing.T, w *world) {
		w.start()
		rng := rand.New(rand.NewPCG(37, 38))
		l := &line{w: w, least: time.Hour, life: func() time.Duration { return time.Duration(rand.IntN(40_000)) * time.Millisecond }}
		conn, err := socket.NewOver(socket.Options{
			URL:     "http://127.0.0.1/imchat",
			OnEvent: func(_ context.Context, _ string, payload json.RawMessage) { w.receive(payload) },
			OnConnect: func(context.Context, int) {
				w.runner.Up()
			},
			OnDisconnect: func(context.Context, error, time.Duration) { w.runner.Down() },
		}, func(socket.Options, *url.URL) socket.Transport { return l })
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = conn.Run(ctx) })
		wait(2 * time.Minute)
		early := 0
		for int(l.dials.Load()) < n {
			w.platform.say([]string{groupID, "R:2", "R:3"}[rng.IntN(3)], "话", false)
			wait(time.Duration(5+rng.IntN(60)) * time.Second)
			if early == 0 && int(l.dials.Load()) > n/10 {
				early = runtime.NumGoroutine()
			}
		}
		wait(time.Hour)
		late := runtime.NumGoroutine()
		lost, twice := w.all(0)
		s := w.runner.Stats()
		t.Logf("figure: %d disconnects on a fake clock, %d messages: %d lost, %d twice, %d fetched in %d readings; the shortest pause was %v; %d goroutines, at the end %d",
			l.dials.Load()-1, len(w.platform.said), lost, twice, s.Recovered, s.Runs, l.least, early, late)
		if lost+twice > 0 || l.least < 10*time.Second || late > early+3 {
			t.Errorf("%d lost, %d twice, %v, %d goroutines, at the end %d", lost, twice, l.least, early, late)
		}
		cancel()
		running.Wait()
		w.stop()
		synctest.Wait()
	})
}
