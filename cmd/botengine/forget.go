package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/state"
)

type forgetFlags struct {
	ctlFlags
	confirmFlags
}

func (c *cli) forgetCmd() *cobra.Command {
	f := &forgetFlags{}
	cmd := &cobra.Command{
		Use:   "forget USER_ID",
		Short: c.say("从事件记录里删去一个人", "take a person out of the journal of events"),
		Long: c.say(
			"把这个人说过的话、发生在他身上的事，从状态文件的事件记录里删去，先询问。引擎在运行时由它来删。\n队列里的命令、规则记下的数据（计数、标签）和已经导出的文件不在其内：队列里的保留 7 天，规则的按规则写的时间。",
			"Takes what this person wrote, and what happened to them, out of the journal in the state file, after asking. A running engine does it itself.\nCommands in the outbox, what rules remember (counters, values) and files that were exported are not touched: the outbox keeps its rows for 7 days, rules as long as they say."),
		Args: c.oneArg("USER_ID"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.forget(cmd.Context(), f, args[0]) },
	}
	cmd.Flags().StringVar(&f.socket, "socket", "", c.say("引擎的 botengine.sock；不写则在配置的状态文件旁边找", "the engine's botengine.sock; else beside the state file of the configuration"))
	cmd.Flags().StringVarP(&f.output, "output", "o", "text", "text | json")
	f.add(c, cmd)
	return cmd
}

func (c *cli) forget(ctx context.Context, f *forgetFlags, person string) error {
	if person == "" {
		return errors.New(c.say("要写这个人的 id", "say the id of the person"))
	}
	client, err := c.client(&f.ctlFlags)
	if err != nil {
		return err
	}
	if err := c.confirm(ctx, f.confirmFlags, fmt.Sprintf(c.say("从事件记录里删去 %s，删了找不回来", "take %s out of the journal, for good"), person)); err != nil {
		return err
	}
	var done app.Forgotten
	err = client.Call(ctx, "journal.forget", app.ForgetParams{Person: person}, &done)
	if _, away := errors.AsType[*ctl.UnreachableError](err); away && f.socket == "" {
		done, err = c.forgetStopped(ctx, person, err)
	}
	if err != nil {
		return c.engineError(err)
	}
	if f.output == "json" {
		return c.writeJSON(done)
	}
	_, err = fmt.Fprintf(c.out, c.say("删去了 %d 个事件\n", "%d events forgotten\n"), done.Records)
	return err
}

// forgetStopped works on the state file itself. An engine that runs, and does not
// answer, is told by away.
func (c *cli) forgetStopped(ctx context.Context, person string, away error) (app.Forgotten, error) {
	cfg, _, err := config.Load(c.config, c.env)
	if err != nil {
		return app.Forgotten{}, err
	}
	done, err := app.ForgetStopped(ctx, cfg.State.Path, person)
	if _, used := errors.AsType[*state.InUseError](err); used {
		return done, away
	}
	return done, err
}
