package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"time"

	"botengine/internal/command"
	"botengine/internal/config"
	"botengine/internal/event"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/socket"
)

// joinWithin bounds the wait for a connection to the platform's socket.
const joinWithin = 20 * time.Second

// session is a connection to the platform's socket for as long as one command
// needs it: it can send, and remembers what came in. Any number of goroutines
// may use it.
type session struct {
	p    *access
	conn socket.Conn

	mu      sync.Mutex // guards all below
	events  []event.Event
	joined  int           // how often the namespace was joined
	lost    error         // why there is no connection; nil while there is one
	changed chan struct{} // closed and replaced at every change
}

// withSession runs f with a connection and ends it.
func (p *access) withSession(ctx context.Context, f func(*session) error) error {
	s := &session{p: p, changed: make(chan struct{})}
	var err error
	s.conn, err = socket.New(socket.Options{
		URL: p.account.SocketURL, EIO: engineIO[p.account.Protocol], Query: s.query, OnEvent: s.onEvent,
		OnConnect:    func(context.Context, int) { s.change(func() { s.joined, s.lost = s.joined+1, nil }) },
		OnDisconnect: func(_ context.Context, err error, _ time.Duration) { s.change(func() { s.lost = err }) },
	})
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.conn.Run(running) // it ends by stop only
	}()
	defer func() {
		stop()
		<-done
	}()
	if err := s.join(ctx); err != nil {
		return err
	}
	return f(s)
}

// engineIO is the revision to ask for; 0 finds it out.
var engineIO = map[config.Protocol]int{config.ProtocolAuto: 0, config.Protocol3: 3, config.Protocol4: 4}

func (s *session) query(ctx context.Context, attempt socket.Attempt) (url.Values, error) {
	token, err := s.p.client.Token(ctx, attempt.Rejected)
	return url.Values{"token": {token}}, err
}

func (s *session) onEvent(_ context.Context, name string, payload json.RawMessage) {
	events, err := yjiyun.Decode(s.p.account.Name, name, payload, time.Now())
	if err != nil {
		return // a frame nobody can read answers no question
	}
	s.change(func() { s.events = append(s.events, events...) })
}

func (s *session) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// join waits until the namespace is joined, or the first attempt failed.
func (s *session) join(ctx context.Context) error {
	var err error
	in := func() bool {
		err = s.lost
		return s.joined > 0 || s.lost != nil
	}
	switch {
	case !s.wait(ctx, joinWithin, in):
		err = errors.Join(ctx.Err(), errors.New(s.p.c.say("没有等到连接", "no connection in time")))
	case err == nil:
		return nil
	}
	return fmt.Errorf(s.p.c.say("连不上 %s：%w", "no connection to %s: %w"), s.p.account.SocketURL, err)
}

// wait blocks until so reports true, which is called with the lock held; false
// when the time was over before.
func (s *session) wait(ctx context.Context, within time.Duration, so func() bool) bool {
	over := time.NewTimer(within)
	defer over.Stop()
	for {
		s.mu.Lock()
		ok, changed := so(), s.changed
		s.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-changed:
		case <-over.C:
			return false
		case <-ctx.Done():
			return false
		}
	}
}

// await waits for n events that match and returns those there are.
func (s *session) await(ctx context.Context, within time.Duration, n int, match func(*event.Event) bool) []event.Event {
	var found []event.Event
	s.wait(ctx, within, func() bool {
		found = found[:0]
		for i := range s.events {
			if match(&s.events[i]) {
				found = append(found, s.events[i])
			}
		}
		return len(found) >= n
	})
	return slices.Clone(found)
}

// dropped reports whether the connection was lost since it was first there.
func (s *session) dropped() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.joined > 1 || s.lost != nil
}

// emit sends a command over the socket.
func (s *session) emit(ctx context.Context, c command.Command) error {
	token, err := s.p.client.Token(ctx, false)
	if err != nil {
		return err
	}
	name, payload, err := yjiyun.Encode(c, time.Now(), token, overridesOf(s.p.account))
	if err != nil {
		return err
	}
	return s.conn.Emit(ctx, name, payload)
}

// echoOf matches the echo of an own message: its confirmation (§3.4).
func echoOf(messageID string) func(*event.Event) bool {
	return func(e *event.Event) bool { return e.IsEcho() && e.ID == messageID }
}
