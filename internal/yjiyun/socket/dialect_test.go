package socket_test

import (
	"context"
	"errors"
	"net/url"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/sockettest"
)

// What the servers say first: as recorded from them, with the heartbeat they have by default.
const (
	openNPM2   = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000}`
	openNPM3   = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`
	openNPM4   = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	openNetty  = `0{"sid":"s","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":60000}`
	hello      = `42/imchat,["chat",{"id":14073751575621261,"名":"加 薇 信"}]`
	withToken  = `40/imchat?token=tok-1,`
	namespaced = `40/imchat,`
)

func newClient(o socket.Options) (socket.Conn, error) { return socket.New(o) }

// pass lets the time of a bubble go by.
func pass(d time.Duration) { <-time.After(d) }

func oneToken(context.Context, socket.Attempt) (url.Values, error) {
	return url.Values{"token": {"tok-1"}}, nil
}

// bubble is a test of one client and one server, with a clock of its own.
type bubble struct {
	*testing.T
	*sockettest.Recorder
	server *sockettest.Server
}

// inBubble runs check in a bubble, whose server runs script.
func inBubble(t *testing.T, o socket.Options, script func(*sockettest.Peer), check func(bubble)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		server, dial := sockettest.ServeInBubble(t, script)
		o.URL, o.DialContext = server.URL, dial
		if o.Query == nil {
			o.Query = oneToken
		}
		if o.DelayMin == 0 {
			o.DelayMin, o.DelayMax = 10*time.Second, time.Minute
		}
		check(bubble{t, sockettest.Start(t, newClient, o), server})
	})
}

func TestEveryDialectIsFoundAndAnswered(t *testing.T) {
	cases := []struct {
		name   string
		eio    int
		script func(*sockettest.Peer)
		want   int
	}{
		{"npm 4", 0, func(p *sockettest.Peer) {
			p.Accept(openNPM4)
			p.Expect(namespaced)
			p.Send(`40/imchat,{"sid":"n"}`, hello)
			p.Drain()
		}, 4},
		{"npm 3, which does not say maxPayload", 0, func(p *sockettest.Peer) {
			p.Accept(openNPM3)
			p.Expect(namespaced)
			p.Send(`40/imchat,{"sid":"n"}`, hello)
			p.Drain()
		}, 4},
		{"npm 2", 0, func(p *sockettest.Peer) {
			p.Accept(openNPM2, `40`)
			p.Expect(withToken)
			p.Send(namespaced, hello)
			p.Drain()
		}, 3},
		{"npm 2, asked for Engine.IO 3", 3, func(p *sockettest.Peer) {
			p.Accept(openNPM2, `40`)
			p.Expect(withToken)
			p.Send(namespaced, hello)
			p.Drain()
		}, 3},
		{"netty 1.7.18: an event before an acknowledgement without a comma", 0, func(p *sockettest.Peer) {
			p.Accept(openNetty, `40`)
			p.Expect(withToken)
			p.Send(hello, `40/imchat`)
			p.Drain()
		}, 3},
		{"netty 1.7.16: takes the query for a part of the name", 0, func(p *sockettest.Peer) {
			p.Accept(openNetty, `40`)
			p.Expect(withToken)
			p.Send(`44/imchat?token=tok-1,,"Invalid namespace"`)
			p.Expect(`40/imchat`)
			p.Send(`40/imchat`, hello)
			p.Drain()
		}, 3},
		{"netty 1.7.26: joins unasked and never acknowledges", 0, func(p *sockettest.Peer) {
			p.Accept(openNetty, `40{"sid":"s"}`)
			p.Expect(namespaced)
			p.Send(hello)
			p.Drain()
		}, 4},
		{"netty 2.0.12, asked for Engine.IO 3: silent about a query", 3, func(p *sockettest.Peer) {
			p.Accept(openNetty, `40`)
			p.Expect(withToken, namespaced)
			p.Send(`40/imchat`, hello)
			p.Drain()
		}, 3},
		{"netty 2.0.14: Engine.IO 4 without maxPayload", 0, func(p *sockettest.Peer) {
			p.Accept(openNetty)
			p.Expect(namespaced)
			p.Send(`40/imchat,{"sid":"s"}`, hello)
			p.Drain()
		}, 4},
		{"Engine.IO 3 that is late with its first word", 0, func(p *sockettest.Peer) {
			p.Accept(openNetty)
			p.Expect(namespaced)
			p.Send(`40`, `40/imchat`, hello)
			p.Drain()
		}, 3},
		{"Engine.IO 4, configured", 4, func(p *sockettest.Peer) {
			p.Accept(openNPM3)
			p.Expect(namespaced)
			p.Send(`40/imchat,{"sid":"n"}`, hello)
			p.Drain()
		}, 4},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, socket.Options{EIO: c.eio}, c.script, func(t bubble) {
				t.WaitJoined()
				e := t.WaitEvent("chat")
				if want := `{"id":14073751575621261,"名":"加 薇 信"}`; string(e.Payload) != want {
					t.Errorf("payload %s, want %s", e.Payload, want)
				}
				synctest.Wait()
				if got := t.Conn.(*socket.Client).Stats(); got.EIO != c.want {
					t.Errorf("found Engine.IO %d, want %d", got.EIO, c.want)
				}
				asked := t.server.Requests()[0]
				if asked.Get("token") != "tok-1" || asked.Get("transport") != "websocket" {
					t.Errorf("handshake query %v", asked)
				}
				pass(3 * time.Second)
				if n := len(t.Malformed); n != 0 {
					t.Errorf("%d frames counted as malformed", n)
				}
			})
		})
	}
}

