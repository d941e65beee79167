package simulation

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"botengine/internal/yjiyun/rest"
)

// What follows is what the REST interface says of the past.

var errRefused = errors.New("the platform does not answer")

// asked lets time pass before a question is answered, and says whether it is.
func (c *cloud) asked() error {
	c.w.wait(20*time.Millisecond + c.w.upTo(200*time.Millisecond))
	if c.w.may(c.w.p.refuses) {
		return errRefused
	}
	return nil
}

// shown are the records of a chat that the history has, newest first.
func (c *cloud) shown(one *chat) []record {
	var out []record
	for _, r := range slices.Backward(one.records) {
		if r.shown <= c.w.at {
			out = append(out, r)
		}
	}
	return out
}

// pageful is how many records come with one question.
const pageful = 20

// Chats implements catchup.Platform.
func (c *cloud) Chats(_ context.Context, q rest.ChatsQuery) iter.Seq2[rest.Chat, error] {
	return func(yield func(rest.Chat, error) bool) {
		if err := c.asked(); err != nil {
			yield(rest.Chat{}, err)
			return
		}
		var list []rest.Chat
		for _, one := range c.chats {
			shown := c.shown(one)
			if len(shown) == 0 || q.RobotKey != "" && q.RobotKey != robotKey(one.robot) {
				continue
			}
			if at := c.clock(shown[0].at); !at.Before(q.Since) {
				list = append(list, rest.Chat{ID: one.id(), Peer: one.peer, Group: one.group, LastActive: at, Robot: rest.ChatRobot{Key: robotKey(one.robot), ID: robotID(one.robot)}})
			}
		}
		slices.SortStableFunc(list, func(a, b rest.Chat) int { return cmp.Or(b.LastActive.Compare(a.LastActive), cmp.Compare(a.ID, b.ID)) })
		if q.Limit > 0 {
			list = list[:min(len(list), q.Limit)]
		}
		if q.Progress != nil {
			q.Progress(len(list), len(list))
		}
		for _, chat := range list {
			if !yield(chat, nil) {
				return
			}
		}
	}
}

// History implements catchup.Platform.
func (c *cloud) History(_ context.Context, q rest.HistoryQuery) iter.Seq2[rest.HistoryMessage, error] {
	return func(yield func(rest.HistoryMessage, error) bool) {
		one := c.of(q.RobotKey, q.ChatUser)
		for n := 0; ; n += pageful {
			if err := c.asked(); err != nil {
				yield(rest.HistoryMessage{}, err)
				return
			}
			page := c.page(one, q.From, q.To, n)
			for i := range page {
				if !yield(c.message(one, &page[i]), nil) {
					return
				}
			}
			if len(page) < pageful {
				return
			}
		}
	}
}

// page is a part of what the history has of a time, newest first.
func (c *cloud) page(one *chat, from, to time.Time, skip int) (out []record) {
	for _, r := range c.shown(one) {
		if at := c.clock(r.at); at.Before(from) || !to.IsZero() && !at.Before(to) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if out = append(out, r); len(out) == pageful {
			break
		}
	}
	return out
}

func (c *cloud) message(one *chat, r *record) rest.HistoryMessage {
	id := cmp.Or(r.other, r.id)
	return rest.HistoryMessage{
		MessageID: id, SvrID: r.svr, RobotKey: robotKey(one.robot), ChatID: one.id(), ChatUser: one.peer,
		Time: c.clock(r.at), SendStatus: r.status, Frame: c.frame(one, r, true),
	}
}

// Messages implements catchup.Platform.
func (c *cloud) Messages(_ context.Context, q rest.MessagesQuery) (out []rest.HistoryMessage, err error) {
	if err := c.asked(); err != nil {
		return nil, err
	}
	one := c.of(q.RobotKey, q.ChatUser)
	for _, r := range c.shown(one) {
		if (len(q.IDs) == 0 || slices.Contains(q.IDs, r.id)) && !c.clock(r.at).Before(q.From) {
			out = append(out, c.message(one, &r))
		}
	}
	return out, nil
}

// Groups implements catchup.Platform: members are not simulated.
func (c *cloud) Groups(context.Context, rest.GroupsQuery) iter.Seq2[rest.Group, error] {
	return func(func(rest.Group, error) bool) {}
}

// Members implements catchup.Platform.
func (c *cloud) Members(context.Context, rest.MembersQuery) iter.Seq2[rest.Member, error] {
	return func(func(rest.Member, error) bool) {}
}
