package rest

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"sync/atomic"
)

// journey watches how far a request gets.
type journey struct {
	asked atomic.Bool // a connection was looked for
	got   atomic.Bool // and there was one
}

// watch adds the journey to a request's context.
func (j *journey) watch(ctx context.Context) context.Context {
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { j.asked.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { j.got.Store(true) },
	})
}

// nothingSent reports whether surely no byte of the request left: there never was
// a connection to send it by. Of a transport that does not tell, only a failed
// dial is proof.
func (j *journey) nothingSent(err error) bool {
	if j.asked.Load() {
		return !j.got.Load()
	}
	dial, ok := errors.AsType[*net.OpError](err)
	return ok && dial.Op == "dial"
}
