package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/rulebench"
)

// benchFlags say what is measured.
type benchFlags struct {
	rules           []string
	events, profile string
	duration        time.Duration
	output          string
}

func (c *cli) benchCmd() *cobra.Command {
	var f benchFlags
	cmd := &cobra.Command{
		Use:   "bench [PATH…]",
		Short: c.say("在这台机器上测你的规则：每秒多少事件，时间花在哪些规则上", "measure your rules on this machine: events per second, and which rules the time goes to"),
		Long: c.say(`从文字到决定，每个事件要多久：不联网，不发送，不写盘。Ctrl-C 会打印已经测到的结果。

--events 的每一行是一个事件，三种写法都行：
  平台推送的事件，和 explain --event 一样：它的 JSON 对象、["message", {…}] 或整个数据包
  botengine 自己的事件：{"kind":"message.text","robot":{"key":"…"},"chat":{…},"sender":{…},"message":{"text":"…"}}
空行跳过。不写 --events 就按规则造一批：十条里一条带有规则要找的词，其余是日常的话。`,
			`How long an event takes from its text to the decision: no network, nothing is sent or kept. Ctrl-C prints what was measured so far.

Each line of --events is an event, in one of three forms:
  as the platform sends it, like explain --event: its JSON object, ["message", {…}] or the whole packet
  as botengine has it: {"kind":"message.text","robot":{"key":"…"},"chat":{…},"sender":{…},"message":{"text":"…"}}
Empty lines are passed over. Without --events they are made from the rules: one in ten has words that a rule looks for, the others are everyday talk.`),
		RunE: func(cmd *cobra.Command, paths []string) error { return c.bench(cmd.Context(), f, paths) },
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&f.rules, "rules", nil, c.say("规则文件夹或文件，和直接写路径一样", "folder or file of rules, the same as a path"))
	flags.StringVar(&f.events, "events", "", c.say("录下的事件，一行一个（JSONL 文件，- 为标准输入）", "recorded events, one a line (JSONL file, - for standard input)"))
	flags.DurationVar(&f.duration, "duration", 3*time.Second, c.say("测多久；每个事件至少测一遍", "how long to measure; every event is taken once at least"))
	flags.StringVar(&f.profile, "profile", "", c.say("把 CPU 剖析写到这个文件（go tool pprof 能读）", "write a CPU profile to this file (for go tool pprof)"))
	flags.StringVarP(&f.output, "output", "o", "text", "text | json")
	return cmd
}

func (c *cli) bench(ctx context.Context, f benchFlags, paths []string) error {
	if f.output != "text" && f.output != "json" {
		return errors.New(c.say("-o 只能是 text 或 json", "-o is text or json"))
	}
	if f.duration <= 0 {
		return errors.New(c.say("--duration 要大于 0，例如 3s", "--duration has to be more than 0, such as 3s"))
	}
	set, err := c.benchRules(append(f.rules, paths...))
	if err != nil {
		return err
	}
	events, err := c.benchEvents(f.events, set)
	if err != nil {
		return err
	}
	stop, err := c.profiled(f.profile)
	if err != nil {
		return err
	}
	progress := c.progress()
	report := rulebench.Run(ctx, rulebench.Options{Set: set, Events: events, For: f.duration, Progress: func(took time.Duration, n int) {
		progress.Say(fmt.Sprintf(c.say("已测 %s，%d 个事件…", "%s, %d events…"), took.Round(time.Second/10), n))
	}})
	progress.End()
	if err := stop(); err != nil {
		return err
	}
	if f.output == "json" {
		return c.benchJSON(report, f.events == "")
	}
	return c.benchText(report, f.events == "")
}

// benchRules compiles the rules, of which one at least has to be on.
func (c *cli) benchRules(paths []string) (*rule.Set, error) {
	set, findings, err := c.compile(paths)
	if err != nil {
		return nil, err
	}
	if set == nil {
		if err := c.print(c.err, findings, "text"); err != nil {
			return nil, err
		}
		return nil, exitError(exitFindings)
	}
	for _, one := range set.Rules {
		if one.Enabled && one.Mode != rule.ModeOff {
			return set, nil
		}
	}
	return nil, errors.New(c.say("没有启用的规则：没有什么可测", "no rule is enabled: there is nothing to measure"))
}

// benchEvents are the recorded events, or some made from the rules.
func (c *cli) benchEvents(file string, set *rule.Set) ([]event.Event, error) {
	if file == "" {
		return rulebench.Generate(set, max(rulebench.Generated, 10*len(set.Rules)), time.Now()), nil
	}
	return c.recorded(file)
}

// profiled begins a profile; what it returns ends it.
func (c *cli) profiled(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	out, err := os.Create(filepath.Clean(file))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(out); err != nil {
		return nil, errors.Join(fmt.Errorf("profile: %w", err), out.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return out.Close()
	}, nil
}
