package ctl

import (
	"os"
	"path/filepath"
	"strings"
)

// maxAddress is how long a path may be as the address of a socket, on every system.
const maxAddress = 100

// privatePrefix begins the names of the folders in which sockets are made.
const privatePrefix = ".ctl-"

// folder is the folder of a socket. Its paths can be made short, because a socket's
// address holds about a hundred bytes.
type folder struct {
	path string
	file *os.File
	link string // the other, short name of it; "" = none was needed
	undo func()
}

func openFolder(path string) (*folder, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	f := &folder{path: path, file: file, undo: func() {}}
	if len(path)+len("/"+privatePrefix+"4294967295/")+len(Name) > maxAddress {
		if f.link, f.undo, err = shortName(file); err != nil {
			_ = file.Close() // it was only read
			return nil, err
		}
	}
	return f, nil
}

func (f *folder) close() {
	f.undo()
	_ = f.file.Close() // it was only read
}

// short is an address for a file in the folder, valid until close.
func (f *folder) short(name string) string {
	if f.link == "" {
		return filepath.Join(f.path, name)
	}
	return f.link + "/" + name
}

// sweep removes what engines left that died while they made a socket.
func (f *folder) sweep() {
	left, err := os.ReadDir(f.path)
	if err != nil {
		return // it harms nobody
	}
	for _, e := range left {
		if strings.HasPrefix(e.Name(), privatePrefix) {
			_ = os.RemoveAll(filepath.Join(f.path, e.Name()))
		}
	}
}
