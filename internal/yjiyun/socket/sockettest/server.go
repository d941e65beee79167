package sockettest

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience bounds every wait of a test; it is longer than an attempt that fails
// late between the two longest pauses.
const patience = 3 * time.Minute

// Server is a scripted Socket.IO server.
type Server struct {
	URL string // http://host:port/imchat

	t        *testing.T
	script   func(*Peer)
	http     http.Server
	listener net.Listener
	serving  sync.WaitGroup

	mu    sync.Mutex // guards peers
	peers []*Peer
}

// Serve starts a server on loopback that runs script for every request, each on
// a goroutine of its own. It ends with the test.
func Serve(t *testing.T, script func(*Peer)) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, l, script)
}

// DialContext is a way to a server, see socket.Options.
type DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

// ServeInBubble is Serve for a test in a synctest bubble: instead of the network
// it uses pipes, which the returned function dials.
func ServeInBubble(t *testing.T, script func(*Peer)) (*Server, DialContext) {
	t.Helper()
	l := &pipeListener{accepted: make(chan net.Conn), closed: make(chan struct{})}
	return serve(t, l, script), l.dial
}

func serve(t *testing.T, l net.Listener, script func(*Peer)) *Server {
	s := &Server{t: t, script: script, listener: l, URL: "http://" + l.Addr().String() + "/imchat"}
	s.http.Handler = http.HandlerFunc(s.handle)
	s.serving.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	t.Cleanup(s.stop)
	return s
}

func (s *Server) handle(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	p := &Peer{
		server: s, t: s.t, w: w, r: r, Number: len(s.peers),
		gone: make(chan struct{}), received: make(chan string, 100_000),
	}
	s.peers = append(s.peers, p)
	s.mu.Unlock()
	s.serving.Add(1)
	defer s.serving.Done()
	defer p.Close()
	s.script(p)
}

// Requests returns the queries of all requests so far, in their order.
func (s *Server) Requests() []url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []url.Values
	for _, p := range s.peers {
		all = append(all, p.Query())
	}
	return all
}

func (s *Server) stop() {
	s.mu.Lock()
	for _, p := range s.peers {
		p.Close()
	}
	s.mu.Unlock()
	_ = s.http.Close()
	s.serving.Wait()
}

// Peer is the server's end of one request.
type Peer struct {
	Number int // of the request: 0, 1, …

	server   *Server
	t        *testing.T
	w        http.ResponseWriter
	r        *http.Request
	once     sync.Once
	gone     chan struct{} // closed when the connection is to end
	received chan string   // frames; closed when the connection has ended

	mu sync.Mutex // guards ws
	ws *websocket.Conn
}

// Query returns the query of the handshake.
func (p *Peer) Query() url.Values { return p.r.URL.Query() }

// Answer answers with HTTP instead of a websocket.
func (p *Peer) Answer(status int, body string) {
	p.w.WriteHeader(status)
	_, _ = p.w.Write([]byte(body))
}

// Accept opens the websocket and sends frames. From here on everything the
// client sends is taken off the wire and kept for Read.
func (p *Peer) Accept(frames ...string) {
	if p.AcceptDeaf() {
		p.server.serving.Go(p.receive)
		p.Send(frames...)
	}
}

// AcceptDeaf opens the websocket and never reads from it.
func (p *Peer) AcceptDeaf() (ok bool) {
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := up.Upgrade(p.w, p.r, nil)
	if err != nil {
		p.t.Errorf("upgrade: %v", err)
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ws = ws
	return true
}

func (p *Peer) receive() {
	defer close(p.received)
	for {
		_, data, err := p.ws.ReadMessage()
		if err != nil {
			return
		}
		p.received <- string(data)
	}
}

// Send sends text frames.
func (p *Peer) Send(frames ...string) {
	for _, f := range frames {
		p.SendKind(websocket.TextMessage, []byte(f))
	}
}

// SendKind sends a frame of the kind that the websocket protocol numbers so.
// That the other side is gone is no failure: the test sees it elsewhere.
func (p *Peer) SendKind(kind int, data []byte) {
	_ = p.ws.WriteMessage(kind, data)
}

// Read returns the next text frame; ok is false at the end of the connection.
func (p *Peer) Read() (frame string, ok bool) {
	frame, ok = <-p.received
	return frame, ok
}

// Expect reads the frames and fails the test if others come, or none.
func (p *Peer) Expect(frames ...string) (ok bool) {
	late := time.NewTimer(patience)
	defer late.Stop()
	for _, want := range frames {
		select {
		case got, open := <-p.received:
			if !open || got != want {
				p.t.Errorf("connection %d: client sent %q (open: %v), want %q", p.Number, got, open, want)
				return false
			}
		case <-late.C:
			p.t.Errorf("connection %d: client sent nothing, want %q", p.Number, want)
			return false
		}
	}
	return true
}

// Drain reads until the connection ends, answers pings of the client, and
// returns everything else it read.
func (p *Peer) Drain() (frames []string) {
	for {
		frame, ok := p.Read()
		switch {
		case !ok:
			return frames
		case frame == "2":
			p.Send("3")
		default:
			frames = append(frames, frame)
		}
	}
}

// Wait does nothing until the test or the connection is over.
func (p *Peer) Wait() { <-p.gone }

// Close ends the connection without a farewell.
func (p *Peer) Close() {
	p.once.Do(func() { close(p.gone) })
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ws != nil {
		_ = p.ws.Close()
	}
}

// Leave ends the connection as the websocket protocol wants it.
func (p *Peer) Leave(code int, text string) {
	_ = p.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, text), time.Now().Add(patience))
	p.Drain()
}

// Reset ends the TCP connection with a reset instead of an end.
func (p *Peer) Reset() {
	if tcp, ok := p.ws.NetConn().(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	p.Close()
}

// pipeListener accepts what dial dials.
type pipeListener struct {
	accepted chan net.Conn
	once     sync.Once
	closed   chan struct{}
}

func (l *pipeListener) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.accepted <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.accepted:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

func (l *pipeListener) Addr() net.Addr { return pipeAddr{} }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "tcp" }
func (pipeAddr) String() string  { return "127.0.0.1:80" }
