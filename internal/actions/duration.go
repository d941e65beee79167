package actions

import (
	"fmt"
	"math"
	"strings"
	"time"
)

const day = 24 * time.Hour

// ParseDuration reads a length of time as rules write it: whole or broken numbers
// with the units ms, s, m, h and d, also together (1h30m, 7d12h). It is never
// negative.
func ParseDuration(s string) (time.Duration, error) {
	rest := strings.TrimSpace(s)
	days, tail, found := strings.Cut(rest, "d")
	if !found {
		days, tail = "0", rest
	}
	d, err := parseDays(days, s)
	if err != nil || found && tail == "" {
		return d, err
	}
	more, err := time.ParseDuration(tail)
	if err != nil || more < 0 || d > math.MaxInt64-more || strings.ContainsAny(tail, "+nuµμ") {
		return 0, fmt.Errorf("%q is not a duration", s)
	}
	return d + more, nil
}

// parseDays reads the number before the unit d, through hours, which the standard
// library knows.
func parseDays(days, whole string) (time.Duration, error) {
	h, err := time.ParseDuration(days + "h")
	if err != nil || h < 0 || h > math.MaxInt64/24 || strings.ContainsAny(days, "+hmsnuµμ") {
		return 0, fmt.Errorf("%q is not a duration", whole)
	}
	return h * 24, nil
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
