package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/config"
	"botengine/internal/ctl"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/state"
)

// explainFlags describe the event to explain.
type explainFlags struct {
	text, file, id, rule string
	from, chat           string
	private, mention     bool
	hasText, all, live   bool
	ctl                  ctlFlags
}

func (c *cli) explainCmd() *cobra.Command {
	var f explainFlags
	cmd := &cobra.Command{
		Use:   "explain (--text T | --event FILE | --id ID) [PATH…]",
		Short: c.say("为什么回答，或为什么不回答：每条规则的结果和原因", "why it would answer, or would not: the verdict on every rule"),
		Long: c.say(
			"一句话、一个事件，或最近几天收到的任何一个事件：每条规则走到了哪一步，条件的每一部分是什么值，会发出什么。\n什么都不会发送，也什么都不会改变。不加 --live 时没有历史状态：冷却、计数和状态都是空的。",
			"A text, an event, or any event of the last days: how far each rule came, what each part of its conditions was, what it would send.\nNothing is sent and nothing changes. Without --live there is no past: no cooldowns, counts or facts."),
		Example: "  botengine explain --text 怎么退款\n  botengine explain --id 202003241342304979 --rule refund\n  botengine explain --rule refund --live",
		RunE: func(cmd *cobra.Command, paths []string) error {
			f.hasText = cmd.Flags().Changed("text")
			return c.explain(cmd.Context(), f, paths)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.text, "text", "", c.say("一条文本消息", "a text message"))
	flags.StringVar(&f.file, "event", "", c.say("平台推送的事件（JSON 文件，- 为标准输入）", "an event as the platform sends it (JSON file, - for standard input)"))
	flags.StringVar(&f.id, "id", "", c.say("收到过的事件：消息的编号、日志或 ctl events 里的编号、引擎发出的命令的 messageId", "an event that came in: the message's id, the name in the log or in ctl events, or the messageId of a command it led to"))
	flags.StringVar(&f.rule, "rule", "", c.say("只看这一条规则", "this rule only"))
	flags.BoolVar(&f.all, "all", false, c.say("每条规则都列出来，不合并", "list every rule, sum nothing up"))
	flags.BoolVar(&f.live, "live", false, c.say("问正在运行的引擎：用它的规则和状态（只读）", "ask the running engine: by its rules and facts (it only reads)"))
	flags.StringVar(&f.ctl.socket, "socket", "", c.say("引擎的 botengine.sock（和 --live 一起用）", "the engine's botengine.sock (with --live)"))
	flags.StringVar(&f.from, "from", "张三", c.say("谁说的（和 --text 一起用）", "who says it (with --text)"))
	flags.StringVar(&f.chat, "chat", "产品体验群1", c.say("在哪个群（和 --text 一起用）", "in which group (with --text)"))
	flags.BoolVar(&f.private, "private", false, c.say("私聊（和 --text 一起用）", "in a private chat (with --text)"))
	flags.BoolVar(&f.mention, "mention", false, c.say("@ 了机器人（和 --text 一起用）", "mentions the robot (with --text)"))
	flags.StringVarP(&f.ctl.output, "output", "o", "text", "text | json")
	return cmd
}

func (c *cli) explain(ctx context.Context, f explainFlags, paths []string) error {
	if err := c.checkExplain(f, paths); err != nil {
		return err
	}
	answer, err := c.explanation(ctx, f, paths)
	if err != nil {
		return err
	}
	if f.ctl.output == "json" {
		return c.explainJSON(answer)
	}
	return c.explainText(f, answer)
}

// explanation explains here, or has the running engine do it.
func (c *cli) explanation(ctx context.Context, f explainFlags, paths []string) (answer app.Explained, err error) {
	if f.live {
		return c.explainLive(ctx, f)
	}
	var ev event.Event
	if f.id == "" {
		if ev, err = c.eventOf(f); err != nil {
			return answer, err
		}
	}
	set, err := c.soundRules(paths)
	if err != nil {
		return answer, err
	}
	if _, ok := set.Rule(f.rule); f.rule != "" && !ok {
		return answer, c.unknown(c.say("规则", "rule"), f.rule, ruleIDs(set))
	}
	return c.explainHere(ctx, f, set, ev)
}

// explainHere explains ev without any past, or with an id what the journal has of its event.
func (c *cli) explainHere(ctx context.Context, f explainFlags, set *rule.Set, ev event.Event) (answer app.Explained, err error) {
	answer.V = 1
	if f.id == "" {
		x := ruletest.Explain(set, ev, ev.Time, f.asking())
		answer.Event, answer.Explanation = &ev, &x
		return answer, nil
	}
	item, err := c.recordOf(ctx, f)
	if err != nil {
		return answer, err
	}
	answer.Recorded, answer.Event, answer.Duplicate, answer.First = &item, &item.Event, true, item.At
	if ev := app.Rehearsed(&item, item.At); ev != nil {
		ev.Time = item.Event.Time
		x := ruletest.Explain(set, *ev, item.At, f.asking())
		answer.Explanation = &x
	}
	return answer, nil
}

func (f *explainFlags) asking() ruletest.Asking { return ruletest.Asking{Rule: f.rule, All: f.all} }

// explainLive asks the running engine.
func (c *cli) explainLive(ctx context.Context, f explainFlags) (answer app.Explained, err error) {
	params := app.ExplainParams{ID: f.id, Asking: f.asking()}
	if f.hasText || f.file != "" {
		ev, err := c.eventOf(f)
		if err != nil {
			return answer, err
		}
		params.Event = &ev
	}
	client, err := c.client(&f.ctl)
	if err != nil {
		return answer, err
	}
	err = client.Call(ctx, "explain", params, &answer)
	if no, ok := errors.AsType[*ctl.Error](err); ok && no.Code == app.CodeNoRecord {
		return answer, c.noRecord(f.id)
	}
	return answer, c.engineError(err)
}

// soundRules compiles the rules; what is wrong with them is printed.
func (c *cli) soundRules(paths []string) (*rule.Set, error) {
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
	return set, nil
}

// recordOf is what the journal has of an event: read from the state file or, when an
// engine has that, from the engine.
func (c *cli) recordOf(ctx context.Context, f explainFlags) (item app.JournalItem, err error) {
	cfg, _, err := config.Load(c.config, c.env) // what is wrong with the rest of it does not matter here
	if missing, ok := errors.AsType[*config.MissingError](err); ok {
		return item, errors.New(missing.Text().In(c.lang()))
	}
	if err != nil {
		return item, err
	}
	params := app.JournalParams{ID: f.id, Newest: true, Limit: 1, Entries: true}
	var page app.JournalPage
	reader, err := state.OpenReader(cfg.State.Path, state.Options{LockTimeout: 50 * time.Millisecond})
	if _, running := errors.AsType[*state.InUseError](err); running {
		client := ctl.NewClient(ctl.SocketOf(cfg.State.Path))
		err = c.engineError(client.Call(ctx, "journal.get", params, &page))
	} else if err == nil {
		err = reader.View(ctx, func(tx state.Tx) error { page = app.ReadJournal(tx, params); return nil })
		err = errors.Join(err, reader.Close())
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return item, fmt.Errorf(c.say("还没有状态文件 %s：引擎没有在这里运行过，没有收到过事件", "there is no state file %s yet: no engine has run here, and no event came in"), cfg.State.Path)
	case err != nil:
		return item, err
	case len(page.Records) == 0:
		return item, c.noRecord(f.id)
	}
	return page.Records[0], nil
}

// noRecord says that an event is not there, and how long they are kept.
func (c *cli) noRecord(id string) error {
	keep := c.say("state.journal.keep 说的那么久", "as long as state.journal.keep says")
	if cfg, _, err := config.Load(c.config, c.env); err == nil {
		if cfg.State.Journal.Text == "" {
			return fmt.Errorf(c.say("没有 %s 的记录：配置里 state.journal 是 off，收到的事件都不保留", "there is no record of %s: state.journal of the configuration is off, no events are kept"), id)
		}
		days := int(cfg.State.Journal.Keep.Hours()) / 24
		keep = fmt.Sprintf(c.say("%d 天（state.journal.keep）", "%d days (state.journal.keep)"), days)
	}
	return fmt.Errorf(c.say(
		"没有 %s 的记录：收到的事件保留 %s；最近的编号见 botengine ctl events",
		"there is no record of %s: events are kept for %s; botengine ctl events shows the latest ids"), id, keep)
}

// checkExplain refuses what cannot be meant.
func (c *cli) checkExplain(f explainFlags, paths []string) error {
	asked := 0
	for _, given := range []bool{f.hasText, f.file != "", f.id != ""} {
		if given {
			asked++
		}
	}
	switch {
	case f.ctl.output != "text" && f.ctl.output != "json":
		return errors.New(c.say("-o 只能是 text 或 json", "-o is text or json"))
	case f.live && len(paths) > 0:
		return errors.New(c.say("--live 用引擎正在运行的规则，不能再写规则路径", "--live goes by the rules that the engine runs: give no paths"))
	case !f.live && f.ctl.socket != "":
		return errors.New(c.say("--socket 要和 --live 一起用", "--socket goes with --live"))
	case f.rule != "" && f.all:
		return errors.New(c.say("--rule 和 --all 不能一起用", "--rule and --all don't go together"))
	case asked > 1:
		return errors.New(c.say("--text、--event 和 --id 只能给一个", "give one of --text, --event and --id, not several"))
	case f.hasText && strings.TrimSpace(f.text) == "":
		return errors.New(c.say("--text 是空的：写上要解释的那句话", "--text is empty: write the text to explain"))
	case f.hasText && strings.ContainsAny(f.text, "“”") && len(paths) > 0 && !exists(paths[0]):
		return errors.New(c.say(`引号是中文的，命令行不认识：要用英文引号，例如 --text "怎么 退款"`, `these are not the quotes of a shell: write --text "how much" with plain ones`))
	case asked == 0 && (!f.live || f.rule == ""):
		return c.nothingToExplain(f, paths)
	}
	if f.hasText && strings.HasPrefix(f.text, "“") && strings.HasSuffix(f.text, "”") {
		fmt.Fprintln(c.err, c.say("注意：中文引号“”算作消息的一部分；不要它们时用英文引号", "note: the quotes “” are taken for a part of the message; write plain ones to leave them out"))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// nothingToExplain says what is missing; words where the rules' files stand were
// probably meant as the text.
func (c *cli) nothingToExplain(f explainFlags, paths []string) error {
	if !f.hasText && len(paths) > 0 && !exists(paths[0]) {
		return fmt.Errorf(c.say("要解释一句话，写成 botengine explain --text %q", "to explain a text, write botengine explain --text %q"), paths[0])
	}
	return errors.New(c.say("请给出 --text、--event 或 --id 之一", "give one of --text, --event and --id"))
}

func ruleIDs(set *rule.Set) (ids []string) {
	for _, one := range set.Rules {
		ids = append(ids, one.ID)
	}
	return ids
}
