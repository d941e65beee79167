package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/diag"
	"botengine/internal/logs"
	"botengine/internal/metrics"
	"botengine/internal/rule"
)

func (c *cli) runCmd() *cobra.Command {
	var dryRun bool
	var onInvalid string
	cmd := &cobra.Command{
		Use:   "run",
		Short: c.say("运行引擎", "the engine"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c.unblock()
			if onInvalid != "last-good" && onInvalid != "exit" {
				return errors.New(c.say("--on-invalid 只能是 last-good 或 exit", "--on-invalid is last-good or exit"))
			}
			cfg, err := c.loadConfig(diag.Warning)
			if err != nil {
				return err
			}
			lowest := new(slog.LevelVar)
			lowest.Set(c.lowest(level(cfg.Log.Level)))
			log := c.engineLog(lowest, &cfg)
			engine, err := app.New(cmd.Context(), app.Options{
				Config: cfg, Log: log, Dropped: c.unblocked.Dropped, Level: lowest, Lang: c.lang(), Version: version(), Shadow: dryRun, ExitOnBad: onInvalid == "exit",
				CheckState: checkInChild(), Supervisor: c.supervisor(),
			})
			if err == nil {
				err = engine.Run(cmd.Context())
			}
			return c.startError(err)
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, c.say("只判断和记录，什么都不发送", "decide and record, send nothing"))
	cmd.Flags().StringVar(&onInvalid, "on-invalid", "last-good", c.say("启动时规则有错：用上一份正确的，或退出：last-good | exit", "rules with errors at start: last-good | exit"))
	return cmd
}

// supervisor is the systemd that started this program, if one did.
func (c *cli) supervisor() (s app.Supervisor) {
	s.Socket, _ = c.env("NOTIFY_SOCKET")
	text, _ := c.env("WATCHDOG_USEC")
	if usec, err := strconv.ParseInt(text, 10, 64); err == nil && usec > 0 && usec < math.MaxInt64/1000 {
		s.Watchdog = time.Duration(usec) * time.Microsecond
	}
	return s
}

// loadConfig reads the configuration; what is wrong with it is printed, all that is
// as bad as least or worse.
func (c *cli) loadConfig(least diag.Severity) (config.Config, error) {
	cfg, findings, err := config.Load(c.config, c.env)
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		return cfg, errors.New(missing.Text().In(c.lang()))
	}
	if err != nil {
		return cfg, err
	}
	if _, set := c.env("BOTENGINE_LANG"); c.langFlag == "" && !set {
		c.langFlag = string(cfg.Lang)
	}
	if findings.HasErrors() || least != diag.Error && len(findings) > 0 {
		if err := diag.Print(c.err, findings, sources, diag.Options{Lang: c.lang(), Format: diag.FormatText, Color: c.colored(c.err)}); err != nil {
			return cfg, err
		}
	}
	if findings.HasErrors() {
		return cfg, exitError(exitFindings)
	}
	return cfg, nil
}

// startError says why the engine did not start, in words and with what to do.
func (c *cli) startError(err error) error {
	if bad, ok := errors.AsType[*app.FindingsError](err); ok {
		if err := diag.Print(c.err, bad.Findings, textOf(bad.Sources), diag.Options{Lang: c.lang(), Format: diag.FormatText, Color: c.colored(c.err)}); err != nil {
			return err
		}
		return exitError(exitFindings)
	}
	if said := c.stateError(err); said != nil {
		return said
	}
	if used, ok := errors.AsType[*ctl.InUseError](err); ok {
		return fmt.Errorf(c.say(
			"另一个引擎正在 %s 上应答：两个引擎的状态文件不能放在同一个文件夹，请给其中一个换 state.path",
			"another engine answers at %s: two engines can't keep their state files in one folder, set another state.path for one of them"), used.Path)
	}
	if no, ok := errors.AsType[*metrics.ListenError](err); ok {
		return c.metricsError(no)
	}
	return err
}

