package config

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// What can be wrong with a value; the decoder says the rest.
var (
	errDuration = errors.New("not a duration such as 30s, 10m, 2h or 7d")
	errSpan     = errors.New("not a range of durations such as 1s..3s")
	errSize     = errors.New("not a size such as 512MiB or 2GiB")
)

// durationShape is what a duration may look like: numbers with units, days first.
var durationShape = regexp.MustCompile(`^(?:(\d{1,5})d)?((?:\d+(?:\.\d+)?(?:h|ms|m|s))*)$`)

// durationPattern is durationShape or a bare zero, for editors.
const durationPattern = `^(?:0|(?:\d{1,5}d)(?:\d+(?:\.\d+)?(?:h|ms|m|s))*|(?:\d+(?:\.\d+)?(?:h|ms|m|s))+)$`

// ParseDuration reads 30s, 1h30m, 7d or 1d12h. Unlike time.ParseDuration it knows
// days, and neither signs nor units below a millisecond.
func ParseDuration(text string) (time.Duration, error) {
	if text == "0" {
		return 0, nil
	}
	m := durationShape.FindStringSubmatch(text)
	if m == nil || text == "" {
		return 0, errDuration
	}
	var total time.Duration
	if m[1] != "" {
		days, err := strconv.Atoi(m[1])
		if err != nil {
			return 0, errDuration
		}
		total = time.Duration(days) * 24 * time.Hour
	}
	if m[2] == "" {
		return total, nil
	}
	rest, err := time.ParseDuration(m[2])
	if err != nil || rest < 0 || rest > math.MaxInt64-total {
		return 0, errDuration
	}
	return total + rest, nil
}

// ParseSpan reads a range such as 1s..3s; a single duration is a range of one.
func ParseSpan(text string) (Span, error) {
	from, to, both := strings.Cut(text, "..")
	least, err := ParseDuration(from)
	if err != nil {
		return Span{}, errSpan
	}
	if !both {
		return Span{Min: least, Max: least}, nil
	}
	most, err := ParseDuration(to)
	if err != nil || most < least {
		return Span{}, errSpan
	}
	return Span{Min: least, Max: most}, nil
}

// sizeShape is what a size may look like.
var sizeShape = regexp.MustCompile(`^(\d{1,15})(B|[KMGT]i?B)$`)

// units are the factors of sizeShape.
var units = map[string]int64{
	"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
	"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
}

// ParseSize reads a size in bytes: 512MiB (1024²), 500MB (1000²), 0B.
func ParseSize(text string) (int64, error) {
	m := sizeShape.FindStringSubmatch(text)
	if m == nil {
		return 0, errSize
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil || n > math.MaxInt64/units[m[2]] {
		return 0, errSize
	}
	return n * units[m[2]], nil
}
