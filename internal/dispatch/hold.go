package dispatch

import "time"

// Why is what holds a command back for now. A command that is held stays pending,
// uses up no attempt and no quota, and its time runs on.
type Why string

// What holds a command back.
const (
	Free    Why = ""        // nothing: it may go
	Paused  Why = "paused"  // its robot is halted
	Offline Why = "offline" // its robot cannot speak
)

// hold answers the one question "may this command be sent now?": why it must not,
// and when it is worth to ask again. It is asked before a command gets its moment,
// again when the moment has come, and last right before the first byte.
func (w *worker) hold(it *item, now time.Time) (until time.Time, why Why) {
	c := &it.entry.Command
	switch {
	case w.halted():
		return now.Add(w.o.Times.Ready), Paused
	case !w.online(c):
		return now.Add(w.o.Times.Ready), Offline
	}
	return time.Time{}, Free
}
