package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/state"
)

func (c *cli) ctlDeadCmd(f *ctlFlags) *cobra.Command {
	var p app.DeadParams
	list := func(cmd *cobra.Command, _ []string) error { return c.deadList(cmd, f, p) }
	cmd := &cobra.Command{
		Use:   "dead",
		Short: c.say("死信：没做成、或不知道做成没有的命令", "dead letters: commands that failed, or of which nobody knows whether they happened"),
		Long: c.say(
			"列出没做成的命令（failed）和不知道做成没有的命令（unknown），新的在前，连同原因。\n`show ID` 说明一条；`retry ID --mode same|new` 再发一次；`discard ID` 不再管它。做过什么都有记录。死信保留 7 天。",
			"Lists the commands that failed and those of which nobody knows whether they happened (unknown), the newest first, with the cause.\n`show ID` says all of one; `retry ID --mode same|new` sends it again; `discard ID` settles it. Whatever is done is recorded. Dead letters are kept for 7 days."),
		Example: "  botengine ctl dead\n  botengine ctl dead show 20260302100000000123456789012345\n  botengine ctl dead retry 20260302100000000123456789012345 --mode same",
		Args:    c.noSuchCommand,
		RunE:    list,
	}
	cmd.PersistentFlags().BoolVar(&p.All, "all", false, c.say("也列出过期的、故意没发的和处理过的", "also those that expired, were held back on purpose or are handled"))
	cmd.PersistentFlags().IntVar(&p.Limit, "limit", 200, c.say("最多列几条", "the most that are listed"))
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: c.say("列出死信", "lists the dead letters"), Args: c.noArgs, RunE: list},
		&cobra.Command{
			Use: "show ID", Short: c.say("一条死信的全部，包括内容", "all of a dead letter, its content too"), Args: c.oneArg("ID"),
			RunE: func(cmd *cobra.Command, args []string) error { return c.deadShow(cmd, f, args[0]) },
		},
		c.deadRetryCmd(f), c.deadDiscardCmd(f),
	)
	for _, sub := range cmd.Commands() {
		sub.SetFlagErrorFunc(c.flagError)
	}
	return cmd
}

