package app

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	settle    = 100 * time.Millisecond // quiet time after a change: one look per save
	settleMax = 500 * time.Millisecond // a folder that never is quiet is looked at all the same
	pollEvery = 30 * time.Second       // the net under lost notifications and file systems without any
)

// watcher tells when something below the watched paths may have changed. It
// watches folders, never files: editors replace files, and a replaced file takes
// its watch with it.
type watcher struct {
	paths []string
	fs    *fsnotify.Watcher
	poll  time.Duration
}

func newWatcher(paths []string, poll time.Duration) (*watcher, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, err
	}
	return &watcher{paths: paths, fs: w, poll: poll}, nil
}

// run calls look once at the start, after every change, once per burst, and every
// poll interval; it returns when ctx ends. Folders are watched before they are
// looked at, so that no change falls in between.
func (w *watcher) run(ctx context.Context, look func()) error {
	defer func() { _ = w.fs.Close() }() // nothing is lost with it
	tick := time.NewTicker(w.poll)
	defer tick.Stop()
	for {
		w.rewatch()
		look()
		if !w.wait(ctx, tick.C) {
			return ctx.Err()
		}
	}
}

// wait blocks until there is a reason to look; false when ctx ended.
func (w *watcher) wait(ctx context.Context, poll <-chan time.Time) bool {
	select {
	case <-ctx.Done():
		return false
	case <-poll:
		return true
	case _, open := <-w.fs.Errors: // an overflow: what was missed is not known, so look
		return open
	case <-w.fs.Events:
		return w.calm(ctx)
	}
}

// calm waits until the burst of notifications is over.
func (w *watcher) calm(ctx context.Context) bool {
	end := time.NewTimer(settleMax)
	defer end.Stop()
	for {
		quiet := time.NewTimer(settle)
		select {
		case <-ctx.Done():
			quiet.Stop()
			return false
		case <-w.fs.Events:
			quiet.Stop()
		case <-quiet.C:
			return true
		case <-end.C:
			quiet.Stop()
			return true
		}
	}
}

// rewatch puts a watch on every folder there is now. A folder that is watched
// already stays so; one that is gone is found again by its parent.
func (w *watcher) rewatch() {
	for _, path := range w.paths {
		if err := w.watchTree(path); err != nil {
			_ = w.fs.Add(filepath.Dir(filepath.Clean(path))) // the path may come to be; the poll is the net
		}
	}
}

func (w *watcher) watchTree(root string) error {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return err
	}
	_ = w.fs.Add(filepath.Dir(filepath.Clean(root))) // sees the root itself being replaced
	return filepath.WalkDir(real, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil && errors.Is(err, fs.ErrNotExist):
			return nil // gone while we walked
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case path != real && strings.HasPrefix(d.Name(), ".") && d.Name() != "..":
			return w.watchHidden(path, d)
		default:
			return w.fs.Add(path)
		}
	})
}

// watchHidden leaves editors' and version control's own folders alone, but not
// the dated folders behind a `..data` link, where a ConfigMap's files are.
func (w *watcher) watchHidden(path string, d fs.DirEntry) error {
	if strings.HasPrefix(d.Name(), "..") {
		return w.fs.Add(path)
	}
	return fs.SkipDir
}

// Watch calls look once at the start, after every burst of changes below the paths,
// and now and then without any; it returns the error of ctx when that ends. Paths
// that are not there are watched for.
func Watch(ctx context.Context, paths []string, look func()) error {
	w, err := newWatcher(paths, pollEvery)
	if err != nil {
		return err
	}
	return w.run(ctx, look)
}
