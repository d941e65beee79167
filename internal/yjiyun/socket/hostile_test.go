package socket_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"botengine/internal/yjiyun/socket"
	"botengine/internal/yjiyun/socket/sockettest"
)

// The token stands in the address of the handshake: to follow a redirect would hand
// it to whatever host the answer names.
func TestARedirectOfTheHandshakeIsNotFollowed(t *testing.T) {
	var reached atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+"/steal?"+r.URL.RawQuery, status)
		}))
		r := sockettest.Start(t, newClient, socket.Options{URL: server.URL + "/imchat?token=geheim"})
		e := r.WaitEnded()
		mustNotShow(t, e.Err, "geheim")
		if len(r.Joined) != 0 || reached.Load() != 0 {
			t.Errorf("%d: joined %d times, the other host was reached %d times", status, len(r.Joined), reached.Load())
		}
		r.Stop()
		server.Close()
	}
}

func TestAnOldEncryptionIsRefused(t *testing.T) {
	var reached atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11} //nolint:gosec // what an outdated server offers
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.StartTLS()
	defer server.Close()
	r := sockettest.Start(t, newClient, socket.Options{URL: server.URL + "/imchat?token=geheim"})
	e := r.WaitEnded()
	mustNotShow(t, e.Err, "geheim")
	if !strings.Contains(e.Err.Error(), "protocol version") || reached.Load() != 0 {
		t.Errorf("the attempt ended %v after %d requests", e.Err, reached.Load())
	}
	r.Stop()
}

// The library reads headers as long as they come, all of them into memory.
func TestAHandshakeThatDoesNotEndIsGivenUp(t *testing.T) {
	var sent atomic.Int64
	var serving sync.WaitGroup
	flood := func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write([]byte("HTTP/1.1 101 Switching Protocols\r\n"))
		header := append([]byte("X-A: "), append(bytes.Repeat([]byte("a"), 60<<10), '\r', '\n')...)
		for sent.Load() < 1<<30 {
			n, err := conn.Write(header)
			if sent.Add(int64(n)); err != nil {
				return
			}
		}
	}
	r := sockettest.Start(t, newClient, socket.Options{URL: "http://127.0.0.1/imchat", DialContext: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go func() { // what the client asks for is of no interest
			buf := make([]byte, 4096)
			for {
				if _, err := theirs.Read(buf); err != nil {
					return
				}
			}
		}()
		serving.Go(func() { flood(theirs) })
		return ours, nil
	}})
	e := r.WaitEnded()
	r.Stop()
	serving.Wait()
	if !strings.Contains(e.Err.Error(), "too large") || sent.Load() > 1<<20 {
		t.Errorf("the attempt ended %v after %d bytes", e.Err, sent.Load())
	}
}

func TestAnEventOfManyArgumentsIsRefused(t *testing.T) {
	for text, want := range map[string]bool{
		`42["message"` + strings.Repeat(",1", 63) + "]": true,
		`42["message"` + strings.Repeat(",1", 64) + "]": false,
	} {
		p, err := socket.ParsePacket([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := p.Event(); (err == nil) != want {
			t.Errorf("%.20s…: %v", text, err)
		}
	}
}
