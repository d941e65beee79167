package sim

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// agenda runs jobs at their times, one after the other, in the goroutine that called run: jobs due at the same moment
// run in the order they were put in. Its time is the computer's, plus what advance has put it ahead by.
type agenda struct {
	mu    sync.Mutex // guards jobs, seq and ahead
	jobs  jobs
	seq   uint64
	ahead time.Duration
	wake  chan struct{} // holds one token; never closed
}

type job struct {
	due time.Time
	seq uint64
	do  func()
}

func newAgenda() *agenda { return &agenda{wake: make(chan struct{}, 1)} }

// after puts a job in that is due in d from now. It never blocks and never runs the job itself.
func (a *agenda) after(d time.Duration, do func()) { a.at(a.now().Add(d), do) }

// at puts a job in, see after.
func (a *agenda) at(due time.Time, do func()) {
	a.mu.Lock()
	a.seq++
	heap.Push(&a.jobs, job{due, a.seq, do})
	a.mu.Unlock()
	a.ring()
}

func (a *agenda) ring() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// now is the agenda's time.
func (a *agenda) now() time.Time { return time.Now().Add(a.lead()) }

// lead is how far the agenda is ahead of the computer's time.
func (a *agenda) lead() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ahead
}

// advance moves the agenda's time on.
func (a *agenda) advance(d time.Duration) {
	a.mu.Lock()
	a.ahead += d
	a.mu.Unlock()
	a.ring()
}

// settle waits until everything has run that is due by now, what that led to at once among it, or ctx ends.
func (a *agenda) settle(ctx context.Context) error {
	done := make(chan struct{})
	var look func()
	look = func() {
		if a.wait() > 0 {
			close(done)
		} else {
			a.after(0, look)
		}
	}
	a.after(0, look)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-done:
		return nil
	}
}

// run works until ctx ends; jobs that are not due then are dropped.
func (a *agenda) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for ctx.Err() == nil {
		next, wait := a.next()
		if next != nil {
			next()
			continue
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
		case <-a.wake:
		case <-timer.C:
		}
	}
}

// next takes the job that is due, or says how long to wait for one.
func (a *agenda) next() (func(), time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if wait := a.waitLocked(); wait > 0 {
		return nil, wait
	}
	return heap.Pop(&a.jobs).(job).do, 0
}

// wait is how long it is until a job is due; not above zero: one is.
func (a *agenda) wait() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.waitLocked()
}

func (a *agenda) waitLocked() time.Duration {
	if len(a.jobs) == 0 {
		return time.Hour
	}
	return a.jobs[0].due.Sub(time.Now().Add(a.ahead))
}

// jobs is a heap by due time, then order of arrival.
type jobs []job

func (j jobs) Len() int      { return len(j) }
func (j jobs) Swap(a, b int) { j[a], j[b] = j[b], j[a] }
func (j jobs) Less(a, b int) bool {
	if j[a].due.Equal(j[b].due) {
		return j[a].seq < j[b].seq
	}
	return j[a].due.Before(j[b].due)
}
func (j *jobs) Push(x any) { *j = append(*j, x.(job)) }
func (j *jobs) Pop() any {
	old := *j
	last := old[len(old)-1]
	old[len(old)-1] = job{}
	*j = old[:len(old)-1]
	return last
}
