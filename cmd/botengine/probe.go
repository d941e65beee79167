package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/terminal"
)

// probeFlags say where the questions may be asked.
type probeFlags struct {
	platformFlags
	confirmFlags
	outputFlags
	chat    string
	wait    time.Duration
	noWrite bool
}

func (c *cli) probeCmd() *cobra.Command {
	var f probeFlags
	cmd := &cobra.Command{
		Use:   "probe --chat CHAT",
		Short: c.say("向测试账号问清平台文档没说的事，写进配置的 facts", "ask a test account what the platform's document does not say, and write it into the configuration as facts"),
		Long: c.say(
			"在指定的会话里写几条测试消息，看平台怎么做：messageId 去不去重、历史里的编号、两个连接、bridge 收不收消息、历史能回溯多久。\n请用测试账号和测试会话。",
			"Writes a few test messages into the chat and looks at what the platform does: whether it dedupes on messageId, the ids in its history, two sockets, whether the bridge takes messages, how far back the history goes.\nUse a test account and a test chat."),
		Args: c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.probe(cmd.Context(), f) },
	}
	f.platformFlags.add(c, cmd)
	flags := cmd.Flags()
	flags.StringVar(&f.chat, "chat", "", c.say("测试消息写在哪里：chatId、群编号、userId、群名或客户名", "where test messages are written: a chatId, a group's id, a userId, or the name of a group or customer"))
	flags.DurationVar(&f.wait, "wait", 20*time.Second, c.say("每个回音最多等多久", "how long to wait for each echo"))
	flags.BoolVar(&f.noWrite, "no-write", false, c.say("只显示答案，不写配置", "show the answers only, don't write the configuration"))
	f.confirmFlags.add(c, cmd)
	f.addFormat(c, cmd)
	return cmd
}

// probeQuestion is one thing the platform's document does not say.
type probeQuestion struct {
	fact string // its name in the configuration
	text diag.Text
	ask  func(*prober, context.Context) (probeAnswer, error)
}

// probeQuestions are asked in this order: the later ones rely on what the
// earlier ones sent.
var probeQuestions = []probeQuestion{
	{"same_token", diag.T("重新登录，token 不变吗", "does signing in again give the same token"), (*prober).sameToken},
	{"own_history_id", diag.T("自己发的消息，历史里还是原来的 messageId 吗", "does the history name an own message by the id it was sent with"), (*prober).ownHistoryID},
	{"dedupes", diag.T("同一个 messageId 发两次，只出现一条吗", "is a message sent twice under one messageId seen once"), (*prober).dedupes},
	{"two_sockets", diag.T("同一个 token 开两个连接，都收得到事件吗", "do two sockets on one token both get the events"), (*prober).twoSockets},
	{"bridge_messages", diag.T("bridge（§2.8）收消息吗", "does the bridge (§2.8) take messages"), (*prober).bridgeMessages},
	{"other_history_id", diag.T("别人的消息，历史和实时的 messageId 一样吗", "are the ids of others' messages the same in the history and live"), (*prober).otherHistoryID},
	{"history_days", diag.T("历史能回溯多久", "how far back does the history go"), (*prober).historyDays},
	{"history_count", diag.T("一次最多给多少条历史", "how many messages does one question of the history give"), (*prober).historyCount},
}

// probeAnswer is what was found out about one question.
type probeAnswer struct {
	truth    config.Truth // of a question with yes and no
	number   int          // of the others; 0 = not known
	words    string       // the answer to people, where it is more than yes or no
	evidence string
	learn    func(*config.Facts) // nil: nothing was learnt
}

// answered is a question with its answer.
type answeredQuestion struct {
	probeQuestion
	probeAnswer
}

