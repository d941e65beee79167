package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/command"
	"botengine/internal/config"
	"botengine/internal/event"
	"botengine/internal/yjiyun/rest"
)

// sendFlags are a message and where it goes.
type sendFlags struct {
	platformFlags
	confirmFlags
	outputFlags
	chat, via                      string
	text, image, file, video, link string
	title, description, cover      string
	mentions                       []string
}

func (c *cli) sendCmd() *cobra.Command {
	var f sendFlags
	cmd := &cobra.Command{
		Use:   "send --chat CHAT (--text T | --image URL | --file URL | --video URL | --link URL --title T)",
		Short: c.say("以机器人的身份发一条消息", "send a message as a robot"),
		Args:  c.noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return c.send(cmd.Context(), f) },
	}
	f.platformFlags.add(c, cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.chat, "chat", "", c.say("发到哪里：chatId、群编号、userId、群名或客户名", "where to: a chatId, a group's id, a userId, or the name of a group or customer"))
	flags.StringVar(&f.text, "text", "", c.say("文本", "a text"))
	flags.StringArrayVar(&f.mentions, "at", nil, c.say("@ 谁（userId 或群里的名称，可以写多次）", "whom to mention (userId or name in the group, may be repeated)"))
	flags.StringVar(&f.image, "image", "", c.say("图片地址", "address of an image"))
	flags.StringVar(&f.file, "file", "", c.say("文件地址", "address of a file"))
	flags.StringVar(&f.video, "video", "", c.say("视频地址（mp4）", "address of a video (mp4)"))
	flags.StringVar(&f.link, "link", "", c.say("链接卡片的地址", "address of a link card"))
	flags.StringVar(&f.title, "title", "", c.say("链接卡片的标题", "title of a link card"))
	flags.StringVar(&f.description, "description", "", c.say("链接卡片的描述", "description of a link card"))
	flags.StringVar(&f.cover, "cover", "", c.say("链接卡片的图片地址（不能带 ?）", "address of a link card's picture (without a query)"))
	flags.StringVar(&f.via, "via", "auto", c.say("走哪条路：auto | bridge | socket", "by which road: auto | bridge | socket"))
	f.confirmFlags.add(c, cmd)
	f.addFormat(c, cmd)
	return cmd
}

func (c *cli) send(ctx context.Context, f sendFlags) error {
	message, err := c.messageOf(f)
	if err != nil {
		return err
	}
	p, robot, err := c.platformRobot(ctx, f.platformFlags, f.outputFlags)
	if err != nil {
		return err
	}
	chat, err := p.peer(ctx, robot, f.chat)
	if err != nil {
		return err
	}
	if err := p.mention(ctx, robot, chat, f.mentions, &message); err != nil {
		return err
	}
	if chat.isGroup() {
		if err := c.confirm(ctx, f.confirmFlags, fmt.Sprintf(c.say("以 %s 的身份发到群 %s", "send as %s to the group %s"), shown(robot.Name), chat)); err != nil {
			return err
		}
	}
	message.Robot, message.Chat = robot.Key, event.ChatID(robot.ID, chat.id)
	end, err := p.deliver(ctx, message, f.via)
	if err != nil {
		return err
	}
	return p.writeEnd(f.outputFlags, message, end)
}

// messageOf is the one message the flags give.
func (c *cli) messageOf(f sendFlags) (command.Command, error) {
	kinds := []struct{ flag, typ, field string }{
		{f.text, command.MessageText, "content"}, {f.image, command.MessageImage, "pic"}, {f.file, command.MessageFile, "fileName"},
		{f.video, command.MessageVideo, "fileName"}, {f.link, command.MessageLink, "link"},
	}
	cmd := command.Command{Lane: command.LaneChat, Class: command.Verifiable}
	fields := map[string]any{}
	for _, kind := range kinds {
		switch {
		case kind.flag == "":
			continue
		case cmd.Type != "":
			return cmd, errors.New(c.say("一次只能发一样：--text、--image、--file、--video、--link 只写一个", "one thing at a time: only one of --text, --image, --file, --video, --link"))
		}
		cmd.Type, fields[kind.field] = kind.typ, kind.flag
	}
	switch {
	case f.chat == "":
		return cmd, errors.New(c.say("发到哪里？请写 --chat", "where to? give --chat"))
	case cmd.Type == "":
		return cmd, errors.New(c.say("发什么？请写 --text、--image、--file、--video 或 --link", "what? give --text, --image, --file, --video or --link"))
	case f.via != "auto" && f.via != "bridge" && f.via != "socket":
		return cmd, errors.New(c.say("--via 只能是 auto、bridge 或 socket", "--via is auto, bridge or socket"))
	}
	if err := c.checkMessage(f, cmd.Type, fields); err != nil {
		return cmd, err
	}
	return cmd, setFields(&cmd, fields)
}

// checkMessage refuses what the platform would refuse, with what to do.
func (c *cli) checkMessage(f sendFlags, typ string, fields map[string]any) error {
	for _, address := range []string{f.image, f.file, f.video, f.link, f.cover} {
		if u, err := url.Parse(address); address != "" && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
			return errors.New(c.say(address+" 不是网址：平台自己去取，要写 https://…", address+" is not a web address: the platform fetches it itself, write https://…"))
		}
	}
	switch {
	case typ != command.MessageLink && f.title+f.description+f.cover != "":
		return errors.New(c.say("--title、--description、--cover 要和 --link 一起用", "--title, --description and --cover go with --link"))
	case typ == command.MessageLink && f.title == "":
		return errors.New(c.say("链接卡片要有 --title", "a link card needs --title"))
	case strings.ContainsAny(f.cover, "?#"):
		return errors.New(c.say("--cover 的地址不能带 ? 和 #：平台下载不了", "the address of --cover can't have ? and #: the platform can't fetch it"))
	case len(f.mentions) > 0 && typ != command.MessageText:
		return errors.New(c.say("--at 要和 --text 一起用", "--at goes with --text"))
	}
	if typ == command.MessageLink {
		fields["title"], fields["description"], fields["coverImgFile"] = f.title, f.description, f.cover
	}
	return nil
}

// mention adds those who are to be mentioned, by their ids.
func (p *access) mention(ctx context.Context, robot rest.Robot, chat peer, who []string, cmd *command.Command) error {
	if len(who) == 0 {
		return nil
	}
	if !chat.isGroup() {
		return errors.New(p.c.say("只有在群里才能 @", "only in a group somebody can be mentioned"))
	}
	ids := make([]string, len(who))
	for i, name := range who {
		if ids[i] = name; isDigits(name) {
			continue
		}
		q := rest.MembersQuery{RobotKey: robot.Key, GroupID: chat.id, Name: name}
		found, err := collect(p, p.client.Members(ctx, q), func(m rest.Member) (peer, bool) { return peer{m.UserID, m.Name}, m.Name == name })
		if err != nil {
			return err
		}
		if len(found) != 1 {
			return fmt.Errorf(p.c.say("群里叫 %s 的有 %d 位，请写 userId", "%[2]d in the group are called %[1]s, write the userId"), name, len(found))
		}
		ids[i] = found[0].id
	}
	return addField(cmd, "atUserList", strings.Join(ids, ","))
}

// deliver sends a message and gives its end.
func (p *access) deliver(ctx context.Context, cmd command.Command, via string) (event.CommandEnd, error) {
	if via == "auto" {
		via = "bridge"
		if p.account.Facts.BridgeMessages == config.False {
			via = "socket"
		}
	}
	if via == "bridge" {
		return p.bridge(ctx, cmd)
	}
	return p.overSocket(ctx, cmd)
}
