package calendar_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/calendar"
)

func zone(tb testing.TB, name string) *time.Location {
	tb.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

func cron(tb testing.TB, text, in string) *calendar.Schedule {
	tb.Helper()
	s, err := calendar.Cron(text, zone(tb, in))
	if err != nil {
		tb.Fatal(text, err)
	}
	return s
}

func moment(tb testing.TB, s string) time.Time {
	tb.Helper()
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

// TestInstantsFollowTheClocksOfTheirZone lists the instants after a time.
func TestInstantsFollowTheClocksOfTheirZone(t *testing.T) {
	for name, c := range map[string]struct {
		cron, zone, after string
		want              []string
	}{
		"weekday mornings in China": {
			"0 9 * * mon-fri", "Asia/Shanghai", "2026-11-20T09:00:00+08:00",
			[]string{"2026-11-23T09:00:00+08:00", "2026-11-24T09:00:00+08:00"},
		},
		"the instant itself is over": {
			"*/30 9 * * *", "Asia/Shanghai", "2026-11-20T08:59:59.999+08:00",
			[]string{"2026-11-20T09:00:00+08:00", "2026-11-20T09:30:00+08:00", "2026-11-21T09:00:00+08:00"},
		},
		"the 29th of February": {"0 0 29 2 *", "Asia/Shanghai", "2026-11-20T00:00:00Z", []string{"2028-02-29T00:00:00+08:00", "2032-02-29T00:00:00+08:00"}},
		"a time that clocks skip happens when they skip it": {
			"30 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"},
		},
		"several of them are one": {
			"0,15,30 2,3 * * *", "Europe/Berlin", "2026-03-29T00:30:00Z",
			[]string{"2026-03-29T03:00:00+02:00", "2026-03-29T03:15:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"},
		},
		"a time that clocks show twice happens the first time": {
			"30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"},
		},
		"asked for in the second hour, it is over": {"30 2 * * *", "Europe/Berlin", "2026-10-25T01:10:00Z", []string{"2026-10-26T02:30:00+01:00"}},
		"every hour counts both": {
			"30 * * * *", "Europe/Berlin", "2026-10-25T00:00:00Z",
			[]string{"2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-10-25T03:30:00+01:00"},
		},
		"an hour that is put back by half": {"45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", []string{"2026-04-05T01:45:00+11:00", "2026-04-06T01:45:00+10:30"}},
		"a midnight that is skipped":       {"0 0 * * *", "Africa/Cairo", "2026-04-23T12:00:00Z", []string{"2026-04-24T01:00:00+03:00", "2026-04-25T00:00:00+03:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, at := cron(t, c.cron, c.zone), moment(t, c.after)
			for _, want := range c.want {
				if at = s.Next(at); !at.Equal(moment(t, want)) {
					t.Fatalf("got %s, want %s", at.In(zone(t, c.zone)), want)
				}
			}
		})
	}
}

func TestEveryBeginsAnewAtMidnight(t *testing.T) {
	s := calendar.Every(5*time.Hour, zone(t, "Asia/Shanghai"))
	at := moment(t, "2026-11-20T14:59:59+08:00")
	for _, want := range []string{"2026-11-20T15:00:00+08:00", "2026-11-20T20:00:00+08:00", "2026-11-21T00:00:00+08:00", "2026-11-21T05:00:00+08:00"} {
		if at = s.Next(at); !at.Equal(moment(t, want)) {
			t.Fatalf("got %s, want %s", at, want)
		}
	}
}

func TestEveryCountsTheTimeThatPassesWhereClocksJump(t *testing.T) {
	s := calendar.Every(2*time.Hour, zone(t, "Europe/Berlin"))
	at := moment(t, "2026-03-28T23:30:00+01:00")
	for _, want := range []string{"2026-03-29T00:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T05:00:00+02:00"} {
		if at = s.Next(at); !at.Equal(moment(t, want)) {
			t.Fatalf("got %s, want %s", at, want)
		}
	}
}

