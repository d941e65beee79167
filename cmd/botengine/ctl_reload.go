package main

import (
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

func (c *cli) ctlReloadCmd(f *ctlFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "reload",
		Short: c.say("现在就重新读规则，并说出结果；有错时旧规则继续运行，以 1 退出", "read the rules again now and say what came of it; with errors the old ones keep running, exit 1"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var r app.Reload
			params := app.ReloadParams{Lang: c.lang(), Color: f.output == "text" && c.colored(c.out)}
			if err := c.call(cmd.Context(), f, "reload", params, &r); err != nil {
				return err
			}
			if err := c.reloadResult(f, r); err != nil {
				return err
			}
			if !r.Accepted {
				return exitError(exitFindings)
			}
			return nil
		},
	}
}

func (c *cli) reloadResult(f *ctlFlags, r app.Reload) error {
	if f.output == "json" {
		return c.writeJSON(r)
	}
	words := fmt.Sprintf(c.say("新规则已生效：%d 条，版本 %s", "the new rules are live: %d, generation %s"), r.Rules, r.Generation)
	switch {
	case !r.Accepted:
		words = fmt.Sprintf(c.say("没有采用：旧规则继续运行，%d 条，版本 %s", "not taken: the old rules keep running, %d, generation %s"), r.Rules, r.Generation)
	case !r.Changed:
		words = fmt.Sprintf(c.say("规则没有变：%d 条，版本 %s", "the rules are the same: %d, generation %s"), r.Rules, r.Generation)
	}
	_, err := io.WriteString(c.out, r.Report+words+"\n")
	return err
}
