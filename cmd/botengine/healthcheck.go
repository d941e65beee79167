package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

func (c *cli) healthcheckCmd() *cobra.Command {
	f := &ctlFlags{}
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: c.say("引擎是否正常，给容器和监控用", "whether the engine is well, for containers and monitors"),
		Long: c.say(
			"问正在运行的引擎：它答复、每个账号都连着平台，就以 0 退出；否则说明原因，以 4 退出。",
			"Asks the running engine: exits with 0 if it answers and every account is connected to the platform; else says why not and exits with 4."),
		Args: c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var s app.Status
			if err := c.call(cmd.Context(), f, "status", nil, &s); err != nil {
				return err
			}
			return c.healthy(&s)
		},
	}
	cmd.Flags().StringVar(&f.socket, "socket", "", c.say("引擎的 botengine.sock；不写则在配置的状态文件旁边找", "the engine's botengine.sock; else beside the state file of the configuration"))
	f.output = "text"
	return cmd
}

// healthy says what is wrong with a running engine, and ends the program with the
// code for it.
func (c *cli) healthy(s *app.Status) error {
	var away []string
	for _, a := range s.Accounts {
		if !a.Connected {
			away = append(away, shown(a.Name))
		}
	}
	if len(away) > 0 {
		fmt.Fprintf(c.err, c.say("没有连接平台的账号：%s\n", "accounts that are not connected to the platform: %s\n"), strings.Join(away, c.say("、", ", ")))
		return exitError(exitUnreachable)
	}
	fmt.Fprintln(c.out, c.say("正常", "healthy"))
	return nil
}
