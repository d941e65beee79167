package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type announceParams struct {
	Text            Text     `yaml:"text" zh:"公告的内容" en:"what it says" required:"true"`
	Group           Constant `yaml:"group" zh:"哪个群（R: 开头），默认是事件发生的群" en:"which group (its id begins with R:); by default the one the event happened in"`
	NotifyAll       YesNo    `yaml:"notify_all" zh:"通知所有人；要同时写 allow_mention_all: true" en:"notify everybody; takes allow_mention_all: true beside it"`
	AllowMentionAll YesNo    `yaml:"allow_mention_all" zh:"确认可以惊动群里的所有人" en:"says that everybody in the group may be disturbed"`
	Delivery        Delivery `yaml:"delivery" zh:"结果不明时怎么办，默认 at_most_once（不再发，由人决定）" en:"what to do when nobody knows whether it happened; by default at_most_once: nothing, a person decides"`
}

var announce = define(spec[announceParams]{
	Name:    "announce",
	Summary: diag.T("修改群公告。", "Sets a group's announcement."),
	Example: `announce: {text: 今晚八点维护, notify_all: true, allow_mention_all: true}`,
	Main:    "text",
	Sends:   Platform{Type: announceType, Lane: command.LaneAction, Class: command.Unverifiable, Section: "§3.23"},
	Wants:   func(p *announceParams) []Need { return groupNeed(p.Group) },
	Check: func(p *announceParams) []fault {
		faults := append(checkGroup("group", p.Group), checkText("text", p.Text)...)
		faults = append(faults, adviseAll("text", p.Text, p.AllowMentionAll)...)
		if p.NotifyAll.yes && !p.AllowMentionAll.yes {
			faults = append(faults, disturbsAll("notify_all"))
		}
		return faults
	},
	Plan: func(env Env, p *announceParams) (Effect, error) {
		group, err := groupFor(env, p.Group)
		if err != nil {
			return Effect{}, err
		}
		notice, err := renderFor(env, "text", p.Text, p.AllowMentionAll)
		if err != nil {
			return Effect{}, err
		}
		fields := struct {
			GroupID string `json:"groupId"`
			IsAll   int    `json:"isAll"`
			Notice  string `json:"notice"`
		}{GroupID: group, Notice: notice}
		if p.NotifyAll.yes {
			fields.IsAll = 1
		}
		effect, err := act(fields)
		return withClass(effect, classFor(p.Delivery)), err
	},
})

// announceType is the command that can disturb everybody in a group (§3.23).
const announceType = "robot.set.group.announcement"

// disturbsAll is the fault of a step that everybody would notice, unasked.
func disturbsAll(param string) fault {
	return fault{Param: param, Message: diag.T("这会通知群里的所有人", "this notifies everybody in the group"),
		Hint: diag.T("确实要这样，就加上 `allow_mention_all: true`", "if you mean it, add `allow_mention_all: true`")}
}
