package sim

import (
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"botengine/internal/yjiyun/socket"
)

// A client that does not read is waited for, so that its back-pressure can be seen, but not for ever.
const (
	queueLimit = 200_000 // frames
	patience   = time.Minute
	goodbye    = time.Second
)

// The ways a session ends.
const (
	leave = iota // 41 and a websocket close: the server is done
	clean        // a websocket close alone
	cut          // the TCP connection goes, nothing is said
)

var errNotJoined = errors.New("event for a namespace that was not joined")

// session is one Engine.IO connection. Its reader is the request's goroutine, which owns the writer's, too.
type session struct {
	server   *Server
	ws       *websocket.Conn
	tap      *tap
	eio      int
	filtered bool // msgFilter=1
	sid      string
	done     chan struct{} // closed by end
	more     chan struct{} // holds one token: out has something; never closed

	mu       sync.Mutex // guards all below
	out      []frame
	writing  int  // frames that flush took out and has not written yet
	in       bool // joined the namespace
	ending   int
	ended    bool
	farewell []byte // of the websocket's close
}

// frame is one text frame on its way to a client.
type frame struct {
	bytes []byte
	cutAt int // the connection breaks after so many bytes on the wire; 0: it does not
}

var upgrader = websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}

// serveSocket answers /socket.io/: the handshake of either revision, websocket only.
func (s *Server) serveSocket(w http.ResponseWriter, req *http.Request) {
	q := req.URL.Query()
	eio, ok := s.revision(q.Get("EIO"))
	switch {
	case q.Get("transport") != "websocket":
		engineError(w, 0, "Transport unknown")
		return
	case !ok:
		engineError(w, 5, "Unsupported protocol version")
		return
	case !s.tokens.ok(q.Get("token")):
		http.Error(w, "Unauthorized", http.StatusUnauthorized)
		return
	}
	ws, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		return // the client has its answer
	}
	c := newSession(s, ws, eio)
	c.tap = tapOf(ws)
	c.filtered = q.Get("msgFilter") == "1"
	if !s.hub.add(c) {
		_ = ws.Close()
		return
	}
	defer s.hub.remove(c)
	c.run()
}

// revision says what is spoken with a client that asked for EIO=asked. A server that knows 3 only does not look at the
// value, as npm 2.x and netty-socketio do.
func (s *Server) revision(asked string) (int, bool) {
	if !s.offers(4) {
		return 3, true
	}
	n, err := strconv.Atoi(asked)
	return n, err == nil && s.offers(n)
}

func engineError(w http.ResponseWriter, code int, message string) {
	writeJSON(w, http.StatusBadRequest, fields{"code": code, "message": message})
}

func newSession(s *Server, ws *websocket.Conn, eio int) *session {
	return &session{
		server: s, ws: ws, eio: eio, sid: newToken()[:20],
		done: make(chan struct{}), more: make(chan struct{}, 1),
		farewell: websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""),
	}
}

// run serves the session until either side ends it.
func (c *session) run() {
	o := c.server.opts
	c.ws.SetReadLimit(o.MaxPayload)
	c.greet()
	written := make(chan struct{})
	go func() { defer close(written); c.write() }()
	if c.eio == 4 {
		expire := time.AfterFunc(o.ConnectTimeout, c.endUnlessJoined)
		defer expire.Stop()
	}
	c.server.log.Debug("socket opened", "eio", c.eio)
	c.read()
	c.end(clean)
	<-written
	c.server.log.Debug("socket closed", "eio", c.eio)
}

func (c *session) greet() {
	open := socket.Open{
		SID:          c.sid,
		PingInterval: c.server.opts.PingInterval.Milliseconds(),
		PingTimeout:  c.server.opts.PingTimeout.Milliseconds(),
	}
	if c.eio == 4 {
		open.MaxPayload = c.server.opts.MaxPayload
	}
	c.enqueue(socket.AppendOpen(nil, open))
	if c.eio == 3 { // the root namespace is joined unasked
		c.enqueue([]byte("40"))
	}
}

