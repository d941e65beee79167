package socket

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gorilla/websocket"
)

// write sends one frame, after those of whoever came first. Once begun it is not
// given up before WriteTimeout: half a frame would end the session. A failed
// write closes the connection, which the reader notices.
func (s *session) write(ctx context.Context, frame []byte) error {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-s.done:
		return ErrNotConnected
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
	}
	if s.dead.Load() {
		return ErrNotConnected
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: %w", ErrNotSent, ctx.Err())
	}
	return s.put(frame, s.o.WriteTimeout)
}

// say sends a frame of the session's own. Nobody waits for it: if it fails, the
// connection is closed, and serve tells the reason.
func (s *session) say(frame []byte) {
	_ = s.write(context.Background(), frame)
}

// put needs s.writing.
func (s *session) put(frame []byte, timeout time.Duration) error {
	err := s.ws.SetWriteDeadline(time.Now().Add(timeout))
	if err == nil {
		err = s.ws.WriteMessage(websocket.TextMessage, frame)
	}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, websocket.ErrCloseSent): // the library did not try
		return ErrNotConnected
	default:
		err = fmt.Errorf("write: %w", err)
		s.close(err)
		return err
	}
}

// close ends the connection at once; the first cause counts. It may be called
// more than once.
func (s *session) close(cause error) {
	s.mu.Lock()
	if !s.dead.Swap(true) {
		s.cause = cause
	}
	s.mu.Unlock()
	_ = s.ws.Close() // nothing more is wanted of it
}

// leaveWith ends the session when ctx ends: it leaves the namespace, closes the
// websocket as its protocol wants it, so that what was sent before arrives, and
// waits a little for the answer.
func (s *session) leaveWith(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-s.done:
		return
	}
	patience := time.NewTimer(farewell)
	defer patience.Stop()
	select {
	case s.writing <- struct{}{}:
		s.sayGoodbye()
		<-s.writing
	case <-patience.C: // somebody's write hangs
		s.close(nil)
		return
	}
	select {
	case <-s.done:
	case <-patience.C:
		s.close(nil)
	}
}

func (s *session) sayGoodbye() {
	s.mu.Lock()
	joined := s.hand.joined
	s.mu.Unlock()
	if joined {
		leave := Packet{Type: PacketDisconnect, Namespace: s.hand.namespace}
		_ = s.put(AppendPacket(nil, leave), farewell) // a peer that is gone misses nothing
	}
	code := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = s.ws.WriteControl(websocket.CloseMessage, code, time.Now().Add(farewell))
}

// heartbeat is how a session's life is told, as the open packet says.
type heartbeat struct {
	interval time.Duration // between two pings
	timeout  time.Duration // for the answer
}

// Bounds of a heartbeat: what a server leaves out, and what is believed at most.
const (
	defaultPingInterval = 25 * time.Second
	defaultPingTimeout  = 60 * time.Second
	maxHeartbeat        = 10 * time.Minute
)

func newHeartbeat(o Open) heartbeat {
	milliseconds := func(n int64, otherwise time.Duration) time.Duration {
		n = min(max(n, 0), maxHeartbeat.Milliseconds())
		return cmp.Or(time.Duration(n)*time.Millisecond, otherwise)
	}
	return heartbeat{
		interval: milliseconds(o.PingInterval, defaultPingInterval),
		timeout:  milliseconds(o.PingTimeout, defaultPingTimeout),
	}
}

// deadAfter is how long a living peer can be silent at most.
func (h heartbeat) deadAfter() time.Duration { return h.interval + h.timeout }

// ping sends the client's pings, which Engine.IO 3 wants.
func (s *session) ping() {
	tick := time.NewTicker(s.heartbeat.interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			s.say([]byte{byte(FramePing)})
		case <-s.done:
			return
		}
	}
}
