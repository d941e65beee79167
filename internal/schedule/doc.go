// Package schedule owns when scheduled rules are due. At each instant of a rule's
// schedule it hands in one event for every robot, or every chat, that the rule is
// meant for; from there on it is an event like any other. That each happens once,
// whatever clocks, restarts and reloads do, follows from the event's id, which is
// made of rule, target and instant; what is remembered here only says which
// instants were missed.
//
// It refuses to know what a rule does then.
package schedule
