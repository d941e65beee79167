//go:build !failpoints || !unix

package failpoint

import "time"

// Enabled says whether this build can die on request.
const Enabled = false

// Hit does nothing in this build.
func Hit(Name) {}

// Err does nothing in this build: it returns nil.
func Err(Name) error { return nil }

// Hurry returns d: in this build waits take the time that they take.
func Hurry(d time.Duration) time.Duration { return d }
