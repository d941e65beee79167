package sockettest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"botengine/internal/yjiyun/socket"
)

var refusalCases = []conformance{
	{"HTTP 401 is a refusal and asks for a new token", func(t *testing.T, newConn New) {
		refusal := refused(t, newConn, func(p *Peer) { p.Answer(401, "bad token") })
		if refusal.Status != 401 {
			t.Errorf("refusal %+v, want status 401", refusal)
		}
	}},
	{"a connect error with a message is a refusal and asks for a new token", func(t *testing.T, newConn New) {
		refusal := refused(t, newConn, connectError(`{"message":"令牌已过期","data":{"code":1000}}`))
		if refusal.Status != 0 || refusal.Reason != "令牌已过期" {
			t.Errorf("refusal %+v", refusal)
		}
	}},
	{"a connect error that is a string is a refusal", func(t *testing.T, newConn New) {
		refusal := refused(t, newConn, connectError(`"Invalid namespace"`))
		if refusal.Reason != "Invalid namespace" {
			t.Errorf("refusal %+v", refusal)
		}
	}},
	{"a connect error in no JSON at all is a refusal", func(t *testing.T, newConn New) {
		refusal := refused(t, newConn, connectError(`no such place`))
		if refusal.Reason != "no such place" {
			t.Errorf("refusal %+v", refusal)
		}
	}},
	{"a failed Query ends the attempt and may ask for a longer pause", func(t *testing.T, newConn New) {
		s := Serve(t, func(p *Peer) { p.accept(); p.Drain() })
		var failed, tried time.Time
		query := func(context.Context, socket.Attempt) (url.Values, error) {
			if failed.IsZero() {
				failed = time.Now()
				return nil, fmt.Errorf("fetch token: %w", errWrongKey)
			}
			tried = time.Now()
			return url.Values{"token": {"tok-2"}}, nil
		}
		r := Start(t, newConn, socket.Options{URL: s.URL, Query: query})
		if e := r.WaitEnded(); e.Next < longPause || !errors.Is(e.Err, errWrongKey) {
			t.Errorf("next attempt in %v after %v", e.Next, e.Err)
		}
		r.WaitJoined()
		if pause := tried.Sub(failed); pause < longPause {
			t.Errorf("second attempt after %v", pause)
		}
		wantTokens(t, s, "tok-2")
	}},
	{"the token is in no error", func(t *testing.T, newConn New) { hidesToken(t, newConn) }},
}

const longPause = 300 * time.Millisecond

// patientError is an error that asks for a long pause.
type patientError string

func (e patientError) Error() string             { return string(e) }
func (e patientError) RetryAfter() time.Duration { return longPause }

const errWrongKey = patientError("wrong key")

func connectError(payload string) func(*Peer) {
	return func(p *Peer) {
		p.Accept(open)
		p.Expect(join)
		p.Send(`44/imchat,` + payload)
		p.Drain()
	}
}

// refused makes the server refuse the first attempt, checks that the second one
// brings a new token, and returns the refusal.
func refused(t *testing.T, newConn New, refuse func(*Peer)) *socket.RejectedError {
	t.Helper()
	s := Serve(t, func(p *Peer) {
		if p.Query().Get("token") == "old" {
			refuse(p)
			return
		}
		p.accept()
		p.Drain()
	})
	query := func(_ context.Context, a socket.Attempt) (url.Values, error) {
		if a.Rejected {
			return url.Values{"token": {"new"}}, nil
		}
		return url.Values{"token": {"old"}}, nil
	}
	r := Start(t, newConn, socket.Options{URL: s.URL, Query: query})
	e := r.WaitEnded()
	var refusal *socket.RejectedError
	if !errors.As(e.Err, &refusal) || !refusal.TokenRefused() {
		t.Fatalf("ended with %v, want a refusal of the token", e.Err)
	}
	r.WaitJoined()
	wantTokens(t, s, "old", "new")
	return refusal
}

// hidesToken provokes errors of every kind, by servers that repeat the token as
// often as they can.
func hidesToken(t *testing.T, newConn New) {
	const token = "geheim/令牌&1"
	escaped := url.QueryEscape(token)
	all := token + " " + escaped
	scripts := map[string]func(*Peer){
		"HTTP 401":          func(p *Peer) { p.Answer(401, "bad token "+all) },
		"HTTP 500":          func(p *Peer) { p.Answer(500, "bad token "+all) },
		"redirect":          func(p *Peer) { p.w.Header().Set("Location", p.r.URL.String()); p.Answer(302, "") },
		"connect error":     connectError(`{"message":"bad token ` + all + `"}`),
		"broken frame":      func(p *Peer) { p.accept(`42/imchat,["` + all); p.Send(kick); p.Drain() },
		"websocket closing": func(p *Peer) { p.accept(); p.Leave(websocket.ClosePolicyViolation, all) },
		"broken HTTP":       func(p *Peer) { breakHTTP(p, all) },
	}
	urls := map[string]string{"refused port": closedPort(t)}
	for name, script := range scripts {
		urls[name] = Serve(t, script).URL
	}
	for name, address := range urls {
		t.Run(name, func(t *testing.T) {
			r := Start(t, newConn, socket.Options{URL: address + "?token=" + escaped, HandshakeTimeout: 2 * time.Second})
			e := r.WaitEnded()
			r.Stop()
			texts := []string{e.Err.Error(), fmt.Sprintf("%+v", e.Err)}
			for len(r.Malformed) > 0 {
				texts = append(texts, (<-r.Malformed).Error())
			}
			for _, text := range texts {
				if strings.Contains(text, "geheim") {
					t.Errorf("shows the token: %s", text)
				}
			}
		})
	}
}

// breakHTTP answers with something that is not HTTP.
func breakHTTP(p *Peer, text string) {
	conn, _, err := http.NewResponseController(p.w).Hijack()
	if err != nil {
		p.t.Error(err)
		return
	}
	_, _ = conn.Write([]byte(text + "\r\n\r\n"))
	_ = conn.Close()
}

// closedPort returns the URL of a port where nobody listens.
func closedPort(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return "http://" + l.Addr().String() + "/imchat"
}
