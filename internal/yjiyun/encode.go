package yjiyun

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// MaxMessageID is the most characters the platform takes in a messageId (§3.0).
const MaxMessageID = 32

// contentTypes are the messages a robot can send (§3.4 to §3.6, §3.10, §3.24).
var contentTypes = map[string]int{
	command.MessageText:  contentText,
	command.MessageImage: contentImage,
	command.MessageLink:  contentLink,
	command.MessageFile:  contentFile,
	command.MessageVideo: contentVideo,
}

// reserved are the fields of a frame that a command cannot set itself.
var reserved = []string{"type", "robotKey", "messageId", "timestamp", "token"}

// Encode makes the frame of a command: the Socket.IO event's name and its one
// object. at is the moment of sending; o corrects the inferred commands. The
// same arguments give the same bytes: the command's own fields keep their order
// and, ids among them, their spelling.
//
// Every error wraps command.ErrNotSent and none holds a field's value: a command
// that cannot be encoded never was on the wire. It wraps command.ErrInvalid too
// when it is the command that is at fault, and not a missing token.
func Encode(c command.Command, at time.Time, token string, o Overrides) (name string, payload json.RawMessage, err error) {
	if err := checkEnvelope(&c); err != nil {
		return "", nil, invalid(&c, err)
	}
	if token == "" {
		return "", nil, notSent(&c, errors.New("there is no token to send it with"))
	}
	fields, err := readFields(c.Fields)
	if err != nil {
		return "", nil, invalid(&c, err)
	}
	contentType, isMessage := contentTypes[c.Type]
	switch {
	case isMessage:
		name, payload, err = encodeMessage(&c, contentType, fields, at, token)
	case c.IsMessage() || strings.HasPrefix(c.Type, "message."):
		err = fmt.Errorf("%q is not a type of message the platform can send", c.Type)
	default:
		name, payload, err = encodeAction(&c, fields, at, token, o)
	}
	if err != nil {
		return "", nil, invalid(&c, err)
	}
	return name, payload, nil
}

func invalid(c *command.Command, err error) error {
	return notSent(c, fmt.Errorf("%w: %w", command.ErrInvalid, err))
}

func notSent(c *command.Command, err error) error {
	return fmt.Errorf("encode command %s (%s): %w: %w", c.MessageID, c.Type, command.ErrNotSent, err)
}

func checkEnvelope(c *command.Command) error {
	switch {
	case c.MessageID == "" || len(c.MessageID) > MaxMessageID:
		return fmt.Errorf("its messageId has %d characters: 1 to %d are allowed", len(c.MessageID), MaxMessageID)
	case c.Robot == "":
		return errors.New("it names no robotKey")
	case c.Type == "":
		return errors.New("it has no type")
	case c.IsRequest():
		return errors.New("it is a request, which no frame can carry")
	default:
		return nil
	}
}

func encodeMessage(c *command.Command, contentType int, fields []wireField, at time.Time, token string) (string, json.RawMessage, error) {
	if _, _, ok := event.SplitChatID(c.Chat); !ok {
		return "", nil, errors.New("its chat is not a chat id (S:robot_peer)")
	}
	var inner object
	inner.number("contentType", int64(contentType))
	for _, f := range fields {
		if f.name == "contentType" {
			continue // follows from the type
		}
		inner.raw(f.name, f.value)
	}
	var frame object
	frame.raw("message", inner.close())
	frame.text("chatId", c.Chat)
	frame.text("messageId", c.MessageID)
	frame.text("robotKey", c.Robot)
	frame.number("timestamp", at.UnixMilli())
	frame.text("token", token)
	return EventMessage, frame.close(), nil
}

func encodeAction(c *command.Command, fields []wireField, at time.Time, token string, o Overrides) (string, json.RawMessage, error) {
	wire, rename := o.correct(c.Type)
	var frame object
	frame.text("type", wire)
	frame.text("robotKey", c.Robot)
	frame.text("messageId", c.MessageID)
	frame.number("timestamp", at.UnixMilli())
	frame.text("token", token)
	taken := slices.Clone(reserved)
	for _, f := range fields {
		name := f.name
		if to, ok := rename[name]; ok {
			name = to
		}
		if slices.Contains(taken, name) {
			return "", nil, fmt.Errorf("its field %q is set twice, or belongs to the frame", name)
		}
		taken = append(taken, name)
		frame.raw(name, f.value)
	}
	return EventAction, frame.close(), nil
}

// wireField is one field of a command, its value as it is spelt but for white
// space.
type wireField struct {
	name  string
	value json.RawMessage
}

// readFields takes a command's object apart, in its order.
func readFields(raw json.RawMessage) ([]wireField, error) {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if token, err := decoder.Token(); err != nil || token != json.Delim('{') {
		return nil, errFields
	}
	var fields []wireField
	for decoder.More() {
		token, err := decoder.Token()
		name, ok := token.(string)
		if err != nil || !ok {
			return nil, errFields
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errFields
		}
		var compact bytes.Buffer
		if err := json.Compact(&compact, value); err != nil {
			return nil, errFields
		}
		fields = append(fields, wireField{name, valid(compact.Bytes())})
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errFields
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, errFields
	}
	return fields, nil
}

// object builds a JSON object field by field.
type object struct{ out []byte }

func (o *object) name(name string) {
	separator := byte(',')
	if len(o.out) == 0 {
		separator = '{'
	}
	o.out = append(appendText(append(o.out, separator), name), ':')
}

func (o *object) text(name, value string) {
	o.name(name)
	o.out = appendText(o.out, value)
}

func (o *object) number(name string, value int64) {
	o.name(name)
	o.out = strconv.AppendInt(o.out, value, 10)
}

// raw adds a value that is JSON already.
func (o *object) raw(name string, value json.RawMessage) {
	o.name(name)
	o.out = append(o.out, value...)
}

func (o *object) close() json.RawMessage { return append(o.out, '}') }
