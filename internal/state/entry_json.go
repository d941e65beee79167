package state

import (
	"encoding/json"
	"strconv"
	"time"
	"unicode/utf8"

	"botengine/internal/command"
)

// objectJSON writes an object as encoding/json does, in a tenth of the time: entries
// are written within the transaction, for which everybody waits.
type objectJSON struct {
	out []byte
	err error
}

// entryJSON is the entry as encoding/json would write it.
func entryJSON(e *Entry) ([]byte, error) {
	o := objectJSON{out: append(make([]byte, 0, 1024), '{')}
	o.number("seq", e.Seq)
	o.text("state", string(e.State))
	o.name("command")
	o.command(&e.Command)
	o.whole("attempt", int64(e.Attempt))
	o.time("added_at", e.AddedAt)
	o.time("not_before", e.NotBefore)
	o.time("started_at", e.StartedAt)
	o.time("ended_at", e.EndedAt)
	o.some("code", e.Code)
	o.some("msg", e.Msg)
	o.time("busy_at", e.BusyAt)
	o.whole("revived", int64(e.Revived))
	if e.Handled != nil {
		o.name("handled")
		o.marshal(e.Handled)
	}
	return append(o.out, '}'), o.err
}

func (o *objectJSON) command(c *command.Command) {
	o.out = append(o.out, '{')
	o.text("key", c.Key)
	o.text("message_id", c.MessageID)
	o.some("account", c.Account)
	o.text("robot", c.Robot)
	o.text("type", c.Type)
	o.some("chat", c.Chat)
	o.text("lane", string(c.Lane))
	o.text("class", string(c.Class))
	o.name("fields")
	if c.Fields == nil {
		o.out = append(o.out, "null"...)
	} else {
		o.marshal(c.Fields)
	}
	o.some("rule", c.Rule)
	o.some("run", c.Run)
	o.some("step", c.Step)
	o.whole("hops", int64(c.Hops))
	o.time("not_before", c.NotBefore)
	o.time("expires", c.Expires)
	o.whole("timeout", int64(c.Timeout))
	o.whole("takeover", int64(c.Takeover))
	o.flag("unpaused", c.Unpaused)
	o.flag("unasked", c.Unasked)
	o.out = append(o.out, '}')
}

func (o *objectJSON) name(name string) {
	if o.out[len(o.out)-1] != '{' {
		o.out = append(o.out, ',')
	}
	o.out = append(append(append(o.out, '"'), name...), '"', ':')
}

func (o *objectJSON) number(name string, n uint64) {
	o.name(name)
	o.out = strconv.AppendUint(o.out, n, 10)
}

// whole writes a number that is not 0.
func (o *objectJSON) whole(name string, n int64) {
	if n != 0 {
		o.name(name)
		o.out = strconv.AppendInt(o.out, n, 10)
	}
}

// flag writes what is so.
func (o *objectJSON) flag(name string, is bool) {
	if is {
		o.name(name)
		o.out = append(o.out, "true"...)
	}
}

// some writes a text that is not empty.
func (o *objectJSON) some(name, s string) {
	if s != "" {
		o.text(name, s)
	}
}

func (o *objectJSON) text(name, s string) {
	o.name(name)
	if !plainJSON(s) {
		o.marshal(s)
		return
	}
	o.out = append(append(append(o.out, '"'), s...), '"')
}

// time writes a time that is not zero.
func (o *objectJSON) time(name string, at time.Time) {
	if at.IsZero() {
		return
	}
	o.name(name)
	if year := at.Year(); at.Location() != time.UTC || year < 0 || year > 9999 {
		o.marshal(at)
		return
	}
	o.out = append(at.AppendFormat(append(o.out, '"'), time.RFC3339Nano), '"')
}

func (o *objectJSON) marshal(v any) {
	text, err := json.Marshal(v)
	if err != nil && o.err == nil {
		o.err = err
	}
	o.out = append(o.out, text...)
}

// plainJSON says whether a text is the same in JSON.
func plainJSON(s string) bool {
	wide := false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= utf8.RuneSelf:
			wide = wide || c == 0xE2 // with which U+2028 and U+2029 begin, which JSON escapes
		case c < ' ', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return !wide && utf8.ValidString(s)
}
