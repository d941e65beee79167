package expression

import (
	"syscall"
	"time"
	"unsafe"
)

// threadTime is how long the thread has computed: CLOCK_THREAD_CPUTIME_ID, which
// unlike getrusage does not count in ticks.
func threadTime() time.Duration {
	const threadClock = 3
	var ts syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&ts)), 0); errno != 0 {
		return 0 // it can fail of a wrong argument only
	}
	return time.Duration(ts.Nano())
}
