package expression

import "botengine/internal/diag"

// Described is one name of the language, for the reference and for editors.
type Described struct {
	Name    string // as it is written: `sender.name`, `len`
	Use     string // of a function: its call with the parameters' names
	Doc     diag.Text
	Example string // an expression; "" where the name alone says enough
	Gives   string // what Example gives for the event of the reference
	Group   string // of the page: values, ours, texts, numbers, lists, times
}

// Values describes everything an expression can read, in the order of the page.
func Values() []Described { return values }

// Functions describes every function, in the order of the page.
func Functions() []Described { return described }

func value(name, zh, en string) Described {
	return Described{Name: name, Doc: diag.Text{ZH: zh, EN: en}, Group: "values"}
}

var values = []Described{
	value("text", "消息的文字", "the text of the message"),
	value("now", "判断的时刻，北京时间", "the time of the decision, in China"),
	value("event.id", "平台给这条事件的编号", "the platform's id of the event"),
	value("event.type", "事件的种类，与 `on` 里的名字相同", "the kind of event, by the name that `on` has for it"),
	value("event.time", "事件发生的时间", "when it happened"),
	value("event.name", "`emit` 发出的事件的名称", "the name of an event that `emit` made"),
	value("event.from", "怎么知道的：`live`（实时收到）、`history`（断线期间的，事后从聊天记录补读）、`inferred`（平台没有告知，对比群成员名单得出）", "how it is known: `live` (as it happened), `history` (missed, and read from the chat history later), `inferred` (the platform never told: found by comparing lists of members)"),
	value("event.rule", "引出这个事件的规则（`emit`、`rule.fired`）", "the rule that led to the event (`emit`, `rule.fired`)"),
	value("message.id", "消息编号", "the id of the message"),
	value("message.svr_id", "服务器编号，转发时用", "the server's id, which forwarding needs"),
	value("message.type", "`text`、`image`、`file` 等", "`text`, `image`, `file` and so on"),
	value("message.url", "图片、文件、视频或链接的地址", "the address of the picture, file, video or link"),
	value("message.file_name", "文件名", "the name of the file"),
	value("message.at", "被 @ 的人的 id", "the ids of those who are mentioned"),
	value("message.mentions_me", "是否 @ 了机器人", "whether the robot is mentioned"),
	value("message.link.title", "链接卡片的标题", "the title of a link card"),
	value("message.link.url", "链接卡片的地址", "the address of a link card"),
	value("message.link.description", "链接卡片的摘要", "the description of a link card"),
	value("chat.id", "会话 id", "the id of the chat"),
	value("chat.name", "群名，或对方的名字", "the group's name, or that of the other person"),
	value("chat.type", "`group` 或 `private`", "`group` or `private`"),
	value("chat.peer", "对方：一个人，或一个群", "who the chat is with: a person, or a group"),
	value("chat.owner", "群主的 id", "the id of the group's owner"),
	value("chat.owner_name", "群主的名字", "the name of the group's owner"),
	value("chat.size", "群里有多少人", "how many people the group has"),
	value("chat.labels", "给这个群贴的标签", "the labels that the group was given"),
	value("sender.id", "发送人的 id", "the id of the sender"),
	value("sender.name", "发送人的昵称", "the nickname of the sender"),
	value("sender.avatar", "头像地址", "the address of the picture"),
	value("sender.is_self", "是机器人自己发的", "it was the robot itself"),
	value("sender.is_robot", "是本账号的机器人发的", "it was a robot of this account"),
	value("sender.is_staff", "是自己人：在名单 `staff` 里", "one of us: on the list `staff`"),
	value("sender.is_member", "是群成员", "a member of the group"),
	value("robot.key", "机器人编号（robotKey）", "the robot's key"),
	value("robot.id", "机器人作为人的 id", "the id that the robot has as a person"),
	value("robot.name", "机器人的名字", "the robot's name"),
	value("robot.status", "`online`、`offline`、`banned` 等", "`online`, `offline`, `banned` and so on"),
	value("friend.id", "申请人的 id", "the id of who asks to be a friend"),
	value("friend.name", "申请人的名字", "that person's name"),
	value("friend.reason", "申请时写的话", "what the request says"),
	value("friend.gender", "1 男，2 女，0 不知道", "1 male, 2 female, 0 not known"),
	value("members", "新成员的列表，每人有 `id`、`name`、`avatar`、`gender`", "the new members, each with `id`, `name`, `avatar`, `gender`"),
	value("events", "合并到一起的事件（规则写了 `coalesce`，在步骤里用），每条有 `id`、`type`、`time`、`text`、`sender`、`chat`；这时 `members` 是其中所有的人，每人一次", "the events that were gathered (in the steps of a rule with `coalesce`), each with `id`, `type`, `time`, `text`, `sender`, `chat`; `members` then are all people among them, each once"),
	value("hit.word", "命中的词，按规则里的写法", "the word that was found, as the rule has it"),
	value("hit.words", "命中的全部词", "all words that were found"),
	value("hit.groups", "正则的命名分组，例如 `hit.groups.phone`", "the named groups of the regex, such as `hit.groups.phone`"),
	value("hit.field", "命中的是哪一段文字：`text`、`file_name`、`link.title` 等", "which text it was found in: `text`, `file_name`, `link.title` and so on"),
	value("hit.span.start", "命中在原文里的起点（第几个字，从 0 起）", "where in the text the hit begins, in characters from 0"),
	value("hit.span.end", "命中在原文里的终点", "where it ends"),
	value("result.type", "没成功的命令的类型", "the type of the command that failed"),
	value("result.code", "平台的错误号，或 `timeout`、`unknown` 等", "the platform's number, or `timeout`, `unknown` and so on"),
	value("result.msg", "平台的说明", "what the platform says about it"),
	value("result.message_id", "命令的编号", "the id of the command"),
	value("result.rule", "发出命令的规则", "the rule that issued it"),
	value("result.step", "发出命令的步骤", "the step that issued it"),
}

func call(group, use, zh, en, example, gives string) Described {
	name := use
	for i, c := range use {
		if c == '(' {
			name = use[:i]
			break
		}
	}
	return Described{Name: name, Use: use, Doc: diag.Text{ZH: zh, EN: en}, Example: example, Gives: gives, Group: group}
}
