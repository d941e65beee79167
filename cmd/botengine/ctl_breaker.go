package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

func (c *cli) ctlBreakerCmd(f *ctlFlags) *cobra.Command {
	list := func(cmd *cobra.Command, _ []string) error { return c.breakers(cmd, f, "breaker.list", nil) }
	cmd := &cobra.Command{
		Use:   "breaker",
		Short: c.say("断开的断路器和保险丝：为什么、到什么时候、怎么办", "breakers and fuses that are open: why, until when, and what to do"),
		Long: c.say(
			"平台提示风险、或消息连续送不到时，断路器断开：那个机器人（或会话）停发，排队的等着，到期限的作废；过一会儿放一条试探，成功就恢复，不成功就停得更久。\n对方像机器一样应答时，保险丝断开：那个人在那个会话里的话暂时不答。\n`close` 提前恢复。阈值在配置的 `fuses` 里。",
			"A breaker opens where the platform hints at risk, or messages in a row do not arrive: the robot (or the chat) stops sending, what is owed waits, and ends when its time is over. A while later one command is tried; its success ends the pause, else that becomes longer.\nA fuse opens where somebody answers like a machine: that person is not answered in that chat for a while.\n`close` ends it earlier. The thresholds are under `fuses` in the configuration."),
		Args: c.noSuchCommand,
		RunE: list,
	}
	cmd.AddCommand(&cobra.Command{Use: "list", Short: c.say("列出断开的", "lists those that are open"), Args: c.noArgs, RunE: list}, c.breakerCloseCmd(f))
	for _, sub := range cmd.Commands() {
		sub.SetFlagErrorFunc(c.flagError)
	}
	return cmd
}

func (c *cli) breakerCloseCmd(f *ctlFlags) *cobra.Command {
	var p app.BreakerParams
	cmd := &cobra.Command{
		Use:   "close --robot R [--chat C]",
		Short: c.say("提前恢复：排队的按平常的节奏发出去", "ends it earlier: what waits leaves at the usual pace"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.Robot == "" {
				return errors.New(c.say("要写 --robot：哪个机器人（robotKey 或名字）", "--robot is needed: whose breakers, by robotKey or name"))
			}
			return c.breakers(cmd, f, "breaker.close", p)
		},
	}
	cmd.Flags().StringVar(&p.Robot, "robot", "", c.say("哪个机器人：robotKey 或名字", "whose: a robotKey or a name"))
	cmd.Flags().StringVar(&p.Chat, "chat", "", c.say("只恢复这个会话：会话编号、群编号或对方的编号；不写就是这个机器人的全部", "only this chat: its id, the group's or the person's; else all of the robot"))
	return cmd
}

func (c *cli) breakers(cmd *cobra.Command, f *ctlFlags, verb string, params any) error {
	var r app.Breakers
	if err := c.call(cmd.Context(), f, verb, params, &r); err != nil {
		return err
	}
	if f.output == "json" {
		return c.writeJSON(r)
	}
	var b strings.Builder
	if params != nil {
		fmt.Fprintf(&b, c.say("已恢复 %d 个\n", "%d closed\n"), r.Closed)
	}
	b.WriteString(c.breakersText(r.Breakers))
	if b.Len() == 0 {
		b.WriteString(c.say("没有断开的断路器", "no breaker is open") + "\n")
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

// breakersText says what is open, and what to do, two lines each.
func (c *cli) breakersText(open []app.BreakerStatus) string {
	var b strings.Builder
	for i := range open {
		s := &open[i]
		what := fmt.Sprintf(c.say("断路　机器人 %s", "breaker robot %s"), s.Robot)
		if s.Chat != "" {
			what += fmt.Sprintf(c.say("，会话 %s", ", chat %s"), shown(s.Chat))
		}
		if s.Person != "" {
			what += fmt.Sprintf(c.say("：不答 %s", ": %s is not answered"), shown(s.Person))
		} else {
			what += fmt.Sprintf(c.say("停发，%d 条在等", " sends nothing, %d commands wait"), s.Waiting)
		}
		fmt.Fprintf(&b, c.say("%s；%s 起，到 %s", "%s; since %s, until %s"), what, s.Since.Local().Format(time.DateTime), s.Until.Local().Format(time.DateTime))
		fmt.Fprintf(&b, c.say("：%s", ": %s"), shown(c.say(s.WhyZH, s.Why)))
		if s.Code != "" {
			fmt.Fprintf(&b, c.say("（代码 %s）", " (code %s)"), shown(s.Code))
		}
		b.WriteString("\n" + c.say("　　　", "        ") + c.say(s.TodoZH, s.Todo) + "\n")
	}
	return b.String()
}
