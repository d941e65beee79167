//go:build !linux

package expression

import "time"

var processBegan = time.Now()

// threadTime is the time of the clock, where no other is to be had.
func threadTime() time.Duration { return time.Since(processBegan) }
