package sockettest

import (
	"errors"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"botengine/internal/yjiyun/socket"
)

var lossCases = []conformance{
	{"a kick ends the session, and the next one has a fresh token", func(t *testing.T, newConn New) {
		e := comesBack(t, newConn, func(p *Peer) { p.Send(kick) })
		if !errors.Is(e.Err, socket.ErrServerClosed) {
			t.Errorf("ended with %v", e.Err)
		}
	}},
	{"a close packet ends the session, and the next one has a fresh token", func(t *testing.T, newConn New) {
		e := comesBack(t, newConn, func(p *Peer) { p.Send("1") })
		if !errors.Is(e.Err, socket.ErrServerClosed) {
			t.Errorf("ended with %v", e.Err)
		}
	}},
	{"a websocket that is closed cleanly comes back", func(t *testing.T, newConn New) {
		comesBack(t, newConn, func(p *Peer) { p.Leave(websocket.CloseGoingAway, "restart") })
	}},
	{"a TCP connection that just ends comes back", func(t *testing.T, newConn New) {
		comesBack(t, newConn, (*Peer).Close)
	}},
	{"a TCP reset comes back", func(t *testing.T, newConn New) {
		comesBack(t, newConn, (*Peer).Reset)
	}},
	{"a peer that falls silent is found by its ping timeout", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) {
			p.Accept(openFast)
			p.Expect(join)
			p.Send(joined)
			p.Wait()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		r.WaitJoined()
		begun := time.Now()
		r.WaitEnded()
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("found after %v, want about half a second", took)
		}
	}},
	{"a refused port is reported at once and tried again", func(t *testing.T, newConn New) {
		r := Start(t, newConn, socket.Options{URL: closedPort(t)})
		begun := time.Now()
		for range 3 {
			if e := r.WaitEnded(); !errors.Is(e.Err, syscall.ECONNREFUSED) {
				t.Errorf("ended with %v", e.Err)
			}
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("three attempts took %v", took)
		}
	}},
	{"a TCP peer that never answers is given up", func(t *testing.T, newConn New) {
		r := Start(t, newConn, socket.Options{URL: silentPort(t), HandshakeTimeout: 200 * time.Millisecond})
		begun := time.Now()
		r.WaitEnded()
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("given up after %v", took)
		}
	}},
	{"a server that opens and never acknowledges is given up", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) { p.Accept(open); p.Drain() })
		r := Start(t, newConn, socket.Options{URL: s.URL, HandshakeTimeout: 200 * time.Millisecond})
		if e := r.WaitEnded(); !errors.Is(e.Err, socket.ErrHandshake) {
			t.Errorf("ended with %v", e.Err)
		}
	}},
	{"Run ends at once while a peer keeps it waiting", func(t *testing.T, newConn New) {
		r := Start(t, newConn, socket.Options{URL: silentPort(t), HandshakeTimeout: time.Hour})
		<-time.After(50 * time.Millisecond) // it dials by now; if not, the test is only easier
		begun := time.Now()
		r.Stop()
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("Run took %v to end", took)
		}
	}},
	{"the end of Run leaves the namespace, after everything that was emitted", func(t *testing.T, newConn New) {
		frames := make(chan []string, 1)
		s := Serve(t, func(p *Peer) {
			p.accept()
			frames <- p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		r.WaitJoined()
		r.Emit("message", `"再见"`)
		r.Stop()
		got := next(r, frames, "the end of the connection")
		if len(got) < 2 || got[0] != `42/imchat,["message","再见"]` || got[1] != `41/imchat,` {
			t.Errorf("server got %q", got)
		}
	}},
}

// comesBack ends the first session by end and wants a second one that works, by
// a dial of its own with a fresh token.
func comesBack(t *testing.T, newConn New, end func(*Peer)) Ended {
	t.Helper()
	s := Serve(t, func(p *Peer) {
		p.accept(`42/imchat,["hello"]`)
		if p.Number == 0 {
			p.Expect(`42/imchat,["message",1]`)
			end(p)
		}
		p.Drain()
	})
	r := Start(t, newConn, socket.Options{URL: s.URL, Query: numberedTokens()})
	r.WaitJoined()
	r.WaitEvent("hello")
	r.Emit("message", `1`)
	e := r.WaitEnded()
	r.WaitJoined()
	r.WaitEvent("hello")
	wantTokens(t, s, "tok-1", "tok-2")
	return e
}

// silentPort returns the URL of a port that accepts connections and never says
// anything.
func silentPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return "http://" + l.Addr().String() + "/imchat" // the system accepts, nobody reads
}
