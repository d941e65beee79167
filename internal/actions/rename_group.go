package actions

import (
	"errors"
	"strings"
	"unicode/utf8"

	"botengine/internal/command"
	"botengine/internal/diag"
)

// maxGroupName is the longest name of a group, in runes: what WeCom's own client
// takes. The platform's document names no limit.
const maxGroupName = 30

type renameGroupParams struct {
	Name  Text     `yaml:"name" zh:"新群名，最长 30 字" en:"the new name, at most 30 characters" required:"true"`
	Group Constant `yaml:"group" zh:"哪个群（R: 开头），默认是事件发生的群" en:"which group (its id begins with R:); by default the one the event happened in"`
}

var renameGroup = define(spec[renameGroupParams]{
	Name:    "rename_group",
	Summary: diag.T("修改群名。", "Renames a group."),
	Note:    diag.T("30 字的上限是推断的，平台文档没有写。", "The limit of 30 characters is inferred, the platform's document names none."),
	Example: `rename_group: "{{chat.name}}（已满）"`,
	Main:    "name",
	Sends:   Platform{Type: "robot.modify.group.name", Lane: command.LaneAction, Class: command.Idempotent, Section: "§3.19"},
	Wants:   func(p *renameGroupParams) []Need { return groupNeed(p.Group) },
	Check: func(p *renameGroupParams) []fault {
		return append(checkGroup("group", p.Group), checkGroupName("name", p.Name)...)
	},
	Verify: verifyRenamed,
	Plan: func(env Env, p *renameGroupParams) (Effect, error) {
		group, err := groupFor(env, p.Group)
		if err != nil {
			return Effect{}, err
		}
		name, err := renderGroupName(env, p.Name)
		if err != nil {
			return Effect{}, err
		}
		return act(struct {
			GroupID string `json:"groupId"`
			NewName string `json:"newName"`
		}{group, name})
	},
})

// checkGroupName refuses a constant that no group can be called.
func checkGroupName(param string, t Text) []fault {
	if literal, ok := t.Literal(); ok && utf8.RuneCountInString(literal) > maxGroupName {
		return []fault{{Param: param, Message: diag.T("群名超过 %d 字", "the group's name has more than %d characters", maxGroupName),
			Hint: diag.T("写短一些", "make it shorter")}}
	}
	return checkText(param, t)
}

// renderGroupName renders the name of a group.
func renderGroupName(env Env, t Text) (string, error) {
	name, err := t.Render(env)
	switch {
	case err != nil:
		return "", err
	case strings.TrimSpace(name) == "":
		return "", errors.New("name is empty after rendering")
	case utf8.RuneCountInString(name) > maxGroupName:
		return "", errors.New("name is longer than a group's name may be")
	}
	return name, nil
}
