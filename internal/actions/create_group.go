package actions

import (
	"errors"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type createGroupParams struct {
	Members Texts `yaml:"members" zh:"拉谁进群：人的 id" en:"who is in it: people's ids" required:"true"`
	Name    Text  `yaml:"name" zh:"群名，最长 30 字" en:"its name, at most 30 characters"`
}

var createGroup = define(spec[createGroupParams]{
	Name:    "create_group",
	Summary: diag.T("拉几个人建一个群。", "Makes a group of some people."),
	Note:    inferredNote,
	Example: `create_group: {members: ["{{sender.id}}", 1688853470819974], name: "{{sender.name}} 的服务群"}`,
	Sends:   Platform{Type: "robot.create.group", Lane: command.LaneAction, Class: command.Queryable, Section: "§3.20", Inferred: true},
	Check: func(p *createGroupParams) []fault {
		return append(checkPeople("members", p.Members), checkGroupName("name", p.Name)...)
	},
	Plan: func(env Env, p *createGroupParams) (Effect, error) {
		ids, err := people(env, "members", p.Members)
		if err != nil {
			return Effect{}, err
		}
		if len(ids) == 0 {
			return Effect{}, errors.New("members: nobody is named")
		}
		name := ""
		if p.Name.Given() {
			if name, err = renderGroupName(env, p.Name); err != nil {
				return Effect{}, err
			}
		}
		return act(struct {
			Friends []any  `json:"friends"` // of integers, as in §3.18
			Name    string `json:"name,omitempty"`
		}{integers(ids), name})
	},
})
