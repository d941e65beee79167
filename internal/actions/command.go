package actions

import (
	"regexp"
	"slices"
	"strings"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// AnyType is the type that the catalogue gives for a step that names its own.
const AnyType = "*"

type commandParams struct {
	Type            Constant `yaml:"type" zh:"平台的命令类型，例如 robot.info.modify；消息写 message.text、message.image、message.link、message.file、message.video" en:"the platform's type of command, such as robot.info.modify; messages are message.text, message.image, message.link, message.file, message.video" required:"true"`
	Fields          Fields   `yaml:"fields" zh:"命令的字段，照平台文档写；数字按写的原样发送。type、robotKey、messageId、timestamp、token 由引擎填" en:"the command's fields, as the platform's document has them; numbers are sent as they are written. The engine fills in type, robotKey, messageId, timestamp and token"`
	Chat            Constant `yaml:"chat" zh:"消息发到哪里：人的 id、群 id 或完整的会话 id，要写明；默认是事件发生的会话" en:"where a message goes: a person's id, a group's or a whole chat id, written out; by default the chat the event happened in"`
	Delivery        Delivery `yaml:"delivery" zh:"结果不明时怎么办，默认 at_most_once（不再发，由人决定）；at_least_once 会重发" en:"what to do when nobody knows whether it happened; by default at_most_once: nothing, a person decides; at_least_once repeats it"`
	AllowMentionAll YesNo    `yaml:"allow_mention_all" zh:"确认可以惊动群里的所有人（群公告的 isAll，文字里的 @所有人）" en:"says that everybody in the group may be disturbed (isAll of an announcement, an @所有人 in a text)"`
}

var rawCommand = define(spec[commandParams]{
	Name:    "command",
	Summary: diag.T("给平台发任意一条命令。", "Sends any command to the platform."),
	Note: diag.T("有专门动作的命令请用那个动作：它会检查内容。消息有回声可查，不必写 `delivery`。整个值就是一个 `{{ }}` 的字段保留它的类型；要把 id 作为数字发送，写 `{{int(sender.id)}}`。",
		"Where a command has an action of its own, use that: it checks what is sent. Messages are verified by their echo and take no `delivery`. A field that is exactly one `{{ }}` keeps its type; to send an id as a number write `{{int(sender.id)}}`."),
	Example: `command: {type: robot.info.modify, fields: {alias: "{{robot.name}}", gender: 2}}`,
	Sends:   Platform{Type: AnyType, Lane: command.LaneAction, Class: command.Unverifiable, Section: "§3"},
	Wants: func(p *commandParams) []Need {
		if isMessageType(p.Type.text) && !p.Chat.Given() {
			return []Need{Chat}
		}
		return nil
	},
	Check: checkCommand,
	Plan: func(env Env, p *commandParams) (Effect, error) {
		fields, err := p.Fields.render(env, p.AllowMentionAll.yes)
		if err != nil {
			return Effect{}, err
		}
		c := &command.Command{Type: p.Type.text, Fields: fields, Class: classFor(p.Delivery)}
		if isMessageType(c.Type) {
			c.Lane, c.Class = command.LaneChat, command.Verifiable
			c.Chat, err = p.chat(env)
		}
		return Effect{Command: c}, err
	},
})

// messageFields are what each type of message cannot do without.
var messageFields = map[string][]string{
	command.MessageText:  {"content"},
	command.MessageImage: {"pic"},
	command.MessageLink:  {"title", "link"},
	command.MessageFile:  {"fileName"},
	command.MessageVideo: {"fileName"},
}

func isMessageType(typ string) bool { return messageFields[typ] != nil }

// commandType is what a type may look like.
var commandType = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_.-]{0,99}$`)

func checkCommand(p *commandParams) []fault {
	faults := append(checkCommandType(p.Type.text), p.checkReserved()...)
	if isMessageType(p.Type.text) {
		return append(faults, p.checkMessage()...)
	}
	if p.Chat.Given() {
		faults = append(faults, fault{Param: "chat", Message: diag.T("`chat` 只用于消息", "`chat` is for messages only"),
			Hint: diag.T("去掉 `chat`", "take `chat` out")})
	}
	faults = append(faults, p.checkGroups()...)
	faults = append(faults, p.checkRecipients()...)
	if p.Type.text == announceType && !p.AllowMentionAll.yes && !p.sparesAll() {
		faults = append(faults, disturbsAll("fields"))
	}
	return faults
}

func checkCommandType(typ string) []fault {
	wrong := func(message, hint diag.Text) []fault { return []fault{{Param: "type", Message: message, Hint: hint}} }
	switch {
	case strings.HasPrefix(typ, command.RequestPrefix):
		return wrong(diag.T("`command` 不能调用平台的 HTTP 接口", "`command` can't make HTTP requests to the platform"),
			diag.T("用 `broadcast`、`copy_group_settings`、`mark_read`、`sync_contacts` 或 `lookup`", "use `broadcast`, `copy_group_settings`, `mark_read`, `sync_contacts` or `lookup`"))
	case !isMessageType(typ) && (typ == "message" || strings.HasPrefix(typ, "message.")):
		return wrong(diag.T("平台不能发送 `%s` 这种消息", "the platform can't send messages of the type `%s`", typ),
			diag.T("能发的有：message.text、message.image、message.link、message.file、message.video", "it can send message.text, message.image, message.link, message.file, message.video"))
	case !commandType.MatchString(typ):
		return wrong(diag.T("`%s` 不是命令类型", "`%s` is no type of command", typ),
			diag.T("例如 `robot.info.modify`", "such as `robot.info.modify`"))
	}
	return nil
}

// reservedFields are those that the engine itself fills in (§3.0).
var reservedFields = []string{"type", "robotKey", "messageId", "timestamp", "token"}

func (p *commandParams) checkReserved() []fault {
	for _, e := range p.Fields.entries {
		if slices.Contains(reservedFields, e.name) {
			return []fault{{Param: "fields", Message: diag.T("字段 `%s` 由引擎填写", "the engine fills in the field `%s`", e.name),
				Hint: diag.T("去掉它", "take it out")}}
		}
	}
	return nil
}

// checkMessage holds a message to the shape of its type.
func (p *commandParams) checkMessage() []fault {
	var faults []fault
	for _, name := range messageFields[p.Type.text] {
		if _, ok := p.Fields.get(name); !ok {
			faults = append(faults, fault{Param: "fields", Message: diag.T("`%s` 缺少字段 `%s`", "`%s` lacks the field `%s`", p.Type.text, name),
				Hint: diag.T("在 `fields` 里加上 `%s`", "add `%s` to `fields`", name)})
		}
	}
	if v, ok := p.Fields.get("atUserList"); ok && v.said() {
		faults = append(faults, fault{Param: "fields", Message: diag.T("`atUserList` 不能来自别人写的话", "`atUserList` must not come from what people write"),
			Hint: diag.T("写成员 id，或 `{{sender.id}}`", "write members' ids, or `{{sender.id}}`")})
	}
	for _, name := range []string{"pic", "fileName", "link", "coverImgFile"} {
		if v, ok := p.Fields.get(name); ok && v.text != nil {
			faults = append(faults, onFields(checkURL(name, Text{v.text.Template()}))...)
		}
	}
	if p.Chat.Given() && !isRecipient(p.Chat.text) {
		faults = append(faults, notAPeer("chat", p.Chat.text))
	}
	if p.Delivery.word != "" {
		faults = append(faults, fault{Param: "delivery", Message: diag.T("消息有回声可查，不能写 `delivery`", "messages are verified by their echo and take no `delivery`"),
			Hint: diag.T("去掉 `delivery`", "take `delivery` out")})
	}
	return append(faults, p.checkCover()...)
}

// onFields places faults at `fields`: its fields have no places of their own.
func onFields(faults []fault) []fault {
	for i := range faults {
		faults[i].Param = "fields"
	}
	return faults
}

// recipientFields say in commands of the platform's who or which chat gets something.
var recipientFields = []string{"friends", "chatId", "chatUser", "conversationId", "conversationIds", "groupId", "groupIds"}

// checkRecipients refuses recipients that whoever writes would choose.
func (p *commandParams) checkRecipients() []fault {
	for _, name := range recipientFields {
		if v, ok := p.Fields.get(name); ok && v.said() {
			return []fault{{Param: "fields", Message: diag.T("`%s` 不能来自别人写的话", "`%s` must not come from what people write", name),
				Hint: diag.T("写明 id，或用 `{{chat.peer}}`、`{{sender.id}}` 这样的值", "write ids, or a value such as `{{chat.peer}}` and `{{sender.id}}`")}}
		}
	}
	return nil
}

func (p *commandParams) checkCover() []fault {
	if v, ok := p.Fields.get("coverImgFile"); ok && v.said() {
		return onFields([]fault{queryInCover()})
	}
	if cover, ok := p.constant("coverImgFile"); ok && strings.Contains(cover, "?") {
		return onFields([]fault{queryInCover()})
	}
	return nil
}

// checkGroups refuses constant ids of groups that are none.
func (p *commandParams) checkGroups() []fault {
	for _, name := range []string{"groupId", "conversationId"} {
		if id, ok := p.constant(name); ok && !isGroupID(id) {
			return []fault{notAGroup("fields", id)}
		}
	}
	return nil
}

// constant is the value of a field that no event can change, as it is written.
func (p *commandParams) constant(name string) (string, bool) {
	v, ok := p.Fields.get(name)
	switch {
	case !ok:
		return "", false
	case v.text != nil:
		return v.text.Template().Constant()
	}
	return string(v.constant), v.constant != nil
}

// sparesAll reports whether an announcement surely does not notify everybody.
func (p *commandParams) sparesAll() bool {
	if _, ok := p.Fields.get("isAll"); !ok {
		return true
	}
	value, ok := p.constant("isAll")
	return ok && (value == "0" || value == "false")
}

// isRecipient reports whether s is a chat id, or the id of a person or a group.
func isRecipient(s string) bool {
	if _, peer, ok := event.SplitChatID(s); ok {
		return isPeer(peer)
	}
	return isPeer(s)
}

// chat is where a message goes.
func (p *commandParams) chat(env Env) (string, error) {
	if !p.Chat.Given() {
		return chatOf(env.Scope.Event)
	}
	return chatIn(env, p.Chat.text)
}
