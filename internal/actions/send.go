package actions

import (
	"strings"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
)

type sendParams struct {
	To    Constant  `yaml:"to" zh:"发给谁：人的 id、群 id（R: 开头），或完整的会话 id（S:机器人id_对方）；要写明，不能来自消息" en:"who gets it: a person's id, a group's (it begins with R:), or a whole chat id (S:ROBOT_PEER); written out, never from a message" required:"true"`
	Robot Constant  `yaml:"robot" zh:"由哪个机器人发（robotKey），默认是收到事件的机器人；写了它，to 就要写完整的会话 id" en:"which robot sends it (its robotKey); by default the event's. With it, to is a whole chat id"`
	Text  Text      `yaml:"text" zh:"要说的话，最长 4000 字" en:"what to say, at most 4,000 characters"`
	At    Constants `yaml:"at" zh:"群里要 @ 的成员 id，要写明" en:"ids of members to @ in a group, written out"`
	Image Text      `yaml:"image" zh:"图片的网址" en:"a picture's web address"`
	File  Text      `yaml:"file" zh:"文件的网址" en:"a file's web address"`
	Video Text      `yaml:"video" zh:"视频的网址（mp4）" en:"a video's web address (an mp4)"`

	AllowMentionAll YesNo `yaml:"allow_mention_all" zh:"文字里的 @所有人 原样发出；不写就改成全角的 ＠，谁也不会被提醒" en:"send an @所有人 in the text as it is; else it becomes the full-width ＠ and mentions nobody"`

	Link Object[replyLinkParams] `yaml:"link" zh:"链接卡片" en:"a link card"`
}

var send = define(spec[sendParams]{
	Name:    "send",
	Summary: diag.T("给指定的人或群发一条消息：文字、图片、链接、文件、视频选一种。", "Sends one message to a certain person or group: a text, a picture, a link, a file or a video."),
	Note: diag.T("在事件发生的会话里回答用 `reply`。收件人只能由规则写明；别的机器人须与收到事件的机器人属于同一账号。",
		"To answer in the chat the event happened in, use `reply`. Recipients are named by the rule alone; another robot has to be of the same account as the event's."),
	Example: `send: {to: "R:10696052725010172", text: "{{robot.name}} 收到好友申请"}`,
	Sends:   messagePlatform(command.MessageText, "§3.4"),
	Also: []Platform{
		messagePlatform(command.MessageImage, "§3.5"), messagePlatform(command.MessageLink, "§3.6"),
		messagePlatform(command.MessageFile, "§3.10"), messagePlatform(command.MessageVideo, "§3.24"),
	},
	Check: checkSend,
	Plan:  planSend,
})

func messagePlatform(typ, section string) Platform {
	return Platform{Type: typ, Lane: command.LaneChat, Class: command.Verifiable, Section: section}
}

func checkSend(p *sendParams) []fault {
	faults := append(p.checkTo(), checkRobot("robot", p.Robot)...)
	given := 0
	for _, yes := range []bool{p.Text.Given(), p.Image.Given(), p.File.Given(), p.Video.Given(), p.Link.Given()} {
		if yes {
			given++
		}
	}
	if given != 1 {
		faults = append(faults, fault{Message: diag.T("`send` 要正好写一种内容，这里有 %d 种", "`send` has exactly one content, here are %d", given),
			Hint: diag.T("text、image、link、file、video 选一种；要发几条就写几步", "one of text, image, link, file and video; several messages are several steps")})
	}
	faults = append(faults, checkText("text", p.Text)...)
	faults = append(faults, adviseAll("text", p.Text, p.AllowMentionAll)...)
	faults = append(faults, checkURL("image", p.Image)...)
	faults = append(faults, checkURL("file", p.File)...)
	faults = append(faults, checkURL("video", p.Video)...)
	return append(faults, p.checkAt()...)
}

func (p *sendParams) checkTo() []fault {
	_, _, whole := event.SplitChatID(p.To.text)
	switch {
	case !isRecipient(p.To.text):
		return []fault{notAPeer("to", p.To.text)}
	case p.Robot.Given() && !whole:
		return []fault{{Param: "to", Message: diag.T("写了 `robot`，`to` 就要写完整的会话 id", "with `robot`, `to` is a whole chat id"),
			Hint: diag.T("例如 S:1688853470427542_R:1970325038158435，前半是那个机器人的 id", "such as S:1688853470427542_R:1970325038158435, which begins with that robot's own id")}}
	}
	return nil
}

func (p *sendParams) checkAt() []fault {
	if !p.At.Given() {
		return nil
	}
	if !p.Text.Given() || !isGroupID(p.peer()) {
		return []fault{{Param: "at", Message: diag.T("只有发到群里的文字能 @ 人", "only a text to a group can @ somebody"),
			Hint: diag.T("去掉 `at`", "take `at` out")}}
	}
	for _, id := range p.At.list {
		if !isDecimal(id) {
			return []fault{notAPerson("at", id)}
		}
	}
	return nil
}

// peer is who gets the message.
func (p *sendParams) peer() string {
	if _, peer, ok := event.SplitChatID(p.To.text); ok {
		return peer
	}
	return p.To.text
}

func planSend(env Env, p *sendParams) (Effect, error) {
	c := &command.Command{Chat: p.To.text, Robot: p.Robot.text}
	var m message
	var err error
	if !p.Robot.Given() {
		if c.Chat, err = chatIn(env, p.To.text); err != nil {
			return Effect{}, err
		}
	}
	if c.Type, m, err = p.message(env); err != nil {
		return Effect{}, err
	}
	c.Fields, err = encode(m)
	return Effect{Command: c}, err
}

// message renders the one content that was written.
func (p *sendParams) message(env Env) (typ string, m message, err error) {
	switch {
	case p.Text.Given():
		m = message{ContentType: contentText, AtUserList: strings.Join(unique(p.At.list), ",")}
		m.Content, err = renderFor(env, "text", p.Text, p.AllowMentionAll)
		return command.MessageText, m, err
	case p.Image.Given():
		m.ContentType = contentImage
		m.Pic, err = renderURL(env, "image", p.Image)
		return command.MessageImage, m, err
	case p.Link.Given():
		m, err = p.Link.p.render(env)
		return command.MessageLink, m, err
	case p.Video.Given():
		m.ContentType = contentVideo
		m.FileName, err = renderURL(env, "video", p.Video)
		return command.MessageVideo, m, err
	}
	m.ContentType = contentFile
	m.FileName, err = renderURL(env, "file", p.File)
	return command.MessageFile, m, err
}
