package socket_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/npmtest"
	"botengine/internal/yjiyun/socket/sockettest"
)

const exact = `{"id":14073751575621261,"s":"14073751575621261","max":18446744073709551615,"t":"加 薇 信，🙂"}`

func tokens() func(context.Context, socket.Attempt) (url.Values, error) {
	var n atomic.Int64
	return func(context.Context, socket.Attempt) (url.Values, error) {
		return url.Values{"token": {fmt.Sprintf("tok-%d", n.Add(1))}}, nil
	}
}

func TestEveryNPMServerInEveryDialect(t *testing.T) {
	cases := []struct {
		version   string
		allowEIO3 bool
		ask, find int
	}{
		{"2", false, 0, 3}, {"2", false, 3, 3}, {"2", false, 4, 3}, // version 2 ignores what is asked
		{"3", false, 0, 4}, {"3", false, 4, 4},
		{"3", true, 0, 4}, {"3", true, 3, 3}, {"3", true, 4, 4},
		{"4", false, 0, 4}, {"4", false, 4, 4},
		{"4", true, 0, 4}, {"4", true, 3, 3}, {"4", true, 4, 4},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("socket.io %s (allowEIO3: %t), asked for %d", c.version, c.allowEIO3, c.ask), func(t *testing.T) {
			t.Parallel() // it mostly waits
			server := npmtest.Start(t, c.version, npmtest.Options{
				AllowEIO3: c.allowEIO3, PingInterval: 300 * time.Millisecond, PingTimeout: 600 * time.Millisecond,
				Welcome: []npmtest.Event{{Name: "chat", Payload: json.RawMessage(exact)}},
			})
			r := sockettest.Start(t, newClient, socket.Options{URL: server.URL + "?msgFilter=1", EIO: c.ask, Query: tokens()})
			r.WaitJoined()
			converse(t, server, r)
			if eio := r.Conn.(*socket.Client).Stats().EIO; eio != c.find {
				t.Errorf("found Engine.IO %d, want %d", eio, c.find)
			}
			staysUp(t, r, 1500*time.Millisecond)
			comesBackFromAKick(t, server, r)
		})
	}
}

// converse exchanges events and compares them byte for byte.
func converse(t *testing.T, server *npmtest.Server, r *sockettest.Recorder) {
	t.Helper()
	if e := r.WaitEvent("chat"); string(e.Payload) != exact {
		t.Errorf("received %s, want %s", e.Payload, exact)
	}
	query := server.WaitJoined()
	if query.Get("token") != "tok-1" || query.Get("msgFilter") != "1" {
		t.Errorf("server got the query %v", query)
	}
	r.Emit("action", exact)
	if e := server.WaitEvent("action"); string(e.Payload) != exact {
		t.Errorf("server got %s, want %s", e.Payload, exact)
	}
	server.Send("message", exact)
	if e := r.WaitEvent("message"); string(e.Payload) != exact {
		t.Errorf("received %s, want %s", e.Payload, exact)
	}
}

// staysUp lets several ping timeouts go by.
func staysUp(t *testing.T, r *sockettest.Recorder, d time.Duration) {
	t.Helper()
	select {
	case e := <-r.Ended:
		t.Errorf("idle session ended: %v", e.Err)
	case <-time.After(d):
	}
}

func comesBackFromAKick(t *testing.T, server *npmtest.Server, r *sockettest.Recorder) {
	t.Helper()
	server.Kick()
	if e := r.WaitEnded(); !errors.Is(e.Err, socket.ErrServerClosed) {
		t.Errorf("ended with %v", e.Err)
	}
	r.WaitJoined()
	r.WaitEvent("chat")
	if query := server.WaitJoined(); query.Get("token") != "tok-2" {
		t.Errorf("server got the query %v, want a fresh token", query)
	}
	if n := len(r.Malformed); n != 0 {
		t.Errorf("%d frames counted as malformed", n)
	}
}

func TestEveryNPMServerRefusesABadToken(t *testing.T) {
	for _, version := range npmtest.Versions {
		t.Run("socket.io "+version, func(t *testing.T) {
			server := npmtest.Start(t, version, npmtest.Options{Refuse: "geheim"})
			query := func(_ context.Context, a socket.Attempt) (url.Values, error) {
				if a.Rejected {
					return url.Values{"token": {"good"}}, nil
				}
				return url.Values{"token": {"geheim"}}, nil
			}
			r := sockettest.Start(t, newClient, socket.Options{URL: server.URL, Query: query})
			e := r.WaitEnded()
			var refusal *socket.RejectedError
			if !errors.As(e.Err, &refusal) || refusal.Status != 0 {
				t.Fatalf("ended with %v, want a refusal", e.Err)
			}
			mustNotShow(t, e.Err, "geheim")
			r.WaitJoined()
		})
	}
}

func TestAnNPMServerRestarts(t *testing.T) {
	for _, version := range npmtest.Versions {
		t.Run("socket.io "+version, func(t *testing.T) {
			server := npmtest.Start(t, version, npmtest.Options{})
			r := sockettest.Start(t, newClient, socket.Options{URL: server.URL, Query: tokens()})
			r.WaitJoined()
			server.Kill()
			r.WaitEnded()
			server = npmtest.Start(t, version, npmtest.Options{Port: server.Port})
			r.WaitJoined()
			server.WaitJoined()
			r.Emit("message", exact)
			server.WaitEvent("message")
		})
	}
}

func TestAFrozenNPMServerIsFound(t *testing.T) {
	for _, version := range npmtest.Versions {
		t.Run("socket.io "+version, func(t *testing.T) {
			server := npmtest.Start(t, version, npmtest.Options{PingInterval: 200 * time.Millisecond, PingTimeout: 300 * time.Millisecond})
			r := sockettest.Start(t, newClient, socket.Options{URL: server.URL, HandshakeTimeout: time.Second})
			r.WaitJoined()
			server.WaitJoined()
			server.Freeze()
			begun := time.Now()
			r.WaitEnded()
			if took := time.Since(begun); took > 30*time.Second {
				t.Errorf("found after %v, want about half a second", took)
			}
		})
	}
}
