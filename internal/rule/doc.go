// Package rule owns the rule language: it turns YAML files into one immutable
// Set, or says what is wrong with them, all at once and each fault at its cause.
// It also owns which rules of a set an event concerns (Set.Match), as far as the
// event, the clock and the files can tell.
//
// It refuses to know the past: cooldowns, fuses, facts and whatever else is
// decided inside the transaction belong to engine. It knows no network either;
// Read is the only function that touches a disk, Compile is pure.
package rule
