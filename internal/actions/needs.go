package actions

import (
	"fmt"
	"slices"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/event"
)

// Need is something an action takes from the event that fired the rule.
type Need string

// What actions may need.
const (
	Chat    Need = "chat"    // a chat to speak in
	Group   Need = "group"   // that chat is a group
	Sender  Need = "sender"  // somebody who spoke
	Person  Need = "person"  // one person: who spoke, or who asked to be a friend
	Friend  Need = "friend"  // a friend request
	Members Need = "members" // new members of a group

	Forwardable Need = "forwardable" // a message that the platform can forward (§3.7)
)

// In names the need in words.
func (n Need) In(lang diag.Lang) string { return needTexts[n].In(lang) }

var needTexts = map[Need]diag.Text{
	Chat:    {ZH: "一个会话", EN: "a chat"},
	Group:   {ZH: "群聊", EN: "a group"},
	Sender:  {ZH: "消息的发送者", EN: "a message's sender"},
	Person:  {ZH: "发送者或好友申请人", EN: "a sender or a friend request"},
	Friend:  {ZH: "好友申请", EN: "a friend request"},
	Members: {ZH: "新入群的成员", EN: "new members"},

	Forwardable: {ZH: "能转发的消息（图片、文件、链接、小程序）", EN: "a message that can be forwarded (picture, file, link, mini program)"},
}

// MetBy reports whether an event of the kind can give what is needed. A message
// may come from a group, so it can give a group.
func (n Need) MetBy(kind event.Kind) bool {
	switch n {
	case Chat:
		return kind.HasMessage() || kind == event.MemberJoin || kind == event.ChatUpdated || kind == event.FriendRequest || kind == event.ScheduleChat
	case Group:
		return kind.HasMessage() || kind == event.MemberJoin || kind == event.ChatUpdated || kind == event.ScheduleChat
	case Sender:
		return kind.HasMessage()
	case Person:
		return kind.HasMessage() || kind == event.FriendRequest
	case Friend:
		return kind == event.FriendRequest
	case Members:
		return kind == event.MemberJoin
	case Forwardable:
		return kind == event.MessageImage || kind == event.MessageFile || kind == event.MessageLink || kind == event.MessageMiniProgram
	}
	return false
}

// privateOnly reports whether what is needed is not to be had in a private chat.
func (n Need) privateOnly() bool { return n == Group || n == Members }

// checkNeeds adds BE305 for every need that the rule's triggers cannot meet: an
// error when none of them can, a warning when some can.
func (b *Binder) checkNeeds(action string, needs []Need, kinds []event.Kind, place diag.Range) {
	for _, need := range needs {
		var lacking []string
		for _, k := range kinds {
			gathered := need == Members && b.opts != nil && b.opts.Gather
			if !gathered && !need.MetBy(k) || b.private && need.privateOnly() {
				lacking = append(lacking, k.Trigger())
			}
		}
		if len(lacking) > 0 {
			b.lacks(action, need, lacking, len(lacking) == len(kinds), place)
		}
	}
}

func (b *Binder) lacks(action string, need Need, lacking []string, all bool, place diag.Range) {
	slices.Sort(lacking)
	triggers := strings.Join(slices.Compact(lacking), ", ")
	message := diag.Text{
		ZH: fmt.Sprintf("`%s` 需要%s，`%s` 给不了", action, need.In(diag.ZH), triggers),
		EN: fmt.Sprintf("`%s` needs %s, which `%s` can't give", action, need.In(diag.EN), triggers),
	}
	finding := diag.At(b.file, place).Error("BE305", message)
	if !all {
		finding.Severity = diag.Warning
	}
	hint := diag.T("用 `on` 和 `scope` 把规则限定在满足条件的事件上", "narrow the rule with `on` and `scope` to events that have it")
	if all && slices.Contains(lacking, string(event.Schedule)) && (need == Chat || need == Group) {
		hint = diag.T("在 `scope` 里写明 `chats` 或 `chat_type: group`，到时间就在每个群里做一次；或者用 `send` 指定会话",
			"name `chats` or `chat_type: group` in `scope`, and it is done once in each of them; or name the chat by `send`")
	}
	b.findings = append(b.findings, finding.WithHint(hint))
}
