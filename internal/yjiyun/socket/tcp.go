package socket

import (
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
)

// maxHandshake is the most bytes that a server, or a proxy before it, may send until
// the websocket is there: certificates and headers. The library reads headers as long
// as they come.
const maxHandshake = 256 << 10

// tcpDialer makes the end of a context end a websocket handshake that is under
// way: the library itself looks at the context's deadline only.
type tcpDialer struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu    sync.Mutex // guards conn, ended
	conn  *limitedConn
	ended bool
}

// limitedConn gives no more than is left of maxHandshake, until it is free.
type limitedConn struct {
	net.Conn
	left atomic.Int64
	free atomic.Bool
}

// Read implements net.Conn.
func (c *limitedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if !c.free.Load() && c.left.Add(-int64(n)) < 0 {
		return 0, errors.New("the server's answer to the handshake is too large")
	}
	return n, err
}

// DialContext opens a connection that closeWith can close.
func (d *tcpDialer) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := d.dial(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		_ = conn.Close()
		return nil, context.Canceled
	}
	d.conn = &limitedConn{Conn: conn}
	d.conn.left.Store(maxHandshake)
	return d.conn, nil
}

// handshakeOver lets through whatever comes from now on.
func (d *tcpDialer) handshakeOver() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.conn != nil {
		d.conn.free.Store(true)
	}
}

// closeWith closes the connection when ctx ends, until release is called. What
// release returns is ctx's error if it came too late.
func (d *tcpDialer) closeWith(ctx context.Context) (release func() error) {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(closed)
		d.mu.Lock()
		defer d.mu.Unlock()
		if d.ended = true; d.conn != nil {
			_ = d.conn.Close()
		}
	})
	return func() error {
		if stop() {
			return nil
		}
		<-closed
		return ctx.Err()
	}
}
