package engine

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"botengine/internal/actions"
	"botengine/internal/event"
)

// maxCounted is how many counts a counter keeps apart. When there are more, the two
// oldest are put together: none is lost, and only how long ago it was grows blurred.
const maxCounted = 500

// counter is what was counted, the earliest first.
type counter struct {
	At      int64      `json:"at"`   // unix ms, when it was written
	Keep    int64      `json:"keep"` // ms that a count is kept
	Entries [][2]int64 `json:"e"`    // unix ms, and how much
}

// counterKey is cnt/<scope>/<ids>/<name>, as factKey has it.
func counterKey(ev *event.Event, scope, name string) (key string, ok bool) {
	key, ok = factKey(ev, scope, name)
	return "cnt" + strings.TrimPrefix(key, "f"), ok
}

// readCounter reads a counter as it is now. Where the clock was set back, all of it
// is moved back by as much, as in a window.
func (l *ledger) readCounter(key string) counter {
	now := l.now.UnixMilli()
	c := counter{At: now}
	raw, _, ok := l.read(key)
	if !ok || json.Unmarshal(raw, &c) != nil {
		return counter{At: now}
	}
	back := max(0, c.At-now)
	c.At = now
	for i := range c.Entries {
		c.Entries[i][0] -= back
	}
	c.forget()
	return c
}

// forget takes out what was kept for long enough.
func (c *counter) forget() {
	i := 0
	for i < len(c.Entries) && c.Entries[i][0] <= c.At-c.Keep {
		i++
	}
	c.Entries = c.Entries[i:]
}

// add counts now.
func (c *counter) add(by int, keep time.Duration) {
	c.Keep = max(c.Keep, keep.Milliseconds())
	n := len(c.Entries)
	if n > 0 && c.Entries[n-1][0] >= c.At {
		c.Entries[n-1][1] += int64(by)
		return
	}
	c.Entries = append(c.Entries, [2]int64{c.At, int64(by)})
	if n+1 > maxCounted {
		c.Entries[1][1] += c.Entries[0][1]
		c.Entries = c.Entries[1:]
	}
}

// within is how much was counted in the window that ends now; 0 means in all.
func (c *counter) within(window time.Duration) int64 {
	sum := int64(0)
	for _, e := range c.Entries {
		if window == 0 || c.At-e[0] < window.Milliseconds() {
			sum += e[1]
		}
	}
	return sum
}

// count does what a `count` step says.
func (l *ledger) count(ev *event.Event, w *actions.CountWrite) error {
	key, ok := counterKey(ev, w.Scope, w.Name)
	if !ok {
		return fmt.Errorf("count %s.%s: the event names no %s", w.Scope, w.Name, w.Scope)
	}
	if w.Reset {
		l.write(FactWrite{Key: key, Delete: true})
		return nil
	}
	c := l.readCounter(key)
	c.add(w.By, w.TTL)
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("count %s.%s: %w", w.Scope, w.Name, err)
	}
	l.write(FactWrite{Key: key, Value: raw, Expires: l.now.Add(time.Duration(c.Keep) * time.Millisecond)})
	return nil
}

// Count implements expression.Past.
func (f factReader) Count(scope, name string, window time.Duration) int64 {
	key, ok := counterKey(f.ev, scope, name)
	if !ok {
		return 0
	}
	c := f.ledger.readCounter(key)
	return c.within(window)
}

// Since implements expression.Past.
func (f factReader) Since(scope, name string) (time.Duration, bool) {
	key, ok := counterKey(f.ev, scope, name)
	if !ok {
		return 0, false
	}
	c := f.ledger.readCounter(key)
	if len(c.Entries) == 0 {
		return 0, false
	}
	return time.Duration(c.At-c.Entries[len(c.Entries)-1][0]) * time.Millisecond, true
}
