//go:build !failpoints || !unix

package failpoint

// Enabled says whether this build can die on request.
const Enabled = false

// Hit does nothing in this build.
func Hit(Name) {}

// Err does nothing in this build: it returns nil.
func Err(Name) error { return nil }
