package sockettest

import (
	"context"
	"fmt"
	"net/url"
	"sync/atomic"
	"testing"

	"botengine/internal/yjiyun/socket"
)

// conformance is one sentence every connection has to make true.
type conformance struct {
	sentence string
	check    func(*testing.T, New)
}

// Run holds an implementation to all sentences of the suite. failures names the
// sentences it is known to break, and why: they are skipped. A name that is no
// sentence of the suite fails the test.
func Run(t *testing.T, newConn New, failures map[string]string) {
	known := map[string]bool{}
	for _, group := range [][]conformance{eventCases, emitCases, refusalCases, lossCases} {
		for _, c := range group {
			known[c.sentence] = true
			t.Run(c.sentence, func(t *testing.T) {
				if why, fails := failures[c.sentence]; fails {
					t.Skip("known failure: " + why)
				}
				c.check(t, newConn)
			})
		}
	}
	for sentence := range failures {
		if !known[sentence] {
			t.Errorf("no such sentence in the suite: %q", sentence)
		}
	}
}

const (
	open     = `0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
	openFast = `0{"sid":"s","upgrades":[],"pingInterval":100,"pingTimeout":400,"maxPayload":1000000}`
	join     = `40/imchat,`
	joined   = `40/imchat,{"sid":"n"}`
	kick     = `41/imchat,`
)

// accept opens a session and joins the namespace, as an Engine.IO 4 server does.
func (p *Peer) accept(frames ...string) {
	p.Accept(open)
	p.Expect(join)
	p.Send(joined)
	p.Send(frames...)
}

// numberedTokens hands out tok-1, tok-2, …
func numberedTokens() func(context.Context, socket.Attempt) (url.Values, error) {
	var n atomic.Int64
	return func(context.Context, socket.Attempt) (url.Values, error) {
		return url.Values{"token": {fmt.Sprintf("tok-%d", n.Add(1))}}, nil
	}
}

func wantTokens(t *testing.T, s *Server, want ...string) {
	t.Helper()
	requests := s.Requests()
	for i, token := range want {
		if i >= len(requests) || requests[i].Get("token") != token {
			t.Errorf("dials %v, want token %s in number %d", requests, token, i)
		}
	}
}
