// Package ratelimit owns how fast a robot may act: a pace per robot and per
// chat, quotas per robot and day, and the jitter that keeps a robot from acting
// like clockwork. It delays and never drops.
//
// It refuses to know the time, the disk and the network: it is handed the time
// and answers with a delay. What a kind is called is its caller's affair.
//
// A reservation takes the earliest moment that suits the robot, the chat and the
// day together, and only that moment: a chat that must wait does not hold up the
// robot's other chats. (Token buckets book in the order of asking, so a robot's
// bucket would stand still behind its slowest chat; that is why these are
// windows over booked moments.)
package ratelimit

import (
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"
)

// Limits say how fast robots may act. What is zero is not limited.
type Limits struct {
	RobotPerMinute int            // of each robot, over all chats
	RobotPerDay    map[string]int // of each robot, by kind
	ChatPerMinute  int            // of each robot in each chat

	JitterMin, JitterMax time.Duration // added to what people can see

	Random   func() float64 // in [0, 1); default math/rand
	Location *time.Location // whose midnight ends a day; default UTC
}

// Limiter hands out moments to act. All methods may be called from any goroutine.
type Limiter struct {
	limits Limits
	robot  pace
	chat   pace

	mu     sync.Mutex // guards what follows
	robots map[string]*moments
	chats  map[chatKey]*moments
	used   map[quotaKey]int
	calls  int
}

type chatKey struct{ robot, chat string }

type quotaKey struct{ robot, kind, day string }

// New returns a Limiter that has handed out nothing yet.
func New(limits Limits) *Limiter {
	if limits.Random == nil {
		limits.Random = rand.Float64
	}
	if limits.Location == nil {
		limits.Location = time.UTC
	}
	return &Limiter{
		limits: limits,
		robot:  perMinute(limits.RobotPerMinute),
		chat:   perMinute(limits.ChatPerMinute),
		robots: make(map[string]*moments),
		chats:  make(map[chatKey]*moments),
		used:   make(map[quotaKey]int),
	}
}

// Reserve books the next moment at which robot may act and returns how long it
// is until then, never less than zero. chat is "" for what happens in no chat.
//
// Promised, for reservations in any order and whenever they are used exactly at
// their moment: no window of 60 s, its end left out, holds more than the limit
// per minute of a robot or a chat, and no day more than the quota of a kind. At
// once may come the largest divisor of the limit that is at most a quarter of
// it (5 of 20, 1 of 6 or of a prime); the rest follows evenly.
func (l *Limiter) Reserve(now time.Time, robot, chat, kind string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forgetLocked(now)
	byRobot, byChat := l.momentsLocked(now, robot, chat)
	at := now.Add(l.jitter())
	for {
		next := l.nextDayLocked(at, robot, kind)
		next = l.robot.next(byRobot, next)
		next = l.chat.next(byChat, next)
		if next.Equal(at) {
			break
		}
		at = next
	}
	l.robot.book(byRobot, at)
	l.chat.book(byChat, at)
	l.bookDayLocked(at, robot, kind)
	return at.Sub(now)
}

// ReserveSilent is Reserve for what nobody sees, such as putting a tag on or
// asking for the tags: it knows neither pace nor jitter, only the day's quota.
func (l *Limiter) ReserveSilent(now time.Time, robot, kind string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := l.nextDayLocked(now, robot, kind)
	l.bookDayLocked(at, robot, kind)
	return at.Sub(now)
}

// Return gives back the part of a day's quota that the reservation of a moment
// took and did not use. The moment itself stays booked.
func (l *Limiter) Return(at time.Time, robot, kind string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if key := (quotaKey{robot, kind, l.Day(at)}); l.used[key] > 0 {
		l.used[key]--
	}
}

// Day names the day of a moment, for Prime and for whoever keeps the counts.
func (l *Limiter) Day(at time.Time) string { return at.In(l.limits.Location).Format("20060102") }

// HasQuota reports whether a kind is counted by day.
func (l *Limiter) HasQuota(kind string) bool { return l.limits.RobotPerDay[kind] > 0 }

// QuotaKinds are the kinds that are counted by day.
func (l *Limiter) QuotaKinds() []string { return slices.Sorted(maps.Keys(l.limits.RobotPerDay)) }

// Prime says how much of a day's quota was used before this Limiter was made.
// The higher of this and its own count holds.
func (l *Limiter) Prime(robot, kind, day string, used int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := quotaKey{robot, kind, day}
	l.used[key] = max(l.used[key], used)
}

// QuotaLeft reports whether robot may do one more of kind on the day of now.
func (l *Limiter) QuotaLeft(now time.Time, robot, kind string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.HasQuota(kind) || l.used[quotaKey{robot, kind, l.Day(now)}] < l.limits.RobotPerDay[kind]
}

func (l *Limiter) jitter() time.Duration {
	spread := max(0, l.limits.JitterMax-l.limits.JitterMin)
	return max(0, l.limits.JitterMin) + time.Duration(l.limits.Random()*float64(spread))
}

// nextDayLocked returns the first moment from at on whose day has room. A later
// day begins with the jitter, not for every robot at the stroke of midnight.
func (l *Limiter) nextDayLocked(at time.Time, robot, kind string) time.Time {
	if !l.HasQuota(kind) {
		return at
	}
	for l.used[quotaKey{robot, kind, l.Day(at)}] >= l.limits.RobotPerDay[kind] {
		y, m, d := at.In(l.limits.Location).Date()
		at = time.Date(y, m, d+1, 0, 0, 0, 0, l.limits.Location).Add(l.jitter())
	}
	return at
}

func (l *Limiter) bookDayLocked(at time.Time, robot, kind string) {
	if l.HasQuota(kind) {
		l.used[quotaKey{robot, kind, l.Day(at)}]++
	}
}

// momentsLocked returns what is booked already and still counts from now on. What
// happens in no chat is booked for none.
func (l *Limiter) momentsLocked(now time.Time, robot, chat string) (byRobot, byChat *moments) {
	byRobot = entryOf(l.robots, robot)
	l.robot.forget(byRobot, now)
	if chat == "" {
		return byRobot, new(moments)
	}
	byChat = entryOf(l.chats, chatKey{robot, chat})
	l.chat.forget(byChat, now)
	return byRobot, byChat
}

func entryOf[K comparable](all map[K]*moments, key K) *moments {
	m := all[key]
	if m == nil {
		m = new(moments)
		all[key] = m
	}
	return m
}

// forgetEvery is how many reservations pass between two looks for what is over.
const forgetEvery = 1024

// forgetLocked drops chats that are quiet and days that are past.
func (l *Limiter) forgetLocked(now time.Time) {
	l.calls++
	if l.calls%forgetEvery != 0 {
		return
	}
	for key, m := range l.chats {
		if m.before(now.Add(-l.chat.span)) {
			delete(l.chats, key)
		}
	}
	yesterday := l.Day(now.Add(-24 * time.Hour))
	for key := range l.used {
		if key.day < yesterday {
			delete(l.used, key)
		}
	}
}
