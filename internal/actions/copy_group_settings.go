package actions

import (
	"strings"

	"go.yaml.in/yaml/v3"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type copyGroupSettingsParams struct {
	From      Constant             `yaml:"from" zh:"作为模板的群（R: 开头）" en:"the group to copy from (its id begins with R:)" required:"true"`
	FromRobot Constant             `yaml:"from_robot" zh:"模板群的机器人（robotKey），默认是收到事件的机器人" en:"that group's robot (its robotKey); by default the event's"`
	To        RobotGroups          `yaml:"to" zh:"同步到哪些群；别的机器人的群写成 robotKey: [群 id]" en:"the groups to copy to; those of other robots as robotKey: [ids]" required:"true"`
	Modules   Choices[moduleWords] `yaml:"modules" zh:"同步哪些设置：入群欢迎语、关键词回复、默认回复" en:"which settings: the welcome, the replies to keywords, the automatic reply" required:"true"`
}

type moduleWords struct{}

func (moduleWords) words() []string { return []string{"welcome", "keyword_reply", "auto_reply"} }

// modules are the platform's names (§2.9).
var modules = map[string]string{"welcome": "WELCOME_NEW_MEMBER", "keyword_reply": "GROUP_KEYWORD_REPLY", "auto_reply": "PERIOD_AUTO_REPLY"}

var copyGroupSettings = define(spec[copyGroupSettingsParams]{
	Name:    "copy_group_settings",
	Summary: diag.T("把一个群在平台上的设置同步到别的群。", "Copies a group's settings on the platform to other groups."),
	Example: `copy_group_settings: {from: "R:1736038911", to: ["R:10696052725018269"], modules: [welcome, auto_reply]}`,
	Sends:   Platform{Type: "rest.copy_group_settings", Lane: command.LaneAction, Class: command.Idempotent, Section: "§2.9"},
	Check: func(p *copyGroupSettingsParams) []fault {
		faults := append(checkGroup("from", p.From), checkRobot("from_robot", p.FromRobot)...)
		for _, r := range p.To.list {
			for _, g := range r.groups {
				if !isGroupID(g) {
					return append(faults, notAGroup("to", g))
				}
			}
		}
		return faults
	},
	Plan: func(env Env, p *copyGroupSettingsParams) (Effect, error) {
		fields := struct {
			Chatroom []string `json:"chatroom"` // one entry per robot
			G        string   `json:"g"`
			Module   []string `json:"module"`
			R        string   `json:"r"`
			RobotKey []string `json:"robotKey"`
		}{G: p.From.text, R: robotFor(env, p.FromRobot)}
		for _, m := range p.Modules.list {
			fields.Module = append(fields.Module, modules[m])
		}
		for _, r := range p.To.list {
			fields.RobotKey = append(fields.RobotKey, robotFor(env, r.robot))
			fields.Chatroom = append(fields.Chatroom, strings.Join(unique(r.groups), ";"))
		}
		return act(fields)
	},
})

// RobotGroups are groups, by the robot that is in them.
type RobotGroups struct{ list []robotGroups }

type robotGroups struct {
	robot  Constant // not given: the event's
	groups []string
}

func (*RobotGroups) kind() Kind { return KindGroups }

func (r *RobotGroups) read(n *yaml.Node, b *Binder) {
	if n.Kind != yaml.MappingNode {
		var groups Constants
		groups.read(n, b)
		r.list = []robotGroups{{groups: groups.list}}
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		r.readOne(n.Content[i], resolve(n.Content[i+1]), b)
	}
	if len(n.Content) == 0 {
		b.fail(n, "BE125", diag.T("列表是空的", "the list is empty"), diag.Text{})
	}
}

func (r *RobotGroups) readOne(key, val *yaml.Node, b *Binder) {
	one := robotGroups{robot: Constant{text: key.Value, given: true}}
	for _, f := range checkRobot("", one.robot) {
		b.fail(key, "BE304", f.Message, f.Hint)
	}
	for _, known := range r.list {
		if known.robot.text == key.Value {
			b.fail(key, "BE108", diag.T("`%s` 写了两次", "`%s` stands here twice", key.Value), diag.Text{})
		}
	}
	var groups Constants
	groups.read(val, b)
	one.groups = groups.list
	r.list = append(r.list, one)
}
