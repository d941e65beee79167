package actions

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// The platform's contentType of the messages a robot sends (§3.4 to §3.6, §3.10, §3.24).
const (
	contentText  = 1
	contentVideo = 5
	contentImage = 7
	contentFile  = 8
	contentLink  = 13
)

// message is the inner object of a message command.
type message struct {
	ContentType  int    `json:"contentType"`
	Content      string `json:"content,omitempty"`
	AtUserList   string `json:"atUserList,omitempty"`
	Pic          string `json:"pic,omitempty"`
	FileName     string `json:"fileName,omitempty"`
	Title        string `json:"title,omitempty"`
	Link         string `json:"link,omitempty"`
	Description  string `json:"description,omitempty"`
	CoverImgFile string `json:"coverImgFile,omitempty"`
}

// say makes the effect of a message to the event's own chat. There is no other
// recipient: a rule answers where it was spoken to.
func say(env Env, m message) (Effect, error) {
	chat, err := chatOf(env.Scope.Event)
	if err != nil {
		return Effect{}, err
	}
	fields, err := encode(m)
	if err != nil {
		return Effect{}, err
	}
	return Effect{Command: &command.Command{Chat: chat, Fields: fields}}, nil
}

// act makes the effect of an action command with the given fields.
func act(fields any) (Effect, error) {
	raw, err := encode(fields)
	if err != nil {
		return Effect{}, err
	}
	return Effect{Command: &command.Command{Fields: raw}}, nil
}

// encode writes v as JSON and leaves <, > and & as they are.
func encode(v any) (json.RawMessage, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the command: %w", err)
	}
	return bytes.TrimRight(buf.Bytes(), "\n"), nil
}

// chatOf is the chat to answer in. A friend request has none of its own: its
// answers go to the private chat with the new friend.
func chatOf(ev *event.Event) (string, error) {
	if ev.Chat.ID != "" {
		return ev.Chat.ID, nil
	}
	peer := ev.Chat.Peer
	if peer == "" {
		peer = ev.Friend.ID
	}
	if peer == "" || ev.Robot.ID == "" {
		return "", errors.New("the event names no chat to answer in")
	}
	return event.ChatID(ev.Robot.ID, peer), nil
}

func inGroup(ev *event.Event) bool { return ev.Chat.Group }

// groupOf is the id of the group the event happened in.
func groupOf(ev *event.Event) (string, error) {
	peer := ev.Chat.Peer
	if peer == "" {
		_, peer, _ = event.SplitChatID(ev.Chat.ID)
	}
	if !inGroup(ev) || peer == "" {
		return "", errors.New("the event did not happen in a group")
	}
	return peer, nil
}

// personOf is the one person the event is about: who spoke, or who asked to be a
// friend.
func personOf(ev *event.Event) (string, error) {
	switch {
	case ev.Sender.ID != "":
		return ev.Sender.ID, nil
	case ev.Friend.ID != "":
		return ev.Friend.ID, nil
	}
	return "", errors.New("the event names no person")
}

// person renders who is meant: the parameter when it was written, else the person
// of the event.
func person(env Env, who Text) (string, error) {
	if !who.Given() {
		return personOf(env.Scope.Event)
	}
	id, err := who.Render(env)
	if err != nil {
		return "", err
	}
	if !isDecimal(id) {
		return "", errors.New("not a person's id")
	}
	return id, nil
}

// number matches what may stand in JSON as a whole number.
var number = regexp.MustCompile(`^(0|[1-9][0-9]{0,19})$`)

// integers writes ids as JSON integers, as §3.18 has them, digit by digit: no id
// ever passes through a float. What is no number is written as a text.
func integers(ids []string) []any {
	out := make([]any, len(ids))
	for i, id := range ids {
		out[i] = id
		if number.MatchString(id) {
			out[i] = json.Number(id)
		}
	}
	return out
}

// isDecimal reports whether s is digits only, as the ids of people are.
func isDecimal(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}

// unique drops doubles and keeps the order.
func unique[T comparable](list []T) []T {
	var out []T
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// constantHost matches what an address has to begin with before anything of the
// event comes: a whole host, closed by what ends it.
var constantHost = regexp.MustCompile(`(?i)^https?://[^/?#@\\\s]+[/?#]`)

// checkURL is the check of a URL parameter.
func checkURL(param string, t Text) []fault {
	if !t.Given() {
		return nil
	}
	if literal, ok := t.Literal(); ok {
		if _, err := webURL(literal); err != nil {
			return []fault{{Param: param, Message: diag.T("`%s` 不是网址", "`%s` is not a web address", param),
				Hint: diag.T("写完整的网址，以 https:// 开头", "write the whole address, beginning with https://")}}
		}
		return nil
	}
	value, constant := t.template.Constant()
	if _, err := webURL(value); constant && err == nil {
		return nil
	}
	if !constantHost.MatchString(t.template.Fixed()) {
		return []fault{{Param: param, Message: diag.T("`%s` 的域名不能来自消息", "the host of `%s` must not come from a message", param),
			Hint: diag.T("把 https://域名/ 写在最前面（也可以来自 vars，结尾要有 /）", "begin with https://host/ (which vars may hold, with the / at its end)")}}
	}
	return nil
}

// renderURL renders a URL parameter; "" when it was not written.
func renderURL(env Env, param string, t Text) (string, error) {
	s, err := t.Render(env)
	if err != nil || !t.Given() {
		return "", err
	}
	if s, err = webURL(s); err != nil {
		return "", fmt.Errorf("%s: %w", param, err)
	}
	return s, nil
}

// webURL accepts absolute http and https addresses.
func webURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.ContainsAny(s, " \t\r\n") {
		return "", errors.New("not a web address")
	}
	return s, nil
}
