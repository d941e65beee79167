package socket

import (
	"cmp"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// Conn is a connection that keeps itself up: the contract of this package's
// client and of every other way to speak to the platform's socket.
type Conn interface {
	// Run connects, serves and reconnects. It returns only when ctx ends, with
	// ctx's error, and leaves no goroutine behind. It must be called once.
	Run(ctx context.Context) error

	// Emit sends one event with payload (JSON; empty for none) in the current
	// session. Any number of goroutines may call it; the order of one caller's
	// events is kept. An error that is ErrNotSent (ErrNotConnected is one)
	// means: surely not on the wire. Any other error: may be on the wire.
	// A nil error says that the event was handed to the network, not that it
	// arrived. The end of ctx stops the wait for the wire, never a begun write.
	Emit(ctx context.Context, event string, payload json.RawMessage) error
}

// Attempt tells Options.Query what it is asked for.
type Attempt struct {
	// Rejected: the server refused the token of the last attempt (HTTP 401 or
	// 403, or a connect error). A cached token will not do; fetch a new one.
	Rejected bool
}

// Options are the settings of a connection. URL and OnEvent are required; the
// zero value of everything else is a default. Durations must not be negative.
//
// The callbacks are called from one goroutine, one at a time, in the order in
// which things happened on the wire; they may take their time. Their context
// outlives Run's by DrainTimeout, so that what was received before the end can
// still be taken in.
type Options struct {
	// URL names the server and, in its path, the namespace:
	// https://host[:port]/imchat[?query]. Its query is sent in every handshake.
	URL string
	// EIO is the Engine.IO version to ask for, 3 or 4; 0 finds it out.
	EIO int
	// Path of the Socket.IO endpoint; default "/socket.io/".
	Path string
	// Query, if set, is called before every dial; what it returns is added to
	// the URL's query. Its error ends the attempt; if one in its chain has a
	// method RetryAfter() time.Duration, the next attempt is not made earlier.
	Query func(context.Context, Attempt) (url.Values, error)
	// TLS is used for https; nil is Go's default.
	TLS *tls.Config
	// DialContext opens the TCP connection; the default dials directly or
	// through the proxy that the environment names.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)

	// DelayMin is the least pause before another attempt, default 10 s (the
	// platform demands it; the configuration refuses less). The pause is random
	// between DelayMin and a ceiling that doubles with each failure in a row up
	// to DelayMax, default 60 s. A session of StableAfter, default 60 s, ends
	// the row.
	DelayMin, DelayMax, StableAfter time.Duration
	// HandshakeTimeout bounds an attempt from dial to the namespace's
	// acknowledgement, default 15 s; WriteTimeout one write, default 10 s.
	HandshakeTimeout, WriteTimeout time.Duration
	// DrainTimeout is how long after the end of Run's context the callbacks may
	// still work off what was received, default 5 s.
	DrainTimeout time.Duration

	// ReadLimit is the largest frame in bytes, default 1 MiB. A larger one is
	// skipped and reported to OnMalformed.
	ReadLimit int64
	// QueueEvents and QueueBytes bound what waits for the callbacks, default
	// 1024 events and 32 MiB. When it is full nothing more is read, so that TCP
	// slows the server down. While there is room heartbeats are answered
	// whatever the callbacks do; callbacks that stand still with a full queue
	// for longer than the server's ping timeout cost the session.
	QueueEvents, QueueBytes int

	// OnEvent gets each event of the namespace: its name and its first argument
	// byte for byte, nil if it has none.
	OnEvent func(ctx context.Context, name string, payload json.RawMessage)
	// OnConnect is called when the namespace is joined, before its events; eio
	// is the Engine.IO version found.
	OnConnect func(ctx context.Context, eio int)
	// OnDisconnect is called after the events of a session that ended, and after
	// each attempt that led to none, with the reason and the pause before the
	// next attempt. It is not called when Run's context ends.
	OnDisconnect func(ctx context.Context, err error, next time.Duration)
	// OnMalformed is called in place of an event that could not be read. The
	// session goes on; err does not quote the frame.
	OnMalformed func(ctx context.Context, err error)
}

func (o Options) withDefaults() Options {
	o.Path = cmp.Or(o.Path, "/socket.io/")
	o.DelayMin = cmp.Or(o.DelayMin, 10*time.Second)
	o.DelayMax = max(cmp.Or(o.DelayMax, time.Minute), o.DelayMin)
	o.StableAfter = cmp.Or(o.StableAfter, time.Minute)
	o.HandshakeTimeout = cmp.Or(o.HandshakeTimeout, 15*time.Second)
	o.WriteTimeout = cmp.Or(o.WriteTimeout, 10*time.Second)
	o.DrainTimeout = cmp.Or(o.DrainTimeout, 5*time.Second)
	o.ReadLimit = cmp.Or(o.ReadLimit, 1<<20)
	o.QueueEvents = cmp.Or(o.QueueEvents, 1024)
	o.QueueBytes = cmp.Or(o.QueueBytes, 32<<20)
	if o.OnConnect == nil {
		o.OnConnect = func(context.Context, int) {}
	}
	if o.OnDisconnect == nil {
		o.OnDisconnect = func(context.Context, error, time.Duration) {}
	}
	if o.OnMalformed == nil {
		o.OnMalformed = func(context.Context, error) {}
	}
	return o
}

func (o Options) check() error {
	switch {
	case o.OnEvent == nil:
		return errors.New("socket options: OnEvent is not set")
	case o.EIO != 0 && o.EIO != 3 && o.EIO != 4:
		return fmt.Errorf("socket options: EIO is %d, must be 3, 4 or 0 to find it out", o.EIO)
	case min(o.DelayMin, o.DelayMax, o.StableAfter, o.HandshakeTimeout, o.WriteTimeout, o.DrainTimeout) < 0:
		return errors.New("socket options: a duration is negative")
	case o.ReadLimit < 0 || o.QueueEvents < 0 || o.QueueBytes < 0:
		return errors.New("socket options: a limit is negative")
	}
	return nil
}

// parseURL reads Options.URL. Its errors show neither the query, which may hold
// a token, nor a password.
func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if located, ok := errors.AsType[*url.Error](err); ok {
		return nil, fmt.Errorf("socket URL: %w", located.Err)
	}
	if err != nil {
		return nil, fmt.Errorf("socket URL: %w", err)
	}
	switch {
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("socket URL: must begin with https:// or http://")
	case u.Hostname() == "":
		return nil, errors.New("socket URL: names no host")
	case u.User != nil:
		return nil, errors.New("socket URL: must not contain a user name or password")
	case strings.ContainsAny(u.Path, ",?"):
		return nil, errors.New("socket URL: its path is the namespace and must not contain a comma or question mark")
	}
	u.Path = cmp.Or(u.Path, RootNamespace)
	return u, nil
}
