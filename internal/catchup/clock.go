package catchup

import (
	"sync"
	"time"
)

// chance is how far two clocks may be apart without it meaning anything: times of
// the platform are whole seconds, and messages take their time.
const chance = 30 * time.Second

// clockMemory is how many of the newest messages the clock goes by.
const clockMemory = 64

// Clock knows by how much the platform's clock is ahead of ours. It learns that
// from what comes live: such a message was made a moment ago, on the platform's
// clock, so the least delayed of the newest tells. Its methods may be called from
// any goroutine; the zero Clock knows nothing yet.
type Clock struct {
	mu     sync.Mutex // guards all below
	newest [clockMemory]time.Duration
	n      int
	skew   time.Duration
}

// Observe takes in that a live message of that platform's time came at that time of
// ours.
func (c *Clock) Observe(platform, ours time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.newest[c.n%clockMemory] = platform.Sub(ours)
	c.n++
	c.skew = c.newest[0]
	for _, d := range c.newest[:min(c.n, clockMemory)] {
		c.skew = max(c.skew, d)
	}
}

// Assume takes what was known at an earlier time, until something comes live.
func (c *Clock) Assume(skew time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == 0 {
		c.skew = skew
	}
}

// Skew is by how much the platform is ahead; ok is false while nothing came live.
func (c *Clock) Skew() (skew time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew, c.n > 0
}

// Beyond is the skew if it is too much for chance, else 0.
func (c *Clock) Beyond() time.Duration {
	if skew, _ := c.Skew(); skew > chance || skew < -chance {
		return skew
	}
	return 0
}

// Platform is what the platform's clock shows at a time of ours.
func (c *Clock) Platform(ours time.Time) time.Time { return ours.Add(c.Beyond()) }

// Ours is what our clock shows at a time of the platform's.
func (c *Clock) Ours(platform time.Time) time.Time { return platform.Add(-c.Beyond()) }
