package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"botengine/internal/app"
	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/state"
)

// explainText writes an explanation for people.
func (c *cli) explainText(f explainFlags, a app.Explained) error {
	var b strings.Builder
	if a.Event != nil {
		c.eventWords(&b, a)
	}
	if a.Recorded != nil {
		c.recordedWords(&b, f, a)
	}
	if a.Explanation != nil {
		c.rulesWords(&b, a.Explanation)
	}
	if f.rule != "" && f.live {
		c.traceWords(&b, f, a)
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

// eventWords says what is explained: where it happened, the text as keywords see it,
// and whether it was a duplicate.
func (c *cli) eventWords(b *strings.Builder, a app.Explained) {
	ev, line := a.Event, func(zh, en string, args ...any) { fmt.Fprintf(b, c.say(zh, en)+"\n", args...) }
	where := shown(ev.Chat.Name)
	if ev.Sender.Name != "" && ev.Sender.Name != ev.Chat.Name {
		where += c.say("，", ", ") + shown(ev.Sender.Name)
	}
	line("事件　　%s（%s）", "event    %s (%s)", ev.Kind, strings.TrimPrefix(where, c.say("，", ", ")))
	if x := a.Explanation; x != nil && ev.Message.Text != "" {
		line("原文　　%q", "text     %q", ev.Message.Text)
		line("折叠后　%q", "folded   %q", x.Folded)
	}
	if a.Unknown {
		line("　　　　引擎不认识这个会话：按没有历史的新会话解释；用 --chat 写群的全名", "         the engine knows no such chat: it is explained as a new one; --chat takes a group's full name")
	}
	switch key := ev.Key(); {
	case a.Recorded != nil || key == "" || ev.Robot.Key == app.StandIn || ev.ID == app.StandIn:
	case !a.Live:
		line("去重　　键 %s；--live 说明它收到过没有", "dedupe   key %s; --live says whether it was seen before", shown(key))
	case a.Duplicate && !a.First.IsZero():
		line("去重　　重复：%s 已经收到过（键 %s），再来也不会再处理", "dedupe   a duplicate: first seen %s (key %s), it is not handled again", moment(a.First), shown(key))
	case a.Duplicate:
		line("去重　　重复：已经收到过（键 %s），再来也不会再处理", "dedupe   a duplicate: seen before (key %s), it is not handled again", shown(key))
	default:
		line("去重　　没有收到过（键 %s）", "dedupe   not seen before (key %s)", shown(key))
	}
}

func moment(at time.Time) string { return at.Local().Format(time.DateTime) }

// recordedWords says what an event came to when it came in, and whether the rules are
// others now.
func (c *cli) recordedWords(b *strings.Builder, f explainFlags, a app.Explained) {
	r, line := a.Recorded, func(zh, en string, args ...any) { fmt.Fprintf(b, c.say(zh, en)+"\n", args...) }
	line("收到　　%s，%s；键 %s", "taken in %s, %s; key %s", moment(r.At), c.origin(r.Origin), shown(r.Event.Key()))
	line("\n当时的决定（规则版本 %s）：", "\nwhat it came to then (generation %s):", generation(r.Generation))
	said := false
	for _, v := range r.Verdicts {
		if f.rule == "" || v.Rule == f.rule {
			line("%s：%s", "%s: %s", v.Rule, rule.Outcome(v.Outcome).Text().In(c.lang()))
			said = true
		}
	}
	if !said {
		line("没有规则走到要回答的地步", "no rule came near to answering")
	}
	for _, e := range r.Entries {
		if f.rule == "" || e.Command.Rule == f.rule {
			line("  → %s 步骤 %s：%s，%s（%s）", "  → %s, step %s: %s, %s (%s)", e.Command.Rule, e.Command.Step, e.Command.Type, c.entryState(e.State), e.Command.MessageID)
		}
	}
	x := a.Explanation
	switch {
	case x == nil:
		line("\n没有保留这条消息的内容（state.journal.text 是 %s）：不能按现在的规则再算一遍", "\nwhat was written was not kept (state.journal.text is %s): it can't be decided again by the rules of now", r.Text)
		return
	case x.Generation != r.Generation:
		line("\n规则变了：现在的版本是 %s。按现在的规则%s：", "\nthe rules have changed: the generation is %s now. By the rules of now%s:", generation(x.Generation), c.past(a.Live))
	default:
		line("\n按同样的规则再算一遍%s：", "\nby the same rules again%s:", c.past(a.Live))
	}
	c.differences(b, r.Verdicts, x)
}

// past says with which facts a recorded event is decided again.
func (c *cli) past(live bool) string {
	if live {
		return c.say("，如果它现在再来一次，带引擎的状态", ", if it came again now, with the engine's facts")
	}
	return c.say("，不带历史状态（冷却和计数都是空的）", ", without a past (no cooldowns, no counts)")
}

// differences says of which rules the outcome is another one.
func (c *cli) differences(b *strings.Builder, then []state.RecordedVerdict, x *ruletest.Explanation) {
	for _, v := range then {
		i := slices.IndexFunc(x.Rules, func(r ruletest.Explained) bool { return r.Rule == v.Rule })
		now := c.say("不再相关", "not concerned any more")
		if i >= 0 {
			now = x.Rules[i].Outcome.Text().In(c.lang())
		}
		if i < 0 || string(x.Rules[i].Outcome) != v.Outcome {
			fmt.Fprintf(b, c.say("≠ %s：当时 %s，现在 %s\n", "≠ %s: then %s, now %s\n"), v.Rule, rule.Outcome(v.Outcome).Text().In(c.lang()), now)
		}
	}
}

// generation is the beginning of a set's hash, as the log has it.
func generation(hash string) string { return hash[:min(len(hash), 12)] }

func (c *cli) origin(o state.Origin) string {
	switch o {
	case state.History:
		return c.say("从历史里补上", "from the history")
	case state.Inferred:
		return c.say("推断得出", "inferred")
	default:
		return c.say("实时", "live")
	}
}

// entryState says what became of a command.
func (c *cli) entryState(s state.EntryState) string {
	switch s {
	case state.Confirmed:
		return c.say("已送达", "done")
	case state.Failed:
		return c.say("失败", "failed")
	case state.Expired:
		return c.say("过期，没有发", "expired, not sent")
	case state.Unknown:
		return c.say("结果不明", "of unknown fate")
	default:
		return c.say("还在队列里", "still queued")
	}
}

// rulesWords says what becomes of the rules, one after the other.
func (c *cli) rulesWords(b *strings.Builder, x *ruletest.Explanation) {
	fmt.Fprintf(b, c.say("规则　　%d 条，版本 %s\n\n", "rules    %d, generation %s\n\n"), x.Total, generation(x.Generation))
	for i := range x.Rules {
		b.WriteString(app.RuleWords(&x.Rules[i], x, c.lang()))
	}
	if words := app.OthersWords(x, c.lang()); words != "" {
		fmt.Fprintf(b, c.say("%s。用 --all 或 --rule 规则编号 看每一条的原因\n", "%s. --all or --rule ID says why of each\n"), words)
	}
	if x.Total == 0 {
		b.WriteString(c.say("没有规则：什么都不会回答\n", "no rules: nothing will be answered\n"))
	}
}

// traceWords says how a rule fared lately: the newest of each outcome.
func (c *cli) traceWords(b *strings.Builder, f explainFlags, a app.Explained) {
	fmt.Fprintf(b, c.say("\n%s 最近（引擎启动以来，每种结果的最后一次）：\n", "\n%s lately (since the engine started, the last time of each outcome):\n"), f.rule)
	told := map[rule.Outcome]int{}
	for _, e := range a.Trace {
		if told[e.Outcome]++; told[e.Outcome] == 1 {
			fmt.Fprintln(b, "  "+c.traced(e, false))
		}
	}
	if len(a.Trace) == 0 {
		b.WriteString(c.say("  还没有事件走到它\n", "  no event has come near to it\n"))
	}
}

// The JSON of explain, version 1.
type (
	explanationJSON struct {
		V          int               `json:"v"`
		Event      event.Kind        `json:"event,omitempty"`
		Live       bool              `json:"live"`
		Folded     string            `json:"folded,omitempty"`
		Keys       []string          `json:"keys,omitempty"`
		Duplicate  bool              `json:"duplicate"`
		First      *time.Time        `json:"first_seen,omitempty"`
		Generation string            `json:"generation,omitempty"`
		Verdicts   []verdictJSON     `json:"verdicts"`
		Others     []ruletest.Others `json:"others,omitempty"`
		Commands   []commandJSON     `json:"commands"`
		Later      []commandJSON     `json:"later,omitempty"`
		Recorded   *app.JournalItem  `json:"recorded,omitempty"`
		Changed    bool              `json:"rules_changed,omitempty"`
		Trace      []json.RawMessage `json:"trace,omitempty"`
	}
	verdictJSON struct {
		Rule       string                   `json:"rule"`
		Outcome    string                   `json:"outcome"`
		Detail     string                   `json:"detail,omitempty"`
		Conditions []ruletest.Condition     `json:"conditions,omitempty"`
		Steps      []ruletest.ExplainedStep `json:"steps,omitempty"`
		WaitsIn    string                   `json:"waits_in,omitempty"`
		EndsIn     string                   `json:"ends_in,omitempty"`
		Would      []commandJSON            `json:"would,omitempty"`
	}
	commandJSON struct {
		Rule   string          `json:"rule"`
		Step   string          `json:"step"`
		Type   string          `json:"type"`
		Chat   string          `json:"chat,omitempty"`
		Fields json.RawMessage `json:"fields"`
		After  int64           `json:"after_ms,omitempty"` // from the event on
	}
)

func (c *cli) explainJSON(a app.Explained) error {
	out := explanationJSON{V: 1, Live: a.Live, Duplicate: a.Duplicate, Recorded: a.Recorded, Verdicts: []verdictJSON{}, Commands: []commandJSON{}}
	if a.Event != nil {
		out.Event = a.Event.Kind
	}
	if !a.First.IsZero() {
		out.First = &a.First
	}
	for _, e := range a.Trace {
		data, err := json.Marshal(e)
		if err != nil {
			return fmt.Errorf("encode the trace: %w", err)
		}
		out.Trace = append(out.Trace, data)
	}
	if x := a.Explanation; x != nil {
		out.Folded, out.Keys, out.Generation, out.Others = x.Folded, x.Keys, x.Generation, x.Others
		out.Changed = a.Recorded != nil && a.Recorded.Generation != x.Generation
		for i := range x.Rules {
			out.Verdicts = append(out.Verdicts, c.verdictJSON(&x.Rules[i]))
		}
		out.Commands, out.Later = append(out.Commands, commandsJSON(x.Commands)...), commandsJSON(x.Later)
		for i := range x.Later {
			out.Later[i].After = x.After[x.Later[i].MessageID]
		}
	}
	return c.writeJSON(out)
}

func (c *cli) verdictJSON(x *ruletest.Explained) verdictJSON {
	return verdictJSON{
		Rule: x.Rule, Outcome: string(x.Outcome), Detail: x.Detail.In(c.lang()), Conditions: x.Conditions, Steps: x.Steps,
		WaitsIn: x.WaitsIn, EndsIn: x.EndsIn, Would: commandsJSON(x.Would),
	}
}

func commandsJSON(commands []command.Command) (out []commandJSON) {
	for _, cmd := range commands {
		out = append(out, commandJSON{Rule: cmd.Rule, Step: cmd.Step, Type: cmd.Type, Chat: cmd.Chat, Fields: cmd.Fields})
	}
	return out
}
