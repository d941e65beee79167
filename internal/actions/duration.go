package actions

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
)

const day = 24 * time.Hour

var durationForm = regexp.MustCompile(DurationPattern)

// ParseDuration reads a length of time as rules write it: whole or broken numbers
// with the units ms, s, m, h and d, also together (1h30m, 7d12h). It is never
// negative.
func ParseDuration(s string) (time.Duration, error) {
	text := strings.TrimSpace(s)
	if !durationForm.MatchString(text) {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	days, rest, found := strings.Cut(text, "d")
	if !found {
		days, rest = "0", text
	}
	hours, err := time.ParseDuration(days + "h") // the standard library knows no days
	if err != nil || hours > math.MaxInt64/24 {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	if rest == "" {
		return hours * 24, nil
	}
	more, err := time.ParseDuration(rest)
	if err != nil || hours*24 > math.MaxInt64-more {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	return hours*24 + more, nil
}

// parseSpan reads a duration or a range of two with `..` between them.
func parseSpan(s string) (Span, error) {
	from, to, isRange := strings.Cut(s, "..")
	low, err := ParseDuration(from)
	if err != nil {
		return Span{}, err
	}
	if !isRange {
		return Span{min: low, max: low}, nil
	}
	high, err := ParseDuration(to)
	if err != nil {
		return Span{}, err
	}
	if high < low {
		return Span{}, fmt.Errorf("%q ends before it begins", s)
	}
	return Span{min: low, max: high}, nil
}
