package simulation

import (
	"iter"
	"time"
)

// thread is a function that waits in its middle. It is a coroutine: only one of all
// runs at any time, and which one is not left to anybody's scheduler.
type thread struct {
	next  func() (time.Duration, bool)
	stop  func()
	yield func(time.Duration) bool
}

// crash unwinds whatever is under way when the process is killed.
type crash struct{ where string }

func newThread(run func(t *thread)) *thread {
	t := &thread{}
	t.next, t.stop = iter.Pull(func(yield func(time.Duration) bool) {
		t.yield = yield
		run(t)
	})
	return t
}

// sleep gives the others the word for so long.
func (t *thread) sleep(d time.Duration) {
	if !t.yield(d) {
		panic(crash{"while it slept"}) //nolint:forbidigo // it unwinds what is under way, and kill recovers it
	}
}

// kill ends a thread where it stands.
func (t *thread) kill() {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(crash); !ok {
				panic(v) //nolint:forbidigo // not ours
			}
		}
	}()
	t.stop()
}
