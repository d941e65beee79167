package actions

import (
	"botengine/internal/command"
	"botengine/internal/diag"
)

type markReadParams struct{}

var markRead = define(spec[markReadParams]{
	Name:    "mark_read",
	Summary: diag.T("把事件发生的会话标为已读。", "Marks the chat the event happened in as read."),
	Example: `mark_read: {}`,
	Sends:   Platform{Type: "rest.mark_read", Lane: command.LaneAction, Class: command.Idempotent, Section: "§2.12"},
	Needs:   []Need{Chat},
	Plan: func(env Env, _ *markReadParams) (Effect, error) {
		chat, err := chatOf(env.Scope.Event)
		if err != nil {
			return Effect{}, err
		}
		return act(struct {
			ChatID string `json:"chatId"`
		}{chat})
	},
})
