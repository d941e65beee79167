package socket

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Waits in the handshake, see handshake.opened and handshake.silent, and the
// patience with a server that does not answer our farewell.
const (
	grace    = 300 * time.Millisecond
	silence  = 3 * time.Second
	farewell = time.Second
)

// session is one websocket connection. serve runs on the goroutine that owns it;
// timers and the farewell are goroutines of their own that serve waits for; emit
// may be called by any goroutine.
type session struct {
	o    Options
	ws   *websocket.Conn
	link *Link

	mu    sync.Mutex // guards hand, pinging, cause
	hand  handshake
	cause error // why we closed the connection, if we did

	heartbeat heartbeat     // set by the open packet, reader only
	told      bool          // link knows that the namespace is joined, reader only
	pinging   bool          // the client's pings run
	writing   chan struct{} // full while somebody writes
	dead      atomic.Bool   // the connection was closed by us
	done      chan struct{} // closed when reading is over
	helpers   sync.WaitGroup
}

func newSession(o Options, ws *websocket.Conn, link *Link, hand handshake) *session {
	return &session{
		o: o, ws: ws, link: link, hand: hand,
		writing: make(chan struct{}, 1), done: make(chan struct{}),
	}
}

// serve runs the session until it or ctx ends; the namespace must be joined by
// the time given. It returns the dialect of a session that was joined, else 0.
func (s *session) serve(ctx context.Context, joinBy time.Time) (dialect int, err error) {
	s.helpers.Go(func() { s.leaveWith(ctx) })
	err = s.read(ctx, joinBy)
	s.close(nil)
	close(s.done)
	s.helpers.Wait()
	if s.cause != nil {
		err = s.cause // what the reader met is only its consequence
	}
	if !s.hand.joined && !isRefusal(err) && ctx.Err() == nil {
		return 0, fmt.Errorf("%w (EIO=%d): %w", ErrHandshake, s.hand.asked, err)
	}
	if !s.hand.joined {
		return 0, err
	}
	return s.hand.dialect, err
}

func isRefusal(err error) bool {
	var refusal *RejectedError
	return errors.As(err, &refusal)
}

// read takes frame after frame off the wire, in their order.
func (s *session) read(ctx context.Context, joinBy time.Time) error {
	var buf bytes.Buffer
	for {
		deadline := joinBy
		if s.told {
			deadline = time.Now().Add(s.heartbeat.deadAfter())
		}
		frame, malformed, err := s.nextFrame(&buf, deadline)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		if malformed == nil {
			malformed, err = s.frame(ctx, frame)
		}
		if err == nil && malformed != nil {
			err = s.link.Malformed(ctx, malformed)
		}
		if err != nil {
			return err
		}
	}
}

// nextFrame reads one text frame into buf. A frame that is none, or too large,
// is malformed; the rest of it is skipped by the next call.
func (s *session) nextFrame(buf *bytes.Buffer, deadline time.Time) (frame []byte, malformed, err error) {
	buf.Reset()
	if err := s.ws.SetReadDeadline(deadline); err != nil {
		return nil, nil, err
	}
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return nil, nil, err
	}
	if kind != websocket.TextMessage {
		return nil, errors.New("binary frame: not understood here"), nil
	}
	n, err := buf.ReadFrom(io.LimitReader(r, s.o.ReadLimit+1))
	if err != nil {
		return nil, nil, err
	}
	if n > s.o.ReadLimit {
		return nil, fmt.Errorf("frame is larger than the limit of %d bytes", s.o.ReadLimit), nil
	}
	return buf.Bytes(), nil, nil
}

// frame deals with one Engine.IO packet. An error ends the session.
func (s *session) frame(ctx context.Context, frame []byte) (malformed, err error) {
	kind, data, malformed := ParseFrame(frame)
	if malformed != nil {
		return malformed, nil
	}
	switch kind {
	case FrameOpen:
		return s.open(data), nil
	case FrameClose:
		return nil, ErrServerClosed
	case FramePing:
		s.say(AppendFrame(nil, FramePong, data))
		return nil, nil
	case FrameMessage:
		if s.heartbeat == (heartbeat{}) {
			return errors.New("packet before the open packet"), nil
		}
		p, malformed := ParsePacket(frame)
		if malformed != nil {
			return malformed, nil
		}
		return s.packet(ctx, p)
	default: // a pong, or a part of a transport change: it shows life, that is all
		return nil, nil
	}
}

