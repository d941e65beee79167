package sockettest

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"botengine/internal/yjiyun/socket"
)

var eventCases = []conformance{
	{"50,000 events arrive once and in order", func(t *testing.T, newConn New) {
		const n = 50_000
		s := Serve(t, func(p *Peer) {
			p.accept()
			for i := range n {
				p.Send(`42/imchat,["message",` + strconv.Itoa(i) + `]`)
			}
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		for i := range n {
			if e := r.WaitEvent("message"); string(e.Payload) != strconv.Itoa(i) {
				t.Fatalf("event %s where %d was due", e.Payload, i)
			}
		}
	}},
	{"64-bit ids are exact both ways, bare and quoted", func(t *testing.T, newConn New) {
		const payload = `{"id":14073751575621261,"s":"14073751575621261","odd":9007199254740993,"max":18446744073709551615,"t":"加 薇 信，“🙂”<&>"}`
		got := make(chan string, 1)
		s := Serve(t, func(p *Peer) {
			p.accept(`42/imchat,["chat",` + payload + `]`)
			frame, _ := p.Read()
			got <- frame
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		if e := r.WaitEvent("chat"); string(e.Payload) != payload {
			t.Errorf("received %s, want %s", e.Payload, payload)
		}
		r.Emit("message", payload)
		if frame, want := next(r, got, "the emitted event"), `42/imchat,["message",`+payload+`]`; frame != want {
			t.Errorf("sent %s, want %s", frame, want)
		}
	}},
	{"an event before the acknowledgement is delivered", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) {
			p.Accept(open)
			p.Expect(join)
			p.Send(`42/imchat,["chat",1]`, joined, `42/imchat,["chat",2]`)
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		r.WaitJoined()
		for _, want := range []string{"1", "2"} {
			if e := r.WaitEvent("chat"); string(e.Payload) != want {
				t.Errorf("event %s, want %s", e.Payload, want)
			}
		}
	}},
	{"an event counts as the acknowledgement", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) {
			p.Accept(open)
			p.Expect(join)
			p.Send(`42/imchat,["chat",1]`)
			p.Expect(`42/imchat,["message",2]`)
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		r.WaitJoined()
		r.WaitEvent("chat")
		r.Emit("message", `2`)
	}},
	{"an event without arguments, or that wants an acknowledgement, is delivered", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) {
			p.accept(`42/imchat,["empty"]`, `42/imchat,7["asks",{"a":1}]`)
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL})
		if e := r.WaitEvent("empty"); e.Payload != nil {
			t.Errorf("payload %s, want none", e.Payload)
		}
		if e := r.WaitEvent("asks"); string(e.Payload) != `{"a":1}` {
			t.Errorf("payload %s", e.Payload)
		}
	}},
	{"malformed events are reported and cost nothing", func(t *testing.T, newConn New) {
		survives(t, newConn, func(p *Peer) int {
			frames := []string{
				`42/imchat,`, `42/imchat,{"a":1}`, `42/imchat,[]`, `42/imchat,[1]`, `42/imchat,["a"`,
				`42/imchat,["a",]`, `42/imchat,99999999999999999999["a"]`, "42/imchat,[\"a\",\x00]",
			}
			p.Send(frames...)
			return len(frames)
		})
	}},
	{"malformed Socket.IO packets are reported and cost nothing", func(t *testing.T, newConn New) {
		survives(t, newConn, func(p *Peer) int {
			frames := []string{
				`4`, `49/imchat,`, `4加微信`, `42/other,["a"]`, `40/other,`, `42["a"]`,
				`451-/imchat,["a",{"_placeholder":true,"num":0}]`, `45/imchat,["a"]`,
			}
			p.Send(frames...)
			return len(frames)
		})
	}},
	{"unknown Engine.IO packets are reported and cost nothing", func(t *testing.T, newConn New) {
		survives(t, newConn, func(p *Peer) int {
			frames := []string{``, `7`, `x`, `加微信`, `0{"sid":"again"}`}
			p.Send(frames...)
			return len(frames)
		})
	}},
	{"binary frames are reported and cost nothing", func(t *testing.T, newConn New) {
		survives(t, newConn, func(p *Peer) int {
			p.SendKind(websocket.BinaryMessage, []byte{4, 1, 2, 3})
			p.SendKind(websocket.BinaryMessage, nil)
			return 2
		})
	}},
	{"a frame above the limit is reported and costs nothing", func(t *testing.T, newConn New) {
		survives(t, newConn, func(p *Peer) int {
			p.Send(`42/imchat,["big","` + strings.Repeat("加", 10<<20/3) + `"]`)
			return 1
		})
	}},
	{"a frame of 10 MB below the limit is delivered", func(t *testing.T, newConn New) {
		payload := `"` + strings.Repeat("加", 10<<20/3) + `"`
		s := Serve(t, func(p *Peer) {
			p.accept(`42/imchat,["big",` + payload + `]`)
			p.Drain()
		})
		r := Start(t, newConn, socket.Options{URL: s.URL, ReadLimit: 16 << 20})
		if e := r.WaitEvent("big"); string(e.Payload) != payload {
			t.Errorf("%d bytes arrived, want the %d that were sent", len(e.Payload), len(payload))
		}
	}},
	{"a handler that stands still does not cost the heartbeat", func(t *testing.T, newConn New) {
		const rounds = 30 // three times as long as the ping timeout allows
		answered := make(chan int, 1)
		s := Serve(t, func(p *Peer) {
			p.Accept(openFast)
			p.Expect(join)
			p.Send(joined)
			for i := range rounds {
				p.Send(fmt.Sprintf(`42/imchat,["message",%d]`, i))
				<-time.After(50 * time.Millisecond)
				p.Send("2")
				if !p.Expect("3") {
					return
				}
			}
			answered <- rounds
			p.Drain()
		})
		goOn := make(chan struct{})
		r := Start(t, newConn, socket.Options{URL: s.URL, OnEvent: func(context.Context, string, json.RawMessage) { <-goOn }})
		next(r, answered, "the pongs")
		close(goOn)
		for i := range rounds {
			if e := r.WaitEvent("message"); string(e.Payload) != strconv.Itoa(i) {
				t.Errorf("event %s, want %d", e.Payload, i)
			}
		}
	}},
}

// survives sends bad frames in the middle of a session; bad returns how many
// reports they must lead to. The session has to go on.
func survives(t *testing.T, newConn New, bad func(*Peer) int) {
	t.Helper()
	reports := make(chan int, 1)
	s := Serve(t, func(p *Peer) {
		p.accept(`42/imchat,["before"]`)
		reports <- bad(p)
		p.Send(`42/imchat,["after"]`)
		p.Drain()
	})
	r := Start(t, newConn, socket.Options{URL: s.URL})
	r.WaitEvent("before")
	for range next(r, reports, "the server to send") {
		r.WaitMalformed()
	}
	r.WaitEvent("after")
	if len(r.Ended) != 0 || len(r.Malformed) != 0 {
		t.Errorf("%d sessions ended, %d reports too many", len(r.Ended), len(r.Malformed))
	}
}
