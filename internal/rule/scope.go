package rule

import (
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// scope says in which chats of which robots a rule is at work.
type scope struct {
	robots  []pattern // key, id or name; empty = all
	chats   []pattern // id or name; empty = all
	kind    chatKind
	exclude *scope
}

// chatKind is `chat_type`.
type chatKind string

const (
	anyChat     chatKind = ""
	groupChat   chatKind = "group"
	privateChat chatKind = "private"
)

var (
	excludeFields = names{known: []string{"robots", "chats", "chat_type"}, later: []string{"accounts", "members", "where"}}
	scopeFields   = names{known: append([]string{"exclude"}, excludeFields.known...), later: excludeFields.later}
)

// scope reads `scope`.
func (b *builder) scope(n *yaml.Node) *scope {
	f, ok := b.fields(n, scopeForm, scopeFields)
	if !ok {
		return nil
	}
	s := b.scopeOf(f)
	if x := f.get("exclude"); x != nil {
		if ex, ok := b.fields(x, excludeForm, excludeFields); ok {
			s.exclude = b.scopeOf(ex)
		}
	}
	return s
}

// scopeOf reads what a scope and its exclude have in common.
func (b *builder) scopeOf(f fields) *scope {
	s := &scope{}
	if n := f.get("robots"); n != nil {
		s.robots = b.patterns(n)
	}
	if n := f.get("chats"); n != nil {
		s.chats = b.patterns(n)
	}
	if n := f.get("chat_type"); n != nil {
		kind, _ := b.choice(n, names{known: []string{string(groupChat), string(privateChat)}})
		s.kind = chatKind(kind)
	}
	return s
}

// patterns reads ids and patterns of names.
func (b *builder) patterns(n *yaml.Node) []pattern {
	var out []pattern
	for _, it := range b.someTexts(n) {
		p := newPattern(it.text)
		if p.glob && !doublestar.ValidatePattern(p.text) {
			b.fail(it.node, "BE124", diag.T("通配写法不对：`%s`", "bad pattern: `%s`", it.text),
				diag.T("`*` 任意多个字符，`?` 一个字符；`[` 和 `{` 要成对，当普通字符用时前面加 `\\`", "`*` any characters, `?` one; `[` and `{` have to be closed, or have a `\\` before them"))
			continue
		}
		out = append(out, p)
	}
	return out
}

// covers says whether an event in this chat of this robot is within the scope.
func (s *scope) covers(ev *event.Event) bool {
	if s == nil {
		return true
	}
	if len(s.robots) > 0 && !s.hasRobot(ev) || len(s.chats) > 0 && !s.hasChat(ev) || s.kind != anyChat && s.kind != kindOf(ev) {
		return false
	}
	return s.exclude == nil || !s.exclude.touches(ev)
}

// touches says whether anything that s names is true of the event: each entry of
// an exclude excludes by itself.
func (s *scope) touches(ev *event.Event) bool {
	return len(s.robots) > 0 && s.hasRobot(ev) || len(s.chats) > 0 && s.hasChat(ev) || s.kind != anyChat && s.kind == kindOf(ev)
}

func (s *scope) hasRobot(ev *event.Event) bool {
	for i := range s.robots {
		if p := &s.robots[i]; p.matches(ev.Robot.Key) || p.matches(ev.Robot.ID) || p.matches(ev.Robot.Name) {
			return true
		}
	}
	return false
}

func (s *scope) hasChat(ev *event.Event) bool {
	for i := range s.chats {
		if p := &s.chats[i]; p.matches(ev.Chat.ID) || p.matches(ev.Chat.Peer) || p.matches(ev.Chat.Name) {
			return true
		}
	}
	return false
}

// kindOf is the kind of the event's chat; an event outside of chats has none. A
// friend request counts as private: its answer goes to the private chat.
func kindOf(ev *event.Event) chatKind {
	switch {
	case ev.Chat.Group:
		return groupChat
	case ev.Kind == event.FriendRequest, ev.Chat.ID != "", ev.Chat.Peer != "":
		return privateChat
	}
	return anyChat
}

// pattern is an id or a name, perhaps with wildcards. A slash is a character like
// any other: names have no folders.
type pattern struct {
	text string
	glob bool
}

// noSlash stands for a slash, which doublestar would treat in a way of its own.
const noSlash = "\ue000"

func newPattern(written string) pattern {
	if !strings.ContainsAny(written, `*?[{\`) {
		return pattern{text: written}
	}
	return pattern{text: strings.ReplaceAll(written, "/", noSlash), glob: true}
}

// matches says whether the value fits; an empty value never does.
func (p *pattern) matches(value string) bool {
	if value == "" {
		return false
	}
	if !p.glob {
		return p.text == value
	}
	if strings.Contains(value, "/") {
		value = strings.ReplaceAll(value, "/", noSlash)
	}
	return doublestar.MatchUnvalidated(p.text, value)
}
