package sockettest

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"botengine/internal/yjiyun/socket"
)

// New makes the connection under test.
type New func(socket.Options) (socket.Conn, error)

// Event is what OnEvent got.
type Event struct {
	Name    string
	Payload json.RawMessage
}

// Ended is what OnDisconnect got.
type Ended struct {
	Err  error
	Next time.Duration
}

// Recorder keeps what a running connection reports, in channels that are large
// enough for any test here.
type Recorder struct {
	Conn      socket.Conn
	Joined    chan int
	Ended     chan Ended
	Events    chan Event
	Malformed chan error
	Stop      func() // ends Run and waits for it; may be called twice

	t *testing.T
}

// Start runs a connection with o until the test ends or Stop is called. The
// pauses between attempts are short unless o says otherwise; an OnEvent of o is
// kept and called before the recorder's.
func Start(t *testing.T, newConn New, o socket.Options) *Recorder {
	t.Helper()
	r := &Recorder{
		t: t, Joined: make(chan int, 1000), Ended: make(chan Ended, 10_000),
		Events: make(chan Event, 100_000), Malformed: make(chan error, 1000),
	}
	if o.DelayMin == 0 {
		o.DelayMin, o.DelayMax = 10*time.Millisecond, 20*time.Millisecond
	}
	conn, err := newConn(r.record(o))
	if err != nil {
		t.Fatal(err)
	}
	r.Conn = conn
	ctx, cancel := context.WithCancel(t.Context())
	over := make(chan struct{})
	go func() {
		defer close(over)
		if err := conn.Run(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v, want the context's error", err)
		}
	}()
	r.Stop = func() { cancel(); <-over }
	t.Cleanup(r.Stop)
	return r
}

func (r *Recorder) record(o socket.Options) socket.Options {
	first := o.OnEvent
	o.OnEvent = func(ctx context.Context, name string, payload json.RawMessage) {
		if first != nil {
			first(ctx, name, payload)
		}
		r.Events <- Event{name, payload}
	}
	o.OnConnect = func(_ context.Context, eio int) { r.Joined <- eio }
	o.OnDisconnect = func(_ context.Context, err error, next time.Duration) { r.Ended <- Ended{err, next} }
	o.OnMalformed = func(_ context.Context, err error) { r.Malformed <- err }
	return o
}

// WaitJoined waits until the namespace is joined and returns the dialect.
func (r *Recorder) WaitJoined() int {
	r.t.Helper()
	return next(r, r.Joined, "a session")
}

// WaitEnded waits for the end of a session or of an attempt.
func (r *Recorder) WaitEnded() Ended {
	r.t.Helper()
	return next(r, r.Ended, "the end of a session")
}

// WaitEvent waits for an event and checks its name.
func (r *Recorder) WaitEvent(name string) Event {
	r.t.Helper()
	e := next(r, r.Events, "event "+name)
	if e.Name != name {
		r.t.Fatalf("event %q, want %q", e.Name, name)
	}
	return e
}

// WaitMalformed waits for a report of something that could not be read.
func (r *Recorder) WaitMalformed() error {
	r.t.Helper()
	return next(r, r.Malformed, "a report of a malformed frame")
}

// Emit sends an event and fails the test if that fails.
func (r *Recorder) Emit(name, payload string) {
	r.t.Helper()
	if err := r.Conn.Emit(r.t.Context(), name, json.RawMessage(payload)); err != nil {
		r.t.Fatal(err)
	}
}

func next[T any](r *Recorder, c chan T, what string) T {
	r.t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case v := <-c:
		return v
	case <-late.C:
		r.t.Fatalf("waited in vain for %s%s", what, r.last())
	}
	panic("unreachable")
}

// last tells the last end, which is mostly why a wait was in vain.
func (r *Recorder) last() (text string) {
	for {
		select {
		case e := <-r.Ended:
			text = "; before that: " + e.Err.Error()
		default:
			return text
		}
	}
}
