package calendar

import (
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/robfig/cron/v3"
)

// CronFault says what is wrong with a cron expression.
type CronFault string

// What can be wrong with one.
const (
	WrongCount CronFault = "count"    // not five fields
	Unreadable CronFault = "unclear"  // a field of another form
	OutOfRange CronFault = "range"    // a number the field cannot have
	Backwards  CronFault = "backward" // a range that ends before it begins
	NeverComes CronFault = "never"    // February 30th
)

// CronError is a mistake in a cron expression and where it stands.
type CronError struct {
	Fault          CronFault
	Field          int // from 0; -1 = the whole
	Fields         int // how many there are
	Offset, Length int // of the field or the whole, in runes
	Low, High      int // what the field may have
}

// Error says what is wrong, for logs.
func (e *CronError) Error() string { return "bad cron expression: " + string(e.Fault) }

// cronFields are the five, in order: what each may have, and where robfig/cron
// wants it among stars.
var cronFields = [5]struct {
	low, high int
	words     []string
}{
	{0, 59, nil},
	{0, 23, nil},
	{1, 31, nil},
	{1, 12, []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
	{0, 6, []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
}

// cronPart is what stands between the commas of a field.
var cronPart = regexp.MustCompile(`^(?:\*|([0-9]{1,4}|[A-Za-z]{3})(?:-([0-9]{1,4}|[A-Za-z]{3}))?)(?:/([0-9]{1,4}))?$`)

var cronParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)

// reference is a time from which every date that exists comes within five years.
var reference = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// parseCron reads `minute hour day month weekday`.
func parseCron(text string) (*cron.SpecSchedule, *CronError) {
	places := fieldsOf(text)
	if len(places) != len(cronFields) {
		return nil, &CronError{Fault: WrongCount, Field: -1, Fields: len(places), Length: utf8.RuneCountInString(text)}
	}
	for i, p := range places {
		if fault := checkField(i, p.text); fault != "" {
			return nil, &CronError{
				Fault: fault, Field: i, Fields: len(places), Offset: p.offset, Length: utf8.RuneCountInString(p.text),
				Low: cronFields[i].low, High: cronFields[i].high,
			}
		}
	}
	whole := &CronError{Fault: Unreadable, Field: -1, Fields: len(places), Length: utf8.RuneCountInString(text)}
	parsed, err := cronParser.Parse(text)
	spec, ok := parsed.(*cron.SpecSchedule)
	if err != nil || !ok {
		return nil, whole
	}
	spec.Location = time.UTC
	if spec.Next(reference).IsZero() {
		whole.Fault = NeverComes
		return nil, whole
	}
	return spec, nil
}

// placed is a field and where it begins, in runes.
type placed struct {
	text   string
	offset int
}

func fieldsOf(text string) []placed {
	var out []placed
	rest, offset := text, 0
	for {
		trimmed := strings.TrimLeft(rest, " \t")
		offset += utf8.RuneCountInString(rest) - utf8.RuneCountInString(trimmed)
		if trimmed == "" {
			return out
		}
		end := strings.IndexAny(trimmed, " \t")
		if end < 0 {
			end = len(trimmed)
		}
		out = append(out, placed{trimmed[:end], offset})
		offset += utf8.RuneCountInString(trimmed[:end])
		rest = trimmed[end:]
	}
}

// checkField says what is wrong with a field; "" = nothing.
func checkField(field int, text string) CronFault {
	for part := range strings.SplitSeq(text, ",") {
		m := cronPart.FindStringSubmatch(part)
		if m == nil {
			return Unreadable
		}
		from, ok := cronNumber(field, m[1])
		to, fine := cronNumber(field, m[2])
		switch {
		case !ok || !fine:
			return Unreadable
		case outside(field, from) || outside(field, to), m[3] != "" && isZero(m[3]):
			return OutOfRange
		case to >= 0 && from > to:
			return Backwards
		}
	}
	return ""
}

func isZero(digits string) bool { return strings.Trim(digits, "0") == "" }

func outside(field, n int) bool {
	return n >= 0 && (n < cronFields[field].low || n > cronFields[field].high)
}

// cronNumber reads a number or a word of the field; -1 = nothing is written.
func cronNumber(field int, s string) (int, bool) {
	if s == "" {
		return -1, true
	}
	for i, w := range cronFields[field].words {
		if strings.EqualFold(w, s) {
			return i + cronFields[field].low, true
		}
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}
