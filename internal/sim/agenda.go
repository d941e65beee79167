package sim

import (
	"container/heap"
	"context"
	"sync"
	"time"
)

// agenda runs jobs at their times, one after the other, in the goroutine that called run: jobs due at the same moment
// run in the order they were put in.
type agenda struct {
	mu   sync.Mutex // guards jobs and seq
	jobs jobs
	seq  uint64
	wake chan struct{} // holds one token; never closed
}

type job struct {
	due time.Time
	seq uint64
	do  func()
}

func newAgenda() *agenda { return &agenda{wake: make(chan struct{}, 1)} }

// at puts a job in. It never blocks and never runs the job itself.
func (a *agenda) at(due time.Time, do func()) {
	a.mu.Lock()
	a.seq++
	heap.Push(&a.jobs, job{due, a.seq, do})
	a.mu.Unlock()
	select {
	case a.wake <- struct{}{}:
	default:
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
	if len(a.jobs) == 0 {
		return nil, time.Hour
	}
	if wait := time.Until(a.jobs[0].due); wait > 0 {
		return nil, wait
	}
	return heap.Pop(&a.jobs).(job).do, 0
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
