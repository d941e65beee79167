package sim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// command is one thing a client wants done, as it was on the wire.
type command struct {
	event     string // message or action
	typ       string // an action's type, a message's kind
	robotKey  string
	messageID string
	body      map[string]json.RawMessage

	chatID  string  // of a message
	content Content // of a message

	answer func(fields) // the bridge's way back; nil: the result is pushed
}

// refusal is a command the platform does not do.
type refusal struct{ code, msg string }

func (r refusal) Error() string { return r.code + ": " + r.msg }

func refuse(format string, args ...any) error { return refusal{"1", fmt.Sprintf(format, args...)} }

// parseCommand reads the body of an event. The token never gets any further than this.
func parseCommand(event string, raw json.RawMessage) (*command, error) {
	c := &command{event: event}
	if err := json.Unmarshal(raw, &c.body); err != nil || c.body == nil {
		return nil, errors.New("command is not a JSON object")
	}
	delete(c.body, "token")
	c.messageID, _ = c.str("messageId")
	if n := len(c.messageID); n == 0 || n > 32 {
		return nil, errors.New("command's messageId is not a string of 1 to 32 characters")
	}
	switch event {
	case "message":
		return c, c.parseMessage()
	case "action": // what is missing here is refused with a result
		c.typ, _ = c.str("type")
		c.robotKey, _ = c.str("robotKey")
		return c, nil
	}
	return nil, errors.New("event is neither message nor action")
}

func (c *command) parseMessage() error {
	var err error
	if c.chatID, err = c.str("chatId"); err != nil {
		return err
	}
	if err = json.Unmarshal(c.body["message"], &c.content); err != nil {
		return errors.New("message is not an object of the documented fields")
	}
	c.typ = c.content.Kind()
	return nil
}

// text is the body without secrets, for the record.
func (c *command) text() string {
	b, err := json.Marshal(c.body)
	if err != nil {
		return ""
	}
	return string(b)
}

// str reads a string field.
func (c *command) str(name string) (string, error) {
	var s *string
	if json.Unmarshal(c.body[name], &s) != nil || s == nil {
		return "", refuse("parameter error: %s", name)
	}
	return *s, nil
}

// integer reads a field the document types as a number.
func (c *command) integer(name string) (string, error) {
	id, quoted, ok := readID(c.body[name])
	if !ok || quoted {
		return "", refuse("parameter error: %s", name)
	}
	return id, nil
}

// ids reads a list of ids; the document writes them now as strings, now as numbers.
func (c *command) ids(name string) ([]string, error) { return c.idList(name, true) }

// stringIDs reads a list of ids where the document allows strings only.
func (c *command) stringIDs(name string) ([]string, error) { return c.idList(name, false) }

func (c *command) idList(name string, bare bool) ([]string, error) {
	var raws []json.RawMessage
	if c.body[name] != nil && json.Unmarshal(c.body[name], &raws) != nil {
		return nil, refuse("parameter error: %s", name)
	}
	ids := make([]string, 0, len(raws))
	for _, raw := range raws {
		id, quoted, ok := readID(raw)
		if !ok || (!quoted && !bare) {
			return nil, refuse("parameter error: %s", name)
		}
		ids = append(ids, id)
	}
	return ids, nil
}

// readID reads an id without ever making a float of it; 1e5 and 1.0 are no ids.
func readID(raw json.RawMessage) (id string, quoted, ok bool) {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 {
		return "", false, false
	}
	if raw[0] == '"' {
		err := json.Unmarshal(raw, &id)
		return id, true, err == nil && id != ""
	}
	id = string(raw)
	return id, false, strings.Trim(id, "0123456789") == ""
}
