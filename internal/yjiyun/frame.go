package yjiyun

import "encoding/json"

// messageFrame is a message that came in (§3.2), or an own one coming back (§3.4).
type messageFrame struct {
	MessageID   ID       `json:"messageId"`
	MsgSvrID    ID       `json:"msgSvrID"`
	Timestamp   Millis   `json:"timestamp"`
	RobotKey    ID       `json:"robotKey"`
	ChatID      ID       `json:"chatId"`
	ChatUser    ID       `json:"chatUser"`
	ChatName    Text     `json:"chatName"`
	IsGroupChat Number   `json:"isGroupChat"`
	From        from     `json:"from"`
	Content     *content `json:"content"`
}

// from is who wrote a message.
type from struct {
	ContactID      ID     `json:"contactId"`
	NickName       Text   `json:"nickName"`
	HeadImg        Text   `json:"headImg"`
	IsGroupContact Number `json:"isGroupContact"`
	IsSelf         Number `json:"isSelf"`
}

// content is what a message says: which fields are there follows from its type.
type content struct {
	ContentType  Number `json:"contentType"`
	Content      Text   `json:"content"`
	AtUserList   IDs    `json:"atUserList"`
	Pic          Text   `json:"pic"`
	FileName     Text   `json:"fileName"`
	Title        Text   `json:"title"`
	Link         Text   `json:"link"`
	Description  Text   `json:"description"`
	CoverImgFile Text   `json:"coverImgFile"`
}

// chatFrame is the summary of a conversation (§3.3): the live source of what a
// robot's status is.
type chatFrame struct {
	ChatID        ID      `json:"chatId"`
	ChatUser      ID      `json:"chatUser"`
	ChatName      Text    `json:"chatName"`
	IsGroupChat   Number  `json:"isGroupChat"`
	LastMsgActive Millis  `json:"lastMsgActive"`
	BotInfo       botInfo `json:"botInfo"`
}

// botInfo is the robot a conversation belongs to.
type botInfo struct {
	WxID        ID      `json:"wxid"`
	RobotKey    ID      `json:"robotKey"`
	NickName    Text    `json:"nickName"`
	RobotStatus *Number `json:"robotStatus"`
}

// actionFrame is what all action frames share (§3.0). The rest of a result is
// not looked at here: a field that cannot be read must not hide the end of a
// command.
type actionFrame struct {
	Type      Text      `json:"type"`
	MessageID ID        `json:"messageId"`
	RobotKey  ID        `json:"robotKey"`
	Timestamp Millis    `json:"timestamp"`
	Dts       Millis    `json:"dts"`
	Code      Text      `json:"code"`
	Msg       looseText `json:"msg"`
}

// friendRequest is what a friend request adds (§3.8).
type friendRequest struct {
	UserID       ID     `json:"userId"`
	Name         Text   `json:"name"`
	Reason       Text   `json:"reason"`
	WechatImgURL Text   `json:"wechatImgUrl"`
	Remarks      Text   `json:"remarks"`
	Gender       Number `json:"gender"`
}

// membersChanged is what a change of a group's members adds (§3.22).
type membersChanged struct {
	ConversationID ID       `json:"conversationId"`
	Chatroom       ID       `json:"chatroom"`
	Name           Text     `json:"name"`
	GroupNickName  Text     `json:"groupNickName"`
	NewMembers     []member `json:"newMembers"`
}

// member is someone who joined a group.
type member struct {
	UserID        ID     `json:"userId"`
	UserName      Text   `json:"userName"`
	NickName      Text   `json:"nickName"`
	GroupNickName Text   `json:"groupNickName"`
	HeadImg       Text   `json:"headImg"`
	Gender        Number `json:"gender"`
}

// looseText is a text where anything else reads as none: what a result says in
// words is for people only.
type looseText string

// UnmarshalJSON reads a scalar's text; an object or a list is "".
func (t *looseText) UnmarshalJSON(raw []byte) error {
	text, _ := scalarText(raw)
	*t = looseText(text)
	return nil
}

// carefully reads a frame that is out of the ordinary, or says what is wrong with
// it; admitted is the payload as UTF-8.
func carefully[T any](name string, payload []byte) (f T, admitted []byte, err error) {
	if admitted, err = admit(name, payload); err != nil {
		return f, nil, err
	}
	err = unmarshal(name, admitted, &f)
	return f, admitted, err
}

// unmarshal decodes a frame that was admitted, once.
func unmarshal(frame string, payload []byte, into any) error {
	if err := json.Unmarshal(payload, into); err != nil {
		return malformed(frame, err)
	}
	return nil
}
