package command

import (
	"errors"
	"strings"
)

// ErrInvalid marks an error of a command that could never be put on the wire,
// however often it is tried. An error that wraps it is ErrNotSent in meaning.
var ErrInvalid = errors.New("invalid command")

// End is what the code of a command's end means: the one classification that
// settling an entry and sending it again both go by.
type End string

// The ways a command can end. Busy alone is no end: the command is owed still.
const (
	Done     End = "done"     // it happened
	Busy     End = "busy"     // it did not happen, and may later
	Refused  End = "refused"  // it did not happen, and will not
	Lapsed   End = "lapsed"   // its time was over before it could happen
	Doubtful End = "doubtful" // it may or may not have happened, and nobody can tell
)

// The codes of ends that neither the platform's results nor the event package
// name: what the history says of a message (sendStatus, §2.11).
const (
	CodeBusy        = "5000"        // the platform's own word for "later" (§1)
	CodeNotSent     = "not_sent"    // sendStatus 0, after it was sent again
	CodeUndelivered = "undelivered" // sendStatus 2: a retry is of no use
)

// ends are the codes that mean something of their own (§1, §3). Every other one
// is the platform's number of an error: the command was understood and refused.
var ends = map[string]End{
	"0":       Done,
	"1000":    Busy, // the token was not accepted; the connection gets a new one
	"5000":    Busy,
	"429":     Busy,
	"expired": Lapsed,
	"unknown": Doubtful,
}

// EndOf says what a code means. Success has many spellings in the platform's
// document (OK, ok and, with a zero for the letter, 0K): where there is no code,
// msg may say it.
func EndOf(code, msg string) End {
	code = strings.TrimSpace(code)
	if isOK(code) || code == "" && isOK(strings.TrimSpace(msg)) {
		return Done
	}
	if code == "" {
		return Doubtful
	}
	if end, ok := ends[code]; ok {
		return end
	}
	return Refused
}

func isOK(text string) bool {
	switch strings.ToUpper(text) {
	case "0", "OK", "0K", "O":
		return true
	default:
		return false
	}
}
