// Package command owns what a robot owes the platform: one call, safe to repeat
// by its key, and the ways in which sending it can end. It refuses to know how a
// call is put on the wire (yjiyun) and when it may leave (dispatch).
package command

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// Command is one call owed to the platform.
type Command struct {
	Key       string `json:"key"`        // the same over every retry, crash and redelivery
	MessageID string `json:"message_id"` // its name on the wire: 32 digits, derived from Key
	Account   string `json:"account,omitempty"`
	Robot     string `json:"robot"` // robotKey
	Type      string `json:"type"`  // an action's type, or one of the Message… types
	Chat      string `json:"chat,omitempty"`
	Lane      Lane   `json:"lane"`
	Class     Class  `json:"class"`
	// Fields are the command's own: for a message the inner object `message`
	// (§3.4), for an action what stands beside type, robotKey and messageId.
	Fields json.RawMessage `json:"fields"`

	Rule string `json:"rule,omitempty"` // who asked for it, for people
	Run  string `json:"run,omitempty"`
	Step string `json:"step,omitempty"`
	Hops int    `json:"hops,omitempty"` // how many rules lie between it and what came from outside

	NotBefore time.Time     `json:"not_before,omitzero"`
	Expires   time.Time     `json:"expires,omitzero"`
	Timeout   time.Duration `json:"timeout,omitempty"` // how long its result may take; 0 = the lane's default

	// What holds a message back, asked again right before it leaves. A person who
	// wrote into its chat less than Takeover ago does (0: nobody does); so does a
	// pause, unless it is Unpaused.
	Takeover time.Duration `json:"takeover,omitempty"`
	Unpaused bool          `json:"unpaused,omitempty"`

	Unasked bool `json:"unasked,omitempty"` // a schedule began it: what people wait for goes first
}

// The types of the commands that go out as the event "message" (§3.4 to §3.6,
// §3.10, §3.24). Every other type goes out as the event "action".
const (
	MessageText  = "message.text"
	MessageImage = "message.image"
	MessageLink  = "message.link"
	MessageFile  = "message.file"
	MessageVideo = "message.video"
)

// IsMessage reports whether the command goes out as the event "message".
func (c *Command) IsMessage() bool { return c.Lane == LaneChat }

// Lane is the queue in which a command waits: commands of one lane leave one
// after the other, each only when the one before it has ended.
type Lane string

// The lanes of a robot.
const (
	LaneChat   Lane = "chat"   // one lane per chat: messages keep their order
	LaneCall   Lane = "call"   // one lane per rule: calls of other servers hold up nothing else
	LaneAction Lane = "action" // one lane per robot: the platform goes wrong on overlap (§3.11)
)

// Class says what may be done when nobody knows whether a command happened.
type Class string

// The classes of commands.
const (
	Verifiable   Class = "V" // echo or history tells: ask, then decide
	Idempotent   Class = "I" // may be repeated, bounded
	Queryable    Class = "Q" // the state it changes can be asked for
	Unverifiable Class = "U" // at most once: a person decides
)

// ErrNotSent marks an error after which the command surely is not on the wire.
var ErrNotSent = errors.New("not sent")

// Key derives a command's key: the same event, rule, step and target can only
// ever name one command.
func Key(event, rule, step, target string) string {
	var room [512]byte
	text := room[:0]
	for _, part := range [...]string{event, rule, step, target} {
		text = binary.BigEndian.AppendUint32(text, uint32(len(part))) //nolint:gosec // no part is that long
		text = append(text, part...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:20])
}

// MessageID derives the id a command has on the wire: 17 digits of the event's
// time and 15 of the key, 32 in all (§3.0 allows no more).
func MessageID(at time.Time, key string) string {
	sum := sha256.Sum256([]byte(key))
	n := binary.BigEndian.Uint64(sum[:8]) % 1_000_000_000_000_000
	utc := at.UTC()
	var room [48]byte
	id := utc.AppendFormat(room[:0], "20060102150405")
	id = appendDigits(id, uint64(utc.Nanosecond()/1e6), 100)
	return string(appendDigits(id, n, 100_000_000_000_000))
}

// appendDigits writes n with as many digits as top has.
func appendDigits(id []byte, n, top uint64) []byte {
	for ; top > 0; top /= 10 {
		id = append(id, '0'+byte(n/top%10))
	}
	return id
}

// IsMessageID reports whether an id has the form of those that MessageID makes: a
// message that bears it was sent by this program, or by a sister of it.
func IsMessageID(id string) bool {
	_, ok := MessageTime(id)
	return ok
}

// MessageTime returns the time of the event that the command of an id was made for,
// on the clock of that event; ok is false for an id of another form.
func MessageTime(id string) (at time.Time, ok bool) {
	if len(id) != 32 || strings.Trim(id, "0123456789") != "" {
		return time.Time{}, false
	}
	at, err := time.Parse("20060102150405.000", id[:14]+"."+id[14:17])
	return at, err == nil
}

// TypeCall is the type of a command that calls another server than the platform's:
// its answer is its end. It needs no robot.
const TypeCall = "http.call"

// NeedsRobot reports whether the command waits while its robot cannot speak.
func (c *Command) NeedsRobot() bool { return c.Type != TypeCall }

// RequestPrefix begins the types of the commands that are REST requests (§2)
// rather than socket events; the answer is their end.
const RequestPrefix = "rest."

// IsRequest reports whether the command is a REST request.
func (c *Command) IsRequest() bool { return strings.HasPrefix(c.Type, RequestPrefix) }
