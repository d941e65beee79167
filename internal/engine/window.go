package engine

import (
	"encoding/json"
	"slices"
	"time"
)

// window is when things happened, as one fact keeps it: unix milliseconds, the
// earliest first. Times after At lie in the future: turns that are given away.
type window struct {
	At    int64   `json:"at"` // when it was written
	Times []int64 `json:"t"`
}

// readWindow reads the window under the key, without what lies the span or longer
// before now. A fact that is no window is an empty one.
//
// When the clock was set back since the window was written, all of it is moved
// back by as much: what was five seconds old then is five seconds old now, and
// nothing stays in the future for as long as the clock was set back.
func (d *decider) readWindow(key string, span time.Duration) window {
	now := d.in.Now.UnixMilli()
	w := window{At: now}
	raw, _, ok := d.ledger.read(key)
	if !ok || json.Unmarshal(raw, &w) != nil {
		return window{At: now}
	}
	slices.Sort(w.Times)
	if w.moveBack(now) {
		d.writeWindow(key, w, span)
	}
	w.forget(now - span.Milliseconds())
	return w
}

// moveBack makes now the window's time, and reports whether the clock was set back
// since.
func (w *window) moveBack(now int64) bool {
	back := w.At - now
	w.At = now
	for i := range w.Times {
		w.Times[i] -= max(0, back)
	}
	return back > 0
}

// forget takes out what is not later than then.
func (w *window) forget(then int64) {
	i := 0
	for i < len(w.Times) && w.Times[i] <= then {
		i++
	}
	w.Times = w.Times[i:]
}

// add puts a time in its place.
func (w *window) add(t int64) {
	i, _ := slices.BinarySearch(w.Times, t+1)
	w.Times = slices.Insert(w.Times, i, t)
}

// ahead is how many of the times lie in the future.
func (w *window) ahead() int {
	i, _ := slices.BinarySearch(w.Times, w.At+1)
	return len(w.Times) - i
}

// write keeps the window for as long as any of it counts.
func (d *decider) writeWindow(key string, w window, span time.Duration) {
	if len(w.Times) == 0 {
		d.ledger.write(FactWrite{Key: key, Delete: true})
		return
	}
	raw, err := json.Marshal(w)
	if err != nil { // two kinds of numbers: it cannot fail
		return
	}
	last := max(w.At, w.Times[len(w.Times)-1])
	d.ledger.write(FactWrite{Key: key, Value: raw, Expires: time.UnixMilli(last).Add(span)})
}
