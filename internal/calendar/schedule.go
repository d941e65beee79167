package calendar

import (
	"time"

	"github.com/robfig/cron/v3"
)

// The bounds of Every.
const (
	MinEvery = time.Minute
	MaxEvery = 24 * time.Hour
)

// Schedule is a series of instants without end. It never changes, and may be used
// by any number of goroutines.
type Schedule struct {
	text  string
	spec  *cron.SpecSchedule // nil: every
	every time.Duration
	zone  *time.Location
}

// Cron reads a cron expression of five fields (minute, hour, day, month,
// day of the week) that is meant on the clocks of the zone.
func Cron(text string, zone *time.Location) (*Schedule, *CronError) {
	spec, err := parseCron(text)
	if err != nil {
		return nil, err
	}
	return &Schedule{text: text, spec: spec, zone: zone}, nil
}

// Every is each midnight of the zone, and from there on every d, until the next
// midnight. d lies between MinEvery and MaxEvery.
func Every(d time.Duration, zone *time.Location) *Schedule {
	return &Schedule{text: "every " + d.String(), every: d, zone: zone}
}

// String is equal for equal schedules.
func (s *Schedule) String() string { return s.text + " " + s.zone.String() }

// Next is the first instant after that time; the zero time when none comes within
// five years.
//
// Where clocks are put forward, an instant that is skipped happens when they are;
// where they are put back, it happens the first time. A cron expression for every
// hour counts the hours as they pass.
func (s *Schedule) Next(after time.Time) time.Time {
	switch {
	case s.spec == nil:
		return s.nextEvery(after)
	case everyHour(s.spec):
		return s.spec.Next(after.In(s.zone)).UTC()
	}
	wall := wallOf(after.In(s.zone))
	for {
		if wall = s.spec.Next(wall); wall.IsZero() {
			return time.Time{}
		}
		if at := s.at(wall); at.After(after) {
			return at.UTC()
		}
	}
}

// starBit is how robfig/cron marks a field that is a star.
const starBit = 1 << 63

func everyHour(spec *cron.SpecSchedule) bool { return spec.Hour&starBit != 0 }

// wallOf is what the clocks show, as if that were UTC.
func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// at is when the clocks of the zone show the wall time first, or pass it.
func (s *Schedule) at(wall time.Time) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, s.zone)
	before := t.Add(-24 * time.Hour)
	_, offset := before.Zone()
	if first := wall.Add(-time.Duration(offset) * time.Second).In(s.zone); wallOf(first).Equal(wall) {
		return first // by the offset of the day before: if the clocks show it twice, the first time
	}
	if wallOf(t).Equal(wall) {
		return t
	}
	return s.leap(before, t.Add(24*time.Hour), wall)
}

// leap is when the clocks jump over the wall time, between two times.
func (s *Schedule) leap(from, to, wall time.Time) time.Time {
	for to.Sub(from) > time.Second {
		middle := from.Add(to.Sub(from) / 2)
		if wallOf(middle.In(s.zone)).Before(wall) {
			from = middle
		} else {
			to = middle
		}
	}
	return to.Truncate(time.Second)
}

// nextEvery looks in the day of the zone that after is in.
func (s *Schedule) nextEvery(after time.Time) time.Time {
	local := after.In(s.zone)
	begin := s.at(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, time.UTC))
	end := s.at(time.Date(local.Year(), local.Month(), local.Day()+1, 0, 0, 0, 0, time.UTC))
	next := begin
	if since := after.Sub(begin); since >= 0 {
		next = begin.Add(since - since%s.every + s.every)
	}
	if next.Before(end) {
		return next.UTC()
	}
	return end.UTC()
}
