package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"botengine/internal/app"
)

func (c *cli) ctlBackupCmd(f *ctlFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "backup FILE",
		Short: c.say("备份状态文件；引擎照常运行", "copies the state file; the engine goes on"),
		Long: c.say(
			"把此刻的状态完整地写进 FILE：权限 0600，写完才出现，不覆盖已有的文件。里面有聊天内容，请妥善保管。用 botengine restore 放回去。",
			"Writes the state as it is at this moment into FILE: mode 0600, there only when it is complete, never over a file that exists. It holds what people wrote: keep it safe. botengine restore puts it back."),
		Args: c.oneArg("FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := filepath.Abs(args[0])
			if err != nil {
				return err
			}
			var done app.Backup
			if err := c.call(cmd.Context(), f, "backup", app.BackupParams{Path: path}, &done); err != nil {
				return err
			}
			if f.output == "json" {
				return c.writeJSON(done)
			}
			_, err = fmt.Fprintf(c.out, c.say("已备份到 %s（%d 字节）\n", "copied to %s (%d bytes)\n"), done.Path, done.Bytes)
			return err
		},
	}
}

func (c *cli) ctlLogLevelCmd(f *ctlFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "log-level [debug|info|warn|error]",
		Short: c.say("看或改正在运行的引擎的日志级别，到它结束为止", "says or changes how much the running engine logs, until it ends"),
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var p app.LogLevelParams
			if len(args) == 1 {
				p.Level = args[0]
			}
			var l app.LogLevel
			if err := c.call(cmd.Context(), f, "log-level", p, &l); err != nil {
				return err
			}
			if f.output == "json" {
				return c.writeJSON(l)
			}
			_, err := fmt.Fprintln(c.out, l.Level)
			return err
		},
	}
}
