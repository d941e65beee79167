package state

import (
	"iter"
	"runtime"
	"time"
)

// arrivals are first and what may share its commit. What is queued comes at once.
// More is waited for only while fewer came than shared the last commit: under
// load the others are on their way, and a caller who is alone never waits.
func (s *bolt) arrivals(first *request) iter.Seq[*request] {
	return func(yield func(*request) bool) {
		patience := time.NewTimer(s.o.BatchWait)
		defer patience.Stop()
		s.lingers.begin()
		n := 0
		for r := first; r != nil; r = s.next(n, patience.C) {
			if !r.taken.CompareAndSwap(false, true) {
				continue // its caller has gone
			}
			n++
			if !yield(r) {
				break
			}
		}
		s.lastBatch = n - s.lingers.came
	}
}

// next is the request that comes after n others, nil if the commit is to go on
// without more.
func (s *bolt) next(n int, timeout <-chan time.Time) *request {
	if n >= s.o.BatchSize {
		return nil
	}
	if r := s.queued(); r != nil {
		return r
	}
	// Whoever could run and hand something in does so first. A writer that goes on
	// at once would, on a machine with one core, commit each function by itself.
	runtime.Gosched()
	if r := s.queued(); r != nil {
		return r
	}
	if n-s.lingers.came >= s.lastBatch {
		return s.linger(timeout)
	}
	select {
	case r := <-s.requests:
		return r
	case <-timeout:
		return nil
	}
}

// queued is a request that is there already; nil = none is.
func (s *bolt) queued() *request {
	select {
	case r := <-s.requests:
		return r
	default:
		return nil
	}
}

// Lingerer is a Tx whose commit can wait for somebody.
type Lingerer interface {
	// Linger tells others, by expect, of what the function wrote, and has the commit
	// wait for the functions that they hand in because of it, until looked is closed:
	// these see it, and share the commit. nil: nobody comes. The wait is short at most,
	// and nothing depends on it: who comes too late is in the next commit. Once expect
	// was not heard it is not called again in the same commit: whoever is told of a
	// function was told of those before it.
	Linger(expect func() (looked <-chan struct{}, heard bool))
}

// lingers are those whom a commit waits for.
type lingers struct {
	looked []<-chan struct{}
	came   int  // functions that came because they were waited for
	deaf   bool // expect was not heard
}

func (l *lingers) begin() { l.looked, l.came, l.deaf = nil, 0, false }

// Linger implements Lingerer.
func (t *boltTx) Linger(expect func() (<-chan struct{}, bool)) {
	if t.lingers == nil || t.lingers.deaf {
		return
	}
	looked, heard := expect()
	if t.lingers.deaf = !heard; looked != nil {
		t.lingers.looked = append(t.lingers.looked, looked)
	}
}

// linger is the next request of those that are waited for; nil if none comes any
// more.
func (s *bolt) linger(timeout <-chan time.Time) *request {
	l := &s.lingers
	for len(l.looked) > 0 {
		select {
		case r := <-s.requests:
			l.came++
			return r
		case <-l.looked[0]:
			l.looked = l.looked[1:]
		case <-timeout:
			return nil
		}
	}
	return s.queued()
}
