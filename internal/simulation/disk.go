package simulation

import (
	"context"
	"syscall"
	"time"

	"botengine/internal/state"
)

// disk is a store that fails as disks do, and in whose calls the process may die: the
// writes of an update are then either all there or not.
type disk struct {
	state.Store
	w *world
}

// Update implements state.Store.
func (d *disk) Update(ctx context.Context, fn func(state.Tx) error) error {
	d.w.mayDie("before a commit")
	if d.w.full > d.w.at {
		return syscall.ENOSPC
	}
	if d.w.p.file {
		if err := d.w.noRoom(); err != nil {
			return err
		}
	}
	d.w.commits++
	err := d.Store.Update(ctx, fn)
	d.w.mayDie("after a commit")
	return err
}

// noRoom says, now and then, that a commit has found the disk to be full, and that it
// is for a while.
func (w *world) noRoom() error {
	if !w.may(w.p.full) {
		return nil
	}
	w.full = w.at + w.upTo(2*time.Minute)
	w.log("the disk is full")
	return syscall.ENOSPC
}
