package sim

import "slices"

// The shapes of what the platform pushes (§3.2, §3.3, §3.8, §3.22) and of one message in the history (§2.11).

const (
	assignTo     = "xiaohong"
	robotType    = 2
	robotBizType = "5"
)

type wireFrom struct {
	ContactID      string `json:"contactId"`
	NickName       string `json:"nickName"`
	HeadImg        string `json:"headImg"`
	IsGroupContact int    `json:"isGroupContact"`
	IsSelf         int    `json:"isSelf,omitempty"`
}

type wireMessage struct {
	MessageID   string   `json:"messageId"`
	MsgSvrID    string   `json:"msgSvrID"`
	Timestamp   int64    `json:"timestamp"`
	RobotKey    string   `json:"robotKey"`
	ChatID      string   `json:"chatId"`
	ChatName    string   `json:"chatName"`
	ChatUser    string   `json:"chatUser"`
	SendStatus  *int     `json:"sendStatus,omitempty"` // in the history only
	From        wireFrom `json:"from"`
	IsGroupChat int      `json:"isGroupChat"`
	Content     Content  `json:"content"`
	AssignTo    string   `json:"assignTo"`
}

type wireBot struct {
	Wxid        string `json:"wxid"`
	RobotKey    string `json:"robotKey"`
	NickName    string `json:"nickName"`
	HeadImg     string `json:"headImg"`
	RobotStatus int    `json:"robotStatus"`
}

type wireChat struct {
	ChatID        string  `json:"chatId"`
	ChatName      string  `json:"chatName"`
	ChatUser      string  `json:"chatUser"`
	ChatHeadImg   string  `json:"chatHeadImg,omitempty"` // in the list only
	IsGroupChat   int     `json:"isGroupChat"`
	LastMsgActive int64   `json:"lastMsgActive"`
	UnreadCount   int     `json:"unreadCount"`
	BotInfo       wireBot `json:"botInfo"`
	PushContent   string  `json:"pushContent"`
	AssignTo      string  `json:"assignTo"`
}

func (r *realm) wireMessage(b *Robot, m *Message) wireMessage {
	from, _ := r.contact(m.From)
	return wireMessage{
		MessageID: m.MessageID,
		MsgSvrID:  m.MsgSvrID,
		Timestamp: m.Time.UnixMilli(),
		RobotKey:  b.Key,
		ChatID:    chatID(b.Wxid, m.ChatUser),
		ChatName:  r.peerName(m.ChatUser),
		ChatUser:  m.ChatUser,
		From: wireFrom{
			ContactID:      m.From,
			NickName:       from.name,
			HeadImg:        from.headImg,
			IsGroupContact: flag(isGroupID(m.ChatUser)),
			IsSelf:         flag(m.Self),
		},
		IsGroupChat: flag(isGroupID(m.ChatUser)),
		Content:     m.Content,
		AssignTo:    assignTo,
	}
}

func (r *realm) wireChat(b *Robot, peer string) wireChat {
	c := r.chat(b.Key, peer)
	w := wireChat{
		ChatID:      chatID(b.Wxid, peer),
		ChatName:    r.peerName(peer),
		ChatUser:    peer,
		IsGroupChat: flag(isGroupID(peer)),
		UnreadCount: c.unread,
		BotInfo:     wireBot{b.Wxid, b.Key, b.NickName, b.HeadImg, int(b.Status)},
		AssignTo:    assignTo,
	}
	if !c.active.IsZero() {
		w.LastMsgActive = c.active.UnixMilli()
	}
	if n := len(c.messages); n > 0 {
		w.PushContent = c.messages[n-1].Content.Summary()
	}
	return w
}

// fields is a JSON object whose keys are known only at run time: a result of a command, an action event, an envelope.
type fields map[string]any

func (r *realm) friendRequest(b *Robot, p *Person, reason string) fields {
	return fields{
		"messageId":    r.mint.messageID(r.clock()),
		"type":         "robot.on.new.friend.request",
		"robotKey":     b.Key,
		"code":         "0",
		"reason":       reason,
		"wechatImgUrl": p.HeadImg,
		"name":         p.Name,
		"userId":       r.mint.either(p.ID),
		"gender":       p.Gender,
		"remarks":      "",
		"isOuterUser":  flag(!p.Staff),
	}
}

func (r *realm) membersChanged(b *Robot, g *Group, joined []string) fields {
	members := make([]fields, 0, len(joined))
	for _, id := range joined {
		c, _ := r.contact(id)
		members = append(members, fields{
			"userId": r.mint.either(id), "userName": id, "nickName": c.name,
			"groupNickName": "", "gender": c.gender, "headImg": c.headImg,
		})
	}
	return fields{
		"messageId":      r.mint.messageID(r.clock()),
		"type":           "robot.group.members.changed",
		"robotKey":       b.Key,
		"code":           "0",
		"msg":            "OK",
		"chatroom":       g.ID,
		"conversationId": g.ID,
		"groupNickName":  g.Name,
		"name":           g.Name,
		"dts":            r.clock().UnixMilli(),
		"assignTo":       assignTo,
		"robotType":      robotType,
		"robotBizType":   robotBizType,
		"newMembers":     members,
	}
}

// join adds contacts to g and returns those that were not in it before.
func (g *Group) join(ids []string) (joined []string) {
	for _, id := range ids {
		if !slices.Contains(g.Members, id) {
			g.Members = append(g.Members, id)
			joined = append(joined, id)
		}
	}
	g.left = slices.DeleteFunc(g.left, func(id string) bool { return slices.Contains(joined, id) })
	return joined
}

// knows says whether id is or was a member.
func (g *Group) knows(id string) bool {
	return slices.Contains(g.Members, id) || slices.Contains(g.left, id)
}

func (g *Group) leave(ids []string) {
	gone := func(id string) bool { return slices.Contains(ids, id) }
	for _, id := range g.Members {
		if gone(id) {
			g.left = append(g.left, id)
		}
	}
	g.Members = slices.DeleteFunc(g.Members, gone)
	g.Admins = slices.DeleteFunc(g.Admins, gone)
}
