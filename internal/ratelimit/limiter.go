// Package ratelimit owns how fast a robot may act: quotas of a minute, an hour and
// a day for each robot, each of its chats and each kind of command, a ceiling that
// nothing raises, a slow start for new robots, and the jitter that keeps a robot
// from acting like clockwork. It delays and never drops.
//
// It refuses to know the time, the disk and the network: it is handed the time and
// answers with a moment, or with why there is none yet.
//
// A booking takes the earliest moment that suits all limits together, and only that
// moment: a chat that must wait does not hold up the robot's other chats. (Token
// buckets book in the order of asking, so a robot's bucket would stand still behind
// its slowest chat; that is why these are windows over booked moments.)
package ratelimit

import (
	"math/rand/v2"
	"sync"
	"time"
)

// Limiter hands out moments to act. All methods may be called from any goroutine.
type Limiter struct {
	limits Limits

	mu    sync.Mutex // guards what follows
	past  map[place]*history
	met   map[string]time.Time // when robots were first seen
	calls int
}

// place is what a limit counts: a robot, a robot in a chat, one of their kinds, or
// what a ceiling is over.
type place struct {
	robot, chat, kind string
	ceiling           bool
}

// history is what happened in a place, and is to happen.
type history struct {
	moments moments
	counts  counts
}

// New returns a Limiter that has handed out nothing yet.
func New(limits Limits) *Limiter {
	if limits.Random == nil {
		limits.Random = rand.Float64
	}
	return &Limiter{limits: limits, past: make(map[place]*history), met: make(map[string]time.Time)}
}

// Book gives the next moment at which the command may leave, unless that is so far
// away that others should have the choice: then it says why, and when to ask again,
// and nothing is booked. A moment is at most the jitter away.
//
// Promised, for bookings in any order that are used at their moments, or at most
// Late after them: no minute, hour or day, whenever it begins, holds more than a
// ceiling; none holds more than a quota, if they are used exactly at their moments.
// Of what a robot, or a chat, may do in a minute at once may come the largest
// divisor of the limit that is at most a quarter of it (5 of 20, 1 of 6 or of a
// prime); the rest follows evenly.
func (l *Limiter) Book(now time.Time, ask Ask) (Booking, Wait) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgetLocked(now)
	var room [mostGauges]gauge
	gauges := l.gaugesLocked(room[:0], now, ask, true)
	jitter, ahead := l.jitter(ask)
	if at, wait := next(gauges, now); at.Sub(now) > ahead {
		wait.Until = at.Add(-ahead)
		return Booking{}, wait
	}
	at, wait := next(gauges, now.Add(jitter))
	if at.Sub(now) > ahead+jitter {
		wait.Until = at.Add(-ahead)
		return Booking{}, wait
	}
	for _, g := range gauges {
		g.book(at, 1)
		g.meet(at)
	}
	return Booking{Ask: ask, At: at}, Wait{}
}

// Look returns what Book would have the command wait for, without the jitter. It
// books nothing.
func (l *Limiter) Look(now time.Time, ask Ask) Wait {
	l.mu.Lock()
	defer l.mu.Unlock()
	var room [mostGauges]gauge
	at, wait := next(l.gaugesLocked(room[:0], now, ask, false), now)
	wait.Until = at
	return wait
}

// Cancel gives a moment back that was not used and will not be.
func (l *Limiter) Cancel(b Booking) { l.undo(b, true) }

// Return gives back the part of the quotas of hours and days that a moment took,
// whose command surely did not leave. The moment itself stays booked: the robot tried.
func (l *Limiter) Return(b Booking) { l.undo(b, false) }

func (l *Limiter) undo(b Booking, moment bool) {
	if b.At.IsZero() {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var room [mostGauges]gauge
	for _, g := range l.gaugesLocked(room[:0], b.At, b.Ask, true) {
		g.book(b.At, -1)
		if moment {
			g.past.moments.drop(b.At)
		}
	}
}

// Counts reports whether any limit knows the command. If none does, whoever keeps
// the counts over a restart need not count it.
func (l *Limiter) Counts(ask Ask) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	var room [mostGauges]gauge
	return len(l.gaugesLocked(room[:0], time.Time{}, ask, false)) > 0
}

// ChatCounts reports whether there are quotas of an hour or a day for chats.
func (l *Limiter) ChatCounts() bool {
	long := func(r Rates) bool { return r.Hour > 0 || r.Day > 0 }
	for _, r := range l.limits.Chat.Kinds {
		if long(r) {
			return true
		}
	}
	return long(l.limits.Chat.All)
}

// PrimeCount says how many commands left within a minute before this Limiter was
// made. inChat: it says so of the chat, else of the robot and of all robots.
func (l *Limiter) PrimeCount(ask Ask, at time.Time, n int, inChat bool) {
	l.prime(ask, at, inChat, func(g *gauge) { g.book(at, n) })
}

// PrimeMoment says when a command left, before this Limiter was made: within the
// last minute, it is of no use else.
func (l *Limiter) PrimeMoment(ask Ask, at time.Time) {
	meet := func(g *gauge) { g.meet(at) }
	l.prime(ask, at, true, meet)
	l.prime(ask, at, false, meet)
}

func (l *Limiter) prime(ask Ask, at time.Time, inChat bool, add func(*gauge)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var room [mostGauges]gauge
	for _, g := range l.gaugesLocked(room[:0], at, ask, true) {
		if inChat == (g.by == OfChat) {
			add(&g)
		}
	}
}

// jitter returns what is added to a moment by chance, and how far ahead of it the
// command may have it. A moment that is given away is not to be had by what is more
// urgent; but if the chance had to be waited for each time, the pace would be lost.
func (l *Limiter) jitter(ask Ask) (jitter, ahead time.Duration) {
	least, most := max(0, l.limits.JitterMin), max(0, l.limits.JitterMax)
	switch {
	case ask.Silent:
		return 0, 0
	case ask.Urgent:
		return time.Duration(l.limits.Random() * float64(min(most, time.Second))), 0
	}
	return least + time.Duration(l.limits.Random()*float64(max(0, most-least))), least
}

// keepMoments is how long moments are kept: no window of a minute reaches further.
func (l *Limiter) keepMoments() time.Duration { return time.Minute + l.limits.Late }

// forgetEvery is how many bookings pass between two looks for what is over.
const forgetEvery = 1024

// forgetLocked drops places where nothing happened for long.
func (l *Limiter) forgetLocked(now time.Time) {
	l.calls++
	if l.calls%forgetEvery != 0 {
		return
	}
	for at, h := range l.past {
		h.counts.forget(now)
		h.moments.forget(now.Add(-l.keepMoments()))
		if len(h.counts) == 0 && len(h.moments.at) == 0 {
			delete(l.past, at)
		}
	}
}
