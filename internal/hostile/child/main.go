// Command child hands every hostile input to the code it is meant for, one after
// the other, and writes a line of JSON about each. Its parent gives it little memory,
// and counts how often it dies.
package main

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"botengine/internal/hostile"
)

// A case that took long is tried again: what else the machine does must not count.
const (
	quick = 40 * time.Millisecond
	tries = 3

	litter = 96 << 20 // bytes that earlier cases may leave
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run waits for a line of its parent, which says with which case to begin.
func run() error {
	var first int
	var all bool
	if _, err := fmt.Scanln(&first, &all); err != nil {
		return fmt.Errorf("read where to begin, and whether with all: %w", err)
	}
	cases := hostile.Some()
	if all {
		cases = hostile.All()
	}
	out := json.NewEncoder(os.Stdout)
	for i, c := range cases {
		if i < first {
			continue
		}
		if err := out.Encode(hostile.Report{Case: i, Begun: true}); err != nil {
			return err
		}
		if err := out.Encode(attack(i, c)); err != nil {
			return err
		}
	}
	return nil
}

// attack runs a case until it was quick once, and reports the quickest time.
func attack(i int, c hostile.Case) hostile.Report {
	report := hostile.Report{Case: i}
	for range tries {
		size, do := c.Make()
		report.Size = size
		if peak() > litter {
			debug.FreeOSMemory() // what the ones before left is not this one's
		}
		forgetPeak()
		began := used()
		report.Verdict = do()
		report.Memory = max(report.Memory, peak())
		took := time.Duration(float64(used()-began) / slowness())
		if report.CPU == 0 || took < report.CPU {
			report.CPU = took
		}
		if report.CPU < enough(c, size) {
			break
		}
	}
	return report
}

// enough is a time that needs no second try: well below what the parent allows.
func enough(c hostile.Case, size int) time.Duration {
	most := quick
	if c.OfOperator {
		most *= 10
	}
	return most * time.Duration(1+size>>20)
}

// forgetPeak makes the kernel count anew the most memory the process ever had.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) } // elsewhere the count is of all so far

// peak is the most memory the process had since; 0 where it cannot be known.
func peak() int {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		var kib int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &kib); err == nil {
			return kib << 10
		}
	}
	return 0
}

// usual is what the loop of slowness takes on a machine with nothing else to do.
const usual = 4500 * time.Microsecond

// slowness is how much longer than usual this processor takes for the same work: its
// other half is at work for somebody else, or it is an old one. It is 1 at least.
func slowness() float64 {
	began := used()
	sum := fnv.New64a()
	for range 64 {
		_, _ = sum.Write(work[:])
	}
	return max(1, float64(used()-began)/float64(usual))
}

var work [64 << 10]byte

// used is the CPU time of the whole process, collecting garbage included.
func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) //nolint:forbidigo // it cannot fail with these arguments
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
