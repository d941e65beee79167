package sim

import (
	"context"
	"encoding/json"
	"sync"

	"botengine/internal/yjiyun/socket"
)

// namespace is the platform's Socket.IO namespace (§3.1).
const namespace = "/imchat"

// hub knows the open sessions. What is pushed while none has joined is gone, as it is on the platform (§3.0).
type hub struct {
	mu       sync.Mutex // guards sessions, changed and closed
	sessions map[*session]struct{}
	changed  chan struct{} // closed and replaced by announce whenever a session joins or leaves
	closed   bool
	running  sync.WaitGroup
}

// push is one event on its way to the clients, with what the server-side filter needs to know (§3.1).
type push struct {
	event, typ, robot string
	payload           any
	passesFilter      bool
}

// add takes a session in; false means that the server is closing. A session that was taken in is removed by its owner.
func (h *hub) add(s *session) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.sessions[s] = struct{}{}
	h.running.Add(1)
	return true
}

func (h *hub) remove(s *session) {
	h.mu.Lock()
	delete(h.sessions, s)
	h.mu.Unlock()
	h.announce()
	h.running.Done()
}

// announce tells those who wait that a session has joined or left.
func (h *hub) announce() {
	h.mu.Lock()
	defer h.mu.Unlock()
	close(h.changed)
	h.changed = make(chan struct{})
}

// joined counts the sessions that have joined; changed is closed when the number may be another one.
func (h *hub) joined() (n int, changed <-chan struct{}) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.sessions {
		if s.isJoined() {
			n++
		}
	}
	return n, h.changed
}

func (h *hub) each(f func(*session)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.sessions {
		f(s)
	}
}

// close ends every session politely and waits for them.
func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	h.mu.Unlock()
	h.each(func(s *session) { s.end(leave) })
	h.running.Wait()
}

func newHub() *hub {
	return &hub{sessions: map[*session]struct{}{}, changed: make(chan struct{})}
}

// publish sends p to every session that has joined and does not filter it out. Called with the world's lock held, so
// that all clients see one order.
func (s *Server) publish(p push) {
	fault := s.faults.event(p)
	if fault.Drop {
		return
	}
	bytes, err := eventFrame(p.event, p.payload)
	if err != nil {
		s.log.Error("event not pushed", "event", p.event, "error", err)
		return
	}
	send := func() {
		for range 1 + fault.Duplicate {
			s.hub.each(func(c *session) { c.push(frame{bytes, fault.CutAt}, p.passesFilter) })
		}
	}
	switch {
	case fault.Delay > 0:
		s.agenda.after(fault.Delay, send)
	case fault.Behind > 0:
		s.held.behind(fault.Behind, send)
	case fault.Shuffle > 0:
		s.held.shuffle(fault.Shuffle, s.rng, send)
	default:
		send()
		s.held.passed()
	}
}

// Release pushes at once what faults hold back until other events come.
func (s *Server) Release() {
	s.world.with(func(*realm) { s.held.release() })
}

func eventFrame(event string, payload any) ([]byte, error) {
	arg, err := json.Marshal(payload)
	if err != nil {
		return nil, err
	}
	args, err := socket.EventPayload(event, arg)
	if err != nil {
		return nil, err
	}
	return socket.AppendPacket(nil, socket.Packet{Type: socket.PacketEvent, Namespace: namespace, Payload: args}), nil
}

// Connections counts the sessions that have joined the namespace.
func (s *Server) Connections() int {
	n, _ := s.hub.joined()
	return n
}

// Backlog is how many frames the slowest client has not been given yet: one that takes no more is cut off at 200,000.
func (s *Server) Backlog() (n int) {
	s.hub.each(func(c *session) { n = max(n, c.backlog()) })
	return n
}

// WaitConnections blocks until the number of joined sessions is enough, or returns ctx's error.
func (s *Server) WaitConnections(ctx context.Context, enough func(n int) bool) error {
	for {
		n, changed := s.hub.joined()
		if enough(n) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

// PushRaw sends a text frame as it is, malformed or not, to every session that has joined.
func (s *Server) PushRaw(text string) {
	s.hub.each(func(c *session) { c.push(frame{bytes: []byte(text)}, true) })
}

// CutConnections breaks every connection without a goodbye.
func (s *Server) CutConnections() { s.hub.each(func(c *session) { c.end(cut) }) }

// CutReading breaks every connection when so many more bytes have come from its client: the next frame of a quiet client
// is cut at that byte of it, the frame's header included.
func (s *Server) CutReading(bytes int) { s.hub.each(func(c *session) { c.tap.breakReads(bytes) }) }

// CloseConnections closes every websocket with a status code (RFC 6455, section 7.4) and a reason.
func (s *Server) CloseConnections(code int, reason string) {
	s.hub.each(func(c *session) { c.endWith(code, reason) })
}

// Kick makes every session leave the namespace (packet 41) and closes it, as a server does that ends a session.
func (s *Server) Kick() { s.hub.each(func(c *session) { c.end(leave) }) }
