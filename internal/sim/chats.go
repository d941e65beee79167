package sim

import (
	"cmp"
	"slices"
	"strconv"
	"time"
)

// listChats answers §2.10: chats with messages, newest first, of one robot or of the whole account.
func (s *Server) listChats(p params) (fields, error) {
	count, err := p.number("count", -1)
	if err != nil || count < 0 {
		return nil, refuse("parameter error: count")
	}
	var all []wireChat
	s.world.with(func(r *realm) {
		until, visible := s.bounds(r, p)
		if key := p.get("robotKey"); key != "" && r.robotByKey(key) == nil {
			err = errNoRobot
		}
		for _, b := range r.robots {
			if wanted(p.get("robotKey"), b.Key) {
				all = append(all, r.chatsOf(b, until, visible)...)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b wireChat) int {
		return cmp.Or(cmp.Compare(b.LastMsgActive, a.LastMsgActive), cmp.Compare(a.ChatID, b.ChatID))
	})
	return fields{"chats": window(all, 0, count)}, nil
}

// bounds are the end of the asked time (ms) and the moment up to which the history has caught up.
func (s *Server) bounds(r *realm, p params) (until int64, visible time.Time) {
	now := r.clock()
	until, err := strconv.ParseInt(p.get("timestamp"), 10, 64)
	if err != nil {
		until = now.UnixMilli()
	}
	return until, now.Add(-s.faults.ofHistory().Lag)
}

// chatsOf lists a robot's chats as they were at the last message that may be seen.
func (r *realm) chatsOf(b *Robot, until int64, visible time.Time) (all []wireChat) {
	for key, c := range r.chats {
		if key.robot != b.Key {
			continue
		}
		last := c.lastUntil(until, visible)
		if last == nil {
			continue
		}
		w := r.wireChat(b, key.peer)
		w.LastMsgActive, w.PushContent = last.Time.UnixMilli(), last.Content.Summary()
		who, _ := r.contact(key.peer)
		w.ChatHeadImg = who.headImg
		all = append(all, w)
	}
	return all
}

func (c *chat) lastUntil(until int64, visible time.Time) *Message {
	for _, m := range slices.Backward(c.messages) {
		if m.Time.UnixMilli() <= until && !m.stored.After(visible) {
			return m
		}
	}
	return nil
}

// listMessages answers §2.11, newest first.
func (s *Server) listMessages(p params) (fields, error) {
	offset, err := p.number("offset", 0)
	if err != nil {
		return nil, err
	}
	count, err := p.number("count", 20)
	if err != nil {
		return nil, err
	}
	since, err := p.number("s_timestamp", 0)
	if err != nil {
		return nil, err
	}
	err = errNoRobot
	all := []wireMessage{} // an empty list is written as one
	s.world.with(func(r *realm) {
		if b := r.robotByKey(p.get("robotKey")); b != nil {
			all, err = s.messagesOf(r, b, p, since, max(offset, 0), count), nil
		}
	})
	if err != nil {
		return nil, err
	}
	return fields{"model": all}, nil
}

// messagesOf builds those of the page only: a chat may have a million.
func (s *Server) messagesOf(r *realm, b *Robot, p params, since, offset, count int64) []wireMessage {
	all := []wireMessage{}
	c := r.chats[pair{b.Key, p.get("chatUser")}]
	if c == nil {
		return all
	}
	until, visible := s.bounds(r, p)
	ids, wrong := p.list("msgIds"), s.faults.ofHistory()
	contentType := p.get("contentType")
	for _, m := range slices.Backward(c.messages) {
		if at := m.Time.UnixMilli(); at < since || at > until || m.stored.After(visible) ||
			contentType != "" && contentType != strconv.Itoa(m.Content.ContentType) ||
			len(ids) > 0 && !slices.Contains(ids, wrong.idOf(m)) {
			continue
		}
		if offset--; offset >= 0 {
			continue
		}
		if int64(len(all)) >= count {
			break
		}
		w := r.wireMessage(b, m)
		w.MessageID = wrong.idOf(m)
		if m.Self && !wrong.NoStatus {
			w.SendStatus = &m.SendStatus
		}
		all = append(all, w)
	}
	return all
}

// idOf is the id that a message has in the history.
func (f HistoryFault) idOf(m *Message) string {
	if f.OtherIDs {
		return otherID(m)
	}
	return m.MessageID
}

// otherID is the id a message has in a history whose ids are not the socket's: as the platform's look, the same at
// every reading.
func otherID(m *Message) string {
	return m.Time.In(cst).Format("20060102150405") + cmp.Or(m.MsgSvrID, "0")
}

// cleanUnread answers §2.12.
func (s *Server) cleanUnread(p params) (fields, error) {
	wxid, peer, ok := splitChatID(p.get("chatId"))
	if !ok {
		return nil, refuse("parameter error: chatId")
	}
	err := error(errNoRobot)
	s.world.with(func(r *realm) {
		if b := r.robotByWxid(wxid); b != nil {
			r.chat(b.Key, peer).unread, err = 0, nil
		}
	})
	return nil, err
}