// metricsError says why metrics.listen cannot be had, and what to do.
func (c *cli) metricsError(e *metrics.ListenError) error {
	switch {
	case errors.Is(e, syscall.EADDRINUSE):
		return fmt.Errorf(c.say(
			"metrics.listen：%s 已经有程序在监听（也许是另一个引擎）：停掉它，或在配置里换一个端口",
			"metrics.listen: something listens on %s already (another engine, perhaps): stop it, or set another port in the configuration"), e.Address)
	case errors.Is(e, syscall.EACCES):
		return fmt.Errorf(c.say(
			"metrics.listen：没有权限监听 %s：换成 1024 以上的端口",
			"metrics.listen: there is no permission to listen on %s: set a port above 1024"), e.Address)
	default:
		return fmt.Errorf(c.say(
			"metrics.listen：不能监听 %s（%w）：核对是不是这台机器的地址，只给本机用请写 127.0.0.1:9464",
			"metrics.listen: %s can't be listened on (%w): see whether this machine has that address; for this machine alone write 127.0.0.1:9464"), e.Address, e.Err)
	}
}

func textOf(s rule.Sources) diag.Sources {
	return func(file string) ([]byte, bool) {
		for _, src := range s {
			if src.Path == file {
				return src.Text, true
			}
		}
		return nil, false
	}
}

// lowest is the level from which on is logged: the flags overrule the configuration.
func (c *cli) lowest(configured slog.Level) slog.Level {
	switch {
	case c.verbose:
		return slog.LevelDebug
	case c.quiet:
		return slog.LevelError
	default:
		return configured
	}
}

// logger is the log of the commands that people watch.
func (c *cli) logger(lowest slog.Level) *slog.Logger {
	return c.logTo(c.lowest(lowest), "text")
}

// logTo writes to the terminal's talk stream, without secrets.
func (c *cli) logTo(lowest slog.Leveler, format string) *slog.Logger {
	return slog.New(logs.Redact(handlerOf(c.err, lowest, c.jsonLog(format)), logs.Hash))
}

// jsonLog says whether the log is for collectors; auto is text on a terminal.
func (c *cli) jsonLog(format string) bool {
	return format == "json" || format == "auto" && !isTerminal(c.err)
}

// handlerOf writes text for people, JSON for collectors.
func handlerOf(w io.Writer, lowest slog.Leveler, asJSON bool) slog.Handler {
	o := &slog.HandlerOptions{Level: lowest}
	if asJSON {
		return slog.NewJSONHandler(w, o)
	}
	return slog.NewTextHandler(w, o)
}

// flushFor is how long the log may take to be written when the engine has ended.
const flushFor = time.Second

// unblock makes what the program says never wait for whoever reads it, and the end of
// that reader not the program's own. flush ends it.
func (c *cli) unblock() {
	signal.Ignore(syscall.SIGPIPE)
	c.unblocked = logs.NewWriter(c.err)
	c.err = c.unblocked
}

// flush waits a moment for what was said to be written.
func (c *cli) flush() {
	if c.unblocked != nil {
		_ = c.unblocked.Close(flushFor) // whoever does not read by then does without the end
	}
}

// engineLog is the log of a running engine: it hides the secrets of the configuration,
// and says when lines of it were dropped.
func (c *cli) engineLog(lowest slog.Leveler, cfg *config.Config) *slog.Logger {
	asJSON := c.jsonLog(cfg.Log.Format)
	c.unblocked.Tell(func(lines uint64) string {
		var b bytes.Buffer
		slog.New(handlerOf(&b, lowest, asJSON)).Warn("lines of the log were dropped: it is read too slowly", "lines", lines)
		return b.String()
	})
	return slog.New(logs.Redact(handlerOf(c.err, lowest, asJSON), logs.Mode(cfg.Log.Text), secretsOf(cfg)...))
}

// secretsOf are the secrets that a configuration has.
func secretsOf(cfg *config.Config) (out []string) {
	for _, a := range cfg.Accounts {
		out = append(out, a.AccessSecret.Reveal(), a.AccessKey.Reveal())
	}
	for _, s := range cfg.Call.Secrets {
		out = append(out, s.Reveal())
	}
	return out
}

func level(name string) slog.Level {
	var l slog.Level
	if err := l.UnmarshalText([]byte(name)); err != nil {
		return slog.LevelInfo // the configuration's check lets no other name through
	}
	return l
}

func isTerminal(w any) bool {
	if through, ok := w.(*logs.Writer); ok {
		w = through.To()
	}
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
