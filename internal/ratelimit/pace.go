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

// atMost lets a limit come all at once, in any minute and a while.
func atMost(limit int, late time.Duration) pace { return pace{count: limit, span: time.Minute + late} }

// spread lets a limit come evenly over the minute: a burst that divides the limit,
// per the part of the minute that belongs to it, adds up to the limit exactly.
func spread(limit int) pace {
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

// add books a moment.
func (m *moments) add(at time.Time) { m.at = slices.Insert(m.at, m.place(at), at) }

// drop takes a moment away.
func (m *moments) drop(at time.Time) {
	if place := m.place(at) - 1; place >= 0 && m.at[place].Equal(at) {
		m.at = slices.Delete(m.at, place, place+1)
	}
}

func (m *moments) place(at time.Time) int {
	return sort.Search(len(m.at), func(i int) bool { return m.at[i].After(at) })
}

// forget drops the moments before a time.
func (m *moments) forget(before time.Time) {
	if old := sort.Search(len(m.at), func(i int) bool { return m.at[i].After(before) }); old > 0 {
		m.at = slices.Delete(m.at, 0, old)
	}
}
