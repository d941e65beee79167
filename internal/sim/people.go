package sim

import (
	"fmt"
	"slices"
	"strings"
)

// Say has a person write text in a chat and returns the message's id. chat is a group, or a robot for a private chat
// with it; at are the contacts the text mentions. All of them are ids or names. In a group with several robots each
// gets its own message; the id is that of the first one's.
func (s *Server) Say(chat, person, text string, at ...string) (messageID string, err error) {
	s.world.with(func(r *realm) {
		ids := make([]string, len(at))
		for i, ref := range at {
			if ids[i], err = r.contactID(ref); err != nil {
				return
			}
		}
		content := Content{ContentType: TypeText, Content: text, AtUserList: strings.Join(ids, ",")}
		messageID, err = s.say(r, chat, person, content)
	})
	return messageID, err
}

// SayImage has a person send a picture, see Say.
func (s *Server) SayImage(chat, person, url string) (messageID string, err error) {
	return s.SayContent(chat, person, Content{ContentType: TypeImage, Pic: url})
}

// SayFile has a person send a file, see Say.
func (s *Server) SayFile(chat, person, url string) (messageID string, err error) {
	return s.SayContent(chat, person, Content{ContentType: TypeFile, FileName: url})
}

// SayLink has a person send a link card, see Say.
func (s *Server) SayLink(chat, person, title, link string) (messageID string, err error) {
	return s.SayContent(chat, person, Content{ContentType: TypeLink, Title: title, Link: link})
}

// SayContent has a person send anything, see Say.
func (s *Server) SayContent(chat, person string, content Content) (messageID string, err error) {
	s.world.with(func(r *realm) { messageID, err = s.say(r, chat, person, content) })
	return messageID, err
}

func (s *Server) say(r *realm, chat, person string, content Content) (string, error) {
	p, err := r.person(person)
	if err != nil {
		return "", fmt.Errorf("say: %w", err)
	}
	if g, err := r.group(chat); err == nil {
		return s.sayInGroup(r, g, p, content)
	}
	robot, err := r.robot(chat)
	if err != nil {
		return "", fmt.Errorf("say: chat %q is neither a group nor a robot", chat)
	}
	if !r.reaches(robot, p.ID) {
		return "", fmt.Errorf("say: %s is no customer of %s", p.Name, robot.NickName)
	}
	return s.arrive(r, robot, p.ID, p.ID, content), nil
}

func (s *Server) sayInGroup(r *realm, g *Group, p *Person, content Content) (first string, err error) {
	if !slices.Contains(g.Members, p.ID) {
		return "", fmt.Errorf("say: %s is not in %s", p.Name, g.Name)
	}
	for _, robot := range r.robotsIn(g) {
		id := s.arrive(r, robot, g.ID, p.ID, content)
		if first == "" {
			first = id
		}
	}
	return first, nil
}

// SayByHand has the robot's human colleague write text from its phone (contentType 2). chat is a group or a person.
func (s *Server) SayByHand(robot, chat, text string) (messageID string, err error) {
	s.world.with(func(r *realm) {
		var b *Robot
		if b, err = r.robot(robot); err != nil {
			return
		}
		peer := r.peerID(chat)
		if !r.reaches(b, peer) {
			err = fmt.Errorf("say by hand: %s cannot write to %q", b.NickName, chat)
			return
		}
		messageID = s.byHand(r, b, peer, text)
	})
	return messageID, err
}

func (s *Server) byHand(r *realm, b *Robot, peer, text string) string {
	m := &Message{
		MessageID: r.mint.messageID(r.clock()), MsgSvrID: r.mint.msgSvrID(), RobotKey: b.Key, ChatUser: peer,
		From: b.Wxid, Self: true, SendStatus: SendDone, Content: Content{ContentType: TypeByHand, Content: text},
	}
	r.store(m)
	s.pushMessage(r, b, m)
	seen := *m
	seen.Content.ContentType = TypeText
	s.mirror(r, b, &seen)
	return m.MessageID
}

// Join has people enter a group; the robots in it are told (§3.22).
func (s *Server) Join(group string, people ...string) (err error) {
	s.world.with(func(r *realm) {
		var g *Group
		if g, err = r.group(group); err != nil {
			return
		}
		ids := make([]string, len(people))
		for i, ref := range people {
			if ids[i], err = r.contactID(ref); err != nil {
				return
			}
		}
		s.admit(r, g, ids)
	})
	return err
}

// Leave has a person leave a group; the platform tells nobody.
func (s *Server) Leave(group, person string) (err error) {
	s.world.with(func(r *realm) {
		g, errGroup := r.group(group)
		id, errPerson := r.contactID(person)
		if err = errGroup; err == nil {
			err = errPerson
		}
		if err == nil {
			g.leave([]string{id})
		}
	})
	return err
}

// RequestFriend has a person apply to become a robot's friend (§3.8) and returns the event's messageId.
func (s *Server) RequestFriend(robot, person, reason string) (messageID string, err error) {
	s.world.with(func(r *realm) {
		b, errRobot := r.robot(robot)
		p, errPerson := r.person(person)
		if err = errRobot; err == nil {
			err = errPerson
		}
		if err == nil {
			messageID = s.apply(r, b, p, reason)
		}
	})
	return messageID, err
}

func (s *Server) apply(r *realm, b *Robot, p *Person, reason string) string {
	r.requests = slices.DeleteFunc(r.requests, func(q FriendRequest) bool { return q.RobotKey == b.Key && q.Person == p.ID })
	r.requests = append(r.requests, FriendRequest{b.Key, p.ID, reason})
	payload := r.friendRequest(b, p, reason)
	if b.Status == StatusOnline {
		s.publish(push{event: "action", typ: "robot.on.new.friend.request", robot: b.Key, payload: payload, passesFilter: true})
	}
	return payload["messageId"].(string)
}

// SetRobotStatus changes a robot's login state and tells the clients by a summary of its last chat (§3.3). A robot that
// is not online sends nothing: messages end with sendStatus 0, actions with code "1".
func (s *Server) SetRobotStatus(robot string, status RobotStatus) (err error) {
	s.world.with(func(r *realm) {
		var b *Robot
		if b, err = r.robot(robot); err != nil {
			return
		}
		b.Status = status
		s.publish(push{event: "chat", robot: b.Key, payload: r.wireChat(b, r.lastPeer(b))})
	})
	return err
}

// lastPeer is the peer of a robot's liveliest chat, else of any it could have.
func (r *realm) lastPeer(b *Robot) string {
	last := b.Wxid
	for _, g := range r.groups {
		if slices.Contains(g.Members, b.Wxid) {
			last = g.ID
			break
		}
	}
	for key, c := range r.chats {
		best := r.chats[pair{b.Key, last}]
		if key.robot == b.Key && (best == nil || c.livelier(best) || (!best.livelier(c) && key.peer < last)) {
			last = key.peer
		}
	}
	return last
}

// RemoveRobot takes a robot out of the account, as its owner can: its groups lose it, and commands to it find nobody.
func (s *Server) RemoveRobot(robot string) (err error) {
	s.world.with(func(r *realm) {
		var b *Robot
		if b, err = r.robot(robot); err != nil {
			return
		}
		for _, g := range r.groups {
			g.leave([]string{b.Wxid})
		}
		r.robots = slices.DeleteFunc(r.robots, func(other *Robot) bool { return other == b })
	})
	return err
}
