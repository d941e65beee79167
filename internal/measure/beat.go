package measure

import (
	"sync/atomic"
	"time"
)

// Beat says for how long a loop has been at one piece of work: Begin before each
// piece, End when there is none. The zero value is at rest; the loop alone calls Begin
// and End, any goroutine may ask.
type Beat struct{ since atomic.Int64 } // nanoseconds after origin; 0 = at rest

// origin is when the clock of beats began, which nobody puts back or forward.
var origin = time.Now().Add(-time.Second)

// Begin notes that another piece of work begins.
func (b *Beat) Begin() { b.since.Store(int64(time.Since(origin))) }

// End notes that there is nothing to do.
func (b *Beat) End() { b.since.Store(0) }

// Busy is for how long the present piece has been worked on; 0 = there is none.
func (b *Beat) Busy() time.Duration {
	since := b.since.Load()
	if since == 0 {
		return 0
	}
	return max(0, time.Since(origin)-time.Duration(since))
}
