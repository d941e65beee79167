package ctl

import (
	"fmt"
	"os"
)

// shortName is the folder's name among the open files of this process.
func shortName(dir *os.File) (name string, undo func(), err error) {
	return fmt.Sprintf("/proc/self/fd/%d", dir.Fd()), func() {}, nil
}
