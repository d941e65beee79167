package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"botengine/internal/diag"
	"botengine/internal/sim"
)

// chatCommand is one thing that can be typed after a slash.
type chatCommand struct {
	name string
	args diag.Text
	help diag.Text
	do   func(c *chat, ctx context.Context, args string) error
}

// chatCommands are all of them, as /help lists them.
func chatCommands() []chatCommand {
	none := diag.Text{}
	return []chatCommand{
		{"as", diag.T("名字", "NAME"), diag.T("换一个人说话", "somebody else speaks"), (*chat).as},
		{"in", diag.T("群名", "GROUP"), diag.T("到这个群里说", "speak in this group"), (*chat).in},
		{"private", none, diag.T("和机器人私聊", "speak with the robot in private"), (*chat).private},
		{"at", diag.T("名字 文字", "NAME TEXT"), diag.T("@ 某人说话", "say it and mention somebody"), (*chat).at},
		{"image", diag.T("网址", "URL"), diag.T("发图片", "send a picture"), (*chat).image},
		{"file", diag.T("网址", "URL"), diag.T("发文件", "send a file"), (*chat).file},
		{"link", diag.T("标题 网址", "TITLE URL"), diag.T("发链接卡片", "send a link card"), (*chat).link},
		{"mini", diag.T("标题 内容", "TITLE TEXT"), diag.T("发小程序", "send a mini program"), (*chat).mini},
		{"join", diag.T("名字…", "NAME…"), diag.T("进入现在的群", "people enter this group"), (*chat).join},
		{"leave", diag.T("[名字]", "[NAME]"), diag.T("离开现在的群", "somebody leaves this group"), (*chat).leave},
		{"friend", diag.T("名字 理由", "NAME REASON"), diag.T("申请加机器人为好友", "somebody asks to be the robot's friend"), (*chat).friend},
		{"unfriend", diag.T("名字", "NAME"), diag.T("客户删除机器人", "a customer deletes the robot"), (*chat).unfriend},
		{"hand", diag.T("文字", "TEXT"), diag.T("同事用机器人的手机手动回复", "a colleague writes by hand on the robot's phone"), (*chat).hand},
		{"offline", none, diag.T("机器人离线", "the robot goes offline"), (*chat).offline},
		{"online", none, diag.T("机器人上线", "the robot comes back"), (*chat).online},
		{"ban", none, diag.T("机器人被封号", "the robot is banned"), (*chat).ban},
		{"fault", diag.T("[名字 …|off]", "[NAME …|off]"), diag.T("让平台出错；不写参数列出全部", "make the platform go wrong; alone it lists how"), (*chat).fault},
		{"wait", diag.T("时长", "TIME"), diag.T("过一段时间（没有引擎时直接拨快平台的钟）", "let time pass (without an engine the platform's clock is moved on)"), (*chat).wait},
		{"people", none, diag.T("都有谁", "who there is"), (*chat).people},
		{"groups", none, diag.T("都有哪些群", "which groups there are"), (*chat).groups},
		{"ledger", none, diag.T("大家至今看到了什么", "what people have seen so far"), (*chat).ledger},
		{"why", none, diag.T("刚才为什么回答，或为什么没回答", "why it was answered, or was not"), (*chat).why},
		{"help", none, diag.T("列出命令", "list the commands"), (*chat).help},
		{"quit", none, diag.T("结束", "end"), func(c *chat, _ context.Context, _ string) error { c.over = true; return nil }},
	}
}