// read handles frames until the connection or the protocol breaks. Silence for longer than interval and timeout is the
// end, too.
func (c *session) read() {
	silence := c.server.opts.PingInterval + c.server.opts.PingTimeout
	for {
		slow, _ := c.server.faults.link()
		if !c.pause(slow) {
			return
		}
		_ = c.ws.SetReadDeadline(time.Now().Add(silence))
		kind, text, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.TextMessage {
			err = errors.New("binary frame")
		} else {
			err = c.handle(text)
		}
		if err != nil {
			c.server.malformed.Add(1)
			c.server.log.Info("socket closed for a protocol error", "error", err)
			return
		}
	}
}

// pause waits; false means that the session has ended.
func (c *session) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-c.done:
		return false
	case <-t.C:
		return true
	}
}

// write sends what is queued, and on EIO 4 the pings, until the session ends. Every frame is its own websocket message.
func (c *session) write() {
	ping := time.NewTicker(c.server.opts.PingInterval)
	defer ping.Stop()
	for {
		select {
		case <-c.done:
			c.sayGoodbye()
			return
		case <-c.more:
			c.flush(patience)
		case <-ping.C:
			if c.eio == 4 {
				c.enqueue([]byte{byte(socket.FramePing)})
			}
		}
	}
}

func (c *session) flush(patience time.Duration) {
	c.mu.Lock()
	out := c.out
	c.out, c.writing = nil, len(out)
	c.mu.Unlock()
	for _, f := range out {
		_ = c.ws.SetWriteDeadline(time.Now().Add(patience))
		if f.cutAt > 0 {
			c.tap.breakWrites(f.cutAt)
		}
		if c.ws.WriteMessage(websocket.TextMessage, f.bytes) != nil {
			c.end(cut)
			return
		}
		c.mu.Lock()
		c.writing--
		c.mu.Unlock()
	}
}

// backlog counts the frames that the client has not been given yet.
func (c *session) backlog() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.out) + c.writing
}

func (c *session) sayGoodbye() {
	c.mu.Lock()
	how, bye := c.ending, c.farewell
	c.mu.Unlock()
	if how != cut {
		if how == leave {
			c.mu.Lock()
			c.out = append(c.out, frame{bytes: []byte("41" + namespace + ",")})
			c.mu.Unlock()
		}
		c.flush(goodbye)
		_ = c.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(goodbye))
	}
	_ = c.ws.Close()
}

// end stops the session; the first reason given counts.
func (c *session) end(how int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.endLocked(how)
}

// endWith stops the session with a close code of its own.
func (c *session) endWith(code int, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.ended {
		c.farewell = websocket.FormatCloseMessage(code, reason)
		c.endLocked(clean)
	}
}

func (c *session) endLocked(how int) {
	if c.ended {
		return
	}
	c.ended, c.ending = true, how
	close(c.done)
	if c.ws == nil {
		return
	}
	if how == cut { // the writer may be stuck with a client that does not read
		c.out = nil
		_ = c.ws.NetConn().Close()
		return
	}
	_ = c.ws.NetConn().SetWriteDeadline(time.Now().Add(goodbye))
}

func (c *session) endUnlessJoined() {
	if !c.isJoined() {
		c.end(clean)
	}
}

func (c *session) isJoined() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.in
}

// push queues an event for a client that has joined and did not filter it out.
func (c *session) push(f frame, passesFilter bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.in && (passesFilter || !c.filtered) {
		c.enqueueLocked(f)
	}
}

func (c *session) enqueue(text []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.enqueueLocked(frame{bytes: text})
}

func (c *session) enqueueLocked(f frame) {
	if _, still := c.server.faults.link(); still || c.ended {
		return
	}
	if len(c.out) >= queueLimit {
		c.endLocked(cut)
		return
	}
	c.out = append(c.out, f)
	select {
	case c.more <- struct{}{}:
	default:
	}
}
