package socket

import (
	"context"
	"net"
	"sync"
)

// tcpDialer makes the end of a context end a websocket handshake that is under
// way: the library itself looks at the context's deadline only.
type tcpDialer struct {
	dial func(ctx context.Context, network, addr string) (net.Conn, error)

	mu    sync.Mutex // guards conn, ended
	conn  net.Conn
	ended bool
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
	d.conn = conn
	return conn, nil
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