// TestNextIsTheFirstInstantAfter holds, in zones whose clocks jump, that instants
// only go forward and that none lies between a time and what is next of it.
func TestNextIsTheFirstInstantAfter(t *testing.T) {
	zones := []string{"Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Cairo", "America/Havana"}
	specs := []string{"30 2 * * *", "*/20 0-3 * * *", "15 * * * *", "0 0 * * sun", "59 23 31 * *", "every"}
	rapid.Check(t, func(t *rapid.T) {
		z, err := time.LoadLocation(rapid.SampledFrom(zones).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		s := calendar.Every(time.Duration(rapid.IntRange(1, 1440).Draw(t, "minutes"))*time.Minute, z)
		if text := rapid.SampledFrom(specs).Draw(t, "cron"); text != "every" {
			var fault *calendar.CronError
			if s, fault = calendar.Cron(text, z); fault != nil {
				t.Fatal(fault)
			}
		}
		after := time.Unix(rapid.Int64Range(1767225600, 1798761600).Draw(t, "after"), 0)
		next := s.Next(after)
		if !next.After(after) {
			t.Fatalf("%s: %s is not after %s", s, next, after)
		}
		between := after.Add(time.Duration(rapid.Int64Range(0, int64(next.Sub(after))-1).Draw(t, "between")))
		if again := s.Next(between); !again.Equal(next) {
			t.Fatalf("%s: after %s comes %s, after %s %s", s, after, next, between, again)
		}
	})
}

func TestCronSaysWhichFieldIsWrong(t *testing.T) {
	for text, want := range map[string]calendar.CronError{
		"0 9 * *":         {Fault: calendar.WrongCount, Field: -1},
		"0 0 9 * * mon":   {Fault: calendar.WrongCount, Field: -1},
		"60 9 * * *":      {Fault: calendar.OutOfRange, Field: 0, Offset: 0},
		"0 24 * * *":      {Fault: calendar.OutOfRange, Field: 1, Offset: 2},
		"0  9 0 * *":      {Fault: calendar.OutOfRange, Field: 2, Offset: 5},
		"0 9 * 13 *":      {Fault: calendar.OutOfRange, Field: 3, Offset: 6},
		"0 9 * * 7":       {Fault: calendar.OutOfRange, Field: 4, Offset: 8},
		"0 9 * * fri-mon": {Fault: calendar.Backwards, Field: 4, Offset: 8},
		"0 9 * * 周一":      {Fault: calendar.Unreadable, Field: 4, Offset: 8},
		"0 9 L * *":       {Fault: calendar.Unreadable, Field: 2, Offset: 4},
		"*/0 9 * * *":     {Fault: calendar.OutOfRange, Field: 0, Offset: 0},
		"0, 9 * * *":      {Fault: calendar.Unreadable, Field: 0, Offset: 0},
		"0 9 30 2 *":      {Fault: calendar.NeverComes, Field: -1},
		"0 9 31 4,6,9 *":  {Fault: calendar.NeverComes, Field: -1},
		"":                {Fault: calendar.WrongCount, Field: -1},
	} {
		_, got := calendar.Cron(text, time.UTC)
		if got == nil || got.Fault != want.Fault || got.Field != want.Field || got.Offset != want.Offset {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
}

func FuzzCron(f *testing.F) {
	for _, s := range []string{"0 9 * * mon-fri", "*/5 8-18/2 1,15 jan-jun *", "0 0 30 2 *", "＊ * * * *", "TZ=UTC 0 9 * * *", "@daily"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, fault := calendar.Cron(text, time.UTC)
		if fault != nil {
			if runes := len([]rune(text)); fault.Offset < 0 || fault.Offset+fault.Length > runes || fault.Error() == "" {
				t.Errorf("%q: %+v lies outside", text, fault)
			}
			return
		}
		from := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
		if next := s.Next(from); !next.IsZero() && !next.After(from) {
			t.Error(errors.New("an instant in the past"), text, next)
		}
	})
}
