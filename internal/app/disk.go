package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/failpoint"
	"botengine/internal/state"
)

// roomEvery is the pause between two looks at whether the state can be written.
const roomEvery = time.Second

// probeFact is what is written to find out: as much as a good many events are, so that
// the engine does not go to and fro on a disk with room for one.
const (
	probeFact = "probe"
	probeSize = 256 << 10
)

// conditionDisk is the name of the condition that the disk has room.
const conditionDisk = "disk_full"

func (a *App) lookDisk() Condition {
	if a.diskFull.Load() {
		return broken(diag.T(
			"磁盘满了：不收也不发，腾出空间以后会自己恢复，并补读这段时间的消息",
			"the disk is full: nothing is taken in or sent until there is room, and then by itself; what was missed is read from the history"))
	}
	return well("", diag.T("磁盘有空间", "the disk has room"))
}

// watchRoom tries to write while the state cannot be written, so that the engine goes
// on as soon as it can be, also when nothing happens that would show it. A disk that
// failed otherwise ends the engine: what is on it is known only when it is opened anew.
func (a *App) watchRoom(ctx context.Context) error {
	tick := time.NewTicker(failpoint.Hurry(roomEvery))
	defer tick.Stop()
	failing, noRoom := false, uint64(0)
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		stats := a.store.Stats()
		full := stats.NoRoom != noRoom
		if noRoom = stats.NoRoom; !full && !stats.Failing && !failing {
			continue
		}
		a.diskFull.Store(a.diskFull.Load() || full)
		if !failing {
			failing = true
			a.o.Log.Error("the state cannot be written: nothing is taken in or sent until it can be", "disk_full", full)
		}
		err := a.probe(ctx)
		switch {
		case err == nil:
			failing = false
			a.diskFull.Store(false)
			a.o.Log.Info("the state can be written again: what was missed is read from the history")
			a.healed()
			a.dispatch.Wake()
		case errors.Is(err, state.ErrDamaged):
			return err
		}
	}
}

func (a *App) probe(ctx context.Context) error {
	err := a.store.Update(ctx, func(tx state.Tx) error {
		tx.SetFact(probeFact, make([]byte, probeSize), time.Now())
		return nil
	})
	if err != nil {
		return err
	}
	return a.store.Update(ctx, func(tx state.Tx) error {
		tx.DeleteFact(probeFact)
		return nil
	})
}

// keepBallast makes the file that is given up when the engine ends on a full disk.
func (a *App) keepBallast() {
	path, size := a.o.Config.State.Path, a.o.Config.State.Ballast
	ok, err := state.KeepBallast(path, size)
	if err != nil || !ok {
		a.o.Log.Warn("there is no room for a ballast file: on a full disk the engine may not end in order", "size", size, "error", err)
	}
}

// dropBallast makes room for an end in order, if there is none.
func (a *App) dropBallast() {
	if !a.diskFull.Load() && !a.store.Stats().Failing {
		return
	}
	if err := state.DropBallast(a.o.Config.State.Path); err != nil {
		a.o.Log.Warn("the ballast file could not be given up", "error", err)
	}
}

// compact makes a state file smaller that is mostly empty. Where it cannot be done the
// file stays as it is.
func compact(ctx context.Context, path string, found state.Checked, log *slog.Logger) {
	if err := state.DropUnfinished(path); err != nil {
		log.Warn("what an earlier start has left could not be taken away", "error", err)
	}
	if !state.WorthCompacting(found) {
		return
	}
	began := time.Now()
	size, err := state.Compact(ctx, path, state.Options{})
	if err != nil {
		log.Warn("the state file is mostly empty, and could not be made smaller", "bytes", found.Bytes, "free", found.Free, "error", err)
		return
	}
	log.Info("the state file was mostly empty: it is smaller now", "bytes_before", found.Bytes, "bytes", size, "took", time.Since(began).String())
}

// snapshot makes snapshots of the state, until ctx ends.
func (a *App) snapshot(ctx context.Context) error {
	a.dropHalfSnapshots()
	every := a.o.Config.State.Snapshots.Every
	store, can := a.store.(state.Snapshotter)
	if every <= 0 || !can {
		<-ctx.Done()
		return nil
	}
	for sleep(ctx, a.untilSnapshot(every)) {
		name := a.o.Config.State.Path + snapshotMark + time.Now().UTC().Format(snapshotTime)
		began := time.Now()
		if err := store.Snapshot(ctx, name); err != nil {
			if ctx.Err() == nil {
				a.o.Log.Warn("there is no snapshot of the state", "path", name, "error", err)
			}
			if !sleep(ctx, snapshotRetry) {
				return nil
			}
			continue
		}
		a.o.Log.Debug("a snapshot of the state was made", "path", name, "took", time.Since(began).String())
		a.dropSnapshots()
	}
	return nil
}

// snapshotRetry is the pause after a snapshot that could not be made, and before the
// first of a new state.
const snapshotRetry = 5 * time.Minute

// untilSnapshot is how long it is until the next one: restarts do not put it off, nor
// make it come sooner.
func (a *App) untilSnapshot(every time.Duration) time.Duration {
	wait := min(every, snapshotRetry)
	made, err := snapshotsOf(a.o.Config.State.Path)
	if err != nil || len(made) == 0 {
		return wait
	}
	if info, err := os.Stat(made[0]); err == nil {
		wait = max(wait, every-time.Since(info.ModTime()))
	}
	return min(wait, every)
}

// snapshotTime is how the time is written in the name of a snapshot that we made.
const snapshotTime = "20060102-150405"

// dropHalfSnapshots deletes what was being made when an engine was killed.
func (a *App) dropHalfSnapshots() {
	halves, err := filepath.Glob(globQuoted(a.o.Config.State.Path) + snapshotMark + "*.making")
	for _, half := range halves {
		err = errors.Join(err, os.Remove(half))
	}
	if err != nil {
		a.o.Log.Warn("half snapshots of the state could not be deleted", "error", err)
	}
}

// dropSnapshots deletes those that are too many, the oldest first. What a person put
// there under another name stays.
func (a *App) dropSnapshots() {
	made, err := snapshotsOf(a.o.Config.State.Path)
	made = slices.DeleteFunc(made, func(file string) bool {
		_, err := time.Parse(snapshotTime, strings.TrimPrefix(filepath.Base(file), filepath.Base(a.o.Config.State.Path)+snapshotMark))
		return err != nil
	})
	for i := a.o.Config.State.Snapshots.Keep; i < len(made); i++ {
		err = errors.Join(err, os.Remove(made[i]))
	}
	if err != nil {
		a.o.Log.Warn("old snapshots of the state could not be deleted", "error", err)
	}
}
