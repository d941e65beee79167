package ratelimit

import "time"

// Warming is how far a new robot is in its warm-up.
type Warming struct {
	Day       int // the day it has, the first is 1
	Days      int
	PerMinute int     // what it may do in a minute now; 0 = that is not limited
	Share     float64 // of its pace
}

// Met says when a robot was first seen; without it a robot is not new.
func (l *Limiter) Met(robot string, first time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.met[robot] = first
}

// Warming returns how far a robot is in its warm-up; false if it is in none.
func (l *Limiter) Warming(now time.Time, robot string) (Warming, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	share, day := l.shareLocked(now, robot)
	if share >= 1 {
		return Warming{}, false
	}
	all := l.robotRates(robot, "").within(l.limits.Ceiling.Robot).times(share)
	return Warming{Day: day, Days: l.limits.WarmUp.Days, PerMinute: all.Minute, Share: share}, true
}

// shareLocked is the part of its pace that a robot has, and the day of its warm-up.
// A clock that was set back makes no robot younger than its first day.
func (l *Limiter) shareLocked(now time.Time, robot string) (share float64, day int) {
	w := &l.limits.WarmUp
	first, known := l.met[robot]
	if w.Days <= 0 || !known || w.Never[robot] {
		return 1, 0
	}
	day = int(max(0, now.Sub(first))/(24*time.Hour)) + 1
	if day > w.Days {
		return 1, day
	}
	return w.Start + (1-w.Start)*float64(day-1)/float64(w.Days), day
}
