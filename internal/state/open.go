package state

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime/debug"
	"time"

	"botengine/internal/failpoint"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Options are the settings of the bbolt store. The zero value is the default.
type Options struct {
	Now         func() time.Time // default time.Now
	MaxSize     int              // bytes the file may grow to; 0 = no limit
	LockTimeout time.Duration    // how long another owner is waited for; default 2 s
	KeepSeen    time.Duration    // how long dedupe keys are kept; default 8 days
	KeepEnded   time.Duration    // how long ended entries are kept; default 7 days
	BatchSize   int              // functions that may share a commit; default 256
	BatchWait   time.Duration    // how long a commit may wait for more of them; default 2 ms
	SweepEvery  time.Duration    // pause between two sweeps; default 1 min
	Journal     JournalOptions
}

// lockPatience is how long another owner of a file is waited for: one that is about to
// end does so in that time.
const lockPatience = 2 * time.Second

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	o.LockTimeout = cmp.Or(o.LockTimeout, lockPatience)
	o.KeepSeen = cmp.Or(o.KeepSeen, 8*24*time.Hour)
	o.KeepEnded = cmp.Or(o.KeepEnded, 7*24*time.Hour)
	o.BatchSize = cmp.Or(o.BatchSize, 256)
	o.BatchWait = cmp.Or(o.BatchWait, 2*time.Millisecond)
	o.SweepEvery = cmp.Or(o.SweepEvery, failpoint.Hurry(time.Minute))
	o.Journal.Keep = cmp.Or(o.Journal.Keep, 7*24*time.Hour)
	o.Journal.MaxSize = cmp.Or(o.Journal.MaxSize, 2<<30)
	return o
}

// Open opens the store in the file at path, or makes it: the file with mode
// 0600, folders that are missing with 0700. When another process has the file
// open, Open waits for LockTimeout and then returns an *InUseError; a *PlaceError says
// that a state file must not be there. Who opens a file that may be damaged checks it
// first (Check, Probe): reading it may else end the process.
func Open(path string, o Options) (Store, error) {
	o = o.withDefaults()
	if err := Place(path); err != nil {
		return nil, err
	}
	db, err := openFile(path, o)
	if err != nil {
		return nil, err
	}
	seen, err := prepare(db, path)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return startWriter(db, path, o, seen), nil
}

// prepare makes a file that was just locked ours: mode, owner's pid, buckets. It
// returns the dedupe keys that are in it.
func prepare(db *bbolt.DB, path string) (known *seen, err error) {
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, fmt.Errorf("restrict state file %s to its owner: %w", path, err)
	}
	if err := writePID(path); err != nil {
		return nil, err
	}
	if err := db.Update(makeBuckets); err != nil {
		return nil, fmt.Errorf("prepare state file %s: %w", path, err)
	}
	err = db.View(func(tx *bbolt.Tx) error {
		known, err = loadSeen(tx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read state file %s: %w", path, err)
	}
	return known, nil
}

// openFile opens and locks the file. bbolt panics on some damaged files; that
// becomes an error, and the process should end soon, for the lock stays with it.
func openFile(path string, o Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // of a file that is shorter than it says
	defer func() {
		if v := recover(); v != nil {
			db, err = nil, fmt.Errorf("open state file %s: the file is damaged: %v", path, v)
		}
	}()
	var opened *os.File
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		OpenFile: func(name string, flag int, mode fs.FileMode) (*os.File, error) {
			opened, err = os.OpenFile(name, flag, mode) //nolint:gosec // the state file
			return opened, err
		},
		Timeout:      o.LockTimeout,
		MaxSize:      o.MaxSize,
		FreelistType: bbolt.FreelistMapType,
		NoStatistics: true,
	})
	if err != nil {
		return nil, explainOpen(path, err)
	}
	if !isStill(path, opened) {
		return nil, errors.Join(&InUseError{Path: path, PID: ownerPID(path)}, db.Close())
	}
	return db, nil
}

// isStill says whether an open file is the one that has its name: while its lock was
// waited for, the one who held it may have put another in its place.
func isStill(path string, file *os.File) bool {
	mine, err := file.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(mine, named)
}

// explainOpen says what to do about an error of bbolt.Open.
func explainOpen(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return &InUseError{Path: path, PID: ownerPID(path)}
	case errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("open state file %s: %w: give this user the right to write there", path, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return fmt.Errorf("open state file %s: %w: it is not a state file, or damaged: restore a copy, or move it away to start anew", path, err)
	default:
		return fmt.Errorf("open state file %s: %w", path, err)
	}
}
