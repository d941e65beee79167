package dispatch

import "botengine/internal/state"

// Halt says which robots must be silent for now. What they have to say waits, and
// its time runs on. Its methods are called from many goroutines.
type Halt interface {
	// Halted is asked before a command gets its moment, and right before its first
	// byte leaves.
	Halted(robot string) bool
	// HaltedIn is asked in the transaction that claims a command, so that a halt
	// which others committed before surely holds.
	HaltedIn(tx state.Tx, robot string) bool
}

func (w *worker) halted() bool { return w.o.Halt != nil && w.o.Halt.Halted(w.key.robot) }

func (w *worker) haltedIn(tx state.Tx) bool {
	return w.o.Halt != nil && w.o.Halt.HaltedIn(tx, w.key.robot)
}
