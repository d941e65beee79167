package schedule

import (
	"slices"
	"strings"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// Robot is a robot that scheduled events may happen to, and the groups that it is
// known to be in.
type Robot struct {
	event.Robot
	Account string
	Groups  []event.Chat
}

// Events are what happens at an instant of the rule's schedule: one event for each
// chat that its scope names, of each robot in its scope, or one for each robot.
//
// A chat that is named by its id need not be known. If no robot is known to be in
// it, it is each robot's.
func Events(r *rule.Rule, at, now time.Time, robots []Robot) []event.Event {
	var out []event.Event
	add := func(robot *Robot, chat event.Chat) {
		ev := event.OfSchedule(robot.Account, robot.Robot, chat, r.ID, at, now)
		if r.Covers(&ev) {
			out = append(out, ev)
		}
	}
	for i := range robots {
		if !r.PerChat() {
			add(&robots[i], event.Chat{})
			continue
		}
		for _, chat := range chatsOf(r, &robots[i], robots) {
			add(&robots[i], chat)
		}
	}
	return out
}

// chatsOf are the chats of a robot that the rule might be meant for.
func chatsOf(r *rule.Rule, robot *Robot, robots []Robot) []event.Chat {
	chats := slices.Clone(robot.Groups)
	for _, named := range r.Chats() {
		peer, ok := peerIn(named, robot.ID)
		if !ok || robot.ID == "" || slices.ContainsFunc(chats, func(c event.Chat) bool { return c.Peer == peer }) {
			continue
		}
		if named == peer && slices.ContainsFunc(robots, func(o Robot) bool { return o.Account == robot.Account && o.isIn(peer) }) {
			continue // it is known whose chat this is
		}
		chats = append(chats, event.Chat{ID: event.ChatID(robot.ID, peer), Peer: peer, Group: strings.HasPrefix(peer, "R:")})
	}
	return chats
}

func (r *Robot) isIn(peer string) bool {
	return slices.ContainsFunc(r.Groups, func(c event.Chat) bool { return c.Peer == peer })
}

// peerIn is the peer that an id names, if it is one: of a group, of a person, or of
// a whole chat of the robot.
func peerIn(id, robotID string) (string, bool) {
	if owner, peer, whole := event.SplitChatID(id); whole {
		return peer, owner == robotID
	}
	digits := strings.TrimPrefix(id, "R:")
	return id, digits != "" && strings.Trim(digits, "0123456789") == ""
}
