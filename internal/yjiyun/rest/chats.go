package rest

import (
	"context"
	"iter"
	"net/url"
	"slices"
	"strconv"
	"time"
)

// ChatsQuery says which conversations are asked for (§2.10).
type ChatsQuery struct {
	RobotKey string    // "" = those of all robots of the account
	Until    time.Time // only what was active up to then, on the platform's clock; zero = up to now
	Since    time.Time // only what was active since then; zero = all
	Walk
}

// Chat is one recent conversation (§2.10).
type Chat struct {
	ID         string    `json:"chatId" wire:"key"` // S:<robot's wxid>_<peer>
	Peer       string    `json:"chatUser" wire:"id"`
	Name       string    `json:"chatName"`
	Avatar     string    `json:"chatHeadImg"`
	Group      bool      `json:"isGroupChat"`
	LastActive time.Time `json:"lastMsgActive"` // the platform's clock
	Unread     int       `json:"unreadCount"`
	Robot      ChatRobot `json:"botInfo"`
	Last       string    `json:"pushContent"` // the last message, shortened
	AssignedTo string    `json:"assignTo"`
	Extra      Extra     `json:"extra,omitempty"`
}

// ChatRobot is the robot a conversation belongs to.
type ChatRobot struct {
	Key    string `json:"robotKey" wire:"id"`
	ID     string `json:"wxid" wire:"id"`
	Name   string `json:"nickName"`
	Avatar string `json:"headImg"`
	Extra  Extra  `json:"extra,omitempty"`
}

var chatSchema = schemaOf(Chat{})

// Chats walks over the recent conversations, newest first (§2.10). It goes back
// in time: what becomes active meanwhile is not seen again.
func (c *Client) Chats(ctx context.Context, q ChatsQuery) iter.Seq2[Chat, error] {
	chats := follow(q.Walk, func(r *Chat) string { return r.ID }, func(so track[Chat]) (page[Chat], error) {
		var answer struct {
			Chats records `json:"chats"`
			Data  records `json:"data"`
		}
		until, overlap := q.before(so.last)
		if err := c.ask(ctx, "/wxworkapi/chat/list", q.values(until, overlap), &answer); err != nil {
			return page[Chat]{}, err
		}
		list, err := chatSchema.all("chats", append(answer.Chats, answer.Data...))
		oldest, before := oldestOf(list), oldestOf(so.last)
		return page[Chat]{
			records: list, overlap: overlap,
			earlier: !oldest.IsZero() && !oldest.After(before) && !sameChats(list, so.last),
			ended:   !oldest.IsZero() && oldest.Before(q.Since),
		}, err
	})
	return since(chats, q.Since)
}

// oldestOf is when the chat was active that was so the longest ago; zero when none says.
func oldestOf(chats []Chat) (oldest time.Time) {
	for _, chat := range chats {
		if at := chat.LastActive; !at.IsZero() && (oldest.IsZero() || at.Before(oldest)) {
			oldest = at
		}
	}
	return oldest
}

// sameChats says whether two pages are one.
func sameChats(a, b []Chat) bool {
	return slices.EqualFunc(a, b, func(a, b Chat) bool { return a.ID == b.ID && a.LastActive.Equal(b.LastActive) })
}

// before is where the page after this one begins: just after its oldest moment,
// because others may share it; overlap is how many of this page do.
func (q *ChatsQuery) before(last []Chat) (until time.Time, overlap int) {
	var oldest time.Time
	for _, chat := range last {
		switch at := chat.LastActive; {
		case at.IsZero():
		case oldest.IsZero() || at.Before(oldest):
			oldest, overlap = at, 1
		case at.Equal(oldest):
			overlap++
		}
	}
	if oldest.IsZero() {
		return q.Until, 0
	}
	return oldest.Add(time.Millisecond), overlap
}

func (q *ChatsQuery) values(until time.Time, overlap int) url.Values {
	values := url.Values{"count": {strconv.Itoa(q.size() + overlap)}}
	setText(values, "robotKey", q.RobotKey)
	if !until.IsZero() {
		values.Set("timestamp", strconv.FormatInt(until.UnixMilli(), 10))
	}
	return values
}

// since ends a walk that goes back in time at a moment.
func since(chats iter.Seq2[Chat, error], from time.Time) iter.Seq2[Chat, error] {
	return func(yield func(Chat, error) bool) {
		for chat, err := range chats {
			if err == nil && !chat.LastActive.IsZero() && chat.LastActive.Before(from) {
				return
			}
			if !yield(chat, err) {
				return
			}
		}
	}
}
