package sim

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The content types of §3.2.
const (
	TypeText        = 1
	TypeByHand      = 2
	TypeVideo       = 5
	TypeImage       = 7
	TypeFile        = 8
	TypeVoice       = 9
	TypeLink        = 13
	TypeSticker     = 29
	TypeMiniProgram = 78
)

// The states of a robot's own message (§2.11).
const (
	SendNotSent = 0 // not sent; may be retried
	SendDone    = 1
	SendFailed  = 2 // a retry will not help
)

// Content is what a message says, in the shape it has on the wire (§3.2).
type Content struct {
	ContentType  int    `json:"contentType"`
	Content      string `json:"content,omitempty"`
	AtUserList   string `json:"atUserList,omitempty"`
	Pic          string `json:"pic,omitempty"`
	FileName     string `json:"fileName,omitempty"`
	Title        string `json:"title,omitempty"`
	Link         string `json:"link,omitempty"`
	Description  string `json:"description,omitempty"`
	CoverImgFile string `json:"coverImgFile,omitempty"`

	// Of mini programs; what §2.7 calls them.
	Logo          string `json:"logo,omitempty"`
	SenderName    string `json:"senderName,omitempty"`
	SenderHeadImg string `json:"senderHeadImg,omitempty"`
}

// kinds names the content types as ledger and script do.
var kinds = map[int]string{
	TypeText: "text", TypeByHand: "text", TypeVideo: "video", TypeImage: "image", TypeFile: "file",
	TypeVoice: "voice", TypeLink: "link", TypeSticker: "sticker", TypeMiniProgram: "mini_program",
}

// Kind is the content's kind in a word: text, image, link, file, video, voice, sticker, mini_program.
func (c Content) Kind() string {
	if k, ok := kinds[c.ContentType]; ok {
		return k
	}
	return "type" + strconv.Itoa(c.ContentType)
}

// Summary is the one line that stands for the content: its text, title or address.
func (c Content) Summary() string {
	for _, s := range []string{c.Content, c.Title, c.Pic, c.FileName} {
		if s != "" {
			return s
		}
	}
	return "[" + c.Kind() + "]"
}

func (c Content) mentions(id string) bool {
	return slices.Contains(strings.Split(c.AtUserList, ","), id)
}

// Message is one message in one robot's view of a chat. Time has whole seconds, as the platform's has. SendStatus means
// something only for messages of the robot itself.
type Message struct {
	MessageID, MsgSvrID string
	Time                time.Time
	RobotKey, ChatUser  string
	From                string
	Self                bool
	SendStatus          int
	Content             Content

	stored time.Time // exact: a lagging history hides what is younger than the lag
}

// chat is one robot's view of one conversation.
type chat struct {
	messages []*Message
	unread   int
	active   time.Time
}

func (c *chat) livelier(than *chat) bool { return c.active.After(than.active) }

// History returns a copy of a robot's messages with peer (a person, or a group), oldest first.
func (w *World) History(robot, peer string) (all []Message) {
	w.with(func(r *realm) {
		b, err := r.robot(robot)
		if err != nil {
			return
		}
		if c := r.chats[pair{b.Key, r.peerID(peer)}]; c != nil {
			for _, m := range c.messages {
				all = append(all, *m)
			}
		}
	})
	return all
}

// peerID turns a reference to a person or group into its id; what is neither stays as it is.
func (r *realm) peerID(ref string) string {
	if g, err := r.group(ref); err == nil {
		return g.ID
	}
	if id, err := r.contactID(ref); err == nil {
		return id
	}
	return ref
}

func (r *realm) chat(robotKey, peer string) *chat {
	key := pair{robotKey, peer}
	if r.chats[key] == nil {
		r.chats[key] = &chat{}
	}
	return r.chats[key]
}

// store puts m into the history: the truth, whatever the socket carries.
func (r *realm) store(m *Message) {
	m.stored = r.clock()
	m.Time = m.stored.Truncate(time.Second)
	c := r.chat(m.RobotKey, m.ChatUser)
	c.messages = append(c.messages, m)
	c.active = m.Time
	if m.Self {
		c.unread = 0
	} else {
		c.unread++
	}
}

// retried removes an unsent message so that its retry takes its place.
func (r *realm) retried(robotKey, peer, messageID string) {
	c := r.chat(robotKey, peer)
	c.messages = slices.DeleteFunc(c.messages, func(m *Message) bool {
		return m.Self && m.MessageID == messageID && m.SendStatus == SendNotSent
	})
}

// bySvrID finds a message a robot has seen, for forwarding.
func (r *realm) bySvrID(robotKey, id string) *Message {
	for key, c := range r.chats {
		if key.robot != robotKey {
			continue
		}
		for _, m := range c.messages {
			if m.MsgSvrID == id {
				return m
			}
		}
	}
	return nil
}
