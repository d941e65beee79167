package actions

import (
	"errors"
	"fmt"

	"botengine/internal/command"
	"botengine/internal/diag"
)

// maxAdmins is how many admins a group has besides its owner (§3.17).
const maxAdmins = 3

// The platform's opcode of §3.17.
const (
	opAdd    = 1
	opRemove = 2
)

type setAdminsParams struct {
	Add    Texts    `yaml:"add" zh:"设为管理员的成员 id，最多 3 个，须是本企业成员" en:"ids of members who become admins, at most 3, of one's own company"`
	Remove Texts    `yaml:"remove" zh:"不再是管理员的成员 id" en:"ids of members who are admins no more"`
	Group  Constant `yaml:"group" zh:"哪个群（R: 开头），默认是事件发生的群" en:"which group (its id begins with R:); by default the one the event happened in"`
}

var setAdmins = define(spec[setAdminsParams]{
	Name:    "set_admins",
	Summary: diag.T("增加或去掉群管理员。", "Adds admins to a group, or removes them."),
	Note: diag.T("除群主外最多 3 个管理员。一步只做一种：要替换，先写一步 `remove`，再写一步 `add`；现在有谁，用 `lookup: {admins: true, as: 名称}` 查。",
		"A group has at most 3 admins besides its owner. A step does one of the two: to replace somebody, first `remove`, then `add` in another step; who is admin now says `lookup: {admins: true, as: NAME}`."),
	Example: `set_admins: {add: [1688853866655589]}`,
	Sends:   Platform{Type: "robot.conv.modify.admins", Lane: command.LaneAction, Class: command.Idempotent, Section: "§3.17"},
	Wants:   func(p *setAdminsParams) []Need { return groupNeed(p.Group) },
	Check: func(p *setAdminsParams) []fault {
		faults := append(checkGroup("group", p.Group), checkPeople("add", p.Add)...)
		faults = append(faults, checkPeople("remove", p.Remove)...)
		switch {
		case p.Add.Given() && p.Remove.Given():
			faults = append(faults, fault{Param: "remove", Message: diag.T("一步只能 `add` 或 `remove`", "a step has `add` or `remove`, not both"),
				Hint: diag.T("分成两步，先 `remove` 后 `add`", "make two steps: first `remove`, then `add`")})
		case !p.Add.Given() && !p.Remove.Given():
			faults = append(faults, nothingWritten("set_admins", "add", "remove"))
		case len(p.Add.list) > maxAdmins:
			faults = append(faults, fault{Param: "add", Message: diag.T("除群主外最多 %d 个管理员，这里有 %d 个", "a group has at most %d admins besides its owner, here are %d", maxAdmins, len(p.Add.list)),
				Hint: diag.T("去掉几个", "take some out")})
		}
		return faults
	},
	Plan: func(env Env, p *setAdminsParams) (Effect, error) {
		group, err := groupFor(env, p.Group)
		if err != nil {
			return Effect{}, err
		}
		op, who, param := opAdd, p.Add, "add"
		if p.Remove.Given() {
			op, who, param = opRemove, p.Remove, "remove"
		}
		ids, err := people(env, param, who)
		switch {
		case err != nil:
			return Effect{}, err
		case len(ids) == 0:
			return Effect{}, errors.New(param + ": nobody is named")
		case op == opAdd && len(ids) > maxAdmins:
			return Effect{}, fmt.Errorf("add: more than %d admins", maxAdmins)
		}
		return act(struct {
			Opcode         int      `json:"opcode"`
			ConversationID string   `json:"conversationId"`
			Admins         []string `json:"admins"`
		}{op, group, ids})
	},
})
