package engine

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// The commands that have an inverse, besides that for tags.
const (
	renameType = "robot.modify.group.name"
	remarkType = "robot.modify.friend.remark"
)

// undoLasts is how long is remembered what a command changed: longer than any store
// keeps the command itself.
const undoLasts = 31 * 24 * time.Hour

// undoKey is un/<message id>: how it was before the command.
func undoKey(messageID string) string { return path("un", messageID) }

// remarkKey is rk/<robot>/<person>: the remark that rules gave the person last.
func remarkKey(robot, person string) string { return path("rk", robot, person) }

// wasBefore is how it was before a command, as far as that is known.
type wasBefore struct {
	Added   []string `json:"added,omitempty"`   // tags that the person did not have from us
	Removed []string `json:"removed,omitempty"` // tags that the person had from us
	Name    string   `json:"name,omitempty"`    // of the group
	Remark  *string  `json:"remark,omitempty"`  // of the person
}

func (d *decider) keepBefore(messageID string, was wasBefore) {
	raw, err := json.Marshal(was)
	if err != nil { // texts: it cannot fail
		return
	}
	d.ledger.write(FactWrite{Key: undoKey(messageID), Value: raw, Expires: d.in.Now.Add(undoLasts)})
}

// noteRename remembers the name that the event's group has, if the command is about
// to give it another.
func (d *decider) noteRename(c *command.Command, ev *event.Event) {
	var to struct {
		GroupID loose `json:"groupId"`
	}
	if c.Type != renameType || ev.Chat.Name == "" || json.Unmarshal(c.Fields, &to) != nil || plainGroup(string(to.GroupID)) != plainGroup(peerOf(ev)) {
		return
	}
	d.keepBefore(c.MessageID, wasBefore{Name: ev.Chat.Name})
}

func plainGroup(id string) string { return strings.TrimPrefix(id, "R:") }

// learnRemark remembers the remark that a command of ours gave, once the platform
// said so, and the one before it.
func (d *decider) learnRemark() {
	ended := d.in.Ended
	if ended == nil || ended.Type != remarkType || d.in.Event.Kind != event.Result || d.in.Event.Result.Code != event.CodeOK {
		return
	}
	var did struct {
		UserID loose   `json:"userId"`
		Remark *string `json:"realRemarks"`
	}
	if json.Unmarshal(ended.Fields, &did) != nil || did.UserID == "" || did.Remark == nil {
		return
	}
	key := remarkKey(ended.Robot, string(did.UserID))
	if raw, _, ok := d.ledger.read(key); ok && ended.Rule != "" {
		before := string(raw)
		d.keepBefore(ended.MessageID, wasBefore{Remark: &before})
	}
	d.ledger.write(FactWrite{Key: key, Value: []byte(*did.Remark), Expires: d.in.Now.Add(taggedLasts)})
}

// noteTagged remembers which of the tags the command really changed: a tag that the
// person had before is not taken off when the command is undone.
func (d *decider) noteTagged(c *command.Command, before []string, add, remove []loose) {
	var was wasBefore
	for _, id := range add {
		if !slices.Contains(before, string(id)) {
			was.Added = append(was.Added, string(id))
		}
	}
	for _, id := range remove {
		if slices.Contains(before, string(id)) {
			was.Removed = append(was.Removed, string(id))
		}
	}
	if c.Rule != "" {
		d.keepBefore(c.MessageID, was)
	}
}

// Inverse says how a command that happened is undone. Without a command it is not,
// and why says why.
type Inverse struct {
	Command *command.Command // complete but for its key, its id and when it lapses
	What    diag.Text        // what the command did
	Why     diag.Text        // it cannot be undone, or only in part
}

