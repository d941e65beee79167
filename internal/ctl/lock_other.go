//go:build !unix

package ctl

// lock does nothing: the lock on the state file keeps two engines apart.
func (f *folder) lock() (unlock func(), err error) { return func() {}, nil }
