package dispatch

import (
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// Why is what holds a command back for now. A command that is held stays pending,
// uses up no attempt and no quota, and its time runs on.
type Why string

// What holds a command back.
const (
	Free    Why = ""        // nothing: it may go
	Paused  Why = "paused"  // its robot is halted
	Offline Why = "offline" // its robot cannot speak
	Broken  Why = "breaker" // a breaker of its robot, or of its chat, is open
)

// hold answers the one question "may this command be sent now?": why it must not,
// and when it is worth to ask again. It is asked before a command gets its moment,
// again when the moment has come, and last right before the first byte. Hold calls it
// from other goroutines: it uses what is fixed or guarded, and nothing else.
func (w *worker) hold(it *item, now time.Time) (until time.Time, why Why) {
	c := &it.entry.Command
	switch {
	case w.halted():
		return now.Add(w.o.Times.Ready), Paused
	case !w.online(c):
		return now.Add(w.o.Times.Ready), Offline
	case w.broken(c, now):
		return now.Add(w.o.Times.Ready), Broken
	}
	return time.Time{}, Free
}

func (w *worker) broken(c *command.Command, now time.Time) bool {
	if w.o.Breakers == nil {
		return false
	}
	_, holds := w.o.Breakers.Holding(c, now)
	return holds
}

// Hold says whether a command is held back now, as the worker of its robot would
// find. Any goroutine may ask.
func (d *Dispatcher) Hold(e state.Entry, now time.Time) (until time.Time, why Why) {
	c := &e.Command
	w := d.workerOf(workerKey{c.Account, c.Robot})
	return w.hold(&item{entry: e}, now)
}

// workerOf is the robot's worker, or one like it that does nothing.
func (d *Dispatcher) workerOf(key workerKey) *worker {
	d.mu.Lock()
	defer d.mu.Unlock()
	if w := d.workers[key]; w != nil {
		return w
	}
	return newWorker(d, key)
}
