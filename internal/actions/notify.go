package actions

import (
	"cmp"
	"fmt"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// StaffChats knows the chats that the configuration has names for.
type StaffChats interface {
	// StaffChat returns the chat of that name, and the robot that speaks in it; "" =
	// the event's own.
	StaffChat(name string) (robot, chat string, ok bool)
}

// Sparing says how often a step's message is sent at most: what is too much is
// counted, and the next one that is sent says how many there were.
type Sparing struct {
	Count  int
	Within time.Duration
	// Unsent makes the command say how many were not sent before it.
	Unsent func(n int) (*command.Command, error)
}

// How often a `notify` step that does not say it speaks at most.
const (
	notifyCount  = 3
	notifyWithin = 10 * time.Minute
)

type notifyParams struct {
	To     Constant `yaml:"to" zh:"通知哪里：配置 notify 里的名称，或写明的人、群、会话的 id" en:"whom to tell: a name under notify in the configuration, or the id of a person, a group or a chat, written out" required:"true"`
	Robot  Constant `yaml:"robot" zh:"由哪个机器人发（robotKey），默认是收到事件的机器人；写了它，to 就要写完整的会话 id" en:"which robot sends it (its robotKey); by default the event's. With it, to is a whole chat id"`
	Text   Text     `yaml:"text" zh:"要说的话，最长 4000 字" en:"what to say, at most 4,000 characters" required:"true"`
	Count  Count    `yaml:"count" zh:"within 的时间里最多发几条，默认 3" en:"how many to send at most within that time; by default 3"`
	Within Duration `yaml:"within" zh:"多长时间里，默认 10m" en:"within what time; by default 10m"`
}

var notify = define(spec[notifyParams]{
	Name:    "notify",
	Summary: diag.T("通知同事：往一个内部群或一个人那里发一句话。", "Tells the staff: says something in a chat of their own."),
	Note: diag.T("一个步骤在 `within` 里最多发 `count` 条，多出来的不发，只计数；下一条会写上「另有 12 条未发送」。不发的这一步以 `coalesced` 结束，不算失败。人工接管和暂停都拦不住通知。名称写在配置的 `notify:` 下面；别的机器人须与收到事件的机器人属于同一账号。",
		"A step sends at most `count` within `within`; what is more is only counted, and the next one says how many were not sent. A step that sent nothing ends with `coalesced`, which is no failure. Neither a takeover nor a pause holds it back. Names stand under `notify:` in the configuration; another robot has to be of the same account as the event's."),
	Example: `notify: {to: 客服群, text: "{{chat.name}} 的 {{sender.name}} 要人工"}`,
	Sends:   messagePlatform(command.MessageText, "§3.4"),
	Check:   checkNotify,
	Plan:    planNotify,
	Refers:  referNotify,
})

func checkNotify(p *notifyParams) []fault {
	faults := append(checkRobot("robot", p.Robot), checkText("text", p.Text)...)
	if _, _, whole := event.SplitChatID(p.To.text); p.Robot.Given() && !whole {
		faults = append(faults, fault{Param: "to", Message: diag.T("写了 `robot`，`to` 就要写完整的会话 id", "with `robot`, `to` is a whole chat id"),
			Hint: diag.T("例如 S:1688853470427542_R:1970325038158435，前半是那个机器人的 id", "such as S:1688853470427542_R:1970325038158435, which begins with that robot's own id")})
	}
	return faults
}

func planNotify(env Env, p *notifyParams) (Effect, error) {
	robot, chat, err := p.recipient(env)
	if err != nil {
		return Effect{}, err
	}
	text, err := renderText(env, "text", p.Text)
	if err != nil {
		return Effect{}, err
	}
	say := func(text string) (*command.Command, error) {
		fields, err := encode(message{ContentType: contentText, Content: text})
		return &command.Command{Type: command.MessageText, Lane: command.LaneChat, Class: command.Verifiable, Chat: chat, Robot: robot, Fields: fields}, err
	}
	c, err := say(text)
	return Effect{Command: c, Sparing: &Sparing{
		Count: cmp.Or(p.Count.n, notifyCount), Within: cmp.Or(p.Within.d, notifyWithin),
		Unsent: func(n int) (*command.Command, error) {
			return say(fmt.Sprintf("%s\n（另有 %d 条未发送）", text, n))
		},
	}}, err
}

// recipient is the robot that speaks, if it is not the event's, and the chat.
func (p *notifyParams) recipient(env Env) (robot, chat string, err error) {
	robot, chat = p.Robot.text, p.To.text
	if !isRecipient(chat) {
		ok := false
		if env.Chats != nil {
			robot, chat, ok = env.Chats.StaffChat(p.To.text)
		}
		if !ok {
			return "", "", fmt.Errorf("the configuration has no chat %q under `notify`", p.To.text)
		}
	}
	if robot == "" {
		chat, err = chatIn(env, chat)
	}
	return robot, chat, err
}
