package expression

import (
	"cmp"
	"strings"
	"time"
	"unicode/utf8"

	"botengine/internal/event"
)

// env is what a program reads. Its tags are the names of the language; there are
// no others, and it has no methods on purpose: methods would be callable.
type env struct {
	Run     *run           `expr:"__run"` // not a name anybody can write: the resolver puts it in
	Event   eventView      `expr:"event"`
	Text    string         `expr:"text"`
	Message messageView    `expr:"message"`
	Chat    chatView       `expr:"chat"`
	Sender  senderView     `expr:"sender"`
	Robot   robotView      `expr:"robot"`
	Friend  friendView     `expr:"friend"`
	Members []memberView   `expr:"members"`
	Events  []gatheredView `expr:"events"`
	Hit     hitView        `expr:"hit"`
	Result  resultView     `expr:"result"`
	Now     time.Time      `expr:"now"`
}

type eventView struct {
	ID   string    `expr:"id"`
	Type string    `expr:"type"`
	Time time.Time `expr:"time"`
	Name string    `expr:"name"`
	Rule string    `expr:"rule"`
	From string    `expr:"from"`
}

type messageView struct {
	ID         string   `expr:"id"`
	SvrID      string   `expr:"svr_id"`
	Type       string   `expr:"type"`
	URL        string   `expr:"url"`
	FileName   string   `expr:"file_name"`
	At         []string `expr:"at"`
	MentionsMe bool     `expr:"mentions_me"`
	Link       linkView `expr:"link"`
}

type linkView struct {
	Title       string `expr:"title"`
	URL         string `expr:"url"`
	Description string `expr:"description"`
}

type chatView struct {
	ID   string `expr:"id"`
	Name string `expr:"name"`
	Type string `expr:"type"`
	Peer string `expr:"peer"`

	// Of these only the names and types are used: groupMember reads them.
	Owner     string   `expr:"owner"`
	OwnerName string   `expr:"owner_name"`
	Size      int      `expr:"size"`
	Labels    []string `expr:"labels"`
}

type senderView struct {
	ID       string `expr:"id"`
	Name     string `expr:"name"`
	Avatar   string `expr:"avatar"`
	IsSelf   bool   `expr:"is_self"`
	IsRobot  bool   `expr:"is_robot"`
	IsMember bool   `expr:"is_member"`
	IsStaff  bool   `expr:"is_staff"`
}

type robotView struct {
	Key    string `expr:"key"`
	ID     string `expr:"id"`
	Name   string `expr:"name"`
	Status string `expr:"status"`
}

type friendView struct {
	ID     string `expr:"id"`
	Name   string `expr:"name"`
	Reason string `expr:"reason"`
	Gender int    `expr:"gender"`
}

type memberView struct {
	ID     string `expr:"id"`
	Name   string `expr:"name"`
	Avatar string `expr:"avatar"`
	Gender int    `expr:"gender"`
}

// resultView is the end of a command that failed.
type resultView struct {
	Type      string `expr:"type"`
	Code      string `expr:"code"`
	Msg       string `expr:"msg"`
	MessageID string `expr:"message_id"`
	Rule      string `expr:"rule"`
	Step      string `expr:"step"`
}

type hitView struct {
	Word   string            `expr:"word"`
	Words  []string          `expr:"words"`
	Groups map[string]string `expr:"groups"`
	Field  string            `expr:"field"`
	Span   spanView          `expr:"span"`
}

// spanView counts characters, as text[from:to] does.
type spanView struct {
	Start int `expr:"start"`
	End   int `expr:"end"`
}

type stepView struct {
	Code string `expr:"code"`
	Msg  string `expr:"msg"`
	OK   bool   `expr:"ok"`
}

// fill puts the scope into e. With clean, the names of people, chats and robots
// are made fit to stand in a message.
func (e *env) fill(s *Scope, clean bool) {
	name := func(s string) string { return s }
	if clean {
		name = cleanName
	}
	e.Now = s.Now.In(zone)
	if ev := s.Event; ev != nil {
		e.fillEvent(ev, name)
	}
	e.fillGathered(s.Gathered, name)
	e.Hit = viewOfHit(s.Hit, s.Event)
}

