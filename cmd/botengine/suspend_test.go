//go:build unix

package main

import (
	"syscall"
	"testing"
	"time"
)

// Fault 66: a process that stood still notices it, gives its connection up by itself,
// and answers what was said meanwhile, once.
func TestFault66AProcessThatStoodStillCatchesUp(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes a minute")
	}
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	waitReplies(t, s, 1)
	if err := c.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	ask(t, s)
	<-time.After(40 * time.Second) // as long as it takes to be noticed
	ask(t, s)
	if err := c.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	c.waitLog(t, "the process stood still")
	c.waitLog(t, "connected to the platform")
	waitReplies(t, s, 3)
	marker(t, s, 4)
	if d := s.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
}
