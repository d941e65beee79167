package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
)

func (c *cli) restoreCmd() *cobra.Command {
	var confirm confirmFlags
	var output string
	cmd := &cobra.Command{
		Use:   "restore FILE",
		Short: c.say("把备份放回去；引擎要先停下", "puts a backup back; the engine must be stopped"),
		Long: c.say(
			"用 FILE 的副本代替配置里的状态文件，先询问；原来的状态文件改名留在旁边。\n备份以后可能已经发过的，启动后先查历史，不会发第二次；查不到的成为死信（ctl dead），由人决定。备份以后的问题已经回答过的，也不会再回答。",
			"Puts a copy of FILE in the place of the state file of the configuration, after asking; the state that was there stays beside it under another name.\nWhat may have been sent since the backup is looked up in the history first and not sent twice; what cannot be looked up becomes a dead letter (ctl dead) for a person. Questions that were answered since the backup are not answered again."),
		Example: "  botengine restore backup.db --yes",
		Args:    c.oneArg("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if output != "text" && output != "json" {
				return errors.New(c.say("-o 只能是 text 或 json", "-o is text or json"))
			}
			cfg, _, err := config.Load(c.config, c.env)
			if err != nil {
				return err
			}
			if err := c.confirm(cmd.Context(), confirm, fmt.Sprintf(c.say("用 %s 代替 %s", "put %s in the place of %s"), args[0], cfg.State.Path)); err != nil {
				return err
			}
			done, err := app.Restore(cmd.Context(), args[0], cfg.State.Path, time.Now())
			if err != nil {
				return c.startError(err)
			}
			return c.restored(&done, output)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text | json")
	confirm.add(c, cmd)
	return cmd
}

func (c *cli) restored(r *app.Restored, output string) error {
	if output == "json" {
		return c.writeJSON(r)
	}
	fmt.Fprintf(c.out, c.say("已放回 %s；%d 条命令启动后先查再发\n", "%s is restored; %d commands are looked up first when the engine starts\n"), r.Path, r.Doubted)
	if r.Aside != "" {
		fmt.Fprintf(c.out, c.say("原来的状态文件在 %s\n", "the state that was there is at %s\n"), r.Aside)
	}
	return nil
}
