package socket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"sync/atomic"
	"time"
)

// Client keeps one session after the other alive over a Transport, paces the
// attempts, and hands on what arrives. Emit and Stats may be called by any
// goroutine at any time.
type Client struct {
	o         Options
	base      url.Values // the query of Options.URL
	transport Transport
	sender    atomic.Pointer[Sender] // of the current session; nil = none
	drop      atomic.Pointer[context.CancelCauseFunc]
	counters  counters
}

var _ Conn = (*Client)(nil)

// New returns a client of this package's own websocket transport. It does not
// dial yet.
func New(o Options) (*Client, error) {
	return NewOver(o, func(o Options, server *url.URL) Transport { return &wire{o: o, server: server} })
}

// NewOver returns a client of another transport, which transport makes of the
// options, with all defaults filled in, and the server's URL without its query.
func NewOver(o Options, transport func(o Options, server *url.URL) Transport) (*Client, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	server, err := parseURL(o.URL)
	if err != nil {
		return nil, err
	}
	base := server.Query()
	server.RawQuery, server.Fragment = "", ""
	o = o.withDefaults()
	return &Client{o: o, base: base, transport: transport(o, server)}, nil
}

// Run implements Conn.
func (c *Client) Run(ctx context.Context) error {
	q := newQueue(c.o.QueueEvents, c.o.QueueBytes)
	c.counters.queue.Store(q)
	late, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	delivered := make(chan struct{})
	go func() {
		defer close(delivered)
		c.deliver(late, q)
	}()
	c.reconnect(ctx, q)
	q.close()
	defer time.AfterFunc(c.o.DrainTimeout, cut).Stop()
	<-delivered
	return ctx.Err()
}

// deliver calls the callbacks until the queue is closed and empty. What is left
// when ctx ends is only counted.
func (c *Client) deliver(ctx context.Context, q *queue) {
	for t, ok := q.pop(); ok; t, ok = q.pop() {
		if ctx.Err() != nil {
			c.counters.undelivered.Add(1)
			continue
		}
		t.run(ctx)
	}
}

// reconnect makes attempt after attempt until ctx ends.
func (c *Client) reconnect(ctx context.Context, q *queue) {
	failures, rejected := 0, false
	for {
		up, err := c.attempt(ctx, q, &rejected)
		if ctx.Err() != nil {
			return
		}
		if up >= c.o.StableAfter {
			failures = 0
		}
		failures++
		next := max(delay(c.o.DelayMin, c.o.DelayMax, failures, rand.N), retryAfter(err))
		if c.pause(ctx, q, err, next) != nil {
			return
		}
	}
}

// attempt fetches the query and runs one session to its end. It returns how long
// the namespace was joined, and the reason of the end without secrets.
func (c *Client) attempt(ctx context.Context, q *queue, rejected *bool) (up time.Duration, err error) {
	query := maps.Clone(c.base)
	if c.o.Query != nil {
		extra, err := c.o.Query(ctx, Attempt{Rejected: *rejected})
		if err != nil {
			return 0, fmt.Errorf("before the dial: %w", err)
		}
		maps.Copy(query, extra)
	}
	c.counters.dials.Add(1)
	link := &Link{client: c, queue: q}
	session, cancel := context.WithCancelCause(ctx)
	c.drop.Store(&cancel)
	err = redact(c.transport.Serve(session, query, link), query)
	c.drop.Store(nil)
	if dropped := context.Cause(session); dropped != nil && ctx.Err() == nil {
		err = dropped
	}
	cancel(nil)
	c.sender.Store(nil)
	var refusal *RejectedError
	*rejected = errors.As(err, &refusal) && refusal.TokenRefused()
	return link.up(), err
}

// Drop ends the current session, if there is one, for that reason: another is made
// after the usual pause. It does not wait, and may be called from any goroutine.
func (c *Client) Drop(reason error) {
	if cancel := c.drop.Load(); cancel != nil {
		(*cancel)(reason)
	}
}

// pause tells the callbacks and waits. The wait counts from now, whenever the
// callbacks get to know of it.
func (c *Client) pause(ctx context.Context, q *queue, err error, next time.Duration) error {
	over := time.NewTimer(next)
	defer over.Stop()
	told := task{run: func(ctx context.Context) { c.o.OnDisconnect(ctx, err, next) }}
	if err := q.push(ctx, told); err != nil {
		return err
	}
	select {
	case <-over.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func retryAfter(err error) time.Duration {
	var asks interface{ RetryAfter() time.Duration }
	if errors.As(err, &asks) {
		return asks.RetryAfter()
	}
	return 0
}

// Emit implements Conn.
func (c *Client) Emit(ctx context.Context, event string, payload json.RawMessage) error {
	send := c.sender.Load()
	if send == nil {
		return fmt.Errorf("emit %s: %w", event, ErrNotConnected)
	}
	if len(payload) > 0 && !json.Valid(payload) {
		return fmt.Errorf("emit %s: %w: payload is not JSON", event, ErrNotSent)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("emit %s: %w: %w", event, ErrNotSent, ctx.Err())
	}
	if err := (*send)(ctx, event, payload); err != nil {
		return fmt.Errorf("emit %s: %w", event, err)
	}
	c.counters.emitted.Add(1)
	return nil
}
