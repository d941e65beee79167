// Package engine owns Decide: what one event leads to, and why. It decides what
// needs the past (cooldowns, fuses, facts), carries runs from step to step, and
// gives every rule it was asked about a verdict; those verdicts are the only
// explanation there is.
//
// Decide is pure: no clock, no I/O, no randomness but what follows from the event.
// The package refuses to know how facts are stored (state), when a decision is
// committed (intake) and how a command leaves (dispatch).
package engine