func (c *cli) deadList(cmd *cobra.Command, f *ctlFlags, p app.DeadParams) error {
	var dead app.DeadLetters
	if err := c.call(cmd.Context(), f, "dead.list", p, &dead); err != nil {
		return err
	}
	if f.output == "json" {
		return c.writeJSON(dead)
	}
	if dead.Total == 0 {
		fmt.Fprintln(c.out, c.say("没有死信", "there are no dead letters"))
		return nil
	}
	var b strings.Builder
	for i := range dead.Items {
		d := &dead.Items[i]
		fmt.Fprintf(&b, "%s  %s  %s  %s  %s  %s%s\n", d.MessageID, d.At.Local().Format(time.DateTime), c.deadState(d.State), shown(d.Type),
			c.say("规则 ", "rule ")+cmp.Or(d.Rule, "-"), c.deadCause(d), c.deadHandled(d))
	}
	if more := dead.Total - len(dead.Items); more > 0 {
		fmt.Fprintf(&b, c.say("还有 %d 条：--limit 列出更多\n", "and %d more: --limit lists them\n"), more)
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

func (c *cli) deadShow(cmd *cobra.Command, f *ctlFlags, id string) error {
	d, err := c.dead(cmd, f, id)
	if err != nil {
		return err
	}
	if f.output == "json" {
		return c.writeJSON(d)
	}
	var b strings.Builder
	line := func(zh, en string, args ...any) { fmt.Fprintf(&b, c.say(zh, en)+"\n", args...) }
	line("命令　%s：%s，%s%s", "command  %s: %s, %s%s", d.MessageID, shown(d.Type), c.deadState(d.State), c.deadHandled(d))
	line("原因　%s", "cause    %s", c.deadCause(d))
	line("来自　规则 %s，步骤 %s", "from     rule %s, step %s", cmp.Or(d.Rule, "-"), cmp.Or(d.Step, "-"))
	line("对象　机器人 %s，会话 %s", "to       robot %s, chat %s", shown(cmp.Or(d.RobotName, d.Robot)), shown(cmp.Or(d.Chat, "-")))
	line("经过　%s 结束，发过 %d 次，人工再发 %d 次", "history  ended %s, sent %d times, sent again by a person %d times", d.At.Local().Format(time.DateTime), d.Attempt, d.Revived)
	line("内容　%s", "content  %s", shown(string(d.Fields)))
	if d.Handled == nil {
		line("怎么办　botengine ctl dead retry %[1]s --mode same|new，或 botengine ctl dead discard %[1]s", "next     botengine ctl dead retry %[1]s --mode same|new, or botengine ctl dead discard %[1]s", d.MessageID)
		line("　　　same：%s", "         same: %s", c.retryRisk(d, app.RetrySame))
		line("　　　new：%s", "         new: %s", c.retryRisk(d, app.RetryNew))
	}
	_, err = io.WriteString(c.out, b.String())
	return err
}

func (c *cli) deadRetryCmd(f *ctlFlags) *cobra.Command {
	var confirm confirmFlags
	var mode string
	cmd := &cobra.Command{
		Use:   "retry ID --mode same|new",
		Short: c.say("再发一次", "sends it again"),
		Long: c.say(
			"same：用原来的编号。消息先查历史，已经发出的不会再发；没发出的才发。\nnew：当作新的命令发。如果原来那条其实做成了，就会做两次。",
			"same: under its own id. A message is looked up in the history first, and sent only if it is not there.\nnew: as another command. If the first one happened after all, it happens twice."),
		Args: c.oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if mode != app.RetrySame && mode != app.RetryNew {
				return errors.New(c.say("要写 --mode same（原来的编号，先查）或 --mode new（新的命令，可能做两次）", "--mode same (its own id, looked up first) or --mode new (another command, may happen twice) is needed"))
			}
			d, err := c.dead(cmd, f, args[0])
			if err != nil {
				return err
			}
			if err := c.confirm(cmd.Context(), confirm, fmt.Sprintf(c.say("再发 %s（%s）", "send %s again (%s)"), d.MessageID, c.retryRisk(d, mode))); err != nil {
				return err
			}
			return c.deadDo(cmd, f, "dead.retry", app.DeadOneParams{ID: args[0], Mode: mode})
		},
	}
	cmd.Flags().StringVar(&mode, "mode", "", "same | new")
	confirm.add(c, cmd)
	return cmd
}

func (c *cli) deadDiscardCmd(f *ctlFlags) *cobra.Command {
	var confirm confirmFlags
	cmd := &cobra.Command{
		Use:   "discard ID",
		Short: c.say("不再管它", "settles it: nothing more is to come of it"),
		Args:  c.oneArg("ID"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := c.confirm(cmd.Context(), confirm, fmt.Sprintf(c.say("不再管死信 %s", "settle the dead letter %s for good"), args[0])); err != nil {
				return err
			}
			return c.deadDo(cmd, f, "dead.discard", app.DeadOneParams{ID: args[0]})
		},
	}
	confirm.add(c, cmd)
	return cmd
}

func (c *cli) dead(cmd *cobra.Command, f *ctlFlags, id string) (*app.DeadLetter, error) {
	var d app.DeadLetter
	err := c.call(cmd.Context(), f, "dead.show", app.DeadOneParams{ID: id}, &d)
	return &d, err
}

func (c *cli) deadDo(cmd *cobra.Command, f *ctlFlags, verb string, p app.DeadOneParams) error {
	var done app.DeadDone
	if err := c.call(cmd.Context(), f, verb, p, &done); err != nil {
		return err
	}
	switch {
	case f.output == "json":
		return c.writeJSON(done)
	case done.Did == state.HandledDiscarded:
		fmt.Fprintf(c.out, c.say("%s 已处理：不再管它\n", "%s is settled\n"), done.MessageID)
	case done.Asked:
		fmt.Fprintf(c.out, c.say("%s 先查历史，没发出过才发\n", "%s is looked up in the history and sent if it is not there\n"), done.As)
	default:
		fmt.Fprintf(c.out, c.say("已排队，编号 %s\n", "queued as %s\n"), done.As)
	}
	return nil
}

// retryRisk says what sending a letter again may lead to.
func (c *cli) retryRisk(d *app.DeadLetter, mode string) string {
	switch {
	case d.State != string(state.Unknown):
		return c.say("它没有做成，再发不会重复", "it did not happen: nothing is repeated")
	case mode == app.RetryNew:
		return c.say("如果它其实做成了，就会做两次", "if it happened after all, it happens twice")
	case d.Class == "V":
		return c.say("先查历史，已经发出的不会再发", "the history is asked first, and nothing that is there is sent again")
	default:
		return c.say("查不到做成没有；平台认编号就不会重复，不认就会做两次", "whether it happened cannot be asked; it happens twice if the platform does not go by the id")
	}
}

func (c *cli) deadState(name string) string {
	switch state.EntryState(name) {
	case state.Unknown:
		return c.say("[不明]", "[unknown]")
	case state.Expired:
		return c.say("[过期]", "[expired]")
	default:
		return c.say("[失败]", "[failed]")
	}
}

func (c *cli) deadCause(d *app.DeadLetter) string {
	return shown(strings.TrimSuffix(d.Code+" "+d.Msg, " "))
}

func (c *cli) deadHandled(d *app.DeadLetter) string {
	if d.Handled == nil {
		return ""
	}
	at := d.Handled.At.Local().Format(time.DateTime)
	if d.Handled.Did == state.HandledDiscarded {
		return fmt.Sprintf(c.say("（%s 有人说不再管它）", " (settled by a person %s)"), at)
	}
	return fmt.Sprintf(c.say("（%s 有人作为 %s 再发）", " (sent again by a person %s as %s)"), at, d.Handled.As)
}