func TestNPM4IsNotKeptWaiting(t *testing.T) {
	inBubble(t, socket.Options{}, func(p *sockettest.Peer) {
		p.Accept(openNPM4)
		p.Expect(namespaced)
		p.Send(`40/imchat,{"sid":"n"}`)
		p.Drain()
	}, func(t bubble) {
		begun := time.Now()
		t.WaitJoined()
		if took := time.Since(begun); took != 0 {
			t.Errorf("joined after %v, want at once", took)
		}
	})
}

func TestTheOtherVersionIsTriedWhenOneIsMetWithSilence(t *testing.T) {
	script := func(p *sockettest.Peer) {
		if p.Query().Get("EIO") == "4" {
			p.Accept()
			p.Drain()
			return
		}
		p.Accept(openNPM2, `40`)
		p.Expect(withToken)
		p.Send(namespaced)
		p.Drain()
	}
	inBubble(t, socket.Options{}, script, func(t bubble) {
		if e := t.WaitEnded(); !errors.Is(e.Err, socket.ErrHandshake) {
			t.Errorf("ended with %v, want a failed handshake", e.Err)
		}
		if eio := t.WaitJoined(); eio != 3 {
			t.Errorf("joined with Engine.IO %d", eio)
		}
	})
}

func TestTheOtherVersionIsTriedAfterHTTP400(t *testing.T) {
	script := func(p *sockettest.Peer) {
		if p.Query().Get("EIO") == "4" {
			p.Answer(400, `{"code":5,"message":"Unsupported protocol version"}`)
			return
		}
		p.Accept(openNPM2, `40`)
		p.Expect(withToken)
		p.Send(namespaced)
		p.Drain()
	}
	inBubble(t, socket.Options{}, script, func(t bubble) {
		var refusal *socket.RejectedError
		if e := t.WaitEnded(); !errors.As(e.Err, &refusal) || refusal.Status != 400 {
			t.Errorf("ended with %v, want HTTP 400", e.Err)
		}
		if eio := t.WaitJoined(); eio != 3 {
			t.Errorf("joined with Engine.IO %d", eio)
		}
	})
}

func TestTheDialectIsRememberedUntilAHandshakeFails(t *testing.T) {
	script := func(p *sockettest.Peer) {
		switch {
		case p.Number < 2: // an old server
			p.Accept(openNetty, `40`)
			p.Expect(withToken)
			p.Send(`40/imchat`, `41/imchat,`)
		case p.Number == 2: // going down for an update
			p.Accept()
		default: // a new server
			p.Accept(openNPM4)
			p.Expect(namespaced)
			p.Send(`40/imchat,{"sid":"n"}`)
		}
		p.Drain()
	}
	inBubble(t, socket.Options{}, script, func(t bubble) {
		for i, want := range []int{3, 3, 4} {
			if eio := t.WaitJoined(); eio != want {
				t.Errorf("session %d: Engine.IO %d, want %d", i, eio, want)
			}
		}
		for i, want := range []string{"4", "3", "3", "4"} {
			if got := t.server.Requests()[i].Get("EIO"); got != want {
				t.Errorf("dial %d asked for Engine.IO %s, want %s", i, got, want)
			}
		}
	})
}
