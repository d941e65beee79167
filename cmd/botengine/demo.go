package main

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"botengine"
	"botengine/internal/app"
)

func (c *cli) demoCmd() *cobra.Command {
	var rules string
	var once bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: c.say("演示：模拟平台 + 引擎 + 示例规则 + 一段对话", "the whole thing: simulated platform, engine, example rules, a conversation"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			folder, cleanup, err := demoRules(rules)
			if err != nil {
				return err
			}
			defer cleanup()
			err = app.Demo(cmd.Context(), app.DemoOptions{
				Rules: folder, In: c.in, Out: c.out, Lang: c.lang(), Color: c.colored(c.out), Once: once,
				Log: c.logger(slog.LevelWarn),
			})
			return c.startError(err)
		},
	}
	cmd.Flags().StringVar(&rules, "rules", "rules", c.say("规则文件夹；没有时用内置的示例规则", "folder with rules; without it the built-in examples"))
	cmd.Flags().BoolVar(&once, "once", false, c.say("对话结束就退出", "end when the conversation is over"))
	return cmd
}

// demoRules is the folder to take rules from: the one that is there, or a copy
// of the examples that the program carries.
func demoRules(folder string) (string, func(), error) {
	if _, err := os.Stat(folder); err == nil {
		return folder, func() {}, nil
	}
	dir, err := os.MkdirTemp("", "botengine-rules-")
	if err != nil {
		return "", nil, err
	}
	cleanup := func() { _ = os.RemoveAll(dir) } // a leftover in the temporary folder harms nobody
	examples, err := fs.Sub(botengine.Rules, "rules")
	if err == nil {
		err = os.CopyFS(filepath.Join(dir, "rules"), examples)
	}
	if err != nil {
		cleanup()
		return "", nil, err
	}
	return filepath.Join(dir, "rules"), cleanup, nil
}
