package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

func (c *cli) ctlPauseCmd(f *ctlFlags) *cobra.Command {
	var p app.PauseParams
	cmd := &cobra.Command{
		Use:   "pause",
		Short: c.say("急停：立刻什么都不发，重启以后也不发，直到 resume", "the kill switch: nothing is sent any more, not after a restart either, until resume"),
		Long: c.say(
			"立刻停止发送：全部机器人，或 --robot 指定的一个。事件照常接收和判断，要发的在队列里等（等过了期限的作废）。\n够不着引擎时，在状态文件旁边放一个名叫 PAUSED 的文件也行：第一行写原因，删掉它就恢复。",
			"Stops sending at once: all robots, or the one that --robot names. Events are taken in and decided as before; what is owed waits (what waits beyond its time ends).\nWhere the engine cannot be reached, a file called PAUSED beside its state file does the same: its first line says why, and sending goes on when it is gone."),
		Args: c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.changePauses(cmd, f, "pause", p) },
	}
	cmd.Flags().StringVar(&p.Robot, "robot", "", c.say("只停这个机器人：robotKey 或名字", "only this robot: its robotKey or its name"))
	cmd.Flags().StringVar(&p.Reason, "reason", "", c.say("为什么，给别人看", "why, for others to read"))
	return cmd
}

func (c *cli) ctlResumeCmd(f *ctlFlags) *cobra.Command {
	var p app.PauseParams
	cmd := &cobra.Command{
		Use:   "resume",
		Short: c.say("结束 pause：按平常的节奏继续发", "ends a pause: sending goes on at the usual pace"),
		Long: c.say(
			"结束 `ctl pause`。不写 --robot 结束的是对全部机器人的暂停，单独暂停的机器人不受影响；文件 PAUSED 要自己删掉。",
			"Ends what `ctl pause` began. Without --robot it is the pause of all robots; one that was paused by itself stays so, and the file PAUSED is for you to remove."),
		Args: c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.changePauses(cmd, f, "resume", p) },
	}
	cmd.Flags().StringVar(&p.Robot, "robot", "", c.say("只恢复这个机器人：robotKey 或名字", "only this robot: its robotKey or its name"))
	return cmd
}

func (c *cli) changePauses(cmd *cobra.Command, f *ctlFlags, verb string, p app.PauseParams) error {
	var r app.Pauses
	if err := c.call(cmd.Context(), f, verb, p, &r); err != nil {
		return err
	}
	if f.output == "json" {
		return c.writeJSON(r)
	}
	text := c.pausesText(r.Paused)
	if text == "" {
		text = c.say("没有暂停", "nothing is paused") + "\n"
	}
	_, err := io.WriteString(c.out, text)
	return err
}

// pausesText says what is paused, one a line.
func (c *cli) pausesText(paused []app.Paused) string {
	var b strings.Builder
	for _, p := range paused {
		what := c.say("暂停　全部机器人都不发送", "paused  all robots: nothing is sent")
		if p.Robot != "" {
			what = fmt.Sprintf(c.say("暂停　机器人 %s 不发送", "paused  robot %s: it sends nothing"), p.Robot)
		}
		fmt.Fprintf(&b, c.say("%s，从 %s 起", "%s, since %s"), what, p.Since.Local().Format(time.DateTime))
		if p.Reason != "" {
			fmt.Fprintf(&b, c.say("：%s", ": %s"), shown(p.Reason))
		}
		if p.File != "" {
			fmt.Fprintf(&b, c.say("（删掉文件 %s 才恢复）", " (until the file %s is removed)"), p.File)
		}
		b.WriteString("\n")
	}
	return b.String()
}
