package dispatch

import (
	"maps"
	"slices"

	"botengine/internal/command"
	"botengine/internal/ratelimit"
)

// kinds are the names that limits know commands by: those of the rules' actions.
// A command that is not here goes by its type.
var kinds = map[string]string{
	"robot.accept.friend.request":     "accept_friend",
	"robot.phone.contact.add":         "add_friend",
	"robot.invite.friends.join.group": "invite",
	"robot.delete.group.members":      "kick",
	"robot.create.group":              "create_group",
	"robot.modify.group.name":         "rename_group",
	"robot.set.group.announcement":    "announce",
	"robot.message.forward":           "forward",
	"robot.cust.tags":                 "tag",
	"robot.tags.sync":                 "tags_sync",
	command.TypeCall:                  "call",
	"rest.broadcast":                  "broadcast",
	"rest.copy_group_settings":        "copy_group_settings",
	"robot.conv.modify.admins":        "set_admins",
	"robot.info.modify":               "robot_profile",
	"robot.modify.friend.remark":      "remark",
}

// silent are the commands that no person notices: they need no pace and no
// jitter. Whatever people may see is not among them.
var silent = map[string]bool{
	command.TypeCall:             true,
	"robot.cust.tags":            true,
	"robot.tags.sync":            true,
	"robot.contacts.inquiry":     true,
	"robot.conv.admins":          true,
	"robot.modify.friend.remark": true,
	"rest.group":                 true,
	"rest.group_members":         true,
	"rest.customers":             true,
	"rest.mark_read":             true,
	"rest.sync_contacts":         true,
}

// changing are the silent commands that ceilings know nevertheless: they leave
// something behind. The others only read, or go elsewhere.
var changing = map[string]bool{
	"robot.cust.tags":            true,
	"robot.modify.friend.remark": true,
}

// AskOf is what limits are asked for a command.
func AskOf(c *command.Command) ratelimit.Ask {
	return ratelimit.Ask{
		Robot: c.Robot, Chat: c.Chat, Kind: KindOf(c),
		Silent: silent[c.Type], Uncounted: silent[c.Type] && !changing[c.Type],
		Urgent: urgencyOf(c) == moderation,
	}
}

// KindOf is the name by which limits know a command; all messages are "message".
func KindOf(c *command.Command) string {
	if c.IsMessage() {
		return "message"
	}
	if kind, ok := kinds[c.Type]; ok {
		return kind
	}
	return c.Type
}

// Kinds are the names by which commands are known, but for those that rules send as
// they are.
func Kinds() []string {
	out := append([]string{"message"}, slices.Collect(maps.Values(kinds))...)
	for kind := range silent {
		if _, named := kinds[kind]; !named {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return out
}
