//go:build failpoints && unix

package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"botengine/internal/failpoint"
)

var diskCommits = flag.Int("commits", 4, "commits, from the first on, at which the disk is full or fails in its turn")

// Faults 57 and 58: at the nth commit the disk is full, for a while, or fails for good.
// A full disk is waited out by the same process, unless it is only about to start; one
// that fails ends it, and the next start goes by what is on the disk. Either way each
// question is answered once.
func TestFaults57And58ADiskThatIsFullOrFailsAtTheNthCommit(t *testing.T) {
	sum := struct{ full, waited, failed, ended int }{}
	for _, mode := range []string{"enospc", "err"} {
		for i := range *diskCommits {
			n := 1 + i*(24 / *diskCommits) + i%3 // all over the start and the first answers
			if *diskCommits >= 24 {
				n = 1 + i
			}
			ended := diskFails(t, mode, n)
			if mode == "enospc" {
				sum.full++
				sum.waited += 1 - ended
			} else {
				sum.failed++
				sum.ended += ended
			}
			if t.Failed() {
				t.Fatalf("%s at commit %d", mode, n)
			}
		}
	}
	t.Logf("figure: disk full at the nth commit: %d cases, %d waited out by the same process; disk failing: %d cases, %d ended the process: 0 lost, 0 twice",
		sum.full, sum.waited, sum.failed, sum.ended)
}

// diskFails runs one case, and returns 1 if the process ended by itself.
func diskFails(t *testing.T, mode string, n int) (ended int) {
	t.Helper()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	unguarded(t, dir)
	first := startOn(t, dir, "") // what was said before the first start would not be answered
	first.waitLog(t, "connected to the platform")
	say(t, s, "退款")
	waitReplies(t, s, 1)
	if err := errors.Join(first.cmd.Process.Signal(os.Interrupt), first.ended()); err != nil {
		t.Fatal(err)
	}
	point := fmt.Sprintf("%s=%s@%d-%d", failpoint.StoreRan, mode, n, n+15)
	c := startOn(t, dir, point)
	const questions = 5
	for n := 2; n <= questions; n++ {
		say(t, s, fmt.Sprintf("退款 %d", n))
	}
	deadline := time.After(soon)
	for len(s.Ledger()) < questions {
		select {
		case _, goesOn := <-c.logs:
			if !goesOn { // as a supervisor would
				ended = 1
				_ = c.cmd.Wait()
				c = startOn(t, dir, "")
			}
		case <-time.After(20 * time.Millisecond): // to look at the ledger
		case <-deadline:
			t.Fatalf("%s: %d of %d answers", point, len(s.Ledger()), questions)
		}
	}
	c.kill()
	last := startOn(t, dir, "") // what it still owed, it sends before the answer to this
	say(t, s, "退款 最后")
	waitReplies(t, s, questions+1)
	defer last.kill()
	if d := s.Duplicates(); len(d) > 0 || len(s.Ledger()) != questions+1 {
		t.Errorf("%s: %d answers, twice: %v", point, len(s.Ledger()), d)
	}
	return ended
}

func startOn(t *testing.T, dir, point string) *child {
	t.Helper()
	cmd := exec.Command(os.Args[0], "run")
	cmd.Env = []string{failpoint.Variable + "=" + point, failpoint.HurryVariable + "=" + hurry}
	return spawnCommand(t, dir, cmd)
}
