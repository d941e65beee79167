package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
)

// seen is what the engine has told of.
type seen struct {
	set    *rule.Set
	news   newest // what people did
	status newest // how the robot is
	sent   []sent // the newest commands
}

// newest is the last event of a kind that rules could answer.
type newest struct {
	count int            // events so far
	last  *intake.Report // nil: none
	by    *rule.Set      // the rules it was decided by
}

func (s *seen) newest(status bool) *newest {
	if status {
		return &s.status
	}
	return &s.news
}

// sent is a command and how it ended.
type sent struct {
	command command.Command
	ended   bool
	code    string
	msg     string
}

const sentKept = 200

// open are the messageIds of the commands that have not ended.
func (s *seen) open() map[string]bool {
	open := map[string]bool{}
	for i := range s.sent {
		if !s.sent[i].ended {
			open[s.sent[i].command.MessageID] = true
		}
	}
	return open
}

// told says whether an event is a robot's own doing coming back well.
func told(ev *event.Event) bool {
	return ev.IsEcho() && ev.Kind != event.MessagePhone || ev.Kind == event.Result && ev.Result.Code == event.CodeOK
}

// isNews says whether an event is one that people would ask about.
func isNews(r *intake.Report) bool {
	switch r.Event.Kind {
	case event.ChatUpdated, event.Result, event.Timer:
		return false
	default:
		return !r.Duplicate && !told(r.Event)
	}
}

// note keeps what /why will be asked.
func (c *chat) note(r intake.Report) {
	c.change(func() {
		s := &c.seen
		if isNews(&r) {
			n := s.newest(r.Event.Kind.IsRobotStatus())
			n.count++
			n.last, n.by = &r, s.set
		}
		if extra := len(s.sent) - sentKept; extra > 0 {
			s.sent = slices.Delete(s.sent, 0, extra)
		}
		for _, cmd := range r.Decision.Commands {
			s.sent = append(s.sent, sent{command: cmd})
		}
		if r.Settled != nil {
			s.end(r.Settled.Command.MessageID, r.Event)
		}
	})
}

func (s *seen) end(messageID string, by *event.Event) {
	for i := range s.sent {
		if it := &s.sent[i]; it.command.MessageID == messageID {
			it.ended, it.code, it.msg = true, event.CodeOK, ""
			if by.Kind == event.Result {
				it.code, it.msg = by.Result.Code, by.Result.Msg
			}
		}
	}
}

// why says why the last thing that was done was answered, or was not: the verdict
// on every rule.
func (c *chat) why(ctx context.Context, _ string) error {
	switch {
	case c.o.Rules == "":
		return c.bad("没有引擎，谁也不会回答：用 botengine sim --rules 规则文件夹 启动", "there is no engine to answer: start with botengine sim --rules FOLDER")
	case c.act == nil:
		return c.bad("还什么都没有发生", "nothing has happened yet")
	case c.act.deaf != (diag.Text{}):
		c.talk.line("%s", c.act.line)
		c.talk.line("  %s", c.act.deaf.In(c.o.Lang))
		return nil
	}
	if !c.heard(ctx) {
		c.talk.line("%s", c.act.line)
		c.talk.line("  %s", c.lost().In(c.o.Lang))
		return nil
	}
	c.await(ctx, c.patience(), func() bool { return len(c.seen.open()) == 0 })
	c.mu.Lock()
	n, all := *c.seen.newest(c.act.status), slices.Clone(c.seen.sent)
	c.mu.Unlock()
	c.talk.line("%s", c.talk.pen.bold(c.act.line))
	var others []string // what listens to other events need not be explained one by one
	x := explanation(n.by, n.last)
	for i := range x.Rules {
		if x.Rules[i].Outcome == rule.OtherTrigger {
			others = append(others, x.Rules[i].Rule)
			continue
		}
		c.verdict(&x.Rules[i], all)
	}
	if words := OthersWords(&x, c.o.Lang); words != "" {
		c.talk.line("  %s %s", c.talk.pen.dim("·"), words)
	}
	if len(others) > 0 {
		c.talk.line("  %s %s%s%s", c.talk.pen.dim("·"), rule.OtherTrigger.Text().In(c.o.Lang), c.talk.say("：", ": "), strings.Join(others, c.talk.say("、", ", ")))
	}
	if len(n.by.Rules) == 0 {
		c.talk.line("  %s", c.talk.say("没有规则：什么都不会回答", "no rules: nothing will be answered"))
	}
	return nil
}

