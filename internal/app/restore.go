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
	if err := state.Place(to); err != nil {
		return out, err
	}
	release, err := holdState(to)
	if err != nil {
		return out, err
	}
	defer release()
	to = state.Real(to)
	ready := to + restoringMark
	if err := dropRestoring(to); err != nil {
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

// holdState keeps engines from the state file, sound or not, until release is called.
func holdState(path string) (release func(), err error) {
	release, err = state.Hold(path)
	if errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	return release, err
}

// copyState copies a backup that can be read.
func copyState(from, to string) error {
	if _, err := state.Check(from, state.CheckOptions{Full: true}); err != nil {
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
	return keepAs(path, path+"."+now.Format("20060102-150405"))
}

// keepAs gives a file a second name, or another one where it comes to be the only one:
// name, with a number behind it if there is such a file.
func keepAs(path, name string) (aside string, err error) {
	aside = name
	for n := 1; ; n++ {
		_, err := os.Lstat(aside)
		if errors.Is(err, fs.ErrNotExist) {
			break
		}
		aside = fmt.Sprintf("%s-%d", name, n)
	}
	if os.Link(path, aside) == nil {
		return aside, nil
	}
	return aside, os.Rename(path, aside) // a file system without links
}
