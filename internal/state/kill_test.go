package state_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
)

// childPath names the variable by which the test's own binary, started again,
// knows that it is to own a store until it is killed.
const childPath = "BOTENGINE_STATE_TEST_CHILD"

// childWhat names the variable that says what else it is to do.
const childWhat = "BOTENGINE_STATE_TEST_WHAT"

// childDoes does what startAs asked for.
func childDoes(what, path string) {
	var err error
	switch what {
	case "compact":
		_, _ = fmt.Fprintln(os.Stdout, "open")
		_, err = state.Compact(context.Background(), path, state.Options{})
	case "check":
		err = state.Answer(os.Stdout, path, state.CheckOptions{})
	case "die":
		panic("of what it reads")
	case "starve": // as Go says it
		_, _ = fmt.Fprintln(os.Stderr, "runtime: failed to create new OS thread (have 5 already; errno=11)\nfatal error: newosproc")
		os.Exit(2)
	case "fault":
		_, _ = fmt.Fprintln(os.Stderr, "unexpected fault address 0x7f0e8c3d2000\nfatal error: fault\n[signal SIGBUS: bus error code=0x2 addr=0x7f0e8c3d2000 pc=0x4a8f2e]")
		os.Exit(2)
	case "hang":
		select {}
	}
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "error", err)
		os.Exit(1)
	}
}

// child writes as fast as it can, and says each number after it is durable.
func child(path string) {
	s, err := state.Open(path, state.Options{})
	if err != nil {
		_, _ = fmt.Fprintln(os.Stdout, "error", err)
		os.Exit(1)
	}
	_, _ = fmt.Fprintln(os.Stdout, "open")
	var mu sync.Mutex // guards stdout
	var wg sync.WaitGroup
	for worker := range 16 {
		wg.Go(func() {
			for i := 0; ; i++ {
				key := fmt.Sprintf("%d/%d/%d", os.Getpid(), worker, i)
				if err := s.Update(context.Background(), both(key)); err != nil {
					os.Exit(1)
				}
				mu.Lock()
				_, _ = fmt.Fprintln(os.Stdout, key)
				mu.Unlock()
			}
		})
	}
	wg.Wait()
}

// both writes a fact and a record of the journal.
func both(key string) func(state.Tx) error {
	ev := event.Event{Kind: event.MessageText, ID: key, Message: event.Message{Text: strings.Repeat("退款", 50)}}
	return func(tx state.Tx) error {
		tx.SetFact(key, []byte(key), time.Time{})
		tx.Record(state.EncodeEvent(nil, &ev, state.TextFull), &state.Fate{At: time.Now(), Origin: state.Live})
		return nil
	}
}

// startChild starts a process that owns path and waits until it does.
func startChild(t *testing.T, path string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startProcess(t, executable, childPath+"="+path)
}

// startAs starts a process that does something else with path.
func startAs(t *testing.T, what, path string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startProcess(t, executable, childPath+"="+path, childWhat+"="+what)
}

func startProcess(t *testing.T, executable string, env ...string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), executable) //nolint:gosec // it is ourselves
	cmd.Env = append(os.Environ(), env...)
	cmd.Stderr = os.Stderr
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(pipe)
	if line, err := out.ReadString('\n'); line != "open\n" {
		t.Fatalf("the child said %q, %v", line, err)
	}
	return cmd, out
}

// kill reads a number of acknowledgements, kills the child and reads those that
// were on their way.
func kill(t *testing.T, cmd *exec.Cmd, out *bufio.Reader, after int) (acknowledged []string) {
	t.Helper()
	for {
		line, err := out.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("read from the child: %v", err)
		}
		acknowledged = append(acknowledged, strings.TrimSpace(line))
		if len(acknowledged) == after {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = cmd.Wait() // killed: always an error
	return acknowledged
}

func TestWhatWasAcknowledgedSurvivesAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	for _, after := range []int{1, 10, 100, 500, 1000, 2000} {
		cmd, out := startChild(t, path)
		acknowledged := kill(t, cmd, out, after)
		s := open(t, path, state.Options{})
		err := s.View(t.Context(), func(tx state.Tx) error {
			counts := checkJournal(t, tx)
			for _, key := range acknowledged {
				if counts[key] != 1 {
					t.Errorf("%s was acknowledged, and is %d times in the journal", key, counts[key])
				}
				if value, _, ok := tx.Fact(key); !ok || string(value) != key {
					t.Errorf("%s was acknowledged, and is %q", key, value)
				}
			}
			return nil
		})
		if err != nil {
			t.Errorf("view: %v", err)
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// checkJournal returns how often each event is in the journal. A record is there exactly when what was written with it is, and no
// position is missing.
func checkJournal(t *testing.T, tx state.Tx) map[string]int {
	t.Helper()
	n, counts := uint64(0), map[string]int{}
	tx.EachRecord(state.JournalQuery{}, func(r state.Record) bool {
		n++
		counts[r.Event.ID]++
		if _, _, ok := tx.Fact(r.Event.ID); !ok || r.Position != n {
			t.Errorf("record %d at position %d: %s is a fact: %v", n, r.Position, r.Event.ID, ok)
			return false
		}
		return true
	})
	if n != uint64(tx.JournalSize().Records) {
		t.Errorf("the journal has %d records, and says %+v", n, tx.JournalSize())
	}
	return counts
}

func TestFault62ASecondProcessIsToldTheOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	cmd, out := startChild(t, path)
	defer kill(t, cmd, out, 1)
	began := time.Now()
	_, err := state.Open(path, state.Options{})
	var inUse *state.InUseError
	if !errors.As(err, &inUse) {
		t.Fatalf("Open = %v", err)
	}
	if inUse.PID != cmd.Process.Pid || inUse.Path != path {
		t.Errorf("it is said to be in use by %+v, want process %d", inUse, cmd.Process.Pid)
	}
	if !strings.Contains(err.Error(), strconv.Itoa(cmd.Process.Pid)) {
		t.Errorf("the error does not name the process: %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v to say so", took)
	}
}

func TestTheOwnerAfterAKillIsTheNextOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "botengine.db")
	first, out := startChild(t, path)
	kill(t, first, out, 1)
	second, out := startChild(t, path)
	defer kill(t, second, out, 1)
	_, err := state.Open(path, state.Options{LockTimeout: 100 * time.Millisecond})
	var inUse *state.InUseError
	if !errors.As(err, &inUse) || inUse.PID != second.Process.Pid {
		t.Errorf("Open = %v, want process %d, not the killed one, %d", err, second.Process.Pid, first.Process.Pid)
	}
}

func TestTheSameProcessIsToldToo(t *testing.T) {
	_, path := opened(t, state.Options{})
	_, err := state.Open(path, state.Options{LockTimeout: 100 * time.Millisecond})
	var inUse *state.InUseError
	if !errors.As(err, &inUse) || inUse.PID != os.Getpid() {
		t.Errorf("Open = %v, want our own process", err)
	}
}