// patience is how long an explanation waits for commands that may be about to end.
func (c *chat) patience() time.Duration {
	if c.o.Interactive {
		return time.Second
	}
	return newsWithin
}

// lost says why an event that a robot got did not reach the engine.
func (c *chat) lost() diag.Text {
	if c.sim.Connections() == 0 {
		return diag.T("引擎现在没有连着平台，这件事它收不到；重连要等 10 秒以上", "the engine is not connected and will not hear of it; it waits 10 s and more before it connects again")
	}
	if len(c.wrong) > 0 {
		return diag.T("平台没有把它送到引擎：/fault 开着（/fault off 关掉）", "the platform did not bring it to the engine: a /fault is on (/fault off ends it)")
	}
	return diag.T("引擎还没有收到它", "the engine has not got it yet")
}

// explanation is what became of each rule: the outcome of the decision that was made
// and, of the rules that it did not go into, what explaining the event says.
func explanation(set *rule.Set, r *intake.Report) ruletest.Explanation {
	made := map[string]engine.Verdict{}
	for _, v := range r.Decision.Verdicts {
		made[v.Rule] = v
	}
	x := ruletest.Explain(set, *r.Event, r.Event.Received, ruletest.Asking{All: len(set.Rules) <= fewRules})
	for i := range x.Rules {
		one := &x.Rules[i]
		m, ok := made[one.Rule]
		if !ok || m.Outcome == "" {
			continue
		}
		if one.Outcome != m.Outcome || !plainConditions(set, one.Rule) { // by other facts than it was decided
			one.Conditions = nil
		}
		one.Outcome, one.Detail, one.Run = m.Outcome, m.Detail, m.Run
	}
	return x
}

// fewRules are so many that each is worth a line.
const fewRules = 20

// plainConditions says whether no condition of the rule depends on facts.
func plainConditions(set *rule.Set, id string) bool {
	r, ok := set.Rule(id)
	return ok && !slices.ContainsFunc(r.Conditions(), func(a rule.Asked) bool { return a.Cond.UsesFacts() })
}

// verdict says in words what became of one rule, and of the commands it led to.
func (c *chat) verdict(x *ruletest.Explained, all []sent) {
	mark := c.talk.pen.dim("·")
	if x.Outcome == rule.Fired {
		mark = c.talk.pen.green("✓")
	}
	c.talk.line("  %s %s", mark, verdictWords(x, c.o.Lang))
	for line := range strings.Lines(conditionWords(x, c.o.Lang, "      ")) {
		c.talk.line("%s", c.talk.pen.dim(strings.TrimSuffix(line, "\n")))
	}
	for i := range all {
		if it := &all[i]; x.Run != "" && it.command.Run == x.Run {
			c.talk.line("      → %s%s%s", c.talk.deed(&it.command), c.talk.say("：", ": "), c.fate(it))
		}
	}
}

// fate says how a command ended.
func (c *chat) fate(it *sent) string {
	switch {
	case !it.ended:
		return c.talk.say("还没有结果", "no answer yet")
	case it.code == event.CodeOK:
		return c.talk.say("成功", "done")
	default:
		return fmt.Sprintf(c.talk.say("失败，%s %s", "failed, %s %s"), it.code, visible(it.msg))
	}
}

// wait lets time pass: the platform's own, where nothing else has a clock; with
// an engine, whose clock is the computer's, real time.
func (c *chat) wait(ctx context.Context, args string) error {
	d, err := time.ParseDuration(args)
	if err != nil || d < 0 {
		return c.bad("%q 不是时长，要写成 30s、2m、1h", "%q is no duration: write 30s, 2m, 1h", args)
	}
	if c.o.Rules != "" {
		sleep(ctx, d)
		return nil
	}
	c.sim.Advance(d)
	if err := c.sim.Settle(ctx); err != nil {
		return err
	}
	c.shown(ctx)
	c.talk.line("%s", c.talk.pen.dim(fmt.Sprintf(c.talk.say("平台时间 %s", "the platform's time is %s"), c.sim.Now().Local().Format(time.DateTime))))
	return nil
}
