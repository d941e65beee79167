package yjiyun

// onePass reads a JSON object into one of the frames in a single pass, checking
// all of it, fields that nobody asks for included. It knows the plain spelling of
// frames only: whatever is out of the ordinary (an error, a field's name in other
// letters, a value of another type) sets odd, and then the frame is read again by
// encoding/json, which tells what is wrong. So it may give up, but what it reads
// it reads like encoding/json; FuzzOnePass holds it to that.
type onePass struct {
	in    []byte // the frame
	text  string // its own copy: the texts of the frame are parts of it
	pos   int
	depth int // of the object or list that pos is in
	odd   bool
	key   string // of the field that next found
}

// read fills a frame; false: it is to be read by encoding/json.
func (f *messageFrame) read(payload []byte) bool {
	p, ok := begin(payload)
	for p.open('{'); ok && p.next(); {
		switch p.key {
		case "messageId":
			p.id(&f.MessageID)
		case "msgSvrID":
			p.id(&f.MsgSvrID)
		case "timestamp":
			p.millis(&f.Timestamp)
		case "robotKey":
			p.id(&f.RobotKey)
		case "chatId":
			p.id(&f.ChatID)
		case "chatUser":
			p.id(&f.ChatUser)
		case "chatName":
			p.string(&f.ChatName)
		case "isGroupChat":
			p.number(&f.IsGroupChat)
		case "from":
			f.From.readFrom(&p)
		case "content":
			if f.Content == nil {
				f.Content = new(content)
			}
			f.Content.readFrom(&p)
		default:
			p.ignore()
		}
	}
	return ok && p.ended()
}

func (f *from) readFrom(p *onePass) {
	for p.open('{'); p.next(); {
		switch p.key {
		case "contactId":
			p.id(&f.ContactID)
		case "nickName":
			p.string(&f.NickName)
		case "headImg":
			p.string(&f.HeadImg)
		case "isGroupContact":
			p.number(&f.IsGroupContact)
		case "isSelf":
			p.number(&f.IsSelf)
		default:
			p.ignore()
		}
	}
}

func (c *content) readFrom(p *onePass) {
	for p.open('{'); p.next(); {
		switch p.key {
		case "contentType":
			p.number(&c.ContentType)
		case "content":
			p.string(&c.Content)
		case "atUserList":
			p.ids(&c.AtUserList)
		case "pic":
			p.string(&c.Pic)
		case "fileName":
			p.string(&c.FileName)
		case "title":
			p.string(&c.Title)
		case "link":
			p.string(&c.Link)
		case "description":
			p.string(&c.Description)
		case "coverImgFile":
			p.string(&c.CoverImgFile)
		default:
			p.ignore()
		}
	}
}

func (f *chatFrame) read(payload []byte) bool {
	p, ok := begin(payload)
	for p.open('{'); ok && p.next(); {
		switch p.key {
		case "chatId":
			p.id(&f.ChatID)
		case "chatUser":
			p.id(&f.ChatUser)
		case "chatName":
			p.string(&f.ChatName)
		case "isGroupChat":
			p.number(&f.IsGroupChat)
		case "lastMsgActive":
			p.millis(&f.LastMsgActive)
		case "botInfo":
			f.BotInfo.readFrom(&p)
		default:
			p.ignore()
		}
	}
	return ok && p.ended()
}

func (b *botInfo) readFrom(p *onePass) {
	for p.open('{'); p.next(); {
		switch p.key {
		case "wxid":
			p.id(&b.WxID)
		case "robotKey":
			p.id(&b.RobotKey)
		case "nickName":
			p.string(&b.NickName)
		case "robotStatus":
			b.RobotStatus = new(Number)
			p.odd = p.odd || p.peek() == 'n' // null is none
			p.number(b.RobotStatus)
		default:
			p.ignore()
		}
	}
}

func (f *actionFrame) read(payload []byte) bool {
	p, ok := begin(payload)
	for p.open('{'); ok && p.next(); {
		switch p.key {
		case "type":
			p.string(&f.Type)
		case "messageId":
			p.id(&f.MessageID)
		case "robotKey":
			p.id(&f.RobotKey)
		case "timestamp":
			p.millis(&f.Timestamp)
		case "dts":
			p.millis(&f.Dts)
		case "code":
			p.string(&f.Code)
		case "msg":
			p.string((*Text)(&f.Msg))
		default:
			p.ignore()
		}
	}
	return ok && p.ended()
}
