package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type syncContactsParams struct {
	What  Choice[syncWords] `yaml:"what" zh:"同步什么，默认 all（全部）" en:"what is synchronised, by default all"`
	Robot Constant          `yaml:"robot" zh:"哪个机器人（robotKey），默认是收到事件的机器人" en:"which robot (its robotKey); by default the event's"`
}

type syncWords struct{}

func (syncWords) words() []string {
	return []string{"all", "customers", "groups", "customers_and_groups", "departments"}
}

// syncTypes are the platform's numbers (§2.13).
var syncTypes = map[string]int{"all": 0, "customers": 1, "groups": 2, "customers_and_groups": 3, "departments": 4}

var syncContacts = define(spec[syncContactsParams]{
	Name:    "sync_contacts",
	Summary: diag.T("让平台重新同步机器人的通讯录。", "Makes the platform read the robot's contacts anew."),
	Example: `sync_contacts: groups`,
	Main:    "what",
	Sends:   Platform{Type: "rest.sync_contacts", Lane: command.LaneAction, Class: command.Idempotent, Section: "§2.13"},
	Check:   func(p *syncContactsParams) []fault { return checkRobot("robot", p.Robot) },
	Plan: func(env Env, p *syncContactsParams) (Effect, error) {
		return act(struct {
			RobotKey string `json:"robotKey"`
			SyncType int    `json:"syncType"`
		}{robotFor(env, p.Robot), syncTypes[p.What.word]})
	},
})
