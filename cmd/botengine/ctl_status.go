package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

func (c *cli) ctlStatusCmd(f *ctlFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: c.say("引擎、规则、机器人和队列现在怎样", "how the engine, its rules, robots and queue are"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s app.Status
			if err := c.call(cmd.Context(), f, "status", nil, &s); err != nil {
				return err
			}
			if f.output == "json" {
				return c.writeJSON(s)
			}
			return c.statusText(s)
		},
	}
}

func (c *cli) statusText(s app.Status) error {
	var b strings.Builder
	line := func(zh, en string, args ...any) { fmt.Fprintf(&b, c.say(zh, en)+"\n", args...) }
	line("引擎　%s，已运行 %s（进程 %d）", "engine  %s, up %s (process %d)", s.Version, (time.Duration(s.Uptime) * time.Second).String(), s.PID)
	if s.DryRun {
		line("　　　--dry-run：只判断和记录，什么都不发送", "        --dry-run: decides and records, sends nothing")
	}
	b.WriteString(c.healthText(&s.Health))
	b.WriteString(c.pausesText(s.Paused))
	b.WriteString(c.breakersText(s.Breakers))
	line("规则　%d 条，版本 %s，%s 生效（启动以来第 %d 次）", "rules   %d, generation %s, live since %s (load %d since the start)",
		s.Rules.Count, s.Rules.Generation, s.Rules.LoadedAt.Local().Format(time.DateTime), s.Rules.Loads)
	if s.Rules.Refused != "" {
		line("　　　改过的规则有错，没有生效：运行 botengine ctl reload 看是什么", "        changed rules have errors and are not live: botengine ctl reload says which")
	}
	for _, one := range s.Rules.Aside {
		line("　　　规则 %s 内部连续出错，已隔离，%s 起：改好后保存，或 botengine ctl reload", "        rule %s panicked too often and is set aside since %s: save it mended, or botengine ctl reload", one.Rule, one.Since.Local().Format(time.DateTime))
	}
	line("队列　%d 条：%d 等待，%d 发送中，%d 结果不明", "queue   %d: %d waiting, %d being sent, %d in doubt", s.Queue.Depth, s.Queue.Pending, s.Queue.Sending, s.Queue.Ambiguous)
	line("事件　%d 个，其中重复 %d 个，交给规则决定 %d 个", "events  %d, %d of them duplicates, %d decided by rules", s.Events.Total, s.Events.Duplicates, s.Events.Decided)
	for _, l := range strings.SplitAfter(c.trialsText(s.Rollouts), "\n") {
		if l != "" {
			b.WriteString(c.say("试用　", "trial   ") + l)
		}
	}
	for _, a := range s.Accounts {
		line("账号　%s：%s", "account %s: %s", shown(a.Name), c.connection(a.Connected))
		for _, r := range a.Robots {
			line("　　　%s %s：%s，队列 %d 条", "        %s %s: %s, %d queued", r.Key, shown(r.Name), c.robotStatus(r.Status), r.Queue)
			if w := r.WarmUp; w != nil {
				line("　　　　　%s；老机器人写 limits.robots.%s.warm_up: off", "          %s; for an old robot: limits.robots.%s.warm_up: off", c.say(w.WhyZH, w.Why), r.Key)
			}
		}
		if len(a.Robots) == 0 {
			line("　　　没有机器人", "        no robots")
		}
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

// healthText says what is wrong, a line each.
func (c *cli) healthText(h *app.Health) string {
	wrong := h.Wrong()
	if len(wrong) == 0 {
		return fmt.Sprintf(c.say("健康　正常，%d 项都看过\n", "health  all %d conditions are well\n"), len(h.Conditions))
	}
	var b strings.Builder
	for i, w := range wrong {
		head := c.say("　　　", "        ")
		if i == 0 {
			head = c.say("健康　", "health  ")
		}
		b.WriteString(head + c.conditionText(&w) + "\n")
	}
	return b.String()
}

// conditionText says what is wrong, about whom and since when.
func (c *cli) conditionText(w *app.Condition) string {
	grade := c.say("不能工作", "broken")
	if w.Degraded {
		grade = c.say("有异常", "degraded")
	}
	name := w.Name
	if w.About != "" {
		name += " (" + w.About + ")"
	}
	return fmt.Sprintf(c.say("%s　%s：%s（%s 起）", "%s  %s: %s (since %s)"),
		grade, shown(name), shown(c.say(w.DetailZH, w.Detail)), w.Since.Local().Format(time.DateTime))
}

func (c *cli) connection(up bool) string {
	if up {
		return c.say("已连接平台", "connected to the platform")
	}
	return c.say("没有连接平台", "not connected to the platform")
}

// robotStatus says a robot's status in words.
func (c *cli) robotStatus(name string) string {
	words := map[string]string{
		"initial": c.say("初始", "initial"), "online": c.say("在线", "online"), "offline": c.say("离线", "offline"),
		"banned": c.say("被封", "banned"), "kicked": c.say("被踢下线", "kicked"), "unknown": c.say("未知", "unknown"),
	}
	return cmp.Or(words[name], name)
}
