package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"botengine/internal/intake"
	"botengine/internal/state"
)

// Restored is what became of a backup that was put back, version 1.
type Restored struct {
	V       int    `json:"v"`
	Path    string `json:"path"`
	Aside   string `json:"aside,omitempty"` // where the state is that was there before; "" = there was none
	Doubted int    `json:"doubted"`         // commands that may have been sent since the backup: they are looked up first
}

// Restore puts a copy of the backup at from in the place of the state file at to.
// What was there is kept beside it. What waits in the backup may have been sent
// since: it is looked up, or a person decides, before anything is sent again. It
// returns *state.InUseError while an engine runs; when it fails the state is as it
// was.
func Restore(ctx context.Context, from, to string, now time.Time) (Restored, error) {
	out := Restored{V: 1, Path: to}
	release, err := holdState(to)
	if err != nil {
		return out, err
	}
	defer release()
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return out, fmt.Errorf("state folder: %w", err)
	}
	ready := to + ".restoring"
	if err := os.Remove(ready); err != nil && !errors.Is(err, fs.ErrNotExist) { // of a restore that was killed
		return out, err
	}
	if err := copyState(from, ready); err != nil {
		return out, err
	}
	if out.Doubted, err = distrust(ctx, ready); err != nil {
		return out, errors.Join(fmt.Errorf("prepare the copy of %s: %w", from, err), os.Remove(ready))
	}
	if out.Aside, err = keepAside(to, now); err != nil {
		return out, errors.Join(fmt.Errorf("keep the state that is there: %w", err), os.Remove(ready))
	}
	if err := os.Rename(ready, to); err != nil {
		return out, err
	}
	return out, state.SyncFolder(filepath.Dir(to))
}

// holdState keeps engines from the state file until release is called. A file that
// cannot be read may be replaced.
func holdState(path string) (release func(), err error) {
	r, err := state.OpenReader(path, state.Options{})
	if used, ok := errors.AsType[*state.InUseError](err); ok {
		return nil, used
	}
	if err != nil {
		return func() {}, nil //nolint:nilerr // it is not there, or damaged: that is what backups are for
	}
	return func() { _ = r.Close() }, nil // nothing was written
}

// copyState copies a backup that can be read.
func copyState(from, to string) error {
	r, err := state.OpenReader(from, state.Options{})
	if err != nil {
		return err
	}
	if err := r.Close(); err != nil {
		return err
	}
	in, err := os.Open(from) //nolint:gosec // the file that a person named
	if err != nil {
		return err
	}
	return errors.Join(state.WriteFile(to, func(w io.Writer) error {
		_, err := io.Copy(w, in)
		return err
	}), in.Close())
}

// distrust makes the state one that knows itself to be old: whatever waits in it may
// have been sent.
func distrust(ctx context.Context, path string) (doubted int, err error) {
	store, err := state.Open(path, state.Options{})
	if err != nil {
		return 0, err
	}
	err = store.Update(ctx, func(tx state.Tx) error {
		doubted = 0
		for _, e := range tx.Open("") {
			if e.State == state.Pending {
				tx.PutEntry(intake.InDoubt(e))
				doubted++
			}
		}
		return putLife(tx, life{Boot: "restored"})
	})
	return doubted, errors.Join(err, store.Close())
}

// keepAside gives the state file a second name, under which it stays.
func keepAside(path string, now time.Time) (aside string, err error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	aside = path + "." + now.Format("20060102-150405")
	for n := 1; ; n++ {
		_, err := os.Lstat(aside)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s.%s-%d", path, now.Format("20060102-150405"), n)
	}
	if os.Link(path, aside) == nil {
		return aside, nil
	}
	return aside, os.Rename(path, aside) // a file system without links
}
