package config_test

import (
	"testing"
	"time"

	"botengine/internal/config"

	"pgregory.net/rapid"
)

func TestParseDuration(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       time.Duration
		bad        bool
	}{
		{"seconds", "30s", 30 * time.Second, false},
		{"days", "7d", 7 * 24 * time.Hour, false},
		{"several units", "1d1h30m", 25*time.Hour + 30*time.Minute, false},
		{"a fraction", "1.5s", 1500 * time.Millisecond, false},
		{"milliseconds", "200ms", 200 * time.Millisecond, false},
		{"nothing needs no unit", "0", 0, false},
		{"no unit", "30", 0, true},
		{"a negative one", "-1s", 0, true},
		{"Chinese", "30秒", 0, true},
		{"full-width digits", "３０s", 0, true},
		{"days behind hours", "1h1d", 0, true},
		{"a space", "1 s", 0, true},
		{"more than there is", "99999999999h", 0, true},
		{"a sum that is more than there is", "99999d2560000h", 0, true},
		{"empty", "", 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.ParseDuration(c.text)
			if got != c.want || (err != nil) != c.bad {
				t.Errorf("%q is %v, %v", c.text, got, err)
			}
		})
	}
}

func TestParseDurationReadsWhatGoWrites(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := time.Duration(rapid.Int64Range(0, 1<<40).Draw(t, "milliseconds")) * time.Millisecond
		if got, err := config.ParseDuration(want.String()); err != nil || got != want {
			t.Fatalf("%s is %v, %v", want, got, err)
		}
	})
}

func TestParseSize(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       int64
		bad        bool
	}{
		{"binary", "2GiB", 2 << 30, false},
		{"decimal", "500MB", 500_000_000, false},
		{"bytes", "12B", 12, false},
		{"no unit", "12", 0, true},
		{"a short unit", "2G", 0, true},
		{"a negative one", "-1MiB", 0, true},
		{"more than there is", "999999999999999TiB", 0, true},
		{"Chinese", "2个G", 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.ParseSize(c.text)
			if got != c.want || (err != nil) != c.bad {
				t.Errorf("%q is %d, %v", c.text, got, err)
			}
		})
	}
}

func TestParseSpan(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       config.Span
		bad        bool
	}{
		{"a range", "1s..3s", config.Span{Min: time.Second, Max: 3 * time.Second}, false},
		{"one duration", "2s", config.Span{Min: 2 * time.Second, Max: 2 * time.Second}, false},
		{"the wrong way round", "3s..1s", config.Span{}, true},
		{"an open end", "1s..", config.Span{}, true},
		{"a Chinese ellipsis", "1s…3s", config.Span{}, true},
		{"a dash", "1s-3s", config.Span{}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := config.ParseSpan(c.text)
			if got != c.want || (err != nil) != c.bad {
				t.Errorf("%q is %v, %v", c.text, got, err)
			}
		})
	}
}

func FuzzValues(f *testing.F) {
	for _, s := range []string{"1d2h", "1s..3s", "2GiB", "..", "99999d", "0.0000000001h"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := config.ParseDuration(s); err == nil && d < 0 {
			t.Fatalf("%q is negative: %v", s, d)
		}
		if v, err := config.ParseSpan(s); err == nil && (v.Min < 0 || v.Max < v.Min) {
			t.Fatalf("%q is %v", s, v)
		}
		if n, err := config.ParseSize(s); err == nil && n < 0 {
			t.Fatalf("%q is negative: %d", s, n)
		}
	})
}
