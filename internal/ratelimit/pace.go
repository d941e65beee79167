package ratelimit

import (
	"slices"
	"sort"
	"time"
)

// pace is at most count moments in any window of span, its end left out. A
// count of zero is no limit.
type pace struct {
	count int
	span  time.Duration
}

// perMinute spreads a limit over the minute: a burst that divides the limit,
// per the part of the minute that belongs to it, adds up to the limit exactly.
func perMinute(limit int) pace {
	if limit <= 0 {
		return pace{}
	}
	burst := max(1, limit/4)
	for limit%burst != 0 {
		burst--
	}
	parts := time.Duration(limit / burst)
	return pace{count: burst, span: (time.Minute + parts - 1) / parts} // rounded up: never too fast
}

// moments are booked moments, in order.
type moments struct{ at []time.Time }

func (m *moments) before(t time.Time) bool {
	return len(m.at) == 0 || m.at[len(m.at)-1].Before(t)
}

// next returns the first moment from at on that may be booked.
func (p pace) next(m *moments, at time.Time) time.Time {
	if p.count == 0 {
		return at
	}
	for {
		later, ok := p.obstacle(m.at, at)
		if !ok {
			return at
		}
		at = later
	}
}

// obstacle looks for count booked moments that share a window with at. It
// returns the first moment at which these no longer stand in the way.
func (p pace) obstacle(booked []time.Time, at time.Time) (time.Time, bool) {
	place := sort.Search(len(booked), func(i int) bool { return booked[i].After(at) })
	with := func(i int) time.Time { // booked, with at in its place
		switch {
		case i < place:
			return booked[i]
		case i == place:
			return at
		default:
			return booked[i-1]
		}
	}
	for first := max(0, place-p.count); first <= place && first+p.count <= len(booked); first++ {
		if with(first+p.count).Sub(with(first)) >= p.span {
			continue
		}
		if first < place {
			return with(first).Add(p.span), true
		}
		return booked[place], true
	}
	return at, false
}

// book adds a moment.
func (p pace) book(m *moments, at time.Time) {
	if p.count == 0 {
		return
	}
	place := sort.Search(len(m.at), func(i int) bool { return m.at[i].After(at) })
	m.at = slices.Insert(m.at, place, at)
}

// forget drops the moments that no window from now on can reach.
func (p pace) forget(m *moments, now time.Time) {
	old := sort.Search(len(m.at), func(i int) bool { return m.at[i].After(now.Add(-p.span)) })
	m.at = slices.Delete(m.at, 0, old)
}
