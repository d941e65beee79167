package sim

import (
	"errors"
	"net"
	"sync"

	"github.com/gorilla/websocket"
)

var errCut = errors.New("connection cut by a fault")

// tapListener hands out connections that can be cut at any byte.
type tapListener struct{ net.Listener }

func (l tapListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return newTap(c), nil
}

// tap is a TCP connection that can be told to break after so many bytes in either direction.
type tap struct {
	net.Conn

	mu     sync.Mutex // guards all below; never held while reading or writing
	reads  int        // bytes that may still be read; negative: any number
	writes int        // and written
}

func newTap(c net.Conn) *tap { return &tap{Conn: c, reads: -1, writes: -1} }

// tapOf is the tap below a websocket. One that came by another listener gets a tap of its own, which cuts nothing.
func tapOf(ws *websocket.Conn) *tap {
	if t, ok := ws.NetConn().(*tap); ok {
		return t
	}
	return newTap(ws.NetConn())
}

// breakReads cuts the connection when n more bytes have been read.
func (t *tap) breakReads(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.reads = max(n, 0)
}

// breakWrites cuts the connection when n more bytes have been written.
func (t *tap) breakWrites(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.writes = max(n, 0)
}

// Read reads no further than the cut. A read that was waiting when the cut was set may have been given a larger buffer:
// what it has read too much is thrown away.
func (t *tap) Read(b []byte) (int, error) {
	n, err := t.Conn.Read(b)
	t.mu.Lock()
	left := t.reads
	if left >= 0 {
		t.reads = max(left-n, 0)
	}
	t.mu.Unlock()
	if left < 0 || n < left {
		return n, err
	}
	_ = t.Close() // the cut
	if left == 0 {
		return 0, errCut
	}
	return left, nil
}

// Write writes no further than the cut.
func (t *tap) Write(b []byte) (int, error) {
	t.mu.Lock()
	left := t.writes
	if left >= 0 {
		t.writes = max(left-len(b), 0)
	}
	t.mu.Unlock()
	if left < 0 || len(b) < left {
		return t.Conn.Write(b)
	}
	n, _ := t.Conn.Write(b[:left])
	_ = t.Close() // the cut
	return n, errCut
}
