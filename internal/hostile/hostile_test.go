package hostile_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"botengine/internal/hostile"
)

var all = flag.Bool("all", false, "hand every input to every reader")

// What the child may use: memory as a whole, and CPU time for one input, which grows
// with inputs of more than a mebibyte. A file of the operator's may take longer: the
// search for the one mistake behind many is worth it, it is bounded, and events do not
// wait for it.
const (
	memory    = 256 << 20
	bound     = 50 * time.Millisecond
	fileBound = 10 * bound
)

// allowed is the CPU time that an input may take.
func allowed(c hostile.Case, size int) time.Duration {
	most := bound
	if c.OfOperator {
		most = fileBound
	}
	return most * time.Duration(1+size>>20)
}

// TestHostileInputs hands every hostile input to a process of little memory: none may
// kill it, and none may keep it busy for long.
func TestHostileInputs(t *testing.T) {
	cases := hostile.Some()
	if *all {
		cases = hostile.All()
	}
	if len(cases) < 300 {
		t.Fatalf("the corpus has %d inputs, 300 are the least", len(cases))
	}
	program := build(t)
	reports, deaths := map[int]hostile.Report{}, 0
	for from := 0; from < len(cases); {
		c := newChild(t, program, from)
		last, died := c.read(reports)
		if !died {
			break
		}
		deaths++
		t.Errorf("%s: %s: it killed the child: %v\n%s", cases[last].Group, cases[last].Name, c.end, tail(c.said.String()))
		from = last + 1
	}
	sum := judge(t, cases, reports)
	t.Logf("figure: hostile inputs in a process that is killed above %d MiB: %d inputs, %d deaths, %d refused, %d handled; most memory %d MiB; of those by strangers %d took more than %s of CPU time, the slowest %s; of an operator's files %d, the slowest %s",
		memory>>20, len(cases), deaths, count(reports, hostile.Refused), count(reports, hostile.Handled), sum.memory>>20, sum.strangers.slow, bound, &sum.strangers, sum.files.slow, &sum.files)
}

// hung is how many times its time an input takes that keeps a process busy without
// end, or grows worse than its size: how fast the machine is makes no such difference.
const hung = 10

// sum is what all inputs came to.
type sum struct {
	memory           int
	strangers, files slowest
}

// slowest is the slowest input of a kind, and how many took more than bound.
type slowest struct {
	name string
	took time.Duration
	slow int
}

func (s *slowest) String() string {
	return fmt.Sprintf("%s (%s)", s.took.Round(time.Millisecond), s.name)
}

func (s *slowest) add(name string, took time.Duration) {
	if took > bound {
		s.slow++
	}
	if took > s.took {
		s.name, s.took = name, took
	}
}

// judge compares what became of each input with what should.
func judge(t *testing.T, cases []hostile.Case, reports map[int]hostile.Report) *sum {
	t.Helper()
	var s sum
	for i, c := range cases {
		r, ok := reports[i]
		if !ok {
			continue // it killed the child, which was said
		}
		name := c.Group + ": " + c.Name
		if c.Want != "" && r.Verdict != c.Want {
			t.Errorf("%s: it was %s, want %s", name, r.Verdict, c.Want)
		}
		if most := hung * allowed(c, r.Size); r.CPU > most {
			t.Errorf("%s: it took %s of CPU time, the most is %s (%d KiB)", name, r.CPU, most, r.Size>>10)
		}
		if r.Memory > memory {
			t.Errorf("%s: the process had %d MiB of memory", name, r.Memory>>20)
		}
		s.memory = max(s.memory, r.Memory)
		if c.OfOperator {
			s.files.add(name, r.CPU)
		} else {
			s.strangers.add(name, r.CPU)
		}
	}
	return &s
}

func count(reports map[int]hostile.Report, v hostile.Verdict) (n int) {
	for _, r := range reports {
		if r.Verdict == v {
			n++
		}
	}
	return n
}

func tail(s string) string { return s[max(0, len(s)-2000):] }

// build builds the child as the engine is built: without the race detector, which
// needs many times the memory.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "child")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", program, "./child")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as `make build` has it: most is there already
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("build the child: %v\n%s", err, out)
	}
	return program
}

// child is one run of the program.
type child struct {
	cmd  *exec.Cmd
	out  *bufio.Scanner
	said strings.Builder // on its standard error
	end  error
}

func newChild(t *testing.T, program string, from int) *child {
	t.Helper()
	c := &child{cmd: exec.CommandContext(t.Context(), program)}
	c.cmd.Env = append(os.Environ(), "GOMEMLIMIT="+strconv.Itoa(memory*8/10))
	c.cmd.Stderr = &c.said
	in, err := c.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.out = bufio.NewScanner(out)
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Fprintln(in, from, *all); err != nil { // it waits for this
		t.Fatal(err)
	}
	return c
}

// read reads what the child reports until it ends; last is the case it was at.
func (c *child) read(reports map[int]hostile.Report) (last int, died bool) {
	over := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { c.watch(over) })
	for c.out.Scan() {
		var r hostile.Report
		if json.Unmarshal(c.out.Bytes(), &r) != nil {
			continue
		}
		if last = r.Case; !r.Begun {
			reports[r.Case] = r
		}
	}
	close(over)
	watching.Wait()
	c.end = c.cmd.Wait()
	return last, c.end != nil
}

// watch kills the child as soon as it is seen with more memory than it may have.
func (c *child) watch(over <-chan struct{}) {
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-over:
			return
		case <-look.C:
			pages := strings.Fields(read(fmt.Sprintf("/proc/%d/statm", c.cmd.Process.Pid)))
			if len(pages) < 2 {
				continue // it has ended, or this system says nothing
			}
			if resident, err := strconv.Atoi(pages[1]); err == nil && resident*os.Getpagesize() > memory {
				_ = c.cmd.Process.Kill()
			}
		}
	}
}

func read(name string) string {
	text, err := os.ReadFile(name)
	if err != nil {
		return ""
	}
	return string(text)
}
