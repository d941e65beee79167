//go:build !linux

package ctl

import (
	"os"
	"path/filepath"
)

// shortName is a link to the folder, in the folder for temporary files.
func shortName(dir *os.File) (name string, undo func(), err error) {
	path, err := filepath.Abs(dir.Name())
	if err != nil {
		return "", nil, err
	}
	private, err := os.MkdirTemp("", "be-")
	if err != nil {
		return "", nil, err
	}
	undo = func() { _ = os.RemoveAll(private) } // a leftover in the temporary folder harms nobody
	name = filepath.Join(private, "s")
	if err := os.Symlink(path, name); err != nil {
		undo()
		return "", nil, err
	}
	return name, undo, nil
}
