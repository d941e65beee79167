package intake

import (
	"sync"
	"sync/atomic"
	"time"
)

// Stats counts what line 1 has done since New.
type Stats struct {
	Events      uint64 // committed, duplicates included
	Duplicates  uint64
	Decided     uint64 // for which the engine decided
	Settled     uint64 // that were the end of a command
	LateResults uint64 // results for no command, or for one that had ended
	Retries     uint64 // failures of the store, each followed by another try
	Poisoned    uint64 // events put aside after a panic
	Quarantined uint64 // rules set aside after panics
	Commits     uint64 // of the store, shared by all of these and others

	Waiting int           // events that wait for those before them
	Busy    time.Duration // how long the slowest shard has been at its present batch
}

type counters struct {
	events, duplicates, decided, settled, late, retries, poisoned, quarantined atomic.Uint64
}

// Stats returns the counts.
func (in *Intake) Stats() Stats {
	s := &in.stats
	waiting, busy := 0, time.Duration(0)
	for i := range in.queues {
		waiting += len(in.queues[i])
		busy = max(busy, in.beats[i].Busy())
	}
	return Stats{
		Waiting: waiting, Busy: busy,
		Events:      s.events.Load(),
		Duplicates:  s.duplicates.Load(),
		Decided:     s.decided.Load(),
		Settled:     s.settled.Load(),
		LateResults: s.late.Load(),
		Retries:     s.retries.Load(),
		Poisoned:    s.poisoned.Load(),
		Quarantined: s.quarantined.Load(),
		Commits:     in.o.Store.Stats().Commits,
	}
}

func (in *Intake) count(o *outcome) {
	s := &in.stats
	s.events.Add(1)
	add(&s.duplicates, o.duplicate)
	add(&s.decided, o.decided)
	add(&s.settled, o.settled != nil)
	add(&s.late, o.late)
}

func add(n *atomic.Uint64, is bool) {
	if is {
		n.Add(1)
	}
}

// quietly lets something be said once in a while.
type quietly struct {
	every time.Duration

	mu   sync.Mutex // guards last
	last time.Time
}

func (q *quietly) may(now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !q.last.IsZero() && now.Sub(q.last) < q.every {
		return false
	}
	q.last = now
	return true
}
