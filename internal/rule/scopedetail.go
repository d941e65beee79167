package rule

import (
	"fmt"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// detail says which part of the scope the event is outside of.
func (s *scope) detail(ev *event.Event) diag.Text {
	chat := orID(ev.Chat.Name, ev.Chat.Peer)
	robot := orID(ev.Robot.Name, ev.Robot.Key)
	switch s.outside(ev) {
	case partAccounts:
		return diag.T("账号「%s」不在 `accounts` 里：%s", "account %q is not among `accounts`: %s", ev.Account, listed(s.accounts))
	case partRobots:
		return diag.T("机器人「%s」不在 `robots` 里：%s", "robot %q is not among `robots`: %s", robot, listed(s.robots))
	case partKind:
		if s.kind == privateChat {
			return diag.T("只在私聊里生效", "only for private chats")
		}
		return diag.T("只在群聊里生效", "only for groups")
	case partChats:
		return diag.T("聊天「%s」不在 `chats` 里：%s", "chat %q is not among `chats`: %s", chat, listed(s.chats))
	case partMembers:
		return diag.T("「%s」不在 `members` 里：%s", "%q is not among `members`: %s", aboutWhom(ev), listed(s.members))
	case partLabels:
		return diag.T("群「%s」没有这些标签：%s", "group %q has none of the labels %s", chat, labelNames(s.labels))
	case partUnknown:
		return diag.T("群信息还没有取到，不知道「%s」的群主和人数", "the group is not known yet: nobody can say whose %q is and how large", chat)
	case partOwners:
		return diag.T("群主「%s」不在 `owners` 里：%s", "the owner %q is not among `owners`: %s", orID(ev.Chat.OwnerName, ev.Chat.Owner), listed(s.owners))
	case partSize:
		return diag.T("群里有 %d 人，`size` 要求 %s", "the group has %d members, `size` wants %s", ev.Chat.Size, s.size)
	default:
		return diag.T("被 `exclude` 排除了：机器人「%s」，聊天「%s」", "excluded by `exclude`: robot %q, chat %q", robot, chat)
	}
}

// aboutWhom names the people the event is about.
func aboutWhom(ev *event.Event) string {
	switch {
	case ev.Sender.ID != "" || ev.Sender.Name != "":
		return who(ev.Sender)
	case ev.Friend.ID != "" || ev.Friend.Name != "":
		return orID(ev.Friend.Name, ev.Friend.ID)
	}
	var out []string
	for _, m := range ev.Members {
		out = append(out, who(m))
	}
	return strings.Join(out, "、")
}

func labelNames(sets []*labelSet) string {
	var out []string
	for _, l := range sets {
		out = append(out, l.name)
	}
	return strings.Join(out, ", ")
}

// String is the range as people read it.
func (s *sizeRange) String() string {
	switch {
	case s.max == maxMembers:
		return fmt.Sprintf(">= %d", s.min)
	case s.min == 0:
		return fmt.Sprintf("<= %d", s.max)
	}
	return fmt.Sprintf("%d-%d", s.min, s.max)
}
