package dispatch

import "botengine/internal/command"

// urgency is which of a robot's commands goes first when its pace lets only one.
type urgency int

const (
	moderation urgency = iota // what protects a group
	service                   // what somebody waits for
	marketing                 // what nobody asked for: broadcasts, and what schedules begin
)

func urgencyOf(c *command.Command) urgency {
	switch {
	case c.Type == "robot.delete.group.members":
		return moderation
	case c.Unasked || c.Type == "rest.broadcast":
		return marketing
	default:
		return service
	}
}

// guaranteed is after how many moments in a row that went to answers, while what
// nobody asked for had to wait, one goes to that: it is slow then, but not stuck.
const guaranteed = 9
