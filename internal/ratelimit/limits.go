package ratelimit

import "time"

// Rates say how many there may be at most in any minute, hour and day (24 hours,
// whenever they begin). What is zero is not limited.
type Rates struct{ Minute, Hour, Day int }

// Quota is how many of all kinds together, and how many of single kinds.
type Quota struct {
	All   Rates
	Kinds map[string]Rates
}

// PerMinute is a Quota of so many a minute, whatever they are.
func PerMinute(n int) Quota { return Quota{All: Rates{Minute: n}} }

// PerDay is a Quota of so many of one kind in a day.
func PerDay(kind string, n int) Quota {
	return Quota{Kinds: map[string]Rates{kind: {Day: n}}}
}

// Ceiling is what holds whatever all else says, for all that is sent: also for what
// nobody sees.
type Ceiling struct {
	Robot Rates // of each robot
	All   Rates // of all robots together
}

// Limits say how fast robots may act. What is zero is not limited.
type Limits struct {
	Robot   Quota            // of each robot
	Chat    Quota            // of each robot in each chat
	Robots  map[string]Quota // of certain robots: what it says holds in place of Robot
	Ceiling Ceiling
	WarmUp  WarmUp

	JitterMin, JitterMax time.Duration // added to what people can see
	// Late is how long after its moment a command may reach the wire at most; the
	// ceiling of a minute allows for it.
	Late time.Duration

	Random func() float64 // in [0, 1); default math/rand
}

// WarmUp gives new robots a part of their pace: Start of it on their first day, and
// more each day, until after Days they have all. Zero Days: none.
type WarmUp struct {
	Days  int
	Start float64
	Never map[string]bool // robots that are old already
}

// Ask is what wants to be done.
type Ask struct {
	Robot string
	Chat  string // "" for what happens in no chat
	Kind  string // what it is called is the caller's affair

	Silent    bool // nobody sees it: it knows no pace and no jitter, only quotas of its kind and ceilings
	Uncounted bool // not even ceilings know it: it only reads, or goes elsewhere
	Urgent    bool // it waits for less of the jitter: less than a second
}

// Booking is a moment that was given.
type Booking struct {
	Ask Ask
	At  time.Time // zero: none was
}

// Scope is whose limit it is that makes a command wait.
type Scope string

// The scopes, from the narrowest.
const (
	Nobody  Scope = ""
	OfChat  Scope = "chat"  // only this chat has to wait
	OfKind  Scope = "kind"  // whatever is of this kind
	OfRobot Scope = "robot" // all that this robot shows
	OfAll   Scope = "all"   // all robots
)

// Span is the time over which a limit counts.
type Span string

// The spans.
const (
	OfMinute Span = "minute"
	OfHour   Span = "hour"
	OfDay    Span = "day"
)

// Wait is why a command has to wait by the limits.
type Wait struct {
	By      Scope // Nobody: it need not wait
	Span    Span
	Limit   int  // how many there may be in the span
	Ceiling bool // the limit is the ceiling
	Until   time.Time
}

// over returns the rates with what other says in place of what r says.
func (r Rates) over(other Rates) Rates {
	pick := func(mine, theirs int) int {
		if theirs > 0 {
			return theirs
		}
		return mine
	}
	return Rates{pick(r.Minute, other.Minute), pick(r.Hour, other.Hour), pick(r.Day, other.Day)}
}

// within returns the rates, none above the other's.
func (r Rates) within(most Rates) Rates {
	least := func(mine, theirs int) int {
		if mine > 0 && theirs > 0 {
			return min(mine, theirs)
		}
		return mine
	}
	return Rates{least(r.Minute, most.Minute), least(r.Hour, most.Hour), least(r.Day, most.Day)}
}

// times returns a share of the rates, one at least of each.
func (r Rates) times(share float64) Rates {
	part := func(n int) int {
		if n == 0 {
			return 0
		}
		return max(1, int(float64(n)*share+1e-9))
	}
	return Rates{part(r.Minute), part(r.Hour), part(r.Day)}
}

func (r Rates) none() bool { return r == Rates{} }
