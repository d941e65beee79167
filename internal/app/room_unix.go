//go:build unix

package app

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// roomFor returns how many bytes the disk of a file has left for us.
func roomFor(path string) (bytes float64, ok bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(filepath.Dir(path), &s); err != nil {
		return 0, false
	}
	return float64(s.Bavail) * float64(s.Bsize), true
}
