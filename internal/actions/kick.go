package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type kickParams struct {
	User Text `yaml:"user" zh:"移出谁，默认是发送者" en:"who is removed; by default the sender"`
}

var kick = define(spec[kickParams]{
	Name:    "kick",
	Summary: diag.T("把成员移出事件发生的群。", "Removes a member from the group the event happened in."),
	Note:    inferredNote,
	Example: `kick: {user: "{{sender.id}}"}`,
	Main:    "user",
	Sends:   Platform{Type: "robot.delete.group.members", Lane: command.LaneAction, Class: command.Queryable, Section: "§3.15", Inferred: true},
	Needs:   []Need{Group},
	Wants: func(p *kickParams) []Need {
		if p.User.Given() {
			return nil
		}
		return []Need{Sender}
	},
	Verify: verifyKick,
	Plan: func(env Env, p *kickParams) (Effect, error) {
		group, err := groupOf(env.Scope.Event)
		if err != nil {
			return Effect{}, err
		}
		user, err := person(env, p.User)
		if err != nil {
			return Effect{}, err
		}
		return act(groupMembers{group, integers([]string{user})})
	},
})

// groupMembers are the fields of the commands that name a group and people.
type groupMembers struct {
	GroupID string `json:"groupId"`
	Friends []any  `json:"friends"` // of integers
}

var inferredNote = diag.T("平台文档里这条命令的写法缺失，类型和字段是推断的；知道真实写法后可在配置的 `commands` 里改，不用换程序。",
	"The platform's document lost this command; its type and fields are inferred. Once they are known they can be put right under `commands` in the configuration, without a new build.")
