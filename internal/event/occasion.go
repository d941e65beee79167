package event

import (
	"strconv"
	"time"
)

// Occasion says what a scheduled event is: one instant of one rule's schedule.
type Occasion struct {
	Rule string    `json:"rule,omitempty"`
	At   time.Time `json:"at,omitzero"`
}

// OfSchedule makes the event of a rule's schedule for a robot or, when the chat is
// not the zero one, for that chat of it. Its id is made of the rule, the chat and
// the instant, so that an instant happens once however often it is handed in.
func OfSchedule(account string, robot Robot, chat Chat, rule string, at, now time.Time) Event {
	ev := Event{
		Kind: Schedule, ID: rule + "/" + strconv.FormatInt(at.UnixMilli(), 10), Account: account, Robot: robot,
		Time: at, Received: now, Schedule: Occasion{Rule: rule, At: at},
	}
	if chat.ID != "" || chat.Peer != "" {
		ev.Kind, ev.Chat, ev.ID = ScheduleChat, chat, ev.ID+"/"+chat.Peer
	}
	return ev
}

// OfStart makes the event of an engine that started at that time, for a robot.
func OfStart(account string, robot Robot, at time.Time) Event {
	return Event{
		Kind: Start, ID: strconv.FormatInt(at.UnixNano(), 10), Account: account, Robot: robot, Time: at, Received: at,
	}
}
