package rule

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// scope says in which chats of which robots a rule is at work, and for whom.
type scope struct {
	accounts []pattern // names; empty = all
	robots   []pattern // key, id or name; empty = all
	chats    []pattern // id or name; empty = all
	kind     chatKind
	members  []pattern // id or name of the person it is about; empty = all
	owners   []pattern // id or name of the person a group belongs to; empty = all
	size     *sizeRange
	labels   []*labelSet // a group needs one of them; empty = all
	where    *yaml.Node  // compiled for each rule: what it may name depends on the triggers
	exclude  *scope
}

// chatKind is `chat_type`.
type chatKind string

const (
	anyChat     chatKind = ""
	groupChat   chatKind = "group"
	privateChat chatKind = "private"
)

var (
	scopeFields   = keysOf("scope")
	excludeFields = names{known: slices.DeleteFunc(slices.Clone(scopeFields.known), func(key string) bool { return key == "exclude" })}
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
	s := &scope{where: f.get("where")}
	for name, into := range map[string]*[]pattern{
		"accounts": &s.accounts, "robots": &s.robots, "chats": &s.chats, "members": &s.members, "owners": &s.owners,
	} {
		if n := f.get(name); n != nil {
			*into = b.patterns(n)
		}
	}
	if n := f.get("chat_type"); n != nil {
		kind, _ := b.choice(n, choicesOf("scope", "chat_type"))
		s.kind = chatKind(kind)
	}
	if n := f.get("size"); n != nil {
		s.size = b.sizeRange(n)
	}
	if n := f.get("labels"); n != nil {
		s.labels = b.wantedLabels(n)
	}
	if s.kind == privateChat && s.ofGroups() {
		b.warn(f.key("chat_type"), "BE411", diag.T("私聊没有群主、人数和群标签，这个范围永远是空的", "a private chat has no owner, size or labels: nothing is ever within this scope"),
			diag.T("去掉 `chat_type: private`，或去掉 `owners`、`size`、`labels`", "take `chat_type: private` out, or `owners`, `size` and `labels`"))
	}
	return s
}

// ofGroups says whether the scope asks for something that only groups have.
func (s *scope) ofGroups() bool { return len(s.owners) > 0 || s.size != nil || len(s.labels) > 0 }

// onlyGroups says whether only groups can be within the scope.
func (s *scope) onlyGroups() bool { return s.kind == groupChat || s.ofGroups() }

// patterns reads ids and patterns of names.
func (b *builder) patterns(n *yaml.Node) []pattern {
	var out []pattern
	for _, it := range b.someTexts(n) {
		if p, ok := b.pattern(it); ok {
			out = append(out, p)
		}
	}
	return out
}

// pattern reads an id or a pattern of names.
func (b *builder) pattern(it item) (pattern, bool) {
	p := newPattern(it.text)
	if p.glob && !doublestar.ValidatePattern(p.text) {
		b.fail(it.node, "BE124", diag.T("通配写法不对：`%s`", "bad pattern: `%s`", it.text),
			diag.T("`*` 任意多个字符，`?` 一个字符；`[` 和 `{` 要成对，当普通字符用时前面加 `\\`", "`*` any characters, `?` one; `[` and `{` have to be closed, or have a `\\` before them"))
		return p, false
	}
	return p, true
}

// covers says whether an event in this chat of this robot is within the scope, as
// far as that can be said without its `where`.
func (s *scope) covers(ev *event.Event) bool { return s == nil || s.outside(ev) == partNone }

// scopePart is a part of a scope.
type scopePart uint8

// The parts, in the order in which they are looked at.
const (
	partNone scopePart = iota
	partAccounts
	partRobots
	partKind
	partChats
	partMembers
	partUnknown // of a group that is not known, nobody can say
	partOwners
	partSize
	partLabels
	partExclude
)

// outside returns the first part of the scope that the event is outside of.
func (s *scope) outside(ev *event.Event) scopePart {
	switch {
	case len(s.accounts) > 0 && !s.hasAccount(ev):
		return partAccounts
	case len(s.robots) > 0 && !s.hasRobot(ev):
		return partRobots
	case s.kind != anyChat && s.kind != kindOf(ev), s.ofGroups() && kindOf(ev) != groupChat:
		return partKind
	case len(s.chats) > 0 && !s.hasChat(ev):
		return partChats
	case len(s.members) > 0 && !s.hasMember(ev):
		return partMembers
	case len(s.labels) > 0 && !s.hasLabel(ev):
		return partLabels
	case s.needsBook() && !ev.Chat.Known:
		return partUnknown
	case len(s.owners) > 0 && !s.hasOwner(ev):
		return partOwners
	case s.size != nil && !s.size.holds(ev.Chat.Size):
		return partSize
	case s.exclude == nil:
		return partNone
	}
	return s.exclude.touches(ev)
}

// touches says whether anything that s names is true of the event: each entry of
// an exclude excludes by itself. A group that is not known may be one of those that
// are excluded.
func (s *scope) touches(ev *event.Event) scopePart {
	group := kindOf(ev) == groupChat
	switch {
	case len(s.accounts) > 0 && s.hasAccount(ev), len(s.robots) > 0 && s.hasRobot(ev), len(s.chats) > 0 && s.hasChat(ev),
		s.kind != anyChat && s.kind == kindOf(ev), len(s.members) > 0 && s.hasMember(ev), group && len(s.labels) > 0 && s.hasLabel(ev):
		return partExclude
	case group && s.needsBook() && !ev.Chat.Known:
		return partUnknown
	case group && len(s.owners) > 0 && s.hasOwner(ev), group && s.size != nil && s.size.holds(ev.Chat.Size):
		return partExclude
	}
	return partNone
}

// needsBook says whether the scope asks for what only the platform's list of groups
// tells.
func (s *scope) needsBook() bool { return len(s.owners) > 0 || s.size != nil }

func (s *scope) hasAccount(ev *event.Event) bool { return anyMatches(s.accounts, ev.Account) }

func (s *scope) hasRobot(ev *event.Event) bool {
	return anyMatches(s.robots, ev.Robot.Key, ev.Robot.ID, ev.Robot.Name)
}

func (s *scope) hasChat(ev *event.Event) bool {
	return anyMatches(s.chats, ev.Chat.ID, ev.Chat.Peer, ev.Chat.Name)
}

func (s *scope) hasOwner(ev *event.Event) bool {
	return anyMatches(s.owners, ev.Chat.Owner, ev.Chat.OwnerName)
}

// hasMember says whether the event is about one of the members: who wrote, who
// applied, or one of those who joined.
func (s *scope) hasMember(ev *event.Event) bool {
	if anyMatches(s.members, ev.Sender.ID, ev.Sender.Name) || anyMatches(s.members, ev.Friend.ID, ev.Friend.Name) {
		return true
	}
	for i := range ev.Members {
		if anyMatches(s.members, ev.Members[i].ID, ev.Members[i].Name) {
			return true
		}
	}
	return false
}

func (s *scope) hasLabel(ev *event.Event) bool {
	for _, l := range s.labels {
		if l.covers(&ev.Chat) {
			return true
		}
	}
	return false
}

// anyMatches says whether one of the patterns fits one of the values.
func anyMatches(patterns []pattern, values ...string) bool {
	for i := range patterns {
		if slices.ContainsFunc(values, patterns[i].matches) {
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
