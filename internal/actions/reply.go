package actions

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"botengine/internal/command"
	"botengine/internal/diag"
)

// maxText is the longest text a robot sends, in runes. The platform's document
// names no limit; this one is inferred from what WeCom's own client takes.
const maxText = 4000

type replyParams struct {
	Text Text     `yaml:"text" zh:"要说的话，最长 4000 字" en:"what to say, at most 4,000 characters" required:"true"`
	At   Mentions `yaml:"at" zh:"群里要 @ 的人：sender 是发送者，members 是新入群的成员，或成员 id" en:"whom to @ in a group: sender, members (who just joined), or members' ids"`

	AllowMentionAll YesNo `yaml:"allow_mention_all" zh:"文字里的 @所有人 原样发出；不写就改成全角的 ＠，谁也不会被提醒" en:"send an @所有人 in the text as it is; else it becomes the full-width ＠ and mentions nobody"`
}

var reply = define(spec[replyParams]{
	Name:    "reply",
	Summary: diag.T("在事件发生的会话里回复一段文字。", "Answers with a text in the chat the event happened in."),
	Note: diag.T("好友申请的回复发到与对方的私聊。只有 `at` 里的人会被 @，文字里的 @ 只是文字；私聊里 `at` 不起作用。4000 字的上限是推断的，平台文档没有写。",
		"The answer to a friend request goes to the private chat with that person. Only those under `at` are @-ed, an @ in the text is just text; `at` does nothing in a private chat. The limit of 4,000 characters is inferred, the platform's document names none."),
	Example: `reply: {text: "{{sender.name}} 您好，请回复订单号", at: sender}`,
	Main:    "text",
	Sends:   Platform{Type: command.MessageText, Lane: command.LaneChat, Class: command.Verifiable, Section: "§3.4"},
	Needs:   []Need{Chat},
	Wants:   func(p *replyParams) []Need { return p.At.needs() },
	Check: func(p *replyParams) []fault {
		return append(checkText("text", p.Text), adviseAll("text", p.Text, p.AllowMentionAll)...)
	},
	Plan: func(env Env, p *replyParams) (Effect, error) {
		text, err := renderFor(env, "text", p.Text, p.AllowMentionAll)
		if err != nil {
			return Effect{}, err
		}
		at, err := p.At.list(env)
		if err != nil {
			return Effect{}, err
		}
		return say(env, message{ContentType: contentText, Content: text, AtUserList: at})
	},
})

// checkText refuses a constant text that could never be sent.
func checkText(param string, t Text) []fault {
	literal, ok := t.Literal()
	switch {
	case !ok:
		return nil
	case strings.TrimSpace(literal) == "":
		return []fault{{Param: param, Message: diag.T("`%s` 是空的", "`%s` is empty", param),
			Hint: diag.T("写上要说的话", "write what is to be said")}}
	case utf8.RuneCountInString(literal) > maxText:
		return []fault{{Param: param, Message: diag.T("`%s` 超过 %d 字", "`%s` has more than %d characters", param, maxText),
			Hint: diag.T("分成几个步骤", "make several steps of it")}}
	}
	return nil
}

// renderText renders a text that is going to be read by people: neither empty nor
// longer than one message may be, and with nothing in it that mentions everybody.
func renderText(env Env, param string, t Text) (string, error) {
	return renderFor(env, param, t, YesNo{})
}

// renderFor does the same where a step may allow to mention everybody.
func renderFor(env Env, param string, t Text, all YesNo) (string, error) {
	text, err := t.Render(env)
	if !all.yes {
		text = spareAll(text)
	}
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(text) == "":
		return "", errors.New(param + " is empty after rendering")
	case utf8.RuneCountInString(text) > maxText:
		return "", fmt.Errorf("%s has more than %d characters after rendering", param, maxText)
	}
	return text, nil
}
