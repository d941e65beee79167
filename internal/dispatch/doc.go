// Package dispatch owns line 2: when a command of the outbox leaves, in which
// order, and what is done when nobody knows whether it happened. Messages of one
// chat leave one after the other, and so do all other commands of one robot;
// robots do not wait for each other.
//
// It refuses to know rules and the wire. It never ends an entry itself: the end
// of every command, its own verdicts included, is an event that goes through
// line 1, and comes back by Committed.
package dispatch