// open takes the session's parameters. A packet that cannot be read is counted,
// and the defaults serve.
func (s *session) open(data []byte) (malformed error) {
	if s.heartbeat != (heartbeat{}) {
		return errors.New("second open packet in one session")
	}
	o, malformed := ParseOpen(data)
	s.heartbeat = newHeartbeat(o)
	s.shake(func(h *handshake) []byte { return h.opened(o) })
	s.after(grace, (*handshake).graceOver)
	return malformed
}

// packet deals with one Socket.IO packet. An error ends the session.
func (s *session) packet(ctx context.Context, p Packet) (malformed, err error) {
	ours := p.Namespace == s.hand.namespace
	if !ours && p.Namespace != RootNamespace {
		return errors.New("packet for a namespace that was not asked for"), nil
	}
	switch p.Type {
	case PacketConnect:
		return nil, s.connected(ctx, p)
	case PacketDisconnect:
		return nil, ErrServerClosed
	case PacketConnectError:
		return nil, s.refused(p)
	case PacketEvent:
		if !ours {
			return errors.New("event for a namespace that was not asked for"), nil
		}
		return s.event(ctx, p)
	case PacketAck: // we ask for none
		return nil, nil
	default:
		return errors.New("binary packet: not understood here"), nil
	}
}

func (s *session) connected(ctx context.Context, p Packet) error {
	s.shake(func(h *handshake) []byte { return h.connected(p) })
	if p.Namespace == s.hand.namespace {
		return s.join(ctx)
	}
	return nil
}

func (s *session) refused(p Packet) error {
	if s.shake(func(h *handshake) []byte { return h.refused(p) }) {
		return nil
	}
	return Refusal(p)
}

// event hands an event over. netty-socketio sends events before the
// acknowledgement, and some versions of it instead: an event is one, too.
func (s *session) event(ctx context.Context, p Packet) (malformed, err error) {
	name, args, malformed := p.Event()
	if malformed != nil {
		return malformed, nil
	}
	if err := s.join(ctx); err != nil {
		return nil, err
	}
	return nil, s.link.Event(ctx, name, args)
}

func (s *session) join(ctx context.Context) error {
	if s.told {
		return nil
	}
	s.told = true
	s.mu.Lock()
	s.hand.joined = true
	dialect := s.hand.dialect
	s.mu.Unlock()
	return s.link.Joined(ctx, dialect, s.emit)
}

// shake tells the handshake what happened, and sends what it wants sent, if
// anything.
func (s *session) shake(happened func(*handshake) []byte) (sent bool) {
	s.mu.Lock()
	frame := happened(&s.hand)
	ping := s.hand.dialect == 3 && !s.pinging
	s.pinging = s.pinging || ping
	hopeful := s.hand.mayBeMisread()
	s.mu.Unlock()
	if ping {
		s.helpers.Go(s.ping)
	}
	if frame == nil {
		return false
	}
	if hopeful {
		s.after(silence, (*handshake).silent)
	}
	s.say(frame)
	return true
}

// after tells the handshake later that nothing happened meanwhile.
func (s *session) after(d time.Duration, nothing func(*handshake) []byte) {
	s.helpers.Go(func() {
		select {
		case <-time.After(d):
			s.shake(nothing)
		case <-s.done:
		}
	})
}

// emit is the session's Sender.
func (s *session) emit(ctx context.Context, event string, payload json.RawMessage) error {
	var args []json.RawMessage
	if len(payload) > 0 {
		args = append(args, payload)
	}
	body, err := EventPayload(event, args...)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, err)
	}
	return s.write(ctx, AppendPacket(nil, Packet{Type: PacketEvent, Namespace: s.hand.namespace, Payload: body}))
}