func (c *cli) probe(ctx context.Context, f probeFlags) error {
	if f.chat == "" {
		return errors.New(c.say("测试消息写在哪里？请写 --chat", "where may test messages be written? give --chat"))
	}
	p, robot, err := c.platformRobot(ctx, f.platformFlags, f.outputFlags)
	if err != nil {
		return err
	}
	chat, err := p.peer(ctx, robot, f.chat)
	if err != nil {
		return err
	}
	what := fmt.Sprintf(c.say("以 %s 的身份在会话 %s 里写最多 5 条测试消息，并再登录一次、再开一个连接", "write up to 5 test messages as %s into the chat %s, sign in once more and open a second connection"), shown(robot.Name), chat)
	if err := c.confirm(ctx, f.confirmFlags, what); err != nil {
		return err
	}
	b := &prober{p: p, robot: robot, chat: chat, wait: f.wait}
	var all []answeredQuestion
	if err := p.withSession(ctx, func(s *session) error {
		b.first = s
		all = b.askAll(ctx)
		return nil
	}); err != nil {
		return err
	}
	list := terminal.List[answeredQuestion]{Name: "answers", Columns: c.probeColumns(), Rows: all, Complete: ctx.Err() == nil}
	if err := list.Write(c.out, c.style(f.outputFlags, "")); err != nil {
		return err
	}
	if ctx.Err() != nil {
		return errors.New(c.say("已中断，配置没有改", "interrupted, the configuration is as it was"))
	}
	return p.keepFacts(all, f.noWrite)
}

// askAll asks one question after the other, until the end or an interruption. A
// question that failed is one nobody knows the answer to.
func (b *prober) askAll(ctx context.Context) (all []answeredQuestion) {
	c := b.p.c
	for i, q := range probeQuestions {
		if ctx.Err() != nil {
			break
		}
		c.talk("%d/%d %s…\n", i+1, len(probeQuestions), q.text.In(c.lang()))
		answer, err := q.ask(b, ctx)
		if err != nil {
			answer = probeAnswer{evidence: b.p.explain(err).Error()}
		}
		all = append(all, answeredQuestion{q, answer})
	}
	return all
}

func (c *cli) probeColumns() []terminal.Column[answeredQuestion] {
	type column = terminal.Column[answeredQuestion]
	return []column{
		{Key: "fact", Value: func(a answeredQuestion) any { return a.fact }},
		{Key: "question", Title: c.say("问题", "question"), Value: func(a answeredQuestion) any { return a.text.In(c.lang()) }},
		{Key: "answer", Title: c.say("答案", "answer"), Value: func(a answeredQuestion) any {
			return terminal.Named{Value: a.value(), Name: c.answerWords(a.probeAnswer)}
		}},
		{Key: "evidence", Title: c.say("依据", "evidence"), Value: func(a answeredQuestion) any { return a.evidence }},
	}
}

// value is the answer as the configuration writes it.
func (a *probeAnswer) value() string {
	switch {
	case a.number > 0:
		return strconv.Itoa(a.number)
	case a.truth != config.Unknown:
		return string(a.truth)
	default:
		return "unknown"
	}
}

func (c *cli) answerWords(a probeAnswer) string {
	switch {
	case a.words != "":
		return a.words
	case a.truth == config.True:
		return c.say("是", "yes")
	case a.truth == config.False:
		return c.say("否", "no")
	default:
		return c.say("不知道", "not known")
	}
}

// keepFacts writes what was learnt into the configuration; what was known before
// and not learnt again stays.
func (p *access) keepFacts(all []answeredQuestion, noWrite bool) error {
	facts := p.account.Facts
	facts.ProbedAt = time.Now()
	for _, a := range all {
		if a.learn != nil {
			a.learn(&facts)
		}
	}
	if noWrite {
		return nil
	}
	if err := config.WriteFacts(p.c.config, p.c.env, p.account.Name, facts); err != nil {
		return fmt.Errorf(p.c.say("没能写进 %s（%w）。请自己把这些写到账号 %s 下面：\n%s", "nothing could be written into %s (%w). Put this under the account %s yourself:\n%s"),
			p.c.config, err, p.account.Name, config.FactsYAML(facts, ""))
	}
	p.c.talk(p.c.say("已写进 %s 的 facts\n", "written into %s as facts\n"), p.c.config)
	return nil
}

// talk says something that is no result.
func (c *cli) talk(format string, args ...any) {
	if !c.quiet {
		fmt.Fprintf(c.err, format, args...)
	}
}
