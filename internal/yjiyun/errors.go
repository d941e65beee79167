package yjiyun

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Reason says what is wrong with a frame. It is fit for the label of a metric.
type Reason string

// The reasons for which Decode refuses a frame.
const (
	ReasonUnknownEvent Reason = "unknown_event" // a name that is not message, chat or action
	ReasonSyntax       Reason = "syntax"        // not a JSON object
	ReasonMissing      Reason = "missing"       // a field without which the event has no meaning
	ReasonType         Reason = "type"          // a field of another type, or a number that was rounded
	ReasonTooLarge     Reason = "too_large"     // more than MaxPayload bytes
	ReasonTooDeep      Reason = "too_deep"      // more than MaxDepth levels
	ReasonTooLong      Reason = "too_long"      // a list of more than MaxList items, or an id of more than MaxID bytes
)

// MalformedError says why a frame is not an event. It names the place and the
// reason and never holds anything of the frame's text, so it may be logged.
type MalformedError struct {
	Event  string // message, chat or action; "" when the name itself is unknown
	Field  string // the wire's name of the field, with dots; "" when the whole frame is at fault
	Reason Reason
	Offset int64 // bytes into the frame, for ReasonSyntax
}

// Error says what is wrong and where, without the text of the frame.
func (e *MalformedError) Error() string {
	switch e.Reason {
	case ReasonUnknownEvent:
		return "decode frame: its event is not message, chat or action"
	case ReasonSyntax:
		return fmt.Sprintf("decode %s frame: not a json object (offset %d)", e.Event, e.Offset)
	case ReasonTooLarge:
		return fmt.Sprintf("decode %s frame: larger than %d bytes", e.Event, MaxPayload)
	case ReasonTooDeep:
		return fmt.Sprintf("decode %s frame: nested deeper than %d levels", e.Event, MaxDepth)
	case ReasonMissing:
		return fmt.Sprintf("decode %s frame: field %s is missing", e.Event, e.Field)
	case ReasonTooLong:
		return fmt.Sprintf("decode %s frame: %s is longer than allowed (%d items of a list, %d bytes of an id)",
			e.Event, e.place(), MaxList, MaxID)
	default:
		return fmt.Sprintf("decode %s frame: %s has a type that cannot be read", e.Event, e.place())
	}
}

func (e *MalformedError) place() string {
	if e.Field == "" {
		return "a part of it"
	}
	return "field " + e.Field
}

// errFields says that a command's fields cannot be read, without their text.
var errFields = errors.New("its fields are not a json object")

func missing(frame, field string) error {
	return &MalformedError{Event: frame, Field: field, Reason: ReasonMissing}
}

// malformed translates what encoding/json says, dropping the values it quotes.
func malformed(frame string, err error) error {
	if wrongType, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		reason := ReasonType
		if wrongType.Value == valueTooLong {
			reason = ReasonTooLong
		}
		return &MalformedError{Event: frame, Field: wrongType.Field, Reason: reason}
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return &MalformedError{Event: frame, Reason: ReasonSyntax, Offset: syntax.Offset}
	}
	return &MalformedError{Event: frame, Reason: ReasonType}
}
