package socket_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/sockettest"
)

func ignore(context.Context, string, json.RawMessage) {}

func mustNotShow(t *testing.T, err error, secret string) {
	t.Helper()
	if strings.Contains(err.Error(), secret) {
		t.Errorf("error shows %q: %v", secret, err)
	}
}

// numbered sends n events of 100 bytes and keeps the session up.
func numbered(n int) func(*sockettest.Peer) {
	return func(p *sockettest.Peer) {
		p.Accept(openNPM4)
		p.Expect(namespaced)
		p.Send(`40/imchat,{"sid":"n"}`)
		for i := range n {
			p.Send(`42/imchat,["message",` + number(i) + `]`)
		}
		p.Drain()
	}
}

func number(i int) string { return fmt.Sprintf(`"%098d"`, i) }

func TestAFullQueueStopsTheReaderAndLosesNothing(t *testing.T) {
	const n = 1000
	cases := map[string]struct {
		o     socket.Options
		limit int
	}{
		"counted in events": {socket.Options{QueueEvents: 4}, 4},
		"counted in bytes":  {socket.Options{QueueBytes: 10 * (len("message") + 100)}, 11}, // and the report of the join
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { fillQueue(t, c.o, c.limit, n) })
		})
	}
}

func fillQueue(t *testing.T, o socket.Options, limit, n int) {
	server, dial := sockettest.ServeInBubble(t, numbered(n))
	goOn := make(chan struct{})
	o.URL, o.DialContext = server.URL, dial
	o.OnEvent = func(context.Context, string, json.RawMessage) { <-goOn }
	r := sockettest.Start(t, newClient, o)
	r.WaitJoined()
	synctest.Wait() // everybody waits for the handler now
	s := r.Conn.(*socket.Client).Stats()
	if s.QueueFull == 0 || s.Queued == 0 || s.Queued > limit {
		t.Errorf("queue was full %d times, holds %d, want at most %d", s.QueueFull, s.Queued, limit)
	}
	close(goOn)
	for i := range n {
		if e := r.WaitEvent("message"); string(e.Payload) != number(i) {
			t.Fatalf("event %s where %d was due", e.Payload, i)
		}
	}
}

func TestAnEventLargerThanTheQueueIsDelivered(t *testing.T) {
	inBubble(t, socket.Options{QueueBytes: 10}, numbered(3), func(t bubble) {
		for i := range 3 {
			if e := t.WaitEvent("message"); string(e.Payload) != number(i) {
				t.Errorf("event %s where %d was due", e.Payload, i)
			}
		}
	})
}

func TestCallbacksKeepTheOrderOfTheWireOverReconnects(t *testing.T) {
	script := func(p *sockettest.Peer) {
		p.Accept(openNPM4)
		p.Expect(namespaced)
		p.Send(`40/imchat,{"sid":"n"}`)
		for i := range 3 {
			p.Send(fmt.Sprintf(`42/imchat,["message",%d]`, 10*p.Number+i))
		}
		p.Send(`41/imchat,`)
		p.Drain()
	}
	synctest.Test(t, func(t *testing.T) {
		server, dial := sockettest.ServeInBubble(t, script)
		var story []string
		c, err := socket.New(socket.Options{
			URL: server.URL, DialContext: dial,
			OnEvent: func(_ context.Context, _ string, payload json.RawMessage) {
				pass(time.Minute) // far slower than the wire
				story = append(story, string(payload))
			},
			OnConnect:    func(context.Context, int) { story = append(story, "up") },
			OnDisconnect: func(context.Context, error, time.Duration) { story = append(story, "down") },
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_ = c.Run(ctx)
		want := "up 0 1 2 down up 10 11 12 down up 20 21 22 down"
		if got := strings.Join(story, " "); !strings.HasPrefix(got, want) {
			t.Errorf("callbacks came as %s, want %s", got, want)
		}
	})
}

func TestWhatWasReceivedIsStillDeliveredAtTheEnd(t *testing.T) {
	deliver := func(t *testing.T, each time.Duration) (delivered int, s socket.Stats) {
		synctest.Test(t, func(t *testing.T) {
			server, dial := sockettest.ServeInBubble(t, numbered(10))
			started := make(chan struct{}, 10)
			c, err := socket.New(socket.Options{
				URL: server.URL, DialContext: dial,
				OnEvent: func(ctx context.Context, _ string, payload json.RawMessage) {
					started <- struct{}{}
					select {
					case <-time.After(each):
						delivered++
					case <-ctx.Done():
					}
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			over := make(chan error)
			go func() { over <- c.Run(ctx) }()
			<-started
			synctest.Wait() // the other nine are in the queue
			cancel()
			<-over
			s = c.Stats()
		})
		return delivered, s
	}
	t.Run("by a handler that is quick enough", func(t *testing.T) {
		if n, s := deliver(t, 100*time.Millisecond); n != 10 || s.Undelivered != 0 || s.Queued != 0 {
			t.Errorf("%d of 10 delivered, %+v", n, s)
		}
	})
	t.Run("until the time for it is over", func(t *testing.T) {
		n, s := deliver(t, 2*time.Second)
		if n < 1 || n > 3 || s.Undelivered != uint64(10-n-1) {
			t.Errorf("%d delivered, one interrupted, %d given up, want 10 together", n, s.Undelivered)
		}
	})
}

func TestStatsCount(t *testing.T) {
	script := func(p *sockettest.Peer) {
		p.Accept(openNPM4)
		p.Expect(namespaced)
		p.Send(`40/imchat,{"sid":"n"}`, `42/imchat,["a"]`, `42/imchat,["b"]`, `42/imchat,{}`, `42/imchat,["c"]`)
		p.Expect(`42/imchat,["message",1]`)
		p.Send(`41/imchat,`)
		p.Drain()
	}
	inBubble(t, socket.Options{}, script, func(t bubble) {
		for name := range strings.FieldsSeq("a b c") {
			t.WaitEvent(name)
		}
		client := t.Conn.(*socket.Client)
		if !client.Stats().Connected {
			t.Error("not connected, says the client in a session")
		}
		t.Emit("message", strconv.Itoa(1))
		t.WaitEnded()
		want := socket.Stats{EIO: 4, Dials: 1, Sessions: 1, Events: 3, Malformed: 1, Emitted: 1}
		if got := client.Stats(); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	})
}

// A server sees a handler that stands still with a full queue as a client that
// does not read: it may end the session. What was read by then is delivered.
func TestAStandstillWithAFullQueueCostsTheSessionOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, dial := sockettest.ServeInBubble(t, func(p *sockettest.Peer) {
			if p.Number > 0 {
				numbered(0)(p)
				return
			}
			p.Accept(openNPM4)
			p.Expect(namespaced)
			p.Send(`40/imchat,{"sid":"n"}`)
			go func() {
				pass(time.Minute)
				p.Close()
			}()
			for i := range 100 {
				p.Send(`42/imchat,["message",` + number(i) + `]`)
			}
		})
		goOn := make(chan struct{})
		r := sockettest.Start(t, newClient, socket.Options{
			URL: server.URL, DialContext: dial, QueueEvents: 4,
			OnEvent: func(context.Context, string, json.RawMessage) { <-goOn },
		})
		r.WaitJoined()
		pass(2 * time.Minute)
		close(goOn)
		r.WaitEnded()
		for i := range r.Conn.(*socket.Client).Stats().Events {
			if e := r.WaitEvent("message"); string(e.Payload) != number(int(i)) {
				t.Errorf("event %s where %d was due", e.Payload, i)
			}
		}
		r.WaitJoined()
	})
}
