package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/config"
	"botengine/internal/replay"
	"botengine/internal/rule"
	"botengine/internal/state"
	"botengine/internal/terminal"
)

// replayFlags say what is replayed.
type replayFlags struct {
	from, to         string
	rules            []string
	against          string
	changed          bool
	failOnDiff       bool
	state            string
	events, socket   string
	export           string
	redact, withText bool
	output           string
}

func (c *cli) replayCmd() *cobra.Command {
	var f replayFlags
	cmd := &cobra.Command{
		Use:   "replay (--from T | --events FILE)",
		Short: c.say("用记录下来的事件试规则：会回答什么，和另一套规则或当时的回答有什么不同；从不发送", "recorded events through rules: what they answer, and how that differs from other rules or from what was answered; never sends"),
		Long: c.say(`从状态文件（引擎在运行时通过它的 botengine.sock）读收到的事件，按当时的时间再走一遍规则：等待、延时、定时都照常发生，命令都算成功，什么都不发送。
过去从 --from 开始算：之前的冷却、计数不知道；要接着以前的，用 --state 给一份状态文件的拷贝。时钟停在最后一个事件。

--against 和另一套规则比，--changed 和当时真正的回答比（只比事件当时就决定的命令；以后才发的没有记录是谁引出的）。
先列不再回答的，再列回答不同的，最后列新回答的。比的是发给谁、发什么，不比什么时候发。Ctrl-C 会打印已经发现的。`,
			`Reads the events from the state file (or through its botengine.sock while the engine runs) and takes them through the rules at the time they came: waits, delays and schedules happen, every command ends well, nothing is sent.
The past begins at --from: cooldowns and counters from before are not known; to go on from them, give a copy of a state file with --state. The clock stops at the last event.

--against compares with other rules, --changed with what was really answered (by the commands decided with the event itself: of later ones it is not recorded which event led to them).
First comes what is no longer answered, then what is answered differently, then what is newly answered. Compared is what goes to whom, not when. Ctrl-C prints what was found so far.`),
		Args: c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.replay(cmd.Context(), &f) },
	}
	flags := cmd.Flags()
	flags.StringVar(&f.from, "from", "", c.say("从什么时候开始：2026-11-20、\"2026-11-20 15:04\"、RFC 3339 或多久以前（24h、7d）", "from when on: 2026-11-20, \"2026-11-20 15:04\", RFC 3339, or how long ago (24h, 7d)"))
	flags.StringVar(&f.to, "to", "", c.say("到什么时候为止，写法相同", "up to when, written the same"))
	flags.StringSliceVar(&f.rules, "rules", nil, c.say("规则文件夹或文件；不写则用配置里的", "folder or file of rules; else those of the configuration"))
	flags.StringVar(&f.against, "against", "", c.say("和这个文件夹里的规则比", "compare with the rules in this folder"))
	flags.BoolVar(&f.changed, "changed", false, c.say("和当时真正的回答比", "compare with what was really answered"))
	flags.BoolVar(&f.failOnDiff, "fail-on-diff", false, c.say("有不同就以 1 退出", "exit 1 if anything differs"))
	flags.StringVar(&f.state, "state", "empty", c.say("过去：empty，或一份状态文件的拷贝", "the past: empty, or a copy of a state file"))
	flags.StringVar(&f.events, "events", "", c.say("不读状态文件，读这个文件里的事件，一行一个（JSONL，- 为标准输入）", "read the events from this file instead, one a line (JSONL, - for standard input)"))
	flags.StringVar(&f.socket, "socket", "", c.say("引擎的 botengine.sock；不写则在配置的状态文件旁边找", "the engine's botengine.sock; else beside the state file of the configuration"))
	flags.StringVar(&f.export, "export", "", c.say("不回放，把事件写进这个文件（JSONL，- 为标准输出），bench --events 和 replay --events 能读", "do not replay: write the events to this file (JSONL, - for standard output), for bench --events and replay --events"))
	flags.BoolVar(&f.redact, "redact", false, c.say("导出时去掉文字、名字和头像，换掉人的 id", "leave texts, names and pictures out of an export, and replace the ids of people"))
	flags.BoolVar(&f.withText, "text", false, c.say("也打印别人写的话", "print what people wrote, too"))
	flags.StringVarP(&f.output, "output", "o", "text", "text | json")
	return cmd
}

