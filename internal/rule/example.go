package rule

import (
	"math/rand/v2"
	"strings"

	"botengine/internal/event"
	"botengine/internal/expression"
)

// Example makes an event that the rule is likely to fire for: of a kind it listens
// to, where it is at work, with the words it looks for in the text. Of several it
// takes one by chance. It is for benchmarks: the rule need not fire for it.
func (r *Rule) Example(rnd *rand.Rand) event.Event {
	e := exampler{Rand: rnd, ev: event.Event{
		Kind:   event.MessageText,
		Robot:  event.Robot{Key: "bench", ID: "1688850000000001", Name: "小助手", Status: event.StatusOnline},
		Sender: event.Person{ID: "7881300000000001", Name: "张三", IsMember: true},
		Chat:   event.Chat{Peer: "R:10696000000000001", Name: "产品体验群1", Group: true},
	}}
	if kinds := r.kinds(); len(kinds) > 0 {
		e.ev.Kind = kinds[0]
	}
	if e.ev.Kind.IsSchedule() {
		e.ev.Schedule.Rule, e.ev.Sender = r.ID, event.Person{}
	}
	for _, t := range r.On {
		e.ev.Message.MentionsMe = e.ev.Message.MentionsMe || t.Mention
	}
	e.scope(r.scope)
	if r.match != nil {
		e.match(r.match)
	}
	if r.When != nil {
		e.condition(r.When)
	}
	if e.ev.Chat.ID == "" {
		e.ev.Chat.ID = event.ChatID(e.ev.Robot.ID, e.ev.Chat.Peer)
	}
	return e.ev
}

// exampler makes one example.
type exampler struct {
	*rand.Rand
	ev event.Event
}

// scope puts the event where the rule is at work.
func (e *exampler) scope(s *scope) {
	if s == nil {
		return
	}
	if s.kind == privateChat {
		e.private()
	}
	e.group(s)
	if p, ok := e.plain(s.chats); ok {
		e.chat(p)
	}
	if p, ok := e.plain(s.robots); ok {
		e.ev.Robot.Key = p
	}
}

func (e *exampler) private() {
	e.ev.Sender.IsMember = false
	e.ev.Chat = event.Chat{Peer: e.ev.Sender.ID, Name: e.ev.Sender.Name}
}

// plain is one of the patterns that is no more than a name or an id.
func (e *exampler) plain(patterns []pattern) (string, bool) {
	if len(patterns) == 0 {
		return "", false
	}
	p := patterns[e.IntN(len(patterns))]
	return p.text, !p.glob
}

// chat puts the event into the chat of that name or id.
func (e *exampler) chat(named string) {
	e.ev.Chat.ID = ""
	switch _, peer, ok := event.SplitChatID(named); {
	case ok:
		e.ev.Chat.ID, e.ev.Chat.Peer, e.ev.Chat.Group = named, peer, strings.HasPrefix(peer, "R:")
	case strings.HasPrefix(named, "R:"):
		e.ev.Chat.Peer = named
	default:
		e.ev.Chat.Name = named
	}
}

// match writes a text with what the match looks for.
func (e *exampler) match(m *matcher) {
	field := m.in(e.ev.Kind)[0]
	if len(m.exact) > 0 {
		e.say(field, e.one(m.exact))
		return
	}
	text := []string{e.one(m.prefix), e.ev.TextOf(field), e.one(m.any)}
	if m.list != nil {
		text = append(text, e.one(m.list.words))
	}
	for _, w := range m.all {
		text = append(text, w.written)
	}
	if m.regex != nil {
		text = append(text, e.fits(m.regex.String()))
	}
	e.say(field, strings.Join(append(text, e.one(m.suffix)), ""))
}

// say gives the event that text.
func (e *exampler) say(field event.TextField, text string) {
	switch field {
	case event.FieldText:
		e.ev.Message.Text = text
	case event.FieldFileName:
		e.ev.Message.FileName = text
	case event.FieldLinkTitle:
		e.ev.Message.Link.Title = text
	case event.FieldLinkURL:
		e.ev.Message.Link.URL = "https://" + text + "/"
	case event.FieldSenderName:
		e.ev.Sender.Name, e.ev.Friend.Name = text, text
	case event.FieldFriendReason:
		e.ev.Friend.Reason = text
	}
}

// one is one of the words as written, or "".
func (e *exampler) one(words []word) string {
	if len(words) == 0 {
		return ""
	}
	return words[e.IntN(len(words))].written
}

// condition gives the event what the condition needs, as far as that is known.
func (e *exampler) condition(c *expression.Condition) {
	for _, set := range c.Needs() {
		if len(set) > 0 {
			e.need(set[e.IntN(len(set))])
		}
	}
}

func (e *exampler) need(a expression.Atom) {
	switch a.Place {
	case expression.InText, expression.InFolded:
		e.ev.Message.Text += a.Value
	case expression.TheText, expression.TheFolded:
		e.ev.Message.Text = a.Value
	case expression.TheChat:
		e.chat(a.Value)
	case expression.TheRobot:
		e.ev.Robot.Key = a.Value
	case expression.TheSender:
		e.ev.Sender.ID = a.Value
	case expression.TheChatType:
		if a.Value == string(privateChat) {
			e.private()
		}
	}
}
