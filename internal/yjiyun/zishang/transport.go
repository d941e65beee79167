//go:build zishang

package zishang

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/zishang520/engine.io-client-go/engine"
	"github.com/zishang520/engine.io/v2/types"
	client "github.com/zishang520/socket.io-client-go/socket"

	"botengine/internal/yjiyun/socket"
)

// farewell is the patience with the library's last writes.
const farewell = time.Second

// transport implements socket.Transport.
type transport struct {
	o      socket.Options
	server *url.URL
}

// session is one connection of the library.
type session struct {
	o      socket.Options
	link   *socket.Link
	lib    *client.Socket
	parser *rawParser

	opened atomic.Bool   // the engine's open packet came
	joined chan struct{} // closed when the library takes itself for connected
	ended  chan error    // holds the first reason for the end
}

// Serve implements socket.Transport. A dial that hangs in the library cannot be
// stopped: its goroutine lives until TCP gives up.
func (t *transport) Serve(ctx context.Context, query url.Values, link *socket.Link) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := &session{o: t.o, link: link, joined: make(chan struct{}), ended: make(chan error, 1)}
	s.parser = newRawParser(ctx, t.server.Path, s)
	start := make(chan struct{})
	lib, err := client.Connect(t.server.String(), t.options(query, s.parser, start))
	if err != nil {
		return fmt.Errorf("prepare the library: %w", err)
	}
	s.lib = lib
	s.listen()
	close(start)
	err = s.wait(ctx)
	cancel()
	s.parser.stop()
	lib.Disconnect()
	return err
}

func (t *transport) options(query url.Values, parser *rawParser, start <-chan struct{}) *client.Options {
	o := client.DefaultOptions()
	o.SetTransports(types.NewSet[engine.TransportCtor](heldBack{client.WebSocket, start}))
	o.SetUpgrade(false)
	o.SetForceNew(true) // it would share connections by host otherwise
	o.SetReconnection(false)
	o.SetPath(t.o.Path)
	o.SetQuery(query)
	o.SetTimeout(t.o.HandshakeTimeout)
	o.SetParser(parser)
	if t.o.TLS != nil {
		o.SetTLSClientConfig(t.o.TLS)
	}
	return o
}

// heldBack makes transports that dial when start is closed, on a goroutine of
// their own. The library dials while it is being made, before anybody can listen
// to what becomes of it: it blocks, loses errors, and sometimes the open packet.
type heldBack struct {
	engine.TransportCtor
	start <-chan struct{}
}

// New implements engine.TransportCtor. The library may read the first packet
// before it has noted that it can write, and what it wanted to write then would
// wait for ever: the packet is held back, too.
func (h heldBack) New(s engine.Socket, o engine.SocketOptionsInterface) engine.Transport {
	t := &heldTransport{Transport: h.TransportCtor.New(s, o), start: h.start, open: make(chan struct{})}
	_ = t.Once("packet", func(...any) { <-t.open }) // the first listener: it is called first
	return t
}

type heldTransport struct {
	engine.Transport
	start <-chan struct{}
	open  chan struct{} // closed when the library has opened the transport
}

// Open implements engine.Transport.
func (h *heldTransport) Open() engine.Transport {
	go func() {
		<-h.start
		h.Transport.Open()
		close(h.open)
	}()
	return h
}

func (s *session) listen() {
	_ = s.lib.Io().On("open", func(...any) { s.opened.Store(true) })
	_ = s.lib.Once("connect", func(...any) { close(s.joined) })
	_ = s.lib.On("connect_error", func(args ...any) { s.end(s.refusal(asError(args))) })
	_ = s.lib.On("disconnect", func(args ...any) { s.end(fmt.Errorf("session ended: %w", asError(args))) })
}

// asError finds the error among the arguments of one of the library's events, or
// makes one of its words.
func asError(args []any) error {
	for _, arg := range args {
		if err, ok := arg.(error); ok && err != nil {
			return err
		}
	}
	return errors.New(fmt.Sprint(args...))
}

// refusal tells what became of an attempt. The library does not say which HTTP
// answer came instead of a websocket, so it may have been a refused token.
func (s *session) refusal(err error) error {
	switch {
	case socket.HTTPAnswered(err):
		return &socket.RejectedError{Reason: "HTTP answer instead of a websocket"}
	case s.opened.Load():
		return fmt.Errorf("%w: %w", socket.ErrHandshake, err)
	default:
		return fmt.Errorf("dial: %w", err)
	}
}

func (s *session) end(err error) {
	select {
	case s.ended <- err:
	default: // the first reason counts
	}
}

// wait returns why the session ended. When ctx ends it says goodbye first.
func (s *session) wait(ctx context.Context) error {
	late := time.NewTimer(s.o.HandshakeTimeout)
	defer late.Stop()
	for joined := s.joined; ; {
		select {
		case err := <-s.ended:
			return err
		case <-joined:
			joined = nil
			late.Stop()
		case <-late.C:
			return s.refusal(errors.New("timeout"))
		case <-ctx.Done():
			s.flush()
			return ctx.Err()
		}
	}
}

// flush gives the library the time to write what it was given, and a farewell:
// it would close the connection under its own writes.
func (s *session) flush() {
	eng := s.lib.Io().Engine()
	if !s.lib.Connected() || eng == nil {
		return
	}
	leave := socket.Packet{Type: socket.PacketDisconnect, Namespace: s.parser.namespace}
	eng.Write(types.NewStringBuffer(socket.AppendPacket(nil, leave)[1:]), nil, nil)
	end := time.NewTimer(farewell)
	defer end.Stop()
	look := time.NewTicker(time.Millisecond)
	defer look.Stop()
	for eng.WriteBuffer().Len() > 0 || !eng.Transport().Writable() {
		select {
		case <-look.C:
		case <-end.C:
			return
		}
	}
}

// emit is the session's socket.Sender. The library writes later and keeps the
// errors to itself.
func (s *session) emit(_ context.Context, event string, payload json.RawMessage) (err error) {
	if !s.lib.Connected() {
		return socket.ErrNotConnected // or it would be kept and sent at any later time
	}
	defer func() { // it panics, before it writes, when the process was suspended past the ping timeout
		if r := recover(); r != nil {
			s.end(fmt.Errorf("session ended: the library gave up in a send: %v", r))
			err = socket.ErrNotConnected
		}
	}()
	args := []any{}
	if len(payload) > 0 {
		args = append(args, payload)
	}
	if err := s.lib.Emit(event, args...); err != nil {
		return fmt.Errorf("%w: %w", socket.ErrNotSent, err)
	}
	return nil
}
