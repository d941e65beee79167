package yjiyun

import (
	"bytes"
	"encoding/json"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// MaxID is the most bytes an id may have.
const MaxID = 256

// valueTooLong marks the one type error that is not about the type.
const valueTooLong = "id too long"

// lastMilli is the last millisecond of the year 9999: what lies beyond cannot
// be written as a time again.
const lastMilli = 253402300799999

// ID is an identifier as text: decimal digits, or with a prefix of the platform
// ("R:", "S:"). It is read from a JSON number or string, byte for byte: ids have
// up to 64 bits and a float would round them (§1). A number with a fraction or
// an exponent was rounded already and is refused.
type ID string

// UnmarshalJSON reads a number, a string or null (the empty id).
func (id *ID) UnmarshalJSON(raw []byte) error {
	text, ok := scalarText(raw)
	if text = strings.TrimSpace(text); !ok || raw[0] != '"' && strings.ContainsAny(text, ".eE") || isRounded(text) {
		return wrongType[ID]("value")
	}
	if len(text) > MaxID {
		return wrongType[ID](valueTooLong)
	}
	*id = ID(text)
	return nil
}

// Text is a text, tolerating a number where the platform wrote one.
type Text string

// UnmarshalJSON reads a string, a number as it is spelt, or null.
func (t *Text) UnmarshalJSON(raw []byte) error {
	text, ok := scalarText(raw)
	if !ok {
		return wrongType[Text]("value")
	}
	*t = Text(text)
	return nil
}

// Number is a whole number, tolerating a string or a boolean in its place.
type Number int64

// UnmarshalJSON reads a whole number, one in quotes, a boolean (1 or 0), or
// null and the empty string (0).
func (n *Number) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && (raw[0] == 't' || raw[0] == 'f') {
		*n = 0
		if raw[0] == 't' {
			*n = 1
		}
		return nil
	}
	text, ok := scalarText(raw)
	if !ok {
		return wrongType[Number]("value")
	}
	if text = strings.TrimSpace(text); text == "" {
		*n = 0
		return nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return wrongType[Number]("value")
	}
	*n = Number(value)
	return nil
}

// Int is the number as an int, held to 32 bits: what the platform counts and
// numbers its kinds with never needs more.
func (n Number) Int() int {
	return int(min(max(int64(n), math.MinInt32), math.MaxInt32))
}

// Millis is a moment in milliseconds since 1970; 0 means that none was said.
type Millis int64

// UnmarshalJSON reads what Number reads, within the years a time can have.
func (m *Millis) UnmarshalJSON(raw []byte) error {
	var n Number
	if err := n.UnmarshalJSON(raw); err != nil || n < 0 || n > lastMilli {
		return wrongType[Millis]("value")
	}
	*m = Millis(n)
	return nil
}

// Time is the moment in UTC, or otherwise when none was said.
func (m Millis) Time(otherwise time.Time) time.Time {
	if m == 0 {
		return otherwise
	}
	return time.UnixMilli(int64(m)).UTC()
}

// IDs is a list of ids: an array, or one string with commas between them
// (atUserList, §3.4).
type IDs []string

// UnmarshalJSON reads an array of ids, a string of ids, one id, or null.
func (ids *IDs) UnmarshalJSON(raw []byte) error {
	*ids = nil
	if len(raw) > 0 && raw[0] == '[' {
		var list []ID
		if err := json.Unmarshal(raw, &list); err != nil {
			return wrongType[IDs]("value")
		}
		for _, id := range list {
			ids.add(string(id))
		}
		return nil
	}
	text, ok := scalarText(raw)
	if !ok {
		return wrongType[IDs]("value")
	}
	for part := range strings.FieldsFuncSeq(text, isComma) {
		if isRounded(part) || len(part) > MaxID {
			return wrongType[IDs]("value")
		}
		ids.add(part)
	}
	return nil
}

func (ids *IDs) add(id string) {
	if id = strings.TrimSpace(id); id != "" {
		*ids = append(*ids, id)
	}
}

func isComma(r rune) bool { return r == ',' || r == '，' }

// scalarText is the text of a JSON string, or of a number as it is spelt; "" for
// null. ok is false for anything else.
func scalarText(raw []byte) (text string, ok bool) {
	if len(raw) == 0 {
		return "", false
	}
	switch c := raw[0]; {
	case c == '"':
		return unquote(raw)
	case c == '-' || '0' <= c && c <= '9':
		return string(raw), true
	case c == 'n':
		return "", true
	default:
		return "", false
	}
}

// unquote reads a string. Most have no escapes: those are taken as they are.
func unquote(raw []byte) (text string, ok bool) {
	if len(raw) >= 2 && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1]), true
	}
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}

// isRounded reports whether a text is the spelling of a float: digits with a
// fraction, or with a signed exponent ("1.4E16", "1e+21"). Digits and a bare "e"
// are left alone: an id in hexadecimal may look so.
func isRounded(text string) bool {
	rest := skipDigits(strings.TrimPrefix(text, "-"))
	if rest == "" || len(rest) == len(text) {
		return false
	}
	fraction := rest[0] == '.'
	if fraction {
		rest = skipDigits(rest[1:])
	}
	if rest == "" {
		return true
	}
	exponent := strings.TrimLeft(rest[1:], "+-")
	signed := len(exponent) < len(rest)-1
	return (rest[0] == 'e' || rest[0] == 'E') && (fraction || signed) && exponent != "" && skipDigits(exponent) == ""
}

func skipDigits(s string) string {
	for s != "" && s[0]-'0' <= 9 {
		s = s[1:]
	}
	return s
}

// wrongType makes the error that encoding/json completes with the name of the
// field; what was wrong is named without its text.
func wrongType[T any](value string) error {
	return &json.UnmarshalTypeError{Value: value, Type: reflect.TypeFor[T]()}
}
