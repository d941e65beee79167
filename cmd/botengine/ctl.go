package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"github.com/spf13/cobra"

	"botengine/internal/config"
	"botengine/internal/ctl"
)

// ctlFlags are what every verb of ctl has.
type ctlFlags struct {
	socket string
	output string
}

// ctlCmd is the family of commands to a running engine.
func (c *cli) ctlCmd() *cobra.Command {
	f := &ctlFlags{}
	cmd := &cobra.Command{
		Use:   "ctl",
		Short: c.say("控制正在运行的引擎", "a running engine, over its socket"),
		Long: c.say(
			"通过状态文件旁边的 botengine.sock 和正在运行的引擎说话；只有运行引擎的用户能用。\n引擎没有在运行时以 4 退出。",
			"Talks to the running engine through botengine.sock beside its state file; only the user who runs it may.\nExits with 4 when no engine runs."),
		Args: c.noSuchCommand,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.PersistentFlags().StringVar(&f.socket, "socket", "", c.say("引擎的 botengine.sock；不写则在配置的状态文件旁边找", "the engine's botengine.sock; else beside the state file of the configuration"))
	cmd.PersistentFlags().StringVarP(&f.output, "output", "o", "text", "text | json")
	cmd.AddCommand(c.ctlStatusCmd(f), c.ctlReloadCmd(f), c.ctlRolloutCmd(f), c.ctlPauseCmd(f), c.ctlResumeCmd(f), c.ctlBreakerCmd(f), c.ctlEventsCmd(f), c.ctlQueueCmd(f), c.ctlDeadCmd(f), c.ctlBackupCmd(f), c.ctlLogLevelCmd(f))
	for _, sub := range cmd.Commands() {
		sub.SetFlagErrorFunc(c.flagError)
	}
	return cmd
}

// client finds the engine: by --socket, else beside the state file that the
// configuration names. What else is wrong with the configuration does not matter
// here: the engine runs with what it was when it started.
func (c *cli) client(f *ctlFlags) (*ctl.Client, error) {
	if f.output != "text" && f.output != "json" {
		return nil, errors.New(c.say("-o 只能是 text 或 json", "-o is text or json"))
	}
	if f.socket != "" {
		return ctl.NewClient(f.socket), nil
	}
	cfg, _, err := config.Load(c.config, c.env)
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		return nil, fmt.Errorf(c.say(
			"没有配置文件 %s，不知道引擎的状态文件在哪里：用 --config 指定，或用 --socket 指定它的 botengine.sock",
			"there is no configuration file %s to say where the engine's state file is: name one with --config, or its botengine.sock with --socket"), missing.Path)
	}
	if err != nil {
		return nil, err
	}
	return ctl.NewClient(ctl.SocketOf(cfg.State.Path)), nil
}

// call asks the running engine.
func (c *cli) call(ctx context.Context, f *ctlFlags, verb string, params, out any) error {
	client, err := c.client(f)
	if err != nil {
		return err
	}
	return c.engineError(client.Call(ctx, verb, params, out))
}

// engineError says what an engine that does not answer, or says no, means, and ends
// the program with the code for it.
func (c *cli) engineError(err error) error {
	if away, ok := errors.AsType[*ctl.UnreachableError](err); ok {
		fmt.Fprintln(c.err, c.say("错误：", "error: ")+c.away(away))
		return exitError(exitUnreachable)
	}
	if no, ok := errors.AsType[*ctl.Error](err); ok {
		return errors.New(c.say(no.ZH, no.EN))
	}
	return err
}

// away says why no engine answers, and what to do.
func (c *cli) away(e *ctl.UnreachableError) string {
	path := e.Path
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	switch {
	case errors.Is(e.Err, fs.ErrPermission):
		return fmt.Sprintf(c.say(
			"没有权限使用 %s：它属于运行引擎的用户，请用那个用户（或 sudo）再试",
			"there is no permission for %s: it belongs to the user who runs the engine, try as that user (or with sudo)"), path)
	case errors.Is(e.Err, fs.ErrNotExist):
		return fmt.Sprintf(c.say(
			"没有引擎在运行：没有 %s。先启动 botengine run；引擎用的是别的配置时，用 --config 或 --socket 指定",
			"no engine runs: there is no %s. Start botengine run; if the engine has another configuration, name it with --config, or its socket with --socket"), path)
	default:
		return fmt.Sprintf(c.say(
			"没有引擎在 %s 上应答：它已经退出了，或正在退出。用 botengine run 启动",
			"no engine answers at %s: it has ended, or is about to. Start it with botengine run"), path)
	}
}

// writeJSON writes a result for scripts.
func (c *cli) writeJSON(value any) error {
	enc := json.NewEncoder(c.out)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(value)
}
