package actions

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"botengine/internal/event"
	"botengine/internal/expression"
)

// FuzzUserText holds that what people write is data wherever a rule puts it: it
// arrives byte for byte, but for an @ that would mention everybody; it mentions
// nobody, names no recipient, and is never read as a template again.
func FuzzUserText(f *testing.F) {
	for _, s := range []string{
		"你好", "{{sender.id}}", "{{", "}}", "${jndi:x}", "%s%n", "#{1+1}", "{{{{text}}}}", `"}, "atUserList": "1`, "@所有人", "@all hi", "＠所有人", "a@all.com",
		"S:1_R:2", "R:10696052725010172", "7881302985963919", "\u202e反", "\u200b", "\n", "\x00", "👨‍👩‍👧", "../../etc/passwd", "https://evil.example/", `\u0040all`, "<@all>",
	} {
		f.Add(s)
	}
	ids := groupMessage("").Sender.ID
	sent := func(t *testing.T, step, said string) message {
		t.Helper()
		ev := groupMessage(said)
		ev.Sender.Name = said
		bound, findings := bindStep(t, step, event.MessageText)
		if bound == nil {
			t.Fatalf("%s: %v", step, findings)
		}
		effect, err := bound.Plan(Env{Scope: &expression.Scope{Event: ev}})
		if err != nil {
			return message{}
		}
		if effect.Command.Chat != ev.Chat.ID {
			t.Fatalf("%q chose the chat %s", said, effect.Command.Chat)
		}
		var m message
		dec := json.NewDecoder(bytes.NewReader(effect.Command.Fields))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&m); err != nil {
			t.Fatalf("%q: %v", said, err)
		}
		return m
	}
	f.Fuzz(func(t *testing.T, said string) {
		if !utf8.ValidString(said) || utf8.RuneCountInString(said) > maxText-10 {
			return // JSON replaces what is no UTF-8
		}
		m := sent(t, `reply: {text: "前{{text}}后", at: sender}`, said)
		if want := spareAll("前" + said + "后"); m.Content != want || m.AtUserList != ids {
			t.Fatalf("%q became %q, mentions %q", said, m.Content, m.AtUserList)
		}
		if m = sent(t, `reply: {text: "{{text}}。", allow_mention_all: true}`, said); m.Content != said+"。" || m.AtUserList != "" {
			t.Fatalf("%q became %q, mentions %q", said, m.Content, m.AtUserList)
		}
		m = sent(t, `reply: "{{sender.name}}："`, said)
		if strings.ContainsAny(m.Content, "\n\r\x00\u202e\u200b") || strings.HasPrefix(m.Content, "@") {
			t.Fatalf("the name %q became %q", said, m.Content)
		}
		m = sent(t, `reply_link: {title: 看, url: "https://example.com/{{text}}"}`, said)
		if m.Link != "" && !strings.HasPrefix(m.Link, "https://example.com/") {
			t.Fatalf("%q became the address %q", said, m.Link)
		}
	})
}