// cut takes the first word off; any space will do, full-width ones too.
func cut(s string) (word, rest string) {
	s = strings.TrimSpace(s)
	i := strings.IndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// command does what was typed after a slash.
func (c *chat) command(ctx context.Context, line string) error {
	name, args := cut(line)
	all := chatCommands()
	i := slices.IndexFunc(all, func(cmd chatCommand) bool { return cmd.name == strings.ToLower(name) })
	if i >= 0 {
		if all[i].args.EN != "" && !strings.HasPrefix(all[i].args.EN, "[") && args == "" {
			return c.bad("写法：/%s %s", "write it so: /%s %s", all[i].name, all[i].args.In(c.o.Lang))
		}
		return all[i].do(c, ctx, args)
	}
	names := make([]string, len(all))
	for i, cmd := range all {
		names[i] = cmd.name
	}
	if near, ok := diag.Suggest(name, names); ok {
		return c.bad("没有 /%s，是不是 /%s？", "there is no /%s, did you mean /%s?", name, near)
	}
	return c.bad("没有 /%s；/help 列出命令", "there is no /%s; /help lists the commands", name)
}

func (c *chat) help(context.Context, string) error {
	var rows [][2]string
	for _, cmd := range chatCommands() {
		rows = append(rows, [2]string{strings.TrimSpace("/" + cmd.name + " " + cmd.args.In(c.o.Lang)), cmd.help.In(c.o.Lang)})
	}
	c.table(rows)
	return nil
}

// known checks a name, with the closest one where there is none.
func (c *chat) known(name string, names []string) error {
	if slices.Contains(names, name) {
		return nil
	}
	if near, ok := diag.Suggest(name, names); ok {
		return c.bad("没有 %s，是不是 %s？", "there is no %s, did you mean %s?", name, near)
	}
	return c.bad("没有 %s；有：%s", "there is no %s; there are: %s", name, strings.Join(names, "、"))
}

func (c *chat) peopleNames() (names []string) {
	for _, p := range c.sim.World().People() {
		names = append(names, p.Name)
	}
	return names
}

func (c *chat) as(_ context.Context, args string) error {
	if err := c.known(args, c.peopleNames()); err != nil {
		return err
	}
	c.who = args
	return nil
}

func (c *chat) in(_ context.Context, args string) error {
	var names []string
	for _, g := range c.sim.World().Groups() {
		names = append(names, g.Name)
	}
	if err := c.known(args, names); err != nil {
		return err
	}
	c.where = args
	return nil
}

func (c *chat) private(context.Context, string) error {
	c.where = ""
	return nil
}

func (c *chat) at(ctx context.Context, args string) error {
	name, text := cut(args)
	if err := c.known(name, append(c.peopleNames(), c.robot.NickName)); err != nil {
		return err
	}
	id := c.robot.Wxid
	if p, err := c.sim.World().Person(name); err == nil {
		id = p.ID
	}
	content := strings.TrimSpace("@" + name + " " + text)
	return c.say(ctx, sim.Content{ContentType: sim.TypeText, Content: content, AtUserList: id})
}

func (c *chat) image(ctx context.Context, args string) error {
	return c.say(ctx, sim.Content{ContentType: sim.TypeImage, Pic: args})
}

func (c *chat) file(ctx context.Context, args string) error {
	return c.say(ctx, sim.Content{ContentType: sim.TypeFile, FileName: args})
}

// link sends a card; the address is the last word, the title all before it.
func (c *chat) link(ctx context.Context, args string) error {
	i := strings.LastIndexFunc(args, unicode.IsSpace)
	if i < 0 {
		return c.bad("写法：/link 标题 网址", "write it so: /link TITLE URL")
	}
	title, address := strings.TrimSpace(args[:i]), strings.TrimSpace(args[i:])
	return c.say(ctx, sim.Content{ContentType: sim.TypeLink, Title: title, Link: address})
}

func (c *chat) mini(ctx context.Context, args string) error {
	title, text := cut(args)
	return c.say(ctx, sim.Content{ContentType: sim.TypeMiniProgram, Title: title, Content: text})
}

// say has the speaker send something where they are.
func (c *chat) say(ctx context.Context, content sim.Content) error {
	if err := c.speakable(); err != nil {
		return err
	}
	chat := c.where
	if chat == "" {
		chat = c.robot.Key
	}
	a := c.begin(fmt.Sprintf("[%s] %s%s%s", c.place(), c.who, c.talk.say("：", ": "), shown(content)))
	if _, err := c.sim.SayContent(chat, c.who, content); err != nil {
		return err
	}
	c.acted(ctx, a)
	return nil
}

// speakable says why the speaker cannot speak where they are.
func (c *chat) speakable() error {
	w := c.sim.World()
	p, err := w.Person(c.who)
	if err != nil {
		return err
	}
	if c.where == "" {
		if !p.Staff && !w.AreFriends(c.robot.Key, p.ID) {
			return c.bad("%[1]s 不是 %[2]s 的好友，不能私聊：/friend %[1]s 我是…", "%[1]s is no friend of %[2]s: /friend %[1]s I am …", c.who, c.robot.NickName)
		}
		return nil
	}
	g, err := w.Group(c.where)
	if err == nil && !isIn(&g, p.ID) {
		return c.bad("%[1]s 不在「%[2]s」里：/join %[1]s", "%[1]s is not in %[2]s: /join %[1]s", c.who, c.where)
	}
	return err
}

func isIn(g *sim.Group, id string) bool { return slices.Contains(g.Members, id) }

// begin prepares an act that a robot could answer where the speaker is.
func (c *chat) begin(line string) act {
	c.mu.Lock()
	a := act{line: visible(line), before: c.seen.news.count}
	c.mu.Unlock()
	robot, err := c.sim.World().Robot(c.robot.Key)
	switch g, errGroup := c.sim.World().Group(c.where); {
	case c.where != "" && errGroup == nil && !isIn(&g, c.robot.Wxid):
		a.deaf = diag.T("%s 不在这个群里，看不到", "%s is not in this group and sees nothing", c.robot.NickName)
	case err == nil && robot.Status != sim.StatusOnline:
		a.deaf = diag.T("%s 不在线，收不到（/online 上线）", "%s is not online and hears nothing (/online)", c.robot.NickName)
	}
	return a
}

func (c *chat) place() string {
	if c.where != "" {
		return c.where
	}
	return c.talk.say("私聊 ", "with ") + c.robot.NickName
}

func (c *chat) join(ctx context.Context, args string) error {
	if c.where == "" {
		return c.bad("现在是私聊：先 /in 群名", "this is a private chat: /in GROUP first")
	}
	names := strings.FieldsFunc(args, func(r rune) bool { return unicode.IsSpace(r) || r == '、' })
	for _, name := range names {
		if err := c.known(name, c.peopleNames()); err != nil {
			return err
		}
	}
	g, err := c.sim.World().Group(c.where)
	if err != nil {
		return err
	}
	news := slices.ContainsFunc(names, func(name string) bool {
		p, err := c.sim.World().Person(name)
		return err == nil && !isIn(&g, p.ID)
	})
	if !news {
		return c.bad("已经在「%s」里了", "already in %s", c.where)
	}
	a := c.begin(fmt.Sprintf(c.talk.say("[%s] 新成员：%s", "[%s] new members: %s"), c.where, strings.Join(names, "、")))
	if err := c.sim.Join(c.where, names...); err != nil {
		return err
	}
	c.acted(ctx, a)
	return nil
}

func (c *chat) leave(_ context.Context, args string) error {
	who := args
	if who == "" {
		who = c.who
	}
	if c.where == "" {
		return c.bad("现在是私聊：先 /in 群名", "this is a private chat: /in GROUP first")
	}
	if err := c.known(who, append(c.peopleNames(), c.robot.NickName)); err != nil {
		return err
	}
	if err := c.sim.Leave(c.where, who); err != nil {
		return err
	}
	c.talk.line("%s  ▶ %s", c.stamp(), fmt.Sprintf(c.talk.say("[%s] %s 离开了（平台不会通知）", "[%s] %s left (the platform tells nobody)"), c.where, who))
	return nil
}

func (c *chat) friend(ctx context.Context, args string) error {
	name, reason := cut(args)
	if err := c.known(name, c.peopleNames()); err != nil {
		return err
	}
	where := c.where
	c.where = "" // whether the robot is in the group does not matter
	a := c.begin(fmt.Sprintf(c.talk.say("%s 申请加好友：%s", "%s asks to be a friend: %s"), name, reason))
	c.where = where
	if _, err := c.sim.RequestFriend(c.robot.Key, name, reason); err != nil {
		return err
	}
	c.acted(ctx, a)
	return nil
}

func (c *chat) unfriend(_ context.Context, args string) error {
	if err := c.known(args, c.peopleNames()); err != nil {
		return err
	}
	if !c.sim.World().AreFriends(c.robot.Key, args) {
		return c.bad("%s 本来就不是 %s 的好友", "%s is no friend of %s", args, c.robot.NickName)
	}
	if err := c.sim.Unfriend(c.robot.Key, args, true); err != nil {
		return err
	}
	c.talk.line("%s  ▶ %s", c.stamp(), fmt.Sprintf(c.talk.say("%s 删除了 %s（平台不会通知）", "%s deleted %s (the platform tells nobody)"), args, c.robot.NickName))
	return nil
}

func (c *chat) hand(ctx context.Context, args string) error {
	chat := c.where
	if chat == "" {
		chat = c.who
	}
	a := c.begin(fmt.Sprintf(c.talk.say("[%s] %s（手动）：%s", "[%s] %s (by hand): %s"), c.place(), c.robot.NickName, args))
	if _, err := c.sim.SayByHand(c.robot.Key, chat, args); err != nil {
		return err
	}
	c.acted(ctx, a)
	return nil
}

func (c *chat) offline(context.Context, string) error {
	return c.status(sim.StatusOffline, "离线了", "is offline")
}

func (c *chat) online(context.Context, string) error {
	return c.status(sim.StatusOnline, "上线了", "is online")
}

func (c *chat) ban(context.Context, string) error {
	return c.status(sim.StatusBanned, "被封号了", "is banned")
}

func (c *chat) status(status sim.RobotStatus, zh, en string) error {
	robot, err := c.sim.World().Robot(c.robot.Key)
	if err != nil {
		return err
	}
	if robot.Status == status {
		return c.bad("%s 已经这样了", "%s is that already", c.robot.NickName)
	}
	c.mu.Lock()
	c.act = &act{line: c.robot.NickName + " " + c.talk.say(zh, en), before: c.seen.status.count, status: true}
	c.mu.Unlock()
	c.talk.line("%s  ▶ %s", c.stamp(), c.act.line)
	return c.sim.SetRobotStatus(c.robot.Key, status)
}
