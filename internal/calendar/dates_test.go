package calendar_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/calendar"
)

func day(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func dates(tb testing.TB, written ...string) *calendar.Dates {
	tb.Helper()
	d, bad := calendar.ParseDates(written)
	if len(bad) > 0 {
		tb.Fatalf("%v of %q are no dates", bad, written)
	}
	return d
}

func TestADateIsInTheSet(t *testing.T) {
	for name, c := range map[string]struct {
		set     []string
		in, out string
	}{
		"one day":                    {[]string{"2026-10-01"}, "2026-10-01", "2027-10-01"},
		"the last day of a range":    {[]string{"2026-10-01..2026-10-07"}, "2026-10-07", "2026-10-08"},
		"a range over a month's end": {[]string{"2026-09-28..2026-10-02"}, "2026-09-30", "2026-09-27"},
		"ranges that overlap":        {[]string{"2026-10-01..2026-10-20", "2026-10-02..2026-10-03"}, "2026-10-15", "2026-10-21"},
		"each year":                  {[]string{"10-01..10-03"}, "2031-10-02", "2031-10-04"},
		"each year, over New Year":   {[]string{"12-30..01-02"}, "2027-01-01", "2027-01-03"},
		"February 29th":              {[]string{"02-29"}, "2028-02-29", "2027-03-01"},
		"without leading zeros":      {[]string{"2026-3-8"}, "2026-03-08", "2026-03-09"},
	} {
		t.Run(name, func(t *testing.T) {
			d := dates(t, c.set...)
			if !d.Has(day(t, c.in)) || d.Has(day(t, c.out)) {
				t.Errorf("%s: %t, %s: %t", c.in, d.Has(day(t, c.in)), c.out, d.Has(day(t, c.out)))
			}
		})
	}
}

func TestWhatIsNoDateIsSaid(t *testing.T) {
	_, bad := calendar.ParseDates([]string{"2026-02-29", "2026-10-01", "10月1日", "2026-10-07..2026-10-01", "2026-10-01..10-07", "13-01", "", "2026/10/01"})
	if !slices.Equal(bad, []int{0, 2, 3, 4, 5, 6, 7}) {
		t.Errorf("got %v", bad)
	}
}

func TestWorkdaysAreThoseOfTheCalendar(t *testing.T) {
	w := &calendar.Workdays{Holidays: dates(t, "2026-10-01..2026-10-07"), Makeup: dates(t, "2026-10-10")}
	for date, want := range map[string]bool{
		"2026-09-30": true, "2026-10-01": false, "2026-10-07": false, "2026-10-08": true,
		"2026-10-10": true, "2026-10-11": false, "2026-10-17": false,
	} {
		if got := w.Has(day(t, date)); got != want {
			t.Errorf("%s: %t", date, got)
		}
	}
	var none *calendar.Workdays
	if !none.Has(day(t, "2026-10-01")) || none.Has(day(t, "2026-10-03")) {
		t.Error("without a calendar Monday to Friday are workdays")
	}
}

// TestASetHasTheDatesOfItsRanges compares with a look at each range.
func TestASetHasTheDatesOfItsRanges(t *testing.T) {
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		date := func(n int) time.Time { return from.AddDate(0, 0, n) }
		lengths := rapid.SliceOfN(rapid.IntRange(0, 40), 0, 8).Draw(t, "lengths")
		begins := rapid.SliceOfN(rapid.IntRange(0, 300), len(lengths), len(lengths)).Draw(t, "begins")
		written := make([]string, len(lengths))
		for i := range lengths {
			written[i] = date(begins[i]).Format(time.DateOnly) + ".." + date(begins[i]+lengths[i]).Format(time.DateOnly)
		}
		set, bad := calendar.ParseDates(written)
		if len(bad) > 0 {
			t.Fatalf("%v of %v", bad, written)
		}
		n := rapid.IntRange(0, 365).Draw(t, "day")
		want := false
		for i := range lengths {
			want = want || n >= begins[i] && n <= begins[i]+lengths[i]
		}
		if got := set.Has(date(n)); got != want {
			t.Fatalf("%s in %s: %t", date(n).Format(time.DateOnly), strings.Join(written, ", "), got)
		}
	})
}
