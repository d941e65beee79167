package intake

import (
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
)

// enrich adds what the event itself does not say: who the robot is, in which
// chat something happened, and whether a person is a robot.
func (in *Intake) enrich(ev *event.Event, now time.Time) {
	if ev.Received.IsZero() {
		ev.Received = now
	}
	if ev.Time.IsZero() {
		ev.Time = ev.Received
	}
	if ev.Robot.ID == "" {
		ev.Robot.ID, _, _ = event.SplitChatID(ev.Chat.ID)
	}
	if ev.Kind == event.Result && command.EndOf(ev.Result.Code, ev.Result.Msg) == command.Done {
		ev.Result.Code = event.CodeOK // however it was spelled: rules compare it
	}
	in.knowRobot(ev)
	knowChat(ev)
	in.knowGroup(ev)
	in.knowSender(ev)
}

// knowGroup adds whose group it is, and how large.
func (in *Intake) knowGroup(ev *event.Event) {
	id := ev.Chat.GroupID()
	if id == "" {
		return
	}
	if g, ok := in.o.Directory.Group(ev.Account, ev.Robot.Key, id); ok {
		ev.Chat.Know(g)
	}
}

func (in *Intake) knowRobot(ev *event.Event) {
	known, ok := in.o.Directory.Robot(ev.Account, ev.Robot.Key)
	if !ok {
		return
	}
	if ev.Robot.ID == "" {
		ev.Robot.ID = known.ID
	}
	if ev.Robot.Name == "" {
		ev.Robot.Name = known.Name
	}
	if ev.Kind != event.ChatUpdated && !ev.Kind.IsRobotStatus() { // which say the status themselves
		ev.Robot.Status = known.Status
	}
}

// knowChat names the chat of what happens outside of one: a friend request leads
// to the chat with that person, a new member joined the group's.
func knowChat(ev *event.Event) {
	switch ev.Kind {
	case event.FriendRequest:
		if ev.Chat.Peer == "" {
			ev.Chat.Peer, ev.Chat.Name = ev.Friend.ID, ev.Friend.Name
		}
	case event.MemberJoin:
		ev.Chat.Group = true
	default:
		return
	}
	if ev.Chat.ID == "" && ev.Robot.ID != "" && ev.Chat.Peer != "" {
		ev.Chat.ID = event.ChatID(ev.Robot.ID, ev.Chat.Peer)
	}
}

func (in *Intake) knowSender(ev *event.Event) {
	if !ev.Kind.IsMessage() {
		return
	}
	if ev.Robot.ID != "" {
		ev.Sender.IsSelf = ev.Sender.IsSelf || ev.Sender.ID == ev.Robot.ID
		ev.Message.MentionsMe = ev.Message.MentionsMe || slices.Contains(ev.Message.At, ev.Robot.ID)
	}
	if ev.Sender.IsSelf || in.o.Directory.IsRobot(ev.Account, ev.Sender.ID) {
		ev.Sender.IsRobot = true
	}
}
