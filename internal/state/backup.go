package state

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Copier is a store that can write a copy of itself while it is used.
type Copier interface {
	// Copy writes a state file to w that holds what is committed when it is called,
	// and returns how many bytes that are. Commits go on meanwhile.
	Copy(ctx context.Context, w io.Writer) (int64, error)
}

// Copy implements Copier.
func (s *bolt) Copy(ctx context.Context, w io.Writer) (n int64, err error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	err = s.db.View(func(tx *bbolt.Tx) error {
		n, err = tx.WriteTo(whileWanted{ctx, w})
		return err
	})
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return n, ErrClosed
	}
	return n, err
}

// whileWanted is a writer that ends with its context.
type whileWanted struct {
	ctx context.Context //nolint:containedctx // of the one call that writes
	to  io.Writer
}

func (w whileWanted) Write(p []byte) (int, error) {
	if err := w.ctx.Err(); err != nil {
		return 0, err
	}
	return w.to.Write(p)
}

// WriteFile makes a file at path, with mode 0600, that holds what write writes: all
// of it and on the disk, or there is no file. Where there is one already it returns
// an error that is fs.ErrExist, and touches nothing.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	if _, err := os.Lstat(path); err == nil {
		return &fs.PathError{Op: "write", Path: path, Err: fs.ErrExist}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return err
	}
	defer func() {
		if gone := os.Remove(temp.Name()); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	if err := errors.Join(write(temp), temp.Sync(), temp.Close()); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	// A link never replaces what came there meanwhile; not every file system has them.
	if err := os.Link(temp.Name(), path); errors.Is(err, fs.ErrExist) {
		return err
	} else if err != nil {
		if err := os.Rename(temp.Name(), path); err != nil {
			return err
		}
	}
	return SyncFolder(filepath.Dir(path))
}

// SyncFolder makes durable which files a folder has, on systems where that is asked for.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	folder, err := os.Open(path) //nolint:gosec // of the state file, or where a person wants a copy
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
