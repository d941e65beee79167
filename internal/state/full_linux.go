package state

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// diskSpace is how large the file system is that a file lies on, and how much of it
// this user may still use.
func diskSpace(path string) (total, free int64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(path), &s); err != nil {
		return 0, 0, false
	}
	block := int64(s.Bsize) //nolint:unconvert // it is narrower elsewhere
	return int64(s.Blocks) * block, int64(s.Bavail) * block, true
}

// reserve has a file take its room on the disk.
func reserve(file *os.File, size int64) error {
	if err := unix.Fallocate(int(file.Fd()), 0, 0, size); err == nil {
		return nil
	}
	return fillUp(file, size)
}
