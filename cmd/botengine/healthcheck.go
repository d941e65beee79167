package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

func (c *cli) healthcheckCmd() *cobra.Command {
	f := &ctlFlags{}
	cmd := &cobra.Command{
		Use:   "healthcheck",
		Short: c.say("引擎是否正常，给容器和监控用", "whether the engine is well, for containers and monitors"),
		Long: c.say(
			"问正在运行的引擎：它答复、每个账号都连着平台、状态文件写得进去，就以 0 退出；否则说明原因，以 4 退出。\n只是有异常（暂停、规则没有生效、机器人离线……）也列出来，但以 0 退出：重启它没有用。",
			"Asks the running engine: exits with 0 if it answers, every account is connected to the platform and the state file can be written; else says why not and exits with 4.\nWhat only is not as it should be (a pause, rules that are not live, a robot that is away, …) is listed, too, but exits with 0: a restart would not help."),
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
// code for it; what only is not as it should be does not.
func (c *cli) healthy(s *app.Status) error {
	if !s.Health.OK {
		for _, w := range s.Health.Wrong() {
			fmt.Fprintln(c.err, c.conditionText(&w))
		}
		return exitError(exitUnreachable)
	}
	fmt.Fprintln(c.out, c.say("正常", "healthy"))
	for _, w := range s.Health.Wrong() {
		fmt.Fprintln(c.out, c.conditionText(&w))
	}
	return nil
}
