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
	if d.w.may(d.w.p.full) {
		d.w.full = d.w.at + d.w.upTo(2*time.Minute)
		d.w.log("the disk is full")
		return syscall.ENOSPC
	}
	d.w.commits++
	err := d.Store.Update(ctx, fn)
	d.w.mayDie("after a commit")
	return err
}
