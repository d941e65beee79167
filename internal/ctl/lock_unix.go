//go:build unix

package ctl

import "syscall"

// lock keeps other processes from making a socket in the folder; it is given back
// by the function, or by the end of the process.
func (f *folder) lock() (unlock func(), err error) {
	fd := int(f.file.Fd())
	if err := syscall.Flock(fd, syscall.LOCK_EX); err != nil {
		return nil, err
	}
	return func() { _ = syscall.Flock(fd, syscall.LOCK_UN) }, nil // closing the folder does it, too
}
