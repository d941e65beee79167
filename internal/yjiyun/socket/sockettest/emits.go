package sockettest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"

	"botengine/internal/command"
	"botengine/internal/yjiyun/socket"
)

var emitCases = []conformance{
	{"an emit without a session fails and is not kept for later", func(t *testing.T, newConn New) {
		open := make(chan struct{})
		s := Serve(t, func(p *Peer) {
			<-open
			p.accept()
			p.Expect(`42/imchat,["message",2]`)
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		err := r.Conn.Emit(t.Context(), "message", json.RawMessage("1"))
		if !errors.Is(err, socket.ErrNotConnected) || !errors.Is(err, command.ErrNotSent) {
			t.Errorf("emit without a session says %v", err)
		}
		close(open)
		r.WaitJoined()
		r.Emit("message", "2")
	}},
	{"a payload that is no JSON is not sent and costs nothing", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) {
			p.accept()
			p.Expect(`42/imchat,["message",{"a":1}]`, `42/imchat,["empty"]`)
			p.Send(`42/imchat,["seen"]`)
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		r.WaitJoined()
		if err := r.Conn.Emit(t.Context(), "message", json.RawMessage(`{"a"`)); !errors.Is(err, command.ErrNotSent) {
			t.Errorf("emit says %v, want one that says it is surely not sent", err)
		}
		r.Emit("message", `{"a":1}`)
		r.Emit("empty", ``)
		r.WaitEvent("seen")
	}},
	{"emits of many goroutines all arrive, each one's in order", manyEmit},
	{"an emit whose context is over is not sent", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) { p.accept(); p.Drain() })
		r := Start(t, newConn, socket.Options{URL: s.URL})
		r.WaitJoined()
		over, cancel := context.WithCancel(t.Context())
		cancel()
		if err := r.Conn.Emit(over, "message", nil); !errors.Is(err, command.ErrNotSent) {
			t.Errorf("emit says %v, want one that says it is surely not sent", err)
		}
	}},
}

func manyEmit(t *testing.T, newConn New) {
	const goroutines, each = 16, 500
	counted := make(chan map[int]int, 1)
	s := Serve(t, func(p *Peer) {
		p.accept()
		last := map[int]int{}
		for range goroutines * each {
			frame, ok := p.Read()
			var who, n int
			if _, err := fmt.Sscanf(frame, `42/imchat,["message",{"who":%d,"n":%d}]`, &who, &n); !ok || err != nil {
				t.Errorf("server got %q", frame)
				break
			}
			if n != last[who]+1 {
				t.Errorf("goroutine %d: number %d after %d", who, n, last[who])
			}
			last[who] = n
		}
		counted <- last
		p.Drain()
	})
	r := Start(t, newConn, socket.Options{URL: s.URL})
	r.WaitJoined()
	var emitting sync.WaitGroup
	for who := range goroutines {
		emitting.Go(func() {
			for n := range each {
				payload := fmt.Sprintf(`{"who":%d,"n":%d}`, who, n+1)
				if err := r.Conn.Emit(t.Context(), "message", json.RawMessage(payload)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	emitting.Wait()
	if last := next(r, counted, "the emitted events"); len(last) != goroutines {
		t.Errorf("events of %d goroutines arrived", len(last))
	}
}
