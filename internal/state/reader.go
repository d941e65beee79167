package state

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"go.etcd.io/bbolt"
)

// Reader reads a state file that no engine owns. It writes nothing, and keeps
// engines, but no other readers, from opening the file. Its methods may be called
// from any goroutine.
type Reader struct {
	db *bbolt.DB
	o  Options
}

// OpenReader opens the state file at path to read it. It returns an *InUseError
// when an engine has the file, and an error that is fs.ErrNotExist when there is
// none.
func OpenReader(path string, o Options) (*Reader, error) {
	o = o.withDefaults()
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("open state file: %w", err)
	}
	db, err := openToRead(path, o)
	if err != nil {
		return nil, err
	}
	r := &Reader{db: db, o: o}
	if err := db.View(checkFormat); err != nil {
		_ = db.Close() // nothing was written
		return nil, fmt.Errorf("read state file %s: %w", path, err)
	}
	return r, nil
}

func openToRead(path string, o Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // of a file that is shorter than it says
	defer func() {
		if v := recover(); v != nil {
			db, err = nil, fmt.Errorf("open state file %s: the file is damaged: %v", path, v)
		}
	}()
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{Timeout: o.LockTimeout, ReadOnly: true, NoStatistics: true})
	if err != nil {
		return nil, explainOpen(path, err)
	}
	return db, nil
}

// View runs fn over what is committed. Writing in it is an error.
func (r *Reader) View(ctx context.Context, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.db.View(func(btx *bbolt.Tx) error {
		return run(&boltTx{tx: btx, now: r.o.Now}, fn)
	})
}

// Close gives the file up.
func (r *Reader) Close() error { return r.db.Close() }
