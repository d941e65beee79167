package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"botengine/internal/state"
)

// checkState says whether an engine can go on with the state file at a path.
type checkState func(ctx context.Context, path string) (state.Checked, error)

func (o *Options) checkState() checkState {
	return func(ctx context.Context, path string) (state.Checked, error) {
		if len(o.CheckState) > 0 {
			return state.Probe(ctx, path, o.CheckState, state.CheckOptions{})
		}
		return state.Check(path, state.CheckOptions{})
	}
}

// Salvage is what was done about a state file that cannot be trusted.
type Salvage struct {
	Why      error     // what is wrong with it
	Aside    string    // where it is now
	From     string    // what the engine goes on with: see the constants
	Snapshot string    // which one, if it is that
	Doubted  int       // commands that are looked up before they are sent
	At       time.Time // when
}

// What an engine goes on with instead of a damaged state file.
const (
	FromPrevious = "previous" // the same file as it was one commit before
	FromSnapshot = "snapshot"
	FromNothing  = "nothing" // a new one: nothing that was said before is answered
)

// soundState makes sure that there is a state file that can be opened, or none, which
// is a new one. One that is damaged is given another name, and never deleted. Who
// keeps it from being read gets an error: it is not the file's fault.
func soundState(ctx context.Context, path string, check checkState, log *slog.Logger) (*Salvage, error) {
	began := time.Now()
	found, err := check(ctx, path)
	bad, damaged := errors.AsType[*state.DamagedError](err)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil //nolint:nilnil // nothing is wrong: it is a new one
	case damaged:
		return salvage(ctx, path, bad, began, log)
	case err != nil:
		return nil, err
	}
	log.Debug("the state file was checked", "bytes", found.Bytes, "free", found.Free, "full", found.Full, "took", time.Since(began).String())
	if !found.Older {
		compact(ctx, path, found, log)
		return nil, nil //nolint:nilnil // nothing is wrong
	}
	doubted, err := distrust(ctx, path)
	if err == nil {
		log.Error("the newest commit of the state file is not readable: the engine goes on with the one before; what may have been sent since is looked up first", "path", path, "in_doubt", doubted)
	}
	return nil, err
}

// salvage gives a damaged file another name, and puts in its place what is the next
// best: the file as it was one commit before, the newest snapshot that is sound, or
// nothing. Where it is stopped in between, the next start does it again.
func salvage(ctx context.Context, path string, bad *state.DamagedError, now time.Time, log *slog.Logger) (*Salvage, error) {
	release, err := state.Hold(path)
	if err != nil {
		return nil, err
	}
	defer release()
	done := &Salvage{Why: bad.Why, From: FromNothing, At: now}
	file := state.Real(path)
	ready := file + restoringMark
	if err := dropRestoring(file); err != nil {
		return nil, err
	}
	if err := nextBest(ctx, path, ready, done, log); err != nil {
		return nil, errors.Join(err, removeIfThere(ready))
	}
	if done.Aside, err = keepAs(file, file+".damaged-"+now.Format("20060102-150405")); err != nil {
		return nil, fmt.Errorf("give the damaged state file another name: %w", err)
	}
	if done.From == FromNothing {
		err = removeIfThere(file) // it has its other name
	} else {
		err = os.Rename(ready, file)
	}
	if err := errors.Join(err, state.SyncFolder(filepath.Dir(file))); err != nil {
		return nil, fmt.Errorf("replace the damaged state file: %w", err)
	}
	done.tell(log, path)
	return done, nil
}

