package ratelimit

import (
	"slices"
	"sort"
	"time"
)

// counts are how many there were in each minute, in order. What is older than a day
// is forgotten.
type counts []count

type count struct {
	minute int64 // since 1970
	n      int
	upTo   int // all there were until the end of this minute, since some beginning
}

const (
	hourly = 60
	daily  = 24 * 60
	// slack is how many minutes more than its own a span is looked at: one because a
	// minute is counted as a whole, and one for what leaves late.
	slack = 2
)

func minuteOf(at time.Time) int64 { return at.Unix() / 60 }

// from is the place of the first minute that is not before one.
func (c counts) from(minute int64) int {
	return sort.Search(len(c), func(i int) bool { return c[i].minute >= minute })
}

// next returns the first moment from at on at which another one keeps to the limit,
// whatever is booked for later.
func (c counts) next(at time.Time, minutes int64, limit int) time.Time {
	first := c.from(minuteOf(at) - minutes - slack + 1)
	if first == len(c) {
		return at
	}
	over := c[len(c)-1].upTo - (c[first].upTo - c[first].n) - limit // and one for what comes
	if over < 0 {
		return at
	}
	base := c[first].upTo - c[first].n
	last := first + sort.Search(len(c)-first, func(i int) bool { return c[first+i].upTo-base > over })
	if last == len(c) {
		last-- // a limit of none
	}
	return time.Unix((c[last].minute+minutes+slack)*60, 0).In(at.Location())
}

// add counts n more, or fewer, at a moment.
func (c *counts) add(at time.Time, n int) {
	minute := minuteOf(at)
	place := c.from(minute)
	if place == len(*c) || (*c)[place].minute != minute {
		before := 0
		if place > 0 {
			before = (*c)[place-1].upTo
		} else if len(*c) > 0 {
			before = (*c)[0].upTo - (*c)[0].n
		}
		*c = slices.Insert(*c, place, count{minute: minute, upTo: before})
	}
	n = max(n, -(*c)[place].n)
	(*c)[place].n += n
	for i := place; i < len(*c); i++ {
		(*c)[i].upTo += n
	}
}

// forget drops what no span from now on can reach.
func (c *counts) forget(now time.Time) {
	if first := c.from(minuteOf(now) - daily - slack); first > 0 {
		*c = slices.Delete(*c, 0, first)
	}
}
