package state

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"go.etcd.io/bbolt"
)

// CheckOptions say how a file is checked. The zero value is the default.
type CheckOptions struct {
	Full        bool          // all pages, however large the file is and however it was closed
	LockTimeout time.Duration // how long an owner is waited for; default 2 s
}

// Checked is what a check of a sound file has found.
type Checked struct {
	Full  bool  `json:"full"`  // all pages were looked at
	Older bool  `json:"older"` // its newest commit cannot be read, the one before it is what is there
	Bytes int64 `json:"bytes"` // that the file has
	Free  int64 `json:"free"`  // of these, what is in pages that hold nothing
}

// FullUpTo is the size up to which all pages of a file are checked at each start.
// Those of a larger one are when nobody said good-bye to it: else the journal and the
// commands that have ended, which is most of such a file, are left out.
const FullUpTo = 256 << 20

// DamagedError says that a state file cannot be trusted.
type DamagedError struct {
	Path string
	Why  error
}

// Error says what is wrong with the file.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("state file %s is damaged: %v", e.Path, e.Why)
}

// Unwrap returns what is wrong.
func (e *DamagedError) Unwrap() error { return e.Why }

// ForeignError says that a file is not one of ours: nothing was done with it.
type ForeignError struct{ Path string }

// Error says so.
func (e *ForeignError) Error() string {
	return e.Path + " is no state file: it was not touched"
}

// Check reads the state file at path as carefully as nobody else does, while it keeps
// engines from it. An error is a *DamagedError, a *ForeignError, an *InUseError, one
// that is fs.ErrNotExist, or the disk's. It writes nothing, and believes nothing that
// it reads; only at the end is the file given to bbolt, which may then still panic, or
// hang, where this is wrong: that is what a child process is for (see Probe).
func Check(path string, o CheckOptions) (Checked, error) {
	file, err := holdFile(path, o.LockTimeout)
	if err != nil {
		return Checked{}, err
	}
	defer file.Close()
	found, err := checkFile(file, path, o)
	if err != nil || found.Bytes == 0 {
		return found, err
	}
	return found, openOnce(file, path)
}

// openOnce has bbolt open and read a file that is held already.
func openOnce(file *os.File, path string) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &DamagedError{path, fmt.Errorf("it cannot be opened: %v", v)}
		}
	}()
	db, err := bbolt.Open(path, 0, &bbolt.Options{
		ReadOnly: true, PreLoadFreelist: true, NoStatistics: true, Timeout: time.Second,
		OpenFile: func(string, int, fs.FileMode) (*os.File, error) { return again(file) },
	})
	if err != nil {
		return &DamagedError{path, fmt.Errorf("it cannot be opened: %w", err)}
	}
	defer db.Close() //nolint:errcheck // nothing was written
	return db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func([]byte, *bbolt.Bucket) error { return nil })
	})
}

// checkFile checks a file that is held.
func checkFile(file *os.File, path string, o CheckOptions) (Checked, error) {
	info, err := file.Stat()
	if err != nil {
		return Checked{}, fmt.Errorf("look at state file %s: %w", path, err)
	}
	c := Checked{Bytes: info.Size(), Full: o.Full || info.Size() <= FullUpTo || wasLeft(path)}
	if c.Bytes == 0 {
		return c, nil // bbolt takes it for a new one
	}
	metas, why, err := metaPages(file)
	switch {
	case err != nil:
		return c, fmt.Errorf("read state file %s: %w", path, err)
	case len(metas) == 0 && errors.Is(why, errNotBolt) && !looksOurs(file, path, c.Bytes):
		return c, &ForeignError{path}
	case len(metas) == 0:
		return c, &DamagedError{path, why}
	}
	// Of a file whose other meta page is torn, the newest commit may be lost.
	c.Older = len(metas) == 1
	free, err := checkPages(file, c.Bytes, metas[0], c.Full)
	c.Free = free
	if bad, ok := errors.AsType[*unreadable](err); ok {
		return c, fmt.Errorf("read state file %s: %w", path, bad.error)
	}
	if errors.Is(err, errForeign) {
		return c, &ForeignError{path}
	}
	if errors.Is(err, errFormat) {
		return c, fmt.Errorf("read state file %s: %w", path, err)
	}
	if err != nil {
		return c, &DamagedError{path, err}
	}
	return c, nil
}

// checkPages checks what a meta page leads to, and returns how many bytes are in pages
// that hold nothing.
func checkPages(file io.ReaderAt, size int64, meta metaPage, full bool) (free int64, err error) {
	rows := newRowCheck(full)
	w := pageWalk{file: file, size: size, meta: meta, row: rows.row, in: rows.in}
	if !full {
		w.skip = func(path [][]byte) bool {
			return len(path) == 1 && (string(path[0]) == string(bucketJournal) || string(path[0]) == string(bucketEnded))
		}
	}
	if err := w.run(); err != nil {
		return 0, err
	}
	return w.frees * meta.pageSize, rows.end()
}

// wasLeft says whether the engine that had the file last did not close it: its name is
// beside it still.
func wasLeft(path string) bool {
	_, err := os.Lstat(pidPath(path))
	return err == nil
}

// looksOurs says whether a file without a sign of bbolt was a state file all the same:
// an engine's name is beside it, it is all zeroes where one begins, or its pages still
// have their numbers. Somebody else's file must not be moved away.
func looksOurs(file io.ReaderAt, path string, size int64) bool {
	if wasLeft(path) {
		return true
	}
	const pageSize = 4096
	head := make([]byte, min(size, 2*pageSize))
	if _, err := file.ReadAt(head, 0); err == nil && len(head) > 0 && allZero(head) {
		return true
	}
	numbered := 0
	for id := int64(2); id < min(size/pageSize, 64); id++ {
		var b [pageHeader]byte
		if _, err := file.ReadAt(b[:], id*pageSize); err == nil && binary.LittleEndian.Uint64(b[:]) == uint64(id) {
			numbered++
		}
	}
	return numbered >= 2
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// Hold keeps engines from the file at path until release is called, whatever is in it.
func Hold(path string) (release func(), err error) {
	file, err := holdFile(path, 0)
	if err != nil {
		return nil, err
	}
	return func() { _ = file.Close() }, nil // nothing was written
}