// nextBest makes a file at ready out of what there is. What of it may have been sent
// since is in doubt in it. There is none only where what is in all of them is no good:
// for want of room, say, nobody begins anew.
func nextBest(ctx context.Context, path, ready string, done *Salvage, log *slog.Logger) error {
	var trouble error
	err := state.WritePrevious(path, ready)
	if err == nil {
		if done.Doubted, err = distrust(ctx, ready); err == nil {
			done.From = FromPrevious
			return nil
		}
	}
	log.Warn("the damaged state file cannot be taken back by one commit", "error", err)
	if elsewhere(err) {
		trouble = err
	}
	snapshots, err := snapshotsOf(path)
	if err != nil {
		return err
	}
	for _, snapshot := range snapshots {
		err := errors.Join(ctx.Err(), removeIfThere(ready))
		if err != nil {
			return err
		}
		if err = copyState(snapshot, ready); err == nil {
			done.Doubted, err = distrust(ctx, ready)
		}
		if err == nil {
			done.From, done.Snapshot = FromSnapshot, snapshot
			return nil
		}
		log.Warn("a snapshot cannot be used", "path", snapshot, "error", err)
		if elsewhere(err) {
			trouble = errors.Join(trouble, err)
		}
	}
	if trouble != nil {
		return fmt.Errorf("state file %s is damaged, and what there is instead could not be put in its place: %w", path, trouble)
	}
	return removeIfThere(ready)
}

// elsewhere says whether an error is the system's, or of whoever ends the engine: it says
// nothing about what is in a file.
func elsewhere(err error) bool {
	_, system := errors.AsType[syscall.Errno](err)
	_, used := errors.AsType[*state.InUseError](err)
	return system && !errors.Is(err, fs.ErrNotExist) || used || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// snapshotsOf are the snapshots of a state file, the newest first.
func snapshotsOf(path string) ([]string, error) {
	found, err := filepath.Glob(globQuoted(path) + snapshotMark + "*")
	if err != nil {
		return nil, err
	}
	age := func(file string) time.Time {
		info, err := os.Stat(file)
		if err != nil {
			return time.Time{}
		}
		return info.ModTime()
	}
	found = slices.DeleteFunc(found, func(file string) bool { return slices.Contains([]string{".pid", ".making"}, filepath.Ext(file)) })
	slices.SortStableFunc(found, func(a, b string) int {
		return cmp.Or(age(b).Compare(age(a)), cmp.Compare(b, a))
	})
	return found, nil
}

// snapshotMark is what stands behind the name of a state file in that of its
// snapshots.
const snapshotMark = ".snapshot-"

// globQuoted is a path for filepath.Glob in which every character stands for itself.
func globQuoted(path string) string {
	path = filepath.Clean(path) // a "." would be looked for in the folder
	var out []byte
	for i := range len(path) {
		switch path[i] {
		case '*', '?', '[':
			out = append(out, '[', path[i], ']')
		default:
			out = append(out, path[i])
		}
	}
	return string(out)
}

// restoringMark stands behind the name of a state file in that of what is to take its
// place.
const restoringMark = ".restoring"

// dropRestoring takes away what a restore that was killed has left beside a state file,
// half a copy of it included.
func dropRestoring(path string) error {
	halves, err := filepath.Glob(globQuoted(filepath.Join(filepath.Dir(path), "."+filepath.Base(path)+restoringMark)) + ".*")
	if err != nil {
		return err
	}
	for _, name := range append(halves, path+restoringMark, path+restoringMark+".pid") {
		if err := removeIfThere(name); err != nil {
			return err
		}
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// tell says what was done, and what that means.
func (s *Salvage) tell(log *slog.Logger, path string) {
	means := map[string]string{
		FromPrevious: "one commit is lost: what may have been sent since is looked up before it is sent",
		FromSnapshot: "what happened since the snapshot is read from the chat history, what may have been sent is looked up before it is sent",
		FromNothing:  "the engine begins anew: nothing that was said before is answered, counters and waiting runs are gone",
	}
	log.Error("the state file is damaged: it was put aside", "path", path, "why", s.Why, "aside", s.Aside,
		"goes_on_with", s.From, "snapshot", s.Snapshot, "in_doubt", s.Doubted, "means", means[s.From])
}
