package socket

import "sync/atomic"

// Stats is what a client counted since it was made.
type Stats struct {
	Connected   bool   // a session is up at this moment
	EIO         int    // Engine.IO version of the last session; 0 = none yet, or not known
	Dials       uint64 // attempts that got as far as dialling
	Sessions    uint64 // times the namespace was joined
	Events      uint64 // received in the namespace
	Malformed   uint64 // frames and packets that could not be read
	Emitted     uint64 // events handed to the network
	QueueFull   uint64 // times reading stood still because the queue was full
	Queued      int    // callbacks waiting at this moment
	Undelivered uint64 // callbacks given up at the end, see Options.DrainTimeout
}

type counters struct {
	eio                                                            atomic.Int64
	dials, sessions, events, malformed, emitted, full, undelivered atomic.Uint64
	queue                                                          atomic.Pointer[queue] // nil before Run
}

// Stats returns the counters as they are now.
func (c *Client) Stats() Stats {
	s := Stats{
		Connected:   c.sender.Load() != nil,
		EIO:         int(c.counters.eio.Load()),
		Dials:       c.counters.dials.Load(),
		Sessions:    c.counters.sessions.Load(),
		Events:      c.counters.events.Load(),
		Malformed:   c.counters.malformed.Load(),
		Emitted:     c.counters.emitted.Load(),
		QueueFull:   c.counters.full.Load(),
		Undelivered: c.counters.undelivered.Load(),
	}
	if q := c.counters.queue.Load(); q != nil {
		s.Queued = q.len()
	}
	return s
}
