// Package replay owns what would have become of recorded events: it runs them
// through a set of rules, or through two to compare them, on a clock that goes with
// the events. Runs wait and go on in between; every command ends well at once. The
// same replay says the same, to the byte.
//
// It refuses to know the platform, the store that the events come from, and every
// other way in which something could really happen.
package replay
