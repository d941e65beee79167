package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

// commandFlags are a command as a person writes it.
type commandFlags struct {
	platformFlags
	confirmFlags
	outputFlags
	fields []string
	json   string
	chat   string
}

func (c *cli) commandCmd() *cobra.Command {
	var f commandFlags
	cmd := &cobra.Command{
		Use:   "command TYPE [--field K=V]… [--json OBJECT]",
		Short: c.say("发任意一条平台命令并等它的结果", "send any command of the platform and wait for its result"),
		Long: c.say(
			"TYPE 是平台的命令类型（例如 robot.conv.admins），或 message.text、message.image 等（要写 --chat）。\n--field k=v 的值是文本，--field k:=v 的值是 JSON（数字、列表）。",
			"TYPE is a type of the platform (such as robot.conv.admins), or message.text, message.image and so on (with --chat).\nThe value of --field k=v is a text, that of --field k:=v is JSON (a number, a list)."),
		Args: c.oneArg("TYPE"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.command(cmd.Context(), f, args[0]) },
	}
	f.platformFlags.add(c, cmd)
	flags := cmd.Flags()
	flags.StringArrayVar(&f.fields, "field", nil, c.say("一个字段：k=文本 或 k:=JSON（可以写多次）", "a field: k=text or k:=JSON (may be repeated)"))
	flags.StringVar(&f.json, "json", "", c.say("所有字段，一个 JSON 对象", "all fields, a JSON object"))
	flags.StringVar(&f.chat, "chat", "", c.say("消息发到哪里（只用于 message.…）", "where a message goes (for message.… only)"))
	f.confirmFlags.add(c, cmd)
	f.addFormat(c, cmd)
	return cmd
}

func (c *cli) command(ctx context.Context, f commandFlags, typ string) error {
	cmd := command.Command{Type: typ, Lane: command.LaneAction, Class: command.Unverifiable}
	var err error
	if cmd.Fields, err = c.commandFields(f); err != nil {
		return err
	}
	isMessage := strings.HasPrefix(typ, "message.")
	switch {
	case cmd.IsRequest():
		return errors.New(c.say(typ+" 不是平台命令：请用 broadcast、group-settings copy、mark-read、contacts sync", typ+" is no command of the platform: use broadcast, group-settings copy, mark-read, contacts sync"))
	case isMessage != (f.chat != ""):
		return errors.New(c.say("message.… 要写 --chat，别的命令不要", "message.… needs --chat, no other command does"))
	}
	p, robot, err := c.platformRobot(ctx, f.platformFlags, f.outputFlags)
	if err != nil {
		return err
	}
	cmd.Robot = robot.Key
	if isMessage {
		cmd.Lane, cmd.Class = command.LaneChat, command.Verifiable
		if err := p.address(ctx, robot, f.chat, &cmd); err != nil {
			return err
		}
	}
	if yjiyun.Inferred(typ) && len(p.account.Commands) == 0 {
		c.talk(c.say("注意：平台文档丢了 %s 的写法，这是推测的；知道正确的写法时，写进配置的 commands\n", "note: the platform's document lost the form of %s, this one is inferred; correct it under commands in the configuration when it is known\n"), typ)
	}
	if err := c.confirm(ctx, f.confirmFlags, fmt.Sprintf(c.say("以 %s 的身份执行 %s", "carry out %[2]s as %[1]s"), shown(robot.Name), shown(typ))); err != nil {
		return err
	}
	end, err := p.bridge(ctx, cmd)
	if err != nil {
		return err
	}
	return p.writeEnd(f.outputFlags, cmd, end)
}

func (p *access) address(ctx context.Context, robot rest.Robot, chat string, cmd *command.Command) error {
	to, err := p.peer(ctx, robot, chat)
	cmd.Chat = event.ChatID(robot.ID, to.id)
	return err
}

// commandFields puts the fields together: those of --json, then each --field.
func (c *cli) commandFields(f commandFlags) (json.RawMessage, error) {
	fields := map[string]json.RawMessage{}
	if f.json != "" && json.Unmarshal([]byte(f.json), &fields) != nil {
		return nil, errors.New(c.say("--json 要是一个 JSON 对象", "--json has to be a JSON object"))
	}
	for _, text := range f.fields {
		name, value, found := strings.Cut(text, "=")
		name, isJSON := strings.CutSuffix(name, ":")
		if !found || name == "" {
			return nil, errors.New(c.say("--field "+text+"：写成 k=文本 或 k:=JSON", "--field "+text+": write k=text or k:=JSON"))
		}
		if !isJSON {
			quoted, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			fields[name] = quoted
			continue
		}
		if !json.Valid([]byte(value)) {
			return nil, errors.New(c.say("--field "+text+"：:= 后面不是 JSON", "--field "+text+": what stands behind := is no JSON"))
		}
		fields[name] = json.RawMessage(value)
	}
	return json.Marshal(fields)
}
