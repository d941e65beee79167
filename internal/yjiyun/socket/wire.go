package socket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// wire is the transport of this package: websocket only, both dialects. It
// remembers the dialect from session to session; Serve's caller is its only user.
type wire struct {
	o      Options
	server *url.URL

	known int // dialect of the last good session; 0 = not known
	ask   int // EIO value to try next while known is 0; 0 = the first try
}

// firstAsked is understood by most: servers that know only Engine.IO 3 ignore
// the value, those that know both answer with 4.
const firstAsked = 4

// Serve implements Transport.
func (w *wire) Serve(ctx context.Context, query url.Values, link *Link) error {
	known := cmp.Or(w.o.EIO, w.known)
	asked := cmp.Or(known, w.ask, firstAsked)
	end := time.Now().Add(w.o.HandshakeTimeout)
	ws, err := w.dial(ctx, end, query, asked)
	if err != nil {
		w.learn(asked, 0, err)
		return err
	}
	s := newSession(w.o, ws, link, handshake{
		namespace: w.server.Path, query: query.Encode(), asked: asked, known: known,
	})
	dialect, err := s.serve(ctx, end)
	w.learn(asked, dialect, err)
	return err
}

// learn draws the conclusions for the next attempt: dialect is that of a session
// which joined the namespace, or 0.
func (w *wire) learn(asked, dialect int, err error) {
	var refusal *RejectedError
	misunderstood := errors.Is(err, ErrHandshake) ||
		errors.As(err, &refusal) && refusal.Status == http.StatusBadRequest
	switch {
	case dialect != 0:
		w.known = dialect
	case misunderstood && w.known != 0: // the server may have been exchanged: look at it afresh
		w.known, w.ask = 0, 0
	case misunderstood:
		w.ask = 3 + 4 - asked
	}
}

// dial opens the websocket. Whatever happens, it is over at the given time or
// when ctx ends, and nothing of it is left.
func (w *wire) dial(ctx context.Context, end time.Time, query url.Values, asked int) (*websocket.Conn, error) {
	ctx, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	tcp := &tcpDialer{dial: w.o.DialContext}
	dialer := websocket.Dialer{NetDialContext: tcp.DialContext, TLSClientConfig: w.o.TLS}
	if w.o.DialContext == nil {
		tcp.dial = (&net.Dialer{}).DialContext
		dialer.Proxy = http.ProxyFromEnvironment
	}
	release := tcp.closeWith(ctx)
	ws, resp, err := dialer.DialContext(ctx, w.address(query, asked), nil)
	if resp != nil {
		defer func() { _ = resp.Body.Close() }() // it is in memory
	}
	if stopped := release(); stopped != nil && err == nil {
		_ = ws.Close()
		return nil, stopped
	}
	if err == nil {
		tcp.handshakeOver()
		return ws, nil
	}
	if ctx.Err() != nil {
		return nil, fmt.Errorf("dial: no answer in time: %w", ctx.Err())
	}
	if resp != nil && resp.StatusCode != http.StatusSwitchingProtocols {
		words, _ := io.ReadAll(resp.Body) // the library cut it at 1 KiB
		return nil, &RejectedError{Status: resp.StatusCode, Reason: reason(words)}
	}
	return nil, fmt.Errorf("dial: %w", err)
}

func (w *wire) address(query url.Values, asked int) string {
	query = maps.Clone(query)
	query.Set("EIO", strconv.Itoa(asked))
	query.Set("transport", "websocket")
	u := url.URL{
		Scheme: strings.Replace(w.server.Scheme, "http", "ws", 1),
		Host:   w.server.Host, Path: w.o.Path, RawQuery: query.Encode(),
	}
	return u.String()
}
