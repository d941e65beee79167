package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/state"
)

type undoFlags struct {
	ctlFlags
	confirmFlags
	rule  string
	since string
}

func (c *cli) undoCmd() *cobra.Command {
	f := &undoFlags{}
	cmd := &cobra.Command{
		Use:   "undo --rule RULE --since TIME",
		Short: c.say("撤销一条规则做过的事：打过的标签去掉，改过的名改回去", "undo what a rule did: take off the tags it put on, give back names"),
		Long: c.say(
			"列出规则从某个时间起做过的事，以及哪些能用相反的命令撤销：标签、群名、备注。消息、踢人、邀请撤不回来。\n确认以后才执行；再执行一次，已经撤销的不会再做。原来就有的标签不会去掉。\n引擎在运行时由它发出；没有在运行时写进状态文件，启动后发出。",
			"Lists what a rule did since a time, and what the opposite command can undo: tags, names of groups, remarks. Messages, kicks and invitations cannot be taken back.\nIt asks before it does anything; done once more, it does nothing twice. Tags that were there before stay.\nA running engine sends the commands; else they are put into the state file and sent when it starts."),
		Example: "  botengine undo --rule refund --since 2h\n  botengine undo --rule refund --since 2026-03-02T10:00 --yes",
		Args:    c.noArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.undo(cmd.Context(), f) },
	}
	cmd.Flags().StringVar(&f.rule, "rule", "", c.say("规则的 id", "the rule's id"))
	cmd.Flags().StringVar(&f.since, "since", "", c.say("从什么时候起：30m、2h、3d 以前，或 2026-03-02T10:00", "since when: 30m, 2h, 3d ago, or 2026-03-02T10:00"))
	cmd.Flags().StringVar(&f.socket, "socket", "", c.say("引擎的 botengine.sock；不写则在配置的状态文件旁边找", "the engine's botengine.sock; else beside the state file of the configuration"))
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text | json")
	f.add(c, cmd)
	return cmd
}

func (c *cli) undo(ctx context.Context, f *undoFlags) error {
	if f.rule == "" || f.since == "" {
		return errors.New(c.say("要写 --rule 和 --since，例如 botengine undo --rule refund --since 2h", "--rule and --since are needed, such as botengine undo --rule refund --since 2h"))
	}
	since, err := parseSince(f.since, time.Now())
	if err != nil {
		return errors.New(c.say("--since 写成 30m、2h、3d，或 2026-03-02T10:00", "--since is 30m, 2h, 3d, or 2026-03-02T10:00"))
	}
	do, err := c.undoer(f)
	if err != nil {
		return err
	}
	p := app.UndoParams{Rule: f.rule, Since: since}
	list, err := do(ctx, p)
	if err != nil {
		return err
	}
	n := countUndo(list, app.UndoCan)
	if f.output == "text" || n == 0 {
		if err := c.undoResult(f, list); err != nil {
			return err
		}
	}
	if n == 0 {
		return nil
	}
	if err := c.confirm(ctx, f.confirmFlags, fmt.Sprintf(c.say("发出 %d 条命令，撤销规则 %s 做过的事", "send %d commands that undo what rule %s did"), n, f.rule)); err != nil {
		return err
	}
	p.Apply = true
	done, err := do(ctx, p)
	if err != nil {
		return err
	}
	if f.output == "json" {
		return c.writeJSON(done)
	}
	fmt.Fprintf(c.out, c.say("已交给引擎：%d 条命令\n", "handed to the engine: %d commands\n"), n)
	return nil
}

// undoer asks the running engine or, where none runs, works on its state.
func (c *cli) undoer(f *undoFlags) (func(context.Context, app.UndoParams) (app.Undo, error), error) {
	client, err := c.client(&f.ctlFlags)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, p app.UndoParams) (app.Undo, error) {
		var out app.Undo
		err := client.Call(ctx, "undo", p, &out)
		if _, away := errors.AsType[*ctl.UnreachableError](err); !away || f.socket != "" {
			return out, c.engineError(err)
		}
		cfg, _, loadErr := config.Load(c.config, c.env)
		if loadErr != nil {
			return out, loadErr
		}
		out, stopped := app.UndoStopped(ctx, cfg.State.Path, p)
		if _, used := errors.AsType[*state.InUseError](stopped); used {
			return out, c.engineError(err) // it runs, and does not answer
		}
		return out, stopped
	}, nil
}

// parseSince reads a span before now, or a time of this machine's clock.
func parseSince(text string, now time.Time) (time.Time, error) {
	if d, err := config.ParseDuration(text); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("no time")
}

func countUndo(u app.Undo, state string) (n int) {
	for i := range u.Items {
		if u.Items[i].State == state {
			n++
		}
	}
	return n
}

func (c *cli) undoResult(f *undoFlags, u app.Undo) error {
	if f.output == "json" {
		return c.writeJSON(u)
	}
	var b strings.Builder
	for i := range u.Items {
		it := &u.Items[i]
		at := c.say("还没发送", "not sent yet")
		if !it.At.IsZero() {
			at = it.At.Local().Format(time.DateTime)
		}
		fmt.Fprintf(&b, "%s  %s  %s", at, c.say(it.WhatZH, it.What), c.undoState(it.State))
		if it.Why != "" {
			b.WriteString(c.say("：", ": ") + c.say(it.WhyZH, it.Why))
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, c.say("规则 %s 从 %s 起做过 %d 件事，能撤销 %d 件\n", "rule %s did %[3]d things since %[2]s, %[4]d can be undone\n"),
		u.Rule, u.Since.Local().Format(time.DateTime), len(u.Items), countUndo(u, app.UndoCan))
	if len(u.Items) == 0 {
		b.WriteString(c.say("编号写对了吗？botengine check --print 列出全部规则的编号\n", "is the rule's id right? botengine check --print lists them all\n"))
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

func (c *cli) undoState(state string) string {
	switch state {
	case app.UndoCan:
		return c.say("[能撤销]", "[can be undone]")
	case app.UndoIssued:
		return c.say("[正在撤销]", "[is being undone]")
	case app.UndoDone:
		return c.say("[已撤销]", "[undone]")
	case app.UndoUnknown:
		return c.say("[不明]", "[in doubt]")
	case app.UndoWaits:
		return c.say("[等待中]", "[waits]")
	}
	return c.say("[撤不了]", "[cannot be undone]")
}