func (e *env) fillEvent(ev *event.Event, name func(string) string) {
	e.Event = eventView{ID: ev.ID, Type: typeWord(ev.Kind), Time: ev.Time.In(zone), Name: ev.Cause.Name, Rule: ev.Cause.Rule, From: ev.From.Word()}
	e.Robot = robotView{Key: ev.Robot.Key, ID: ev.Robot.ID, Name: name(ev.Robot.Name), Status: statusWord(ev.Robot.Status)}
	e.Chat = chatView{ID: ev.Chat.ID, Name: name(ev.Chat.Name), Type: chatType(&ev.Chat), Peer: ev.Chat.Peer}
	e.Friend = friendView{ID: ev.Friend.ID, Name: name(ev.Friend.Name), Reason: ev.Friend.Reason, Gender: ev.Friend.Gender}
	end := &ev.Result
	e.Result = resultView{Type: end.Type, Code: end.Code, Msg: end.Msg, MessageID: end.MessageID, Rule: end.Rule, Step: end.Step}
	p := &ev.Sender
	e.Sender = senderView{ID: p.ID, Name: name(p.Name), Avatar: p.Avatar, IsSelf: p.IsSelf, IsRobot: p.IsRobot, IsMember: p.IsMember, IsStaff: p.IsStaff}
	if ev.Kind.HasMessage() {
		e.fillMessage(ev)
	}
	if len(ev.Members) == 0 {
		return
	}
	e.Members = make([]memberView, len(ev.Members))
	for i := range ev.Members {
		p := &ev.Members[i]
		e.Members[i] = memberView{ID: p.ID, Name: name(p.Name), Avatar: p.Avatar, Gender: p.Gender}
	}
}

func (e *env) fillMessage(ev *event.Event) {
	m := &ev.Message
	e.Text = m.Text
	e.Message = messageView{
		ID: ev.ID, SvrID: m.SvrID, Type: strings.TrimPrefix(string(ev.Kind), "message."),
		URL: m.URL, FileName: m.FileName, At: m.At, MentionsMe: m.MentionsMe,
		Link: linkView{Title: m.Link.Title, URL: m.Link.URL, Description: m.Link.Description},
	}
}

func viewOfHit(h Hit, ev *event.Event) hitView {
	v := hitView{Word: h.Word, Words: h.Words, Groups: h.Groups, Field: string(h.Field)}
	if ev != nil && h.End > 0 {
		v.Span = h.span(ev.TextOf(cmp.Or(h.Field, event.FieldText)))
	}
	return v
}

// span turns the byte span of a hit in the text into one of characters.
func (h Hit) span(text string) spanView {
	if h.End <= 0 || h.Start < 0 || h.Start > h.End || h.End > len(text) {
		return spanView{}
	}
	start := utf8.RuneCountInString(text[:h.Start])
	return spanView{Start: start, End: start + utf8.RuneCountInString(text[h.Start:h.End])}
}

// longest is the size of the longest text a loop could look at, in KiB, at least 1.
func (e *env) longest() int {
	n := max(len(e.Text), len(e.Message.FileName), len(e.Message.URL), len(e.Message.Link.Title),
		len(e.Message.Link.Description), len(e.Friend.Reason))
	for i := range e.Events {
		n = max(n, len(e.Events[i].Text))
	}
	return 1 + n>>10
}

// typeWord is event.type: a schedule's is one word, whatever it happens to.
func typeWord(k event.Kind) string {
	if k.IsSchedule() {
		return string(event.Schedule)
	}
	return string(k)
}

// chatType is chat.type; a chat that is not known has none.
func chatType(c *event.Chat) string {
	switch {
	case c.Group:
		return "group"
	case c.ID != "" || c.Peer != "":
		return "private"
	}
	return ""
}

// statusWord is robot.status.
func statusWord(s event.Status) string {
	switch s {
	case event.StatusInitial:
		return "initial"
	case event.StatusOnline:
		return "online"
	case event.StatusOffline:
		return "offline"
	case event.StatusBanned:
		return "banned"
	case event.StatusKicked:
		return "kicked"
	default:
		return "unknown"
	}
}
