//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"
)

// Fault 68: whoever reads the log has stopped to, or has gone. The engine goes on.
func TestFault68AFullOrBrokenLogPipeHoldsUpNothing(t *testing.T) {
	t.Parallel()
	for name, full := range map[string]bool{"nobody reads": true, "the reader has gone": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), soon)
			defer cancel()
			s := platform(t)
			reader, writer, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			if full {
				fillPipe(t, writer)
				defer reader.Close()
			} else {
				reader.Close()
			}
			cmd := exec.Command(os.Args[0], "run", "-v")
			cmd.Dir = project(t, s, "0s..0s")
			cmd.Env = append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh")
			cmd.Stderr, cmd.Stdout = writer, writer
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			writer.Close()
			defer func() { _ = cmd.Process.Kill() }() // it is over, if all went well
			if err := s.WaitConnections(ctx, func(n int) bool { return n > 0 }); err != nil {
				t.Fatal(err)
			}
			ask(t, s)
			waitReplies(t, s, 1)
			endsWell(t, cmd)
			if d := s.Duplicates(); len(d) > 0 {
				t.Errorf("sent twice: %v", d)
			}
			t.Logf("figure: log pipe: %s; replies %d, the engine ended by itself", name, len(s.Ledger()))
		})
	}
}

// fillPipe writes to a pipe until it takes no more.
func fillPipe(t *testing.T, w *os.File) {
	t.Helper()
	fd := int(w.Fd()) // from here on the file blocks, as the child's would
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	for size := 4096; size > 0; {
		_, err := syscall.Write(fd, make([]byte, size))
		switch {
		case errors.Is(err, syscall.EAGAIN):
			size /= 2
		case err != nil:
			t.Fatal(err)
		}
	}
	if err := syscall.SetNonblock(fd, false); err != nil {
		t.Fatal(err)
	}
}

func endsWell(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(soon):
		t.Error("it does not end")
	}
}
