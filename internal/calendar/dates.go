package calendar

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Dates is a set of dates. It never changes once made, and may be used by any
// number of goroutines; a nil Dates is empty.
type Dates struct {
	once   []span // by year, month and day; sorted, none touches another
	yearly []span // by month and day
}

// span are the dates from one to another, both among them, as numbers that grow as
// dates do: 20261001, or 1001 for each year.
type span struct{ from, to int }

// dateForm is a date, perhaps without its year.
var dateForm = regexp.MustCompile(`^(?:([0-9]{4})-)?([0-9]{1,2})-([0-9]{1,2})$`)

// ParseDates reads what is written one by one: a date (2026-10-01), one of each year
// (10-01), or two with `..` between them, both among what is meant. It returns the
// places of those that are none.
func ParseDates(written []string) (*Dates, []int) {
	d := &Dates{}
	var bad []int
	for i, s := range written {
		if !d.add(s) {
			bad = append(bad, i)
		}
	}
	byStart := func(a, b span) int { return cmp.Compare(a.from, b.from) }
	slices.SortFunc(d.yearly, byStart)
	slices.SortFunc(d.once, byStart)
	d.once = merged(d.once)
	return d, bad
}

// merged joins sorted spans that overlap.
func merged(spans []span) []span {
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}

// add reads one entry; false when it is none.
func (d *Dates) add(s string) bool {
	first, last, isRange := strings.Cut(s, "..")
	from, yearly, ok := parseDate(first)
	if !ok {
		return false
	}
	to := from
	if isRange {
		var alike bool
		if to, alike, ok = parseDate(last); !ok || alike != yearly {
			return false
		}
	}
	switch {
	case yearly && from > to: // over New Year
		d.yearly = append(d.yearly, span{from, 1231}, span{101, to})
	case yearly:
		d.yearly = append(d.yearly, span{from, to})
	case from > to:
		return false
	default:
		d.once = append(d.once, span{from, to})
	}
	return true
}

// parseDate reads a date that exists.
func parseDate(s string) (date int, yearly, ok bool) {
	m := dateForm.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return 0, false, false
	}
	year, yearly := 2024, m[1] == "" // a leap year: February 29th is a date of some years
	if !yearly {
		year, _ = strconv.Atoi(m[1]) // digits only, as dateForm has it
	}
	month, _ := strconv.Atoi(m[2])
	day, _ := strconv.Atoi(m[3])
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if t.Month() != time.Month(month) || t.Day() != day {
		return 0, yearly, false
	}
	if yearly {
		return month*100 + day, true, true
	}
	return year*10_000 + month*100 + day, false, true
}

// Empty says whether no date is in the set.
func (d *Dates) Empty() bool { return d == nil || len(d.once)+len(d.yearly) == 0 }

// Has says whether the date that t has in its own zone is in the set.
func (d *Dates) Has(t time.Time) bool {
	if d == nil {
		return false
	}
	year, month, day := t.Date()
	short := int(month)*100 + day
	return in(d.once, year*10_000+short) || in(d.yearly, short)
}

// in says whether a sorted span holds the date.
func in(spans []span, date int) bool {
	i, exact := slices.BinarySearchFunc(spans, date, func(s span, date int) int { return cmp.Compare(s.from, date) })
	if exact {
		return true
	}
	return slices.ContainsFunc(spans[:i], func(s span) bool { return date <= s.to })
}

// String is equal for equal sets.
func (d *Dates) String() string {
	if d == nil {
		return ""
	}
	return fmt.Sprint(d.once, d.yearly)
}

// Workdays says which days people work on: Monday to Friday but for the holidays,
// and the days that are worked to make up for some of these. A nil Workdays knows
// neither.
type Workdays struct {
	Holidays *Dates // nobody works
	Makeup   *Dates // everybody does, whatever the day of the week, and whatever Holidays says
}

// Has says whether the date that t has in its own zone is a workday.
func (w *Workdays) Has(t time.Time) bool {
	weekday := t.Weekday() != time.Saturday && t.Weekday() != time.Sunday
	if w == nil {
		return weekday
	}
	return w.Makeup.Has(t) || weekday && !w.Holidays.Has(t)
}

// String is equal for equal calendars.
func (w *Workdays) String() string {
	if w == nil {
		return ""
	}
	return w.Holidays.String() + w.Makeup.String()
}
