// Package rulebench owns what a user's own rules cost on the user's machine: how
// long events take from the text to the decision, and which rules the time goes
// to. It decides with the engine's own Match and Decide, commits nothing, and
// refuses to know where events come from or how a report is printed.
package rulebench
