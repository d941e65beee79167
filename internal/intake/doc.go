// Package intake owns line 1: an event is taken in once, whole, or not at all.
// It orders events per chat, gives each one transaction (the seen keys, the end
// of the command it settles, what the engine decides) and tells the others after
// the commit. Timers of waiting runs come in the same way.
//
// It refuses to know how events travel and how commands leave, and it decides
// nothing itself: that is the engine's.
package intake