// Invert says how a command that the platform confirmed is undone.
func Invert(facts Facts, c *command.Command, now time.Time) Inverse {
	l := newLedger(facts, now)
	var was wasBefore
	raw, _, known := l.read(undoKey(c.MessageID))
	known = known && json.Unmarshal(raw, &was) == nil
	switch c.Type {
	case tagType:
		return invertTags(l, c, was, known)
	case renameType:
		return invertRename(c, was, known)
	case remarkType:
		return invertRemark(c, was, known)
	}
	words := cannotUndo(c)
	return Inverse{What: words[0], Why: words[1]}
}

func invertTags(l *ledger, c *command.Command, was wasBefore, known bool) Inverse {
	var did struct {
		UserID loose   `json:"userId"`
		Add    []loose `json:"tags"`
		Remove []loose `json:"erasingTags"`
	}
	if json.Unmarshal(c.Fields, &did) != nil {
		return Inverse{What: diag.T("改标签", "changed tags"), Why: diag.T("命令读不懂了", "the command cannot be read any more")}
	}
	names := tagNames(l, c.Robot)
	all := make([]string, 0, len(did.Add)+len(did.Remove))
	for _, id := range did.Add {
		all = append(all, "+"+names(string(id)))
	}
	for _, id := range did.Remove {
		all = append(all, "-"+names(string(id)))
	}
	inv := Inverse{What: diag.T("改了 %s 的标签：%s", "changed the tags of %s: %s", string(did.UserID), strings.Join(all, " "))}
	switch left := len(did.Add) + len(did.Remove) - len(was.Added) - len(was.Removed); {
	case !known:
		inv.Why = diag.T("没有记下之前有哪些标签", "it is not known which tags there were before")
		return inv
	case len(was.Added)+len(was.Removed) == 0:
		inv.Why = diag.T("标签本来就在，或不知道本来有没有", "the tags were there before, or nobody knows whether they were")
		return inv
	case left > 0:
		inv.Why = diag.T("其中 %d 个本来就在，或不知道本来有没有：不动", "%d of them were there before, or nobody knows whether they were: these stay as they are", left)
	}
	fields, err := json.Marshal(struct {
		UserID      string   `json:"userId"`
		Tags        []string `json:"tags"`
		ErasingTags []string `json:"erasingTags"`
	}{string(did.UserID), orEmpty(was.Removed), orEmpty(was.Added)})
	if err == nil { // texts: it cannot fail
		inv.Command = inverseOf(c, fields)
	}
	return inv
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

// tagNames finds the name of a tag's id, as far as the robot's tags are known.
func tagNames(l *ledger, robot string) func(id string) string {
	byID := map[string]string{}
	if payload, _, ok := l.read(tagsKey(robot)); ok {
		if book, err := parseTags(payload); err == nil {
			for _, name := range slices.Sorted(maps.Keys(book.full)) {
				byID[book.full[name]] = name
			}
		}
	}
	return func(id string) string {
		if name, ok := byID[id]; ok {
			return name
		}
		return id
	}
}

func invertRename(c *command.Command, was wasBefore, known bool) Inverse {
	var did map[string]any
	if json.Unmarshal(c.Fields, &did) != nil {
		did = map[string]any{}
	}
	to, _ := did["newName"].(string)
	inv := Inverse{What: diag.T("把群改名为 %s", "renamed a group to %s", strconv.Quote(to))}
	if !known || was.Name == "" {
		inv.Why = diag.T("不知道原来的群名", "the name before is not known")
		return inv
	}
	group, _ := did["groupId"].(string)
	fields, err := json.Marshal(map[string]string{"groupId": group, "newName": was.Name})
	if err == nil && group != "" {
		inv.Command = inverseOf(c, fields)
	}
	return inv
}

func invertRemark(c *command.Command, was wasBefore, known bool) Inverse {
	var did struct {
		UserID loose   `json:"userId"`
		Text   *string `json:"remarks"`
	}
	_ = json.Unmarshal(c.Fields, &did) // what cannot be read is no person
	inv := Inverse{What: diag.T("改了 %s 的备注", "changed the remark of %s", string(did.UserID))}
	if !known || was.Remark == nil || did.UserID == "" {
		inv.Why = diag.T("不知道原来的备注", "the remark before is not known")
		return inv
	}
	if did.Text != nil {
		inv.Why = diag.T("描述改不回去：不知道原来的", "the description stays: the one before is not known")
	}
	fields, err := json.Marshal(map[string]string{"userId": string(did.UserID), "realRemarks": *was.Remark})
	if err == nil { // texts: it cannot fail
		inv.Command = inverseOf(c, fields)
	}
	return inv
}

func inverseOf(c *command.Command, fields []byte) *command.Command {
	return &command.Command{
		Account: c.Account, Robot: c.Robot, Type: c.Type, Lane: c.Lane, Class: c.Class, Timeout: c.Timeout,
		Fields: fields, Step: "undo",
	}
}

// InverseOf completes the command that undoes another; try counts from 0. The same
// command has the same inverse, however often it is asked for.
func (i Inverse) InverseOf(c *command.Command, at time.Time, try int) command.Command {
	out := *i.Command
	out.Key = command.Key(c.Key, c.MessageID, "undo", strconv.Itoa(try))
	out.MessageID = command.MessageID(at, out.Key)
	return out
}

// UndoLasts is how long a command that undoes another is worth sending.
const UndoLasts = actionLife

// cannotUndo says what a command did that has no inverse, and why it has none.
func cannotUndo(c *command.Command) [2]diag.Text {
	seen := diag.T("已经有人看到，撤不回来", "people have seen it: it cannot be taken back")
	if c.IsMessage() {
		return [2]diag.Text{diag.T("发了一条消息到 %s", "sent a message to %s", c.Chat), seen}
	}
	if words, ok := undoWords[c.Type]; ok {
		return words
	}
	return [2]diag.Text{diag.T("执行了 %s", "did %s", c.Type), diag.T("没有相反的命令", "there is no command for the opposite")}
}

var undoWords = map[string][2]diag.Text{
	kickType:                          {diag.T("把人移出了群", "removed somebody from a group"), diag.T("只能请本人重新进群", "only they can come back, if they are invited")},
	"robot.invite.friends.join.group": {diag.T("邀请人进群", "invited somebody into a group"), diag.T("不自动把人移出群", "nobody is removed from a group by this")},
	"robot.accept.friend.request":     {diag.T("通过了好友申请", "accepted somebody as a friend"), diag.T("平台没有删除好友的命令", "the platform has no command to unfriend")},
	"robot.phone.contact.add":         {diag.T("申请加好友", "asked somebody to be a friend"), diag.T("申请撤不回来", "the request cannot be taken back")},
	"robot.create.group":              {diag.T("建了一个群", "made a group"), diag.T("平台没有解散群的命令", "the platform has no command to dissolve a group")},
	"robot.conv.modify.admins":        {diag.T("改了群管理员", "changed the admins of a group"), diag.T("没有记下原来的管理员", "the admins before are not known")},
	"robot.message.forward":           {diag.T("转发了一条消息", "forwarded a message"), diag.T("已经有人看到，撤不回来", "people have seen it: it cannot be taken back")},
	broadcastType:                     {diag.T("群发了消息", "broadcast a message"), diag.T("已经有人看到，撤不回来", "people have seen it: it cannot be taken back")},
	command.TypeCall:                  {diag.T("调用了别的系统", "called another system"), diag.T("那个系统要自己改回去", "that system has to undo it")},
}

// questionTypes are commands that only ask: of them there is nothing to undo.
var questionTypes = []string{tagsSyncType, "robot.conv.admins", "robot.contacts.inquiry", "rest.group", "rest.group_members", "rest.customers", "rest.tags", "rest.mark_read", "rest.sync_contacts"}

// OnlyAsks says whether a command changes nothing that a person would undo.
func OnlyAsks(c *command.Command) bool { return slices.Contains(questionTypes, c.Type) }
