package dispatch

import (
	"sync/atomic"
	"time"

	"botengine/internal/command"
)

// Stats counts what line 2 has done since New.
type Stats struct {
	Doubts  uint64        // commands of which nobody knew whether they happened, so that the history is asked
	Workers int           // robots that had something to say
	Busy    time.Duration // how long the slowest of them has been at its present step
}

type counters struct{ doubts atomic.Uint64 }

// Stats returns the counts. It may be called from any goroutine.
func (d *Dispatcher) Stats() Stats {
	s := Stats{Doubts: d.stats.doubts.Load()}
	d.mu.Lock()
	defer d.mu.Unlock()
	s.Workers = len(d.workers)
	for _, w := range d.workers {
		s.Busy = max(s.Busy, w.beat.Busy())
	}
	return s
}

// Urgencies are how urgent commands can be, the most urgent first.
func Urgencies() []string { return []string{"moderation", "service", "marketing"} }

// UrgencyOf is how urgent a command is, one of Urgencies.
func UrgencyOf(c *command.Command) string { return Urgencies()[urgencyOf(c)] }
