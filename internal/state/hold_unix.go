//go:build unix

package state

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// holdFile opens the file at path to read it, and keeps engines from it until it is
// closed. It returns an *InUseError when an engine has it.
func holdFile(path string, patience time.Duration) (*os.File, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open state file: %w", err)
	}
	if patience == 0 {
		patience = lockPatience
	}
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil && !isStill(path, file) {
			return nil, errors.Join(&InUseError{Path: path, PID: ownerPID(path)}, file.Close())
		}
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return nil, errors.Join(fmt.Errorf("lock state file %s: %w", path, err), file.Close())
		}
		select {
		case <-again.C:
		case <-timeout.C:
			return nil, errors.Join(&InUseError{Path: path, PID: ownerPID(path)}, file.Close())
		}
	}
}

// again is another name for an open file: what one does to its lock, the other sees.
func again(file *os.File) (*os.File, error) {
	fd, err := syscall.Dup(int(file.Fd()))
	if err != nil {
		return nil, err
	}
	syscall.CloseOnExec(fd)
	return os.NewFile(uintptr(fd), file.Name()), nil
}
