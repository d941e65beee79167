package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"botengine/internal/sim"
)

func (c *cli) simCmd() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "sim",
		Short: c.say("只运行模拟平台", "the simulated platform alone"),
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s := sim.New(sim.Options{Logger: c.logger(slog.LevelInfo, "text")})
			if err := s.Start(listen); err != nil {
				return err
			}
			fmt.Fprintf(c.out, c.say("模拟平台在 %s，accessKey %s，accessSecret %s。配置里写：\n", "simulated platform at %s, accessKey %s, accessSecret %s. In the configuration:\n"),
				s.URL(), sim.DefaultAccessKey, sim.DefaultAccessSecret)
			fmt.Fprintf(c.out, "accounts:\n  - {name: sim, rest_url: %[1]q, socket_url: \"%[1]s/imchat\", access_key: %[2]s, access_secret: %[3]s}\n",
				s.URL(), sim.DefaultAccessKey, sim.DefaultAccessSecret)
			return s.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8790", c.say("监听地址，只能是本机", "address to listen on, loopback only"))
	return cmd
}
