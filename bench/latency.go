package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/intake"
	"botengine/internal/ratelimit"
	"botengine/internal/rule"
	"botengine/internal/state"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/socket"
)

// pause lies between two frames: the load is low.
const pause = 2 * time.Millisecond

// latencyRows measures how long a frame takes to become a reply on the wire, over
// loopback, and how long the wire alone takes.
func latencyRows(ctx context.Context, t *table, folder string, e effort) error {
	w := newWorkload(e.most(), 1)
	set, err := compiled(w)
	if err != nil {
		return err
	}
	question := w.rules[0].words[0]
	echo, err := timeReplies(ctx, e.samples, question, runEcho)
	if err != nil {
		return fmt.Errorf("echo: %w", err)
	}
	engine, err := timeReplies(ctx, e.samples, question, func(ctx context.Context, url string) error {
		return runEngine(ctx, url, set, filepath.Join(folder, "latency.db"))
	})
	if err != nil {
		return fmt.Errorf("engine: %w", err)
	}
	t.within("frame to emitted reply, durable, p50", percentile(engine, 50), 1500*time.Microsecond)
	t.within("frame to emitted reply, durable, p99", percentile(engine, 99), 10*time.Millisecond)
	disk, err := timeDisk(folder, e.samples)
	if err != nil {
		return err
	}
	t.note("a bare echo on the same machine: p50 %v, p99 %v", percentile(echo, 50), percentile(echo, 99))
	t.note("one page written and synced, of which a reply takes at least two: p50 %v, p99 %v", percentile(disk, 50), percentile(disk, 99))
	return nil
}

// timeDisk is how long the disk takes to have a page: a commit waits for it twice, and
// a reply for one commit, the decision's, which claims it as well.
func timeDisk(folder string, samples int) (took []time.Duration, err error) {
	file, err := os.Create(filepath.Join(folder, "page"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	page := make([]byte, 4096)
	for i := range samples {
		began := time.Now()
		if _, err := file.WriteAt(page, int64(i%64)*int64(len(page))); err != nil {
			return nil, err
		}
		if err := file.Sync(); err != nil {
			return nil, err
		}
		took = append(took, time.Since(began))
	}
	return took, nil
}

// timeReplies sends frames one after the other to whoever run connects and times
// the answers.
func timeReplies(ctx context.Context, samples int, text string, run func(ctx context.Context, url string) error) (took []time.Duration, err error) {
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	defer stop()
	var served error
	over := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(over)
		took, served = serve(ctx, w, r, samples, text)
		stop()
	}))
	defer server.Close()
	if err := run(ctx, server.URL); err != nil && ctx.Err() == nil {
		return nil, err
	}
	<-over
	if served == nil && len(took) < samples {
		served = errors.New("not every frame was answered")
	}
	return took, served
}

// serve is a platform that says something new and waits for the reply to it.
func serve(ctx context.Context, w http.ResponseWriter, r *http.Request, samples int, text string) (took []time.Duration, err error) {
	ws, err := (&websocket.Upgrader{}).Upgrade(w, r, nil)
	if err != nil {
		return nil, err
	}
	defer ws.Close()
	if err := greet(ws); err != nil {
		return nil, err
	}
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for i := range samples {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return took, ctx.Err()
		}
		one, err := exchange(ws, freshFrame(i, text))
		if err != nil {
			return took, err
		}
		took = append(took, one)
	}
	return took, nil
}

// greet lets the client join the namespace.
func greet(ws *websocket.Conn) error {
	open := socket.AppendOpen(nil, socket.Open{SID: "bench", PingInterval: 60_000, PingTimeout: 60_000, MaxPayload: 1e6})
	if err := ws.WriteMessage(websocket.TextMessage, open); err != nil {
		return err
	}
	if _, _, err := ws.ReadMessage(); err != nil {
		return err
	}
	return ws.WriteMessage(websocket.TextMessage, []byte(`40/imchat,{"sid":"bench"}`))
}

// exchange is how long a frame takes to be answered.
func exchange(ws *websocket.Conn, frame []byte) (time.Duration, error) {
	began := time.Now()
	if err := ws.WriteMessage(websocket.TextMessage, frame); err != nil {
		return 0, err
	}
	_, _, err := ws.ReadMessage()
	return time.Since(began), err
}

// freshFrame is a message of now, in a chat of its own.
func freshFrame(i int, text string) []byte {
	now := fmt.Append(nil, time.Now().UnixMilli())
	return bytes.Replace(frameOf(i, chatOf(i), text), []byte("1585024550000"), now, 1)
}

// runEcho sends back what comes.
func runEcho(_ context.Context, url string) error {
	ws, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http"), nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	defer ws.Close()
	for i := 0; ; i++ {
		kind, frame, err := ws.ReadMessage()
		if err != nil {
			return nil // the server has seen enough
		}
		if i == 1 {
			continue // its answer to what the client joined with
		}
		if err := ws.WriteMessage(kind, frame); err != nil {
			return err
		}
	}
}

// engineOf is the whole engine between the socket and the disk.
type engineOf struct {
	in     *intake.Intake
	out    *dispatch.Dispatcher
	client *socket.Client
	err    error // of a frame that could not be taken in
}

func newEngine(url string, set *rule.Set, store state.Store) (*engineOf, error) {
	var rules atomic.Pointer[rule.Set]
	rules.Store(set)
	g := &engineOf{}
	g.in = intake.New(intake.Options{
		Store: store, Rules: &rules, Journal: state.TextFull,
		Committed: func(entries []state.Entry) { g.out.Committed(entries) },
		Expect:    func(entries []state.Entry) (<-chan struct{}, bool) { return g.out.Expect(entries) },
	})
	g.out = dispatch.New(dispatch.Options{
		Store: store, Sender: g, Report: g.in.Submit, Limiter: ratelimit.New(ratelimit.Limits{}),
	})
	var err error
	g.client, err = socket.New(socket.Options{URL: url + "/imchat", EIO: 4, OnEvent: g.take})
	return g, err
}

func (g *engineOf) take(ctx context.Context, name string, payload json.RawMessage) {
	events, err := yjiyun.Decode("main", name, payload, time.Now())
	for _, ev := range events {
		err = errors.Join(err, g.in.Submit(ctx, ev))
	}
	g.err = errors.Join(g.err, err)
}

// Send implements dispatch.Sender.
func (g *engineOf) Send(ctx context.Context, c command.Command) error {
	name, payload, err := yjiyun.Encode(c, time.Now(), "token", nil)
	if err != nil {
		return err
	}
	return g.client.Emit(ctx, name, payload)
}

// Ready implements dispatch.Sender.
func (g *engineOf) Ready(string, string) bool { return true }

// run serves until ctx ends.
func (g *engineOf) run(ctx context.Context) error {
	var all sync.WaitGroup
	var taking, sending error
	all.Go(func() { taking = g.in.Run(ctx) })
	all.Go(func() { sending = g.out.Run(ctx) })
	err := g.client.Run(ctx)
	all.Wait()
	if ctx.Err() != nil {
		err = nil // that is how it ends
	}
	return errors.Join(err, taking, sending)
}

func runEngine(ctx context.Context, url string, set *rule.Set, path string) (err error) {
	store, err := state.Open(path, state.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	g, err := newEngine(url, set, store)
	if err != nil {
		return err
	}
	return g.run(ctx)
}
