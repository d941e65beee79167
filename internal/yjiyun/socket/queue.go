package socket

import (
	"context"
	"sync"
)

// task is a callback that waits for its turn, and the bytes it keeps in memory.
type task struct {
	size int
	run  func(context.Context)
}

// queue stands between the goroutine that reads the wire and the one that calls
// the callbacks. One goroutine pushes and closes, one pops.
type queue struct {
	maxTasks, maxBytes int

	mu     sync.Mutex // guards tasks, bytes, closed
	tasks  []task
	bytes  int
	closed bool

	room chan struct{} // holds one signal: something was taken out
	work chan struct{} // holds one signal: something was put in, or closed
}

func newQueue(maxTasks, maxBytes int) *queue {
	return &queue{
		maxTasks: maxTasks, maxBytes: maxBytes,
		room: make(chan struct{}, 1), work: make(chan struct{}, 1),
	}
}

// tryPush puts t in if there is room. A task larger than maxBytes has room in an
// empty queue.
func (q *queue) tryPush(t task) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.tasks) >= q.maxTasks || (len(q.tasks) > 0 && q.bytes+t.size > q.maxBytes) {
		return false
	}
	q.tasks = append(q.tasks, t)
	q.bytes += t.size
	signal(q.work)
	return true
}

// push waits for room. While there is room it takes t even if ctx has ended.
func (q *queue) push(ctx context.Context, t task) error {
	for !q.tryPush(t) {
		select {
		case <-q.room:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// pop waits for the next task; ok is false when the queue is closed and empty.
func (q *queue) pop() (t task, ok bool) {
	for {
		t, ok, closed := q.tryPop()
		if ok || closed {
			return t, ok
		}
		<-q.work
	}
}

func (q *queue) tryPop() (t task, ok, closed bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.tasks) == 0 {
		return task{}, false, q.closed
	}
	t = q.tasks[0]
	q.tasks[0] = task{} // what it held must not live on in the array
	q.tasks = q.tasks[1:]
	q.bytes -= t.size
	signal(q.room)
	return t, true, false
}

// close lets pop run dry: nothing will be pushed any more.
func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	signal(q.work)
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.tasks)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // one signal waits already
	}
}
