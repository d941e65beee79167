package actions

import (
	"errors"

	"botengine/internal/command"
	"botengine/internal/diag"
)

type acceptFriendParams struct{}

var acceptFriend = define(spec[acceptFriendParams]{
	Name:    "accept_friend",
	Summary: diag.T("通过好友申请。", "Accepts the friend request."),
	Example: `accept_friend: {}`,
	Sends:   Platform{Type: "robot.accept.friend.request", Lane: command.LaneAction, Class: command.Idempotent, Section: "§3.8"},
	Needs:   []Need{Friend},
	Verify:  verifyAccepted,
	Plan: func(env Env, _ *acceptFriendParams) (Effect, error) {
		id := env.Scope.Event.Friend.ID
		if id == "" {
			return Effect{}, errors.New("the event is no friend request")
		}
		return act(struct {
			FriendWxid string `json:"friendWxid"`
		}{id})
	},
})
