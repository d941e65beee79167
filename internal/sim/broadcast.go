package sim

import (
	"slices"
	"time"
)

// taskContent is one message of a broadcast (§2.7), whose msgTypes are not the contentTypes of §3.
type taskContent struct {
	MsgType       loose  `json:"msgType"`
	Content       string `json:"content"`
	Link          string `json:"link"`
	Title         string `json:"title"`
	Description   string `json:"description"`
	CoverImgFile  string `json:"coverImgFile"`
	SenderName    string `json:"senderName"`
	SenderHeadImg string `json:"senderHeadImg"`
	Logo          string `json:"logo"`
}

// The msgTypes of §2.7.
const (
	partText  = 1
	partImage = 3
	partLink  = 16
	partFile  = 49
	partMini  = 78
)

// message is the content in the shape the chats know.
func (c taskContent) message() Content {
	switch c.MsgType {
	case partText:
		return Content{ContentType: TypeText, Content: c.Content}
	case partImage:
		return Content{ContentType: TypeImage, Pic: c.Content}
	case partFile:
		return Content{ContentType: TypeFile, FileName: c.Content}
	case partLink:
		return Content{
			ContentType: TypeLink, Title: c.Title, Link: c.Link, Description: c.Description, CoverImgFile: c.CoverImgFile,
		}
	case partMini:
		return Content{
			ContentType: TypeMiniProgram, Title: c.Title, Content: c.Content, Logo: c.Logo,
			SenderName: c.SenderName, SenderHeadImg: c.SenderHeadImg,
		}
	}
	return Content{}
}

// readContents checks what is to be sent. A mini program is named here and looked for when its time comes.
func (b *taskBody) readContents(_ *realm, t *task) error {
	if len(b.TaskData.Contents) == 0 {
		return refuse("parameter error: contents")
	}
	for _, part := range b.TaskData.Contents {
		c := part.message()
		if c.ContentType == TypeMiniProgram {
			if c.Title == "" || c.Content == "" || c.SenderName == "" {
				return refuse("parameter error: title, content, senderName")
			}
		} else if err := sendable(c); err != nil {
			return err
		}
		t.contents = append(t.contents, c)
	}
	return nil
}

// awaitTask waits for the task's next time. The clock may be one that jumps: it is looked at again and again.
func (s *Server) awaitTask(r *realm, t *task) {
	left := t.Next.Sub(r.clock())
	if left > 0 {
		s.agenda.after(min(left, lookAgain), func() { s.world.with(func(r *realm) { s.awaitTask(r, t) }) })
		return
	}
	s.runTask(t)
	t.Runs++
	t.Next = time.Time{}
	if t.Periodic {
		t.Next = t.after(r.clock())
		s.awaitTask(r, t)
	}
}

// runTask starts one run: the robots work side by side, each batch by batch.
func (s *Server) runTask(t *task) {
	for _, to := range t.targets {
		s.agenda.after(0, func() { s.world.with(func(r *realm) { s.runBatch(r, t, to.RobotKey, to.ChatUser) }) })
	}
}

func (s *Server) runBatch(r *realm, t *task, robotKey string, peers []string) {
	b := r.robotByKey(robotKey)
	if b == nil {
		return
	}
	n := min(t.batch, len(peers))
	for _, peer := range peers[:n] {
		for _, c := range t.contents {
			s.broadcast(r, b, peer, c)
			t.Messages++
		}
	}
	if n == len(peers) {
		return
	}
	s.agenda.after(s.draw(t.pause), func() { s.world.with(func(r *realm) { s.runBatch(r, t, robotKey, peers[n:]) }) })
}

// broadcast sends one message as a command of the robot would, with all the faults that commands have.
func (s *Server) broadcast(r *realm, b *Robot, peer string, content Content) {
	c := &command{
		event: "message", typ: content.Kind(), robotKey: b.Key, messageID: r.mint.messageID(r.clock()),
		chatID: chatID(b.Wxid, peer), content: content,
	}
	fault := s.faults.command(c)
	if fault.CutBefore {
		s.CutConnections()
		return
	}
	s.execute(&execution{s: s, r: r, robot: b, c: c, fault: fault, out: fields{}})
}

// collected says whether the robot has seen that mini program: the platform sends none that it has not (§2.7).
func (r *realm) collected(robotKey string, c Content) bool {
	for key, chat := range r.chats {
		if key.robot == robotKey && slices.ContainsFunc(chat.messages, func(m *Message) bool { return r.sameMiniProgram(m, c) }) {
			return true
		}
	}
	return false
}

func (r *realm) sameMiniProgram(m *Message, c Content) bool {
	from, _ := r.contact(m.From)
	return m.Content.ContentType == TypeMiniProgram && m.Content.Title == c.Title && m.Content.Content == c.Content &&
		(c.SenderName == from.name || c.SenderName == m.Content.SenderName)
}
