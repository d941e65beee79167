package state

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pidPath is the file beside the state file that names its owner: the state
// file itself cannot be read while it is locked on every system.
func pidPath(path string) string { return path + ".pid" }

// writePID names this process as the owner. Only who holds the lock calls it.
func writePID(path string) error {
	text := []byte(strconv.Itoa(os.Getpid()) + "\n")
	if err := os.WriteFile(pidPath(path), text, 0o600); err != nil {
		return fmt.Errorf("write the owner of state file %s: %w", path, err)
	}
	return nil
}

// ownerPID returns the pid of the process that holds the lock. A pid that lives
// no more was left by an owner that was killed: the present one is about to
// replace it, so it is looked for again for a short while.
func ownerPID(path string) int {
	patience := time.NewTimer(time.Second)
	defer patience.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		pid := readPID(path)
		if pid > 0 && alive(pid) {
			return pid
		}
		select {
		case <-again.C:
		case <-patience.C:
			return pid // of another machine or container that shares the disk, if of any
		}
	}
}

func readPID(path string) int {
	text, err := os.ReadFile(pidPath(path))
	if err != nil {
		return 0
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0
	}
	return pid
}

// alive reports whether a process exists. One of another user exists too.
func alive(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}
