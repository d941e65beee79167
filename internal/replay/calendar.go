package replay

import (
	"time"

	"botengine/internal/rule"
	"botengine/internal/schedule"
)

// calendar knows when the scheduled rules of a set are due next, so that it need not
// be worked out for every event.
type calendar struct {
	rules []*rule.Rule
	dates []time.Time // the next instant of each; zero = none
	from  time.Time   // after which these are the next
	soon  time.Time   // the first of them
}

func newCalendar(set *rule.Set) calendar {
	return calendar{rules: set.Scheduled()}
}

// next is the first instant after from and not after until. A time before the first
// event has none.
func (c *calendar) next(from, until time.Time) (time.Time, bool) {
	if len(c.rules) == 0 || from.IsZero() {
		return time.Time{}, false
	}
	if c.dates == nil {
		c.from = from
		c.dates = make([]time.Time, len(c.rules))
		for i, r := range c.rules {
			c.dates[i] = schedule.Next(r, from)
		}
		c.first()
	}
	return c.soon, !c.soon.IsZero() && !c.soon.After(until)
}

func (c *calendar) first() {
	c.soon = time.Time{}
	for _, at := range c.dates {
		if !at.IsZero() && (c.soon.IsZero() || at.Before(c.soon)) {
			c.soon = at
		}
	}
}

// at are the rules that are due at that instant, which is over then.
func (c *calendar) at(at time.Time) []*rule.Rule {
	var due []*rule.Rule
	for i, r := range c.rules {
		if c.dates[i].Equal(at) {
			due = append(due, r)
			c.dates[i] = schedule.Next(r, at)
		}
	}
	c.first()
	return due
}
