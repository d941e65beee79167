package socket

import (
	"context"
	"encoding/json"
	"net/url"
	"time"
)

// Transport is a way to speak Socket.IO, used by one Client.
type Transport interface {
	// Serve dials with query, joins the namespace, runs the session until it or
	// ctx ends, and returns why, never nil. It tells link, from one goroutine at
	// a time, what happens, and leaves no goroutine behind. It returns a
	// *RejectedError for a refusal. Calls of Serve do not overlap.
	Serve(ctx context.Context, query url.Values, link *Link) error
}

// Sender sends one event in a session; the contract is that of Conn.Emit, with a
// payload that was checked to be JSON, or empty. It returns ErrNotConnected
// after the session's end.
type Sender func(ctx context.Context, event string, payload json.RawMessage) error

// Link is where a transport hands over what happens in one session. Its methods
// wait while the queue is full, and fail only when ctx has ended by then.
type Link struct {
	client   *Client
	queue    *queue
	joinedAt time.Time
}

// Joined says that the namespace is joined: send works from now on. It must be
// called before Event, and only once.
func (l *Link) Joined(ctx context.Context, eio int, send Sender) error {
	l.joinedAt = time.Now()
	l.client.sender.Store(&send)
	l.client.counters.sessions.Add(1)
	l.client.counters.eio.Store(int64(eio))
	return l.push(ctx, 0, func(ctx context.Context) { l.client.o.OnConnect(ctx, eio) })
}

// Event hands over an event, whose args are those behind its name.
func (l *Link) Event(ctx context.Context, name string, args []json.RawMessage) error {
	var payload json.RawMessage
	if len(args) > 0 {
		payload = args[0]
	}
	l.client.counters.events.Add(1)
	size := len(name) + len(payload)
	return l.push(ctx, size, func(ctx context.Context) { l.client.o.OnEvent(ctx, name, payload) })
}

// Malformed reports something that came and could not be read. The reason must
// not quote it.
func (l *Link) Malformed(ctx context.Context, reason error) error {
	l.client.counters.malformed.Add(1)
	return l.push(ctx, 0, func(ctx context.Context) { l.client.o.OnMalformed(ctx, reason) })
}

func (l *Link) push(ctx context.Context, size int, run func(context.Context)) error {
	t := task{size: size, run: run}
	if l.queue.tryPush(t) {
		return nil
	}
	l.client.counters.full.Add(1)
	if err := l.queue.push(ctx, t); err != nil {
		l.client.counters.undelivered.Add(1)
		return err
	}
	return nil
}

func (l *Link) up() time.Duration {
	if l.joinedAt.IsZero() {
		return 0
	}
	return time.Since(l.joinedAt)
}
