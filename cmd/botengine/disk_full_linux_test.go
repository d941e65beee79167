package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"botengine/internal/sim"
)

// own runs the program in a mount namespace of its own, after the commands of a shell
// have mounted what they like there. Where that may not be done the test is skipped,
// but not in CI.
func own(t *testing.T, dir, mount string) *child {
	t.Helper()
	flags := "-m"
	if os.Geteuid() != 0 {
		flags = "-rm"
	}
	try := exec.CommandContext(t.Context(), "unshare", flags, "sh", "-c", mount)
	try.Dir = dir
	if out, err := try.CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("a file system of its own cannot be mounted: %v: %s", err, out)
		}
		t.Skipf("a file system of its own cannot be mounted here: %v: %s", err, out)
	}
	return spawnCommand(t, dir, exec.Command("unshare", flags, "sh", "-c", mount+` && exec "$0" run`, os.Args[0]))
}

// inside is a path as the program sees it.
func (c *child) inside(path string) string {
	return filepath.Join("/proc", fmt.Sprint(c.cmd.Process.Pid), "root", path)
}

// fill writes a file until there is no room left on its file system.
func fill(t *testing.T, path string) {
	t.Helper()
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for _, n := range []int{64 << 10, 4 << 10, 1} {
		for err == nil {
			_, err = file.Write(make([]byte, n))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
}

// Fault 57 on a file system that is really full: nothing is sent that is not on the
// disk, the process lives and says what is the matter; when there is room again it goes
// on by itself, and everything that was said meanwhile is answered, once.
func TestFault57OnAFullDiskTheEngineWaitsAndHeals(t *testing.T) {
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	data := filepath.Join(dir, "data")
	unguarded(t, dir)
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	c := own(t, dir, "mount -t tmpfs -o size=8m,mode=700 tmpfs "+data)
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	waitReplies(t, s, 1)
	filler := c.inside(filepath.Join(data, "filler"))
	fill(t, filler)
	// The file has some room of its own, which is used up by larger messages.
	said := 1 + c.sayUntilFull(t, s)
	if h := c.health(t, dir); !strings.Contains(h, "磁盘满了") {
		t.Errorf("healthcheck says %s", h)
	}
	answered := len(s.Ledger())
	for range 20 {
		say(t, s, fmt.Sprintf("退款 %d", said))
		said++
	}
	if n := len(s.Ledger()); n > answered+1 { // one may have been durable already
		t.Errorf("on a full disk %d answers were sent", n-answered)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	waitReplies(t, s, said)
	c.waitLog(t, "the state can be written again")
	marker(t, s, said+1)
	if d := s.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
	t.Logf("figure: full disk (tmpfs of 8 MiB): %d messages, %d of them while nothing could be written: 0 lost, 0 twice", said+1, said-answered)
	// An orderly stop on a full disk: the ballast makes the room for it.
	fill(t, filler)
	c.sayUntilFull(t, s)
	database := c.inside(filepath.Join(data, "state.db"))
	held, err := os.Open(database) // the file system goes with the process
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := c.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := c.ended(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	checkEndedCleanly(t, held)
}

// sayUntilFull says long things, one after the other, until the program says that
// there is no room for them, and returns how many.
func (c *child) sayUntilFull(t *testing.T, s *sim.Server) (said int) {
	t.Helper()
	answers, deadline := len(s.Ledger()), time.Now().Add(soon)
	for time.Now().Before(deadline) {
		say(t, s, fmt.Sprintf("退款 %d %s", said, strings.Repeat("钱", 3000)))
		said++
		for len(s.Ledger()) < answers+said && time.Now().Before(deadline) {
			if c.hasSaid("the state cannot be written") {
				return said
			}
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			_, _ = s.WaitLedger(ctx, sim.HasKind("text", answers+said)) // it may never come
			cancel()
		}
	}
	t.Fatalf("after %d messages and %d answers it does not say that the disk is full", said, len(s.Ledger())-answers)
	return said
}

// hasSaid looks through what the log has said until now.
func (c *child) hasSaid(part string) bool {
	for {
		select {
		case line := <-c.logs:
			if strings.Contains(line, part) {
				return true
			}
		default:
			return false
		}
	}
}

// health is what `healthcheck` says.
func (c *child) health(t *testing.T, dir string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "healthcheck", "--socket", c.inside(filepath.Join(dir, "data", "botengine.sock")))
	cmd.Dir, cmd.Env = dir, append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != exitUnreachable {
		t.Errorf("healthcheck ends with %v", err)
	}
	return string(out)
}

// checkEndedCleanly looks into a state file whether its engine said that everything is
// written.
func checkEndedCleanly(t *testing.T, held *os.File) {
	t.Helper()
	text := new(bytes.Buffer)
	if _, err := text.ReadFrom(held); err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(text.Bytes(), []byte(`{"clean":true`)) {
		t.Error("the state does not say that the engine ended in order")
	}
}

// Fault 63 with the real program: what is mounted for reading is refused, with what to
// do about it.
func TestFault63AReadOnlyFileSystemIsRefused(t *testing.T) {
	t.Parallel()
	dir := project(t, platform(t), "0s..0s")
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	c := own(t, dir, "mount -t tmpfs -o ro tmpfs "+data)
	c.waitLog(t, "的磁盘只能读：重新挂载为可写")
	if _ = c.ended(); c.cmd.ProcessState.ExitCode() != exitUsage {
		t.Errorf("it ends with %v", c.cmd.ProcessState)
	}
}
