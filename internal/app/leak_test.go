//go:build !zishang

package app

import (
	"testing"

	"go.uber.org/goleak"
)

// The library behind the tag starts goroutines for ever when it is linked in
// (decision 0001); our own code leaves nothing behind.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
