// Package ctl is the line by which a person talks to a running engine: HTTP with
// JSON over a unix socket beside the state file, for its owner only. Whoever has
// something to say registers a verb with a Server; a Client calls it.
//
// It refuses to know what the verbs do, and which words the terminal uses.
package ctl