func (c *cli) replay(ctx context.Context, f *replayFlags) error {
	from, to, err := c.replayPeriod(f)
	if err != nil {
		return err
	}
	src := &recordSource{c: c, f: f, from: from, to: to}
	if f.export != "" {
		return c.exportEvents(ctx, f, src)
	}
	o := replay.Options{Changed: f.changed, Text: f.withText, Takeover: rule.DefaultTakeover, Events: src.all(ctx)}
	if cfg, _, err := config.Load(c.config, c.env); err == nil {
		o.Takeover, o.Chats = cfg.Takeover, configuredChats(cfg.Notify)
	}
	if o.Set, err = c.rulesFor(f.rules); err != nil {
		return err
	}
	if f.against != "" {
		if o.Against, err = c.rulesFor([]string{f.against}); err != nil {
			return err
		}
	}
	progress := c.progress()
	o.Progress = func(done int, at time.Time) { progress.Say(c.howFarReplayed(done, from, to, at)) }
	var report replay.Report
	err = c.withPast(ctx, f.state, &o, func() error {
		report, err = replay.Run(ctx, o)
		return err
	})
	progress.End()
	if err != nil {
		return err
	}
	if err := c.replayReport(f, &report); err != nil {
		return err
	}
	if f.failOnDiff && len(report.Changes) > 0 {
		return exitError(exitFindings)
	}
	return nil
}

// replayPeriod reads when the events came, and refuses what does not go together.
func (c *cli) replayPeriod(f *replayFlags) (from, to time.Time, err error) {
	switch {
	case f.output != "text" && f.output != "json":
		err = errors.New(c.say("-o 只能是 text 或 json", "-o is text or json"))
	case f.from == "" && f.events == "":
		err = errors.New(c.say("请用 --from 说从什么时候开始，例如 --from 24h，或用 --events 给出事件", "say from when on with --from, such as --from 24h, or give events with --events"))
	case f.against != "" && f.changed:
		err = errors.New(c.say("--against 和 --changed 只能用一个", "--against and --changed exclude each other"))
	case f.failOnDiff && f.against == "" && !f.changed:
		err = errors.New(c.say("--fail-on-diff 要和 --against 或 --changed 一起用", "--fail-on-diff needs --against or --changed"))
	case f.redact && f.export == "":
		err = errors.New(c.say("--redact 要和 --export 一起用", "--redact needs --export"))
	case f.export != "" && (f.against != "" || f.changed):
		err = errors.New(c.say("--export 只写出事件，不比较", "--export writes the events, and compares nothing"))
	case f.state == "":
		err = errors.New(c.say("--state 写 empty 或一份状态文件的拷贝", "--state is empty or a copy of a state file"))
	}
	if err != nil {
		return from, to, err
	}
	if from, err = c.moment(f.from); err != nil {
		return from, to, err
	}
	if to, err = c.moment(f.to); err != nil {
		return from, to, err
	}
	if !to.IsZero() && to.Before(from) {
		return from, to, errors.New(c.say("--to 早于 --from", "--to is before --from"))
	}
	return from, to, nil
}

// rulesFor compiles rules; those with mistakes are shown as check shows them.
func (c *cli) rulesFor(paths []string) (*rule.Set, error) {
	set, findings, err := c.compile(paths)
	if err != nil || set != nil {
		return set, err
	}
	if err := c.print(c.err, findings, "text"); err != nil {
		return nil, err
	}
	return nil, exitError(exitFindings)
}

func (c *cli) howFarReplayed(done int, from, to, at time.Time) string {
	if to.IsZero() {
		to = time.Now()
	}
	bar := ""
	if !from.IsZero() {
		bar = terminal.Share(int(at.Sub(from).Seconds()), int(to.Sub(from).Seconds()), 24) + " "
	}
	return fmt.Sprintf(c.say("%s%d 个事件，到 %s", "%s%d events, at %s"), bar, done, at.Local().Format("01-02 15:04"))
}

// configuredChats are the chats that the configuration has names for.
type configuredChats map[string]config.StaffChat

// StaffChat implements actions.StaffChats.
func (s configuredChats) StaffChat(name string) (robot, chat string, ok bool) {
	one, ok := s[name]
	return one.Robot, one.Chat, ok
}

// withPast calls fn with the past that a replay begins with.
func (c *cli) withPast(ctx context.Context, file string, o *replay.Options, fn func() error) (err error) {
	if file == "empty" {
		return fn()
	}
	reader, err := state.OpenReader(file, state.Options{LockTimeout: lockFor})
	if used, ok := errors.AsType[*state.InUseError](err); ok {
		return fmt.Errorf(c.say("%s 正由引擎（进程 %d）使用：请给 --state 一份拷贝", "the engine (process %[2]d) uses %[1]s: give --state a copy"), used.Path, used.PID)
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, reader.Close()) }()
	return reader.View(ctx, func(tx state.Tx) error {
		o.Past, o.Runs = tx, waitingRuns(tx)
		return fn()
	})
}
