package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// DemoOptions say how the demo runs.
type DemoOptions struct {
	Rules string    // folder with the rules
	In    io.Reader // lines that a person then says in the group; nil: none
	Out   io.Writer
	Lang  diag.Lang
	Color bool
	Once  bool // end when the conversation is over
	Log   *slog.Logger
}

const (
	demoGroup  = "产品体验群1"
	demoPerson = "张三"
	demoPause  = 700 * time.Millisecond // without anything happening, before the next step
	demoLong   = 13 * time.Second       // and no longer than this
)

// demo is one run of the demo: a simulated platform, an engine, a conversation.
type demo struct {
	o    DemoOptions
	sim  *sim.Server
	talk *talker
	last atomic.Int64 // unix milliseconds of the newest thing that happened
	done atomic.Int64 // answers so far: messages that came back, commands that ended
}

// Demo shows the whole thing with nothing else: it serves the simulated
// platform, runs the engine on it with the given rules, plays a conversation and
// prints what came in, what the robot answered and why. It returns when ctx ends,
// or with Once when the conversation is over.
func Demo(ctx context.Context, o DemoOptions) error {
	dir, err := os.MkdirTemp("", "botengine-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder harms nobody
	d := &demo{o: o, talk: &talker{out: o.Out, lang: o.Lang, pen: pen{o.Color}}}
	d.sim = sim.New(sim.Options{Latency: sim.Range{Min: 80 * time.Millisecond, Max: 250 * time.Millisecond}, Seed: 1})
	if err := d.sim.Start("127.0.0.1:0"); err != nil {
		return fmt.Errorf("start the simulated platform: %w", err)
	}
	engine, err := New(ctx, Options{
		Config: simConfig(d.sim, "demo", o.Rules, filepath.Join(dir, "demo.db")), Log: o.Log, Lang: o.Lang, OnReport: d.report, OnSwap: d.swapped,
		OnFindings: d.talk.findings,
	})
	if err != nil {
		return err
	}
	return together(ctx, d.sim, engine, nil, d.play)
}

// simConfig is the configuration of an engine on the simulated platform.
func simConfig(s *sim.Server, name, rules, path string) config.Config {
	cfg := config.Default()
	account := config.DefaultAccount()
	account.Name = name
	account.RestURL, account.SocketURL = s.URL(), s.URL()+"/imchat"
	account.AccessKey, account.AccessSecret = config.NewSecret(sim.DefaultAccessKey), config.NewSecret(sim.DefaultAccessSecret)
	cfg.Accounts = []config.Account{account}
	cfg.Rules = []string{rules}
	cfg.State = config.State{Path: path, Journal: cfg.State.Journal}         // it is thrown away afterwards
	cfg.Limits.Robot.PerMinute.All, cfg.Limits.Chat.PerMinute.All = 240, 240 // a demo has no time, and nobody to be banned by
	cfg.Limits.Ceiling, cfg.Limits.WarmUp = config.Ceiling{}, config.WarmUp{}
	cfg.Fuses.PingPong = config.PingPong{} // people in a script answer like machines
	cfg.Limits.Jitter = config.Span{Min: 200 * time.Millisecond, Max: 500 * time.Millisecond}
	return cfg
}

// step is one turn of the conversation.
type step struct {
	title   diag.Text
	answers int64 // how many the example rules give; other rules may give others
	do      func(*sim.Server) error
}

func conversation() []step {
	say := func(who, text string) func(*sim.Server) error {
		return func(s *sim.Server) error { _, err := s.Say(demoGroup, who, text); return err }
	}
	return []step{
		{diag.T("群里有人问退款", "somebody asks for a refund in the group"), 3, say(demoPerson, "你好，怎么退款呀？")},
		{diag.T("换个写法再问：全角、空格、零宽字符", "asked again, written to get around keywords"), 2, say("李四", "退 \u200b款　在 哪 里")},
		{diag.T("同一个问题又来一次：冷却中，不重复回答", "the same once more: on cooldown, not answered twice"), 0, say(demoPerson, "退款！退款！")},
		{diag.T("新成员一个接一个进群：合成一条欢迎", "new members join one after the other: one welcome for all"), 1, func(s *sim.Server) error {
			return errors.Join(s.Join(demoGroup, "王五"), s.Join(demoGroup, "陈晨"))
		}},
		{diag.T("有人申请加好友", "somebody asks to be a friend"), 3, func(s *sim.Server) error {
			_, err := s.RequestFriend("小助手", "陈晨", "我是陈晨，想了解产品 🙂")
			return err
		}},
		{diag.T("闲聊：没有规则要回答", "small talk: no rule answers"), 0, say("李四", "今天天气不错")},
	}
}

func (d *demo) play(ctx context.Context) error {
	d.talk.line(d.talk.say("规则：%s　模拟平台：%s　（不连接任何外部服务）", "rules: %s  simulated platform: %s  (nothing outside is contacted)"), d.o.Rules, d.sim.URL())
	if err := d.sim.WaitConnections(ctx, func(n int) bool { return n > 0 }); err != nil {
		return err
	}
	for i, s := range conversation() {
		d.talk.line("\n%s", d.talk.pen.bold(fmt.Sprintf("── %d. %s", i+1, s.title.In(d.o.Lang))))
		d.happened()
		enough := d.done.Load() + s.answers
		if err := s.do(d.sim); err != nil {
			return fmt.Errorf("conversation, turn %d: %w", i+1, err)
		}
		if !d.calm(ctx, enough) {
			return ctx.Err()
		}
	}
	if d.o.Once {
		return nil
	}
	d.talk.line("\n"+d.talk.say(
		"演示完毕，引擎继续运行。改一改 %s 里的规则并保存，再输入一句话回车：%s会在「%s」里说出来。Ctrl-C 结束。",
		"That was the conversation; the engine stays up. Edit a rule in %s, save it, type a line and press Enter: %s says it in %s. Ctrl-C ends."),
		d.o.Rules, demoPerson, demoGroup)
	return d.listen(ctx)
}

// listen says in the group what is typed, until ctx ends.
func (d *demo) listen(ctx context.Context) error {
	if d.o.In != nil {
		go d.readLines(ctx) // reading a terminal can't be interrupted: this ends with the process
	}
	<-ctx.Done()
	return ctx.Err()
}

func (d *demo) readLines(ctx context.Context) {
	lines := bufio.NewScanner(d.o.In)
	for lines.Scan() && ctx.Err() == nil {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		if _, err := d.sim.Say(demoGroup, demoPerson, text); err != nil {
			d.talk.line("%v", err)
		}
	}
}

func (d *demo) report(r intake.Report) {
	d.happened()
	if r.Settled != nil {
		d.done.Add(1)
	}
	d.talk.report(r)
}

func (d *demo) swapped(set *rule.Set) {
	d.talk.line(d.talk.pen.dim(d.talk.say("规则已生效：%d 条", "rules are live: %d")), len(set.Rules))
}

func (d *demo) happened() { d.last.Store(time.Now().UnixMilli()) }

// calm waits until the answers are there and nothing has happened for a while,
// but not for ever; false when ctx ended.
func (d *demo) calm(ctx context.Context, enough int64) bool {
	for end := time.Now().Add(demoLong); time.Now().Before(end); {
		quiet := time.Since(time.UnixMilli(d.last.Load()))
		if quiet >= demoPause && d.done.Load() >= enough {
			return true
		}
		if !sleep(ctx, max(demoPause-quiet, 20*time.Millisecond)) {
			return false
		}
	}
	return ctx.Err() == nil
}
