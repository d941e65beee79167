package state

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	berrors "go.etcd.io/bbolt/errors"
)

// outOfSpace reports whether a commit failed before it touched anything, for want of
// space: later ones may succeed. A sync that fails for want of space is another
// matter: what the kernel was given before may be on the disk or not, and it says so
// only once. bbolt hands on the error of a sync as it comes from the system, and that
// of a write with the file's name.
func outOfSpace(err error) bool {
	if _, sync := err.(syscall.Errno); sync { //nolint:errorlint // only what is not wrapped
		return false
	}
	return errors.Is(err, berrors.ErrMaxSizeReached) ||
		errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// noteNoRoom counts a failure for want of space. That a smaller commit works between
// two such failures does not mean that there is room.
func (s *bolt) noteNoRoom(err error) {
	if outOfSpace(err) {
		s.noRoom.Add(1)
	}
}

// ballastSuffix stands behind the name of a state file in that of its ballast.
const ballastSuffix = ".ballast"

// The ballast takes this share of the file system at most, and is not made where less
// than so many times its size is free, or where it would be smaller than this.
const (
	ballastShare = 32
	ballastSpare = 4
	ballastLeast = 64 << 10
)

// KeepBallast makes a file beside the state file that holds nothing: room that
// DropBallast gives back when a full disk would keep an engine from ending in order.
// It is smaller on a small disk; where little is free it is not made, and ok is false.
// Size 0 takes it away.
func KeepBallast(path string, size int64) (ok bool, err error) {
	name := path + ballastSuffix
	if size == 0 {
		return true, DropBallast(path)
	}
	total, free, known := diskSpace(path)
	if known {
		size = min(size, total/ballastShare) &^ 4095
	}
	if info, err := os.Stat(name); err == nil && info.Size() == size {
		return true, nil
	}
	if err := DropBallast(path); err != nil {
		return false, err
	}
	if !known || size < ballastLeast || free/ballastSpare < size {
		return false, nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return false, err
	}
	if err := errors.Join(reserve(file, size), file.Close()); err != nil {
		return false, errors.Join(err, os.Remove(name))
	}
	return true, nil
}

// DropBallast gives the room of the ballast back, if there is one.
func DropBallast(path string) error {
	err := os.Remove(path + ballastSuffix)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// fillUp writes zeroes, where room cannot be had without.
func fillUp(file *os.File, size int64) error {
	for left := size; left > 0; {
		n, err := file.Write(zeroes[:min(left, int64(len(zeroes)))])
		if err != nil {
			return err
		}
		left -= int64(n)
	}
	return file.Sync()
}
