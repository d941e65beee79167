package app

import (
	"context"
	"fmt"
	"strings"

	"github.com/mattn/go-runewidth"

	"botengine/internal/diag"
	"botengine/internal/sim"
)

// follow prints what people see, as they see it, until ctx ends.
func (c *chat) follow(ctx context.Context) {
	for done := 0; ; {
		all, err := c.sim.WaitLedger(ctx, sim.AtLeast(done+1))
		for _, e := range all[done:] {
			c.talk.line("%s  %s %s", c.talk.pen.dim(e.Time.Local().Format("15:04:05.000")), c.talk.pen.green("◀"), c.entry(e))
		}
		done = len(all)
		c.change(func() { c.printed = done })
		if err != nil {
			return
		}
	}
}

// deeds names the effects that are no messages.
var deeds = map[string]diag.Text{
	"accept":         {ZH: "通过好友申请", EN: "accepted the friend request of"},
	"tag":            {ZH: "打标签", EN: "tagged"},
	"remark":         {ZH: "改备注", EN: "changed the remark of"},
	"info":           {ZH: "改自己的资料", EN: "changed its profile"},
	"phone_add":      {ZH: "按手机号加好友", EN: "asked by phone to be a friend of"},
	"kick":           {ZH: "移出群", EN: "removed from the group"},
	"invite":         {ZH: "拉进群", EN: "brought into the group"},
	"create_group":   {ZH: "建群", EN: "made the group"},
	"rename_group":   {ZH: "群改名", EN: "renamed the group"},
	"announce":       {ZH: "发群公告", EN: "announced in the group"},
	"admins":         {ZH: "改群管理员", EN: "changed the admins of the group"},
	"group_settings": {ZH: "复制群聊配置", EN: "copied the settings of a group"},
}

// labels stand before messages that are no texts.
var labels = map[string]diag.Text{
	"image": {ZH: "[图片] ", EN: "[picture] "}, "file": {ZH: "[文件] ", EN: "[file] "}, "link": {ZH: "[链接] ", EN: "[link] "},
	"video": {ZH: "[视频] ", EN: "[video] "}, "mini_program": {ZH: "[小程序] ", EN: "[mini program] "},
}

// entry says in a line what people saw of one effect.
func (c *chat) entry(e sim.Entry) string {
	w := c.sim.World()
	robot, chat := w.Name(e.Robot), w.Name(e.Chat)
	if deed, ok := deeds[e.Kind]; ok {
		parts := []string{robot, deed.In(c.o.Lang), chat}
		if e.Text != chat {
			parts = append(parts, e.Text)
		}
		if e.Chat == "" {
			parts = append(parts[:2], e.Text)
		}
		return visible(strings.Join(parts, " "))
	}
	if !strings.HasPrefix(e.Chat, "R:") {
		chat = c.talk.say("私聊 ", "with ") + chat
	}
	return visible(fmt.Sprintf("[%s] %s%s%s%s%s", chat, robot, c.talk.say("：", ": "), c.mentions(e), labels[e.Kind].In(c.o.Lang), e.Text))
}

// mentions are the people a message names, unless its text does.
func (c *chat) mentions(e sim.Entry) string {
	ids := e.Fields["atUserList"]
	if ids == "" || strings.HasPrefix(e.Text, "@") {
		return ""
	}
	var b strings.Builder
	for id := range strings.SplitSeq(ids, ",") {
		b.WriteString("@" + c.sim.World().Name(id) + " ")
	}
	return b.String()
}

// shown is what a message says, in a line.
func shown(content sim.Content) string {
	if content.ContentType == sim.TypeMiniProgram {
		return "[mini] " + content.Title + " " + content.Content
	}
	if content.Link != "" {
		return content.Title + " " + content.Link
	}
	return content.Summary()
}

func (c *chat) ledger(context.Context, string) error {
	all := c.sim.Ledger()
	if len(all) == 0 {
		c.talk.line("%s", c.talk.say("还没有人看到什么", "nobody has seen anything yet"))
	}
	for _, e := range all {
		c.talk.line("%3d  %s  %s", e.Seq, e.Time.Local().Format("15:04:05"), c.entry(e))
	}
	return nil
}

func (c *chat) people(context.Context, string) error {
	w := c.sim.World()
	var rows [][2]string
	for _, r := range w.Robots() {
		rows = append(rows, [2]string{r.NickName, c.talk.say("机器人，", "robot, ") + c.statusWord(r.Status)})
	}
	for _, p := range w.People() {
		kind := c.talk.say("陌生人", "stranger")
		switch {
		case p.Staff:
			kind = c.talk.say("同事", "colleague")
		case w.AreFriends(c.robot.Key, p.ID):
			kind = c.talk.say("好友", "friend")
		}
		if tags := w.TagsOf(c.robot.Key, p.ID); len(tags) > 0 {
			kind += c.talk.say("，标签 ", ", tags ") + strings.Join(tags, c.talk.say("、", ", "))
		}
		if p.Name == c.who {
			kind += c.talk.say("（现在说话的人）", " (speaks now)")
		}
		rows = append(rows, [2]string{p.Name, kind})
	}
	c.table(rows)
	return nil
}

func (c *chat) statusWord(status sim.RobotStatus) string {
	words := map[sim.RobotStatus]diag.Text{
		sim.StatusInitial: {ZH: "初始化", EN: "starting"}, sim.StatusOnline: {ZH: "在线", EN: "online"},
		sim.StatusOffline: {ZH: "离线", EN: "offline"}, sim.StatusBanned: {ZH: "被封号", EN: "banned"},
		sim.StatusKicked: {ZH: "被踢出登录", EN: "kicked out"},
	}
	return words[status].In(c.o.Lang)
}

func (c *chat) groups(context.Context, string) error {
	w := c.sim.World()
	var rows [][2]string
	for _, g := range w.Groups() {
		names := make([]string, len(g.Members))
		for i, id := range g.Members {
			names[i] = w.Name(id)
		}
		rows = append(rows, [2]string{g.Name, strings.Join(names, c.talk.say("、", ", "))})
	}
	c.table(rows)
	return nil
}

// table prints two columns; Chinese letters are two wide.
func (c *chat) table(rows [][2]string) {
	width := 0
	for _, row := range rows {
		width = max(width, runewidth.StringWidth(row[0]))
	}
	for _, row := range rows {
		c.talk.line("  %s  %s", visible(runewidth.FillRight(row[0], width)), visible(row[1]))
	}
}
