package state

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
)

// Snapshotter is a store that can write a small copy of itself while it is used.
type Snapshotter interface {
	// Snapshot makes a state file at path that holds what is committed when it is
	// called, without the journal, which is most of a file and of no use for going on.
	// Commits go on meanwhile. It gives up after 30 s, because the file cannot reuse
	// its room while it is read, and before it takes the last room on the disk, which
	// the commits need; what is made is made whole, or not at all.
	Snapshot(ctx context.Context, path string) error
}

// longestRead bounds how long the file is kept from using its room again.
const longestRead = 30 * time.Second

// Snapshot implements Snapshotter.
func (s *bolt) Snapshot(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, longestRead)
	defer cancel()
	err := s.db.View(func(tx *bbolt.Tx) error { return writeLean(ctx, tx, path, spareRoom, bucketJournal) })
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// Nobody writes a snapshot where less than this is free beside it, or than this share
// of a small disk.
const (
	spareLeast = 64 << 20
	spareShare = 16
)

var errNoSpare = errors.New("too little room is left on the disk")

// spareRoom returns an error where the next rows of a copy at path could take room that
// commits need.
func spareRoom(path string) error {
	total, free, known := diskSpace(path)
	if known && total > 0 && free < min(spareLeast, total/spareShare)+2*copiedAtOnce {
		return errNoSpare
	}
	return nil
}

// Where compacting is worth it: so much is free, and at least this part of the file.
const (
	compactLeast = 64 << 20
	compactShare = 0.5
)

// WorthCompacting says whether most of a file that was checked holds nothing.
func WorthCompacting(c Checked) bool {
	return c.Free >= compactLeast && float64(c.Free) >= compactShare*float64(c.Bytes)
}

// Compact replaces the state file at path, which nobody has open, by one of the same
// content that is only as large as that needs, and returns how large it is. Whenever
// it is stopped, the file is the old one or the new one, whole; what is left of an
// attempt is taken away by the next.
func Compact(ctx context.Context, path string, o Options) (bytes int64, err error) {
	o = o.withDefaults()
	path = Real(path)
	lean := path + compactSuffix
	if err := DropUnfinished(path); err != nil {
		return 0, err
	}
	db, err := openFile(path, o)
	if err != nil {
		return 0, err
	}
	defer db.Close() //nolint:errcheck // nothing was written to it
	if err := db.View(func(tx *bbolt.Tx) error { return writeLean(ctx, tx, lean, nil) }); err != nil {
		return 0, fmt.Errorf("compact state file %s: %w", path, err)
	}
	if _, err := Check(lean, CheckOptions{Full: true}); err != nil {
		return 0, errors.Join(fmt.Errorf("compact state file %s: %w", path, err), os.Remove(lean))
	}
	info, err := os.Stat(lean)
	if err != nil {
		return 0, err
	}
	if err := os.Rename(lean, path); err != nil {
		return 0, errors.Join(err, os.Remove(lean))
	}
	return info.Size(), SyncFolder(filepath.Dir(path))
}

const (
	compactSuffix = ".compacting"
	makingSuffix  = ".making"
)

// DropUnfinished takes away what a compaction that was stopped has left beside a state
// file.
func DropUnfinished(path string) error {
	path = Real(path)
	for _, name := range []string{path + compactSuffix, path + compactSuffix + makingSuffix} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// writeLean makes a file at path that holds what a transaction sees, without the rows
// of some buckets: all of it and on the disk, or there is no file. room is asked again and
// again whether there is some; nil: it is taken as long as there is any.
func writeLean(ctx context.Context, tx *bbolt.Tx, path string, room func(path string) error, without ...[]byte) (err error) {
	making := path + makingSuffix
	if err := os.Remove(making); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(making) // it is said already why there is none
		}
	}()
	db, err := bbolt.Open(making, 0o600, &bbolt.Options{
		NoSync: true, NoGrowSync: true, NoStatistics: true, FreelistType: bbolt.FreelistMapType,
	})
	if err != nil {
		return err
	}
	c := rowCopy{ctx: ctx, to: db, without: without, room: room}
	if err := errors.Join(c.all(tx), db.Sync(), db.Close()); err != nil {
		return err
	}
	if err := os.Rename(making, path); err != nil {
		return err
	}
	return SyncFolder(filepath.Dir(path))
}

// rowCopy copies rows in their order, a few MiB to a transaction.
type rowCopy struct {
	ctx     context.Context //nolint:containedctx // of the one call that copies
	to      *bbolt.DB
	without [][]byte
	room    func(path string) error // nil: nobody asks

	tx   *bbolt.Tx
	size int
	path [][]byte
	at   *bbolt.Bucket // that of path in tx; nil = not looked for yet
}

// copiedAtOnce is how many bytes share a transaction.
const copiedAtOnce = 4 << 20

func (c *rowCopy) all(from *bbolt.Tx) error {
	err := from.ForEach(func(name []byte, b *bbolt.Bucket) error {
		return c.bucket(name, b, containsName(c.without, name))
	})
	if c.tx == nil {
		return err
	}
	if err != nil {
		return errors.Join(err, c.tx.Rollback())
	}
	return c.tx.Commit()
}

func containsName(names [][]byte, name []byte) bool {
	return slices.ContainsFunc(names, func(n []byte) bool { return bytes.Equal(n, name) })
}

func (c *rowCopy) bucket(name []byte, from *bbolt.Bucket, empty bool) error {
	outer := c.path
	c.path, c.at = append(slices.Clip(outer), bytes.Clone(name)), nil
	defer func() { c.path, c.at = outer, nil }()
	to, err := c.here()
	if err == nil {
		err = to.SetSequence(from.Sequence())
	}
	if err != nil || empty {
		return err
	}
	return from.ForEach(func(key, value []byte) error {
		if value == nil {
			return c.bucket(key, from.Bucket(key), false)
		}
		if err := c.ctx.Err(); err != nil {
			return err
		}
		to, err := c.here()
		if err != nil {
			return err
		}
		c.size += len(key) + len(value)
		return to.Put(key, value)
	})
}

// here is the bucket of the path, in a transaction that has room.
func (c *rowCopy) here() (*bbolt.Bucket, error) {
	if c.tx != nil && c.size > copiedAtOnce {
		if err := c.tx.Commit(); err != nil {
			c.tx = nil
			return nil, err
		}
		c.tx, c.at = nil, nil
	}
	if c.tx == nil {
		if c.room != nil {
			if err := c.room(c.to.Path()); err != nil {
				return nil, err
			}
		}
		tx, err := c.to.Begin(true)
		if err != nil {
			return nil, err
		}
		c.tx, c.size = tx, 0
	}
	if c.at != nil {
		return c.at, nil
	}
	b, err := c.tx.CreateBucketIfNotExists(c.path[0])
	for _, name := range c.path[1:] {
		if err != nil {
			return nil, err
		}
		b, err = b.CreateBucketIfNotExists(name)
	}
	if err != nil {
		return nil, err
	}
	b.FillPercent = appended
	c.at = b
	return b, nil
}
