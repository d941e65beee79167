package sim

import (
	"net/url"
	"slices"
	"strings"
)

// send does a message command (§3.4, §3.5, §3.6, §3.10, §3.24).
func (x *execution) send() error {
	_, peer, _ := splitChatID(x.c.chatID)
	x.r.retried(x.robot.Key, peer, x.c.messageID)
	switch {
	case x.fault.NotSent || x.robot.Status != StatusOnline:
		return x.unsent(peer, SendNotSent, refuse("robot offline"))
	case x.fault.Code != "" && !x.fault.AcceptOnly:
		return x.unsent(peer, SendFailed, refusal{x.fault.Code, x.fault.Msg})
	}
	if err := x.sendable(); err != nil {
		return x.unsent(peer, SendFailed, err)
	}
	if !x.r.reaches(x.robot, peer) {
		return x.unsent(peer, SendFailed, refuse("chat not found"))
	}
	x.deliver(peer, x.c.content)
	return nil
}

// sendable says whether the robot can send that: a mini program only in a broadcast, and only one it has seen (§2.7).
func (x *execution) sendable() error {
	if x.c.body == nil && x.c.content.ContentType == TypeMiniProgram {
		if !x.r.collected(x.robot.Key, x.c.content) {
			return refuse("mini program not found")
		}
		return nil
	}
	return sendable(x.c.content)
}

// sendable says what the platform can send at all.
func sendable(c Content) error {
	switch c.ContentType {
	case TypeText:
		if strings.TrimSpace(c.Content) == "" {
			return refuse("parameter error: content")
		}
		return nil
	case TypeImage:
		return webAddress("pic", c.Pic)
	case TypeFile, TypeVideo:
		return webAddress("fileName", c.FileName)
	case TypeLink:
		return sendableCard(c)
	}
	return refuse("parameter error: contentType")
}

// sendableCard refuses what the platform cannot download: a cover with a query string (§3.6).
func sendableCard(c Content) error {
	if c.Title == "" {
		return refuse("parameter error: title")
	}
	if err := webAddress("link", c.Link); err != nil {
		return err
	}
	if c.CoverImgFile == "" { // the document does not demand one
		return nil
	}
	if err := webAddress("coverImgFile", c.CoverImgFile); err != nil {
		return err
	}
	if strings.ContainsAny(c.CoverImgFile, "?#") {
		return refuse("coverImgFile can't be downloaded")
	}
	return nil
}

func webAddress(name, s string) error {
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" {
		return refuse("parameter error: %s", name)
	}
	return nil
}

// reaches says whether a message of robot to peer arrives: a customer, a colleague, a group it is in.
func (r *realm) reaches(robot *Robot, peer string) bool {
	if g := r.groupByID(peer); g != nil {
		return slices.Contains(g.Members, robot.Wxid)
	}
	if r.friends[pair{robot.Key, peer}] != nil {
		return true
	}
	c, ok := r.contact(peer)
	return ok && c.staff && peer != robot.Wxid
}

// unsent leaves a message in the history that nobody but the robot's owner sees. There is no echo.
func (x *execution) unsent(peer string, status int, why error) error {
	x.r.store(&Message{
		MessageID: x.c.messageID, RobotKey: x.robot.Key, ChatUser: peer,
		From: x.robot.Wxid, Self: true, SendStatus: status, Content: x.c.content,
	})
	return why
}

// deliver makes peer see content, now, and prepares the echo of it.
func (x *execution) deliver(peer string, content Content) {
	m := &Message{
		MessageID: x.c.messageID, MsgSvrID: x.r.mint.msgSvrID(), RobotKey: x.robot.Key, ChatUser: peer,
		From: x.robot.Wxid, Self: true, SendStatus: SendDone, Content: content,
	}
	x.out["msgSvrID"] = m.MsgSvrID
	if x.fault.AcceptOnly {
		m.SendStatus = SendNotSent
		if x.fault.Code != "" {
			m.SendStatus = SendFailed
		}
		x.r.store(m)
	}
	entry := Entry{Chat: peer, Kind: content.Kind(), Text: content.Summary(), Fields: contentFields(content)}
	x.effect(entry, func() {
		x.r.store(m)
		x.s.mirror(x.r, x.robot, m)
	})
	x.echoes = append(x.echoes, func(r *realm) { x.s.pushMessage(r, x.robot, m) })
}

func contentFields(c Content) map[string]string {
	all := map[string]string{
		"atUserList": c.AtUserList, "pic": c.Pic, "fileName": c.FileName, "title": c.Title, "link": c.Link,
		"description": c.Description, "coverImgFile": c.CoverImgFile,
	}
	for name, v := range all {
		if v == "" {
			delete(all, name)
		}
	}
	return all
}

// mirror shows a robot's message to the other robots of the account in the same group: to them it is somebody's.
func (s *Server) mirror(r *realm, from *Robot, m *Message) {
	g := r.groupByID(m.ChatUser)
	if g == nil {
		return
	}
	for _, other := range r.robotsIn(g) {
		if other != from {
			s.arrive(r, other, g.ID, from.Wxid, m.Content)
		}
	}
}

// arrive puts somebody's message into a robot's chat and tells the clients.
func (s *Server) arrive(r *realm, robot *Robot, peer, from string, content Content) string {
	m := &Message{
		MessageID: r.mint.messageID(r.clock()), MsgSvrID: r.mint.msgSvrID(), RobotKey: robot.Key, ChatUser: peer,
		From: from, Content: content,
	}
	r.store(m)
	if robot.Status == StatusOnline {
		s.pushMessage(r, robot, m)
	}
	return m.MessageID
}

// pushMessage pushes a message as the platform does: the chat's summary, then the message itself.
func (s *Server) pushMessage(r *realm, robot *Robot, m *Message) {
	s.publish(push{event: "chat", robot: robot.Key, payload: r.wireChat(robot, m.ChatUser)})
	text := m.Content.ContentType == TypeText
	s.publish(push{
		event: "message", robot: robot.Key, payload: r.wireMessage(robot, m),
		passesFilter: text && (!isGroupID(m.ChatUser) || m.Content.mentions(robot.Wxid)),
	})
}
