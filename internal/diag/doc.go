// Package diag owns findings: a fault at a place in a file, said in Chinese and
// in English, with a stable code and what to do about it. It keeps the one table
// of codes, prints findings for people and machines, and knows the traps that
// YAML and Chinese input methods set together.
//
// It refuses to know what a rule or a setting is: who checks something makes the
// findings, diag only carries and shows them.
package diag

// Writes docs/errors.md, the page that explains every code.
//go:generate go test -run Generated -count=1 . -update
