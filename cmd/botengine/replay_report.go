package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"botengine/internal/replay"
	"botengine/internal/terminal"
)

// The JSON of replay, version 1.
type (
	replayJSON struct {
		V       int             `json:"v"`
		Events  int             `json:"events"`
		From    time.Time       `json:"from,omitzero"`
		To      time.Time       `json:"to,omitzero"`
		Stopped bool            `json:"stopped"` // it was interrupted
		NoText  int             `json:"events_without_text"`
		Rules   sideJSON        `json:"rules"`
		Against *sideJSON       `json:"against,omitempty"`
		Changed int             `json:"events_changed"`
		Changes []replay.Change `json:"changes"`
	}
	sideJSON struct {
		Answered int                `json:"answered"`
		Commands int                `json:"commands"`
		Waiting  int                `json:"waiting"`
		Rules    []replay.RuleCount `json:"rules"`
	}
)

func (c *cli) replayReport(f *replayFlags, r *replay.Report) error {
	compared := f.against != "" || f.changed
	if f.output == "json" {
		out := replayJSON{
			V: 1, Events: r.Events, From: r.From, To: r.To, Stopped: r.Stopped, NoText: r.Hashed,
			Rules: sideJSON(r.Rules), Changed: r.Changed, Changes: r.Changes,
		}
		if out.Changes == nil {
			out.Changes = []replay.Change{}
		}
		if compared {
			side := sideJSON(r.Against)
			out.Against = &side
		}
		return c.writeJSON(out)
	}
	var b strings.Builder
	c.replayHead(&b, r)
	if compared {
		c.replayChanges(&b, r)
	} else {
		c.replayRules(&b, r)
	}
	_, err := io.WriteString(c.out, b.String())
	return err
}

// replayHead says what was replayed.
func (c *cli) replayHead(b *strings.Builder, r *replay.Report) {
	if r.Stopped {
		b.WriteString(c.say("中途停下：这是到那时为止的结果\n", "interrupted: this is what was found until then\n"))
	}
	if r.Events == 0 && !r.Stopped {
		b.WriteString(c.say("这段时间没有记录下来的事件\n", "no events were recorded in that time\n"))
		return
	}
	fmt.Fprintf(b, c.say("%d 个事件，%s 到 %s：回答了 %d 个，%d 条命令，%d 个还在等\n", "%d events, %s to %s: %d answered, %d commands, %d runs still wait\n"),
		r.Events, clock(r.From), clock(r.To), r.Rules.Answered, r.Rules.Commands, r.Rules.Waiting)
	if r.Hashed > 0 {
		fmt.Fprintf(b, c.say("其中 %d 个没有原文（state.journal.text）：靠文字的规则不会触发\n", "%d of them have no text (state.journal.text): rules that look at it do not fire\n"), r.Hashed)
	}
}

func clock(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Local().Format(time.DateTime)
}

// replayRules says what each rule did.
func (c *cli) replayRules(b *strings.Builder, r *replay.Report) {
	for _, n := range r.Rules.Rules {
		fmt.Fprintf(b, c.say("  %s：触发 %d 次，%d 条命令", "  %s: fired %d times, %d commands"), n.Rule, n.Fired, n.Commands)
		if n.Held > 0 {
			fmt.Fprintf(b, c.say("，被冷却等拦下 %d 次", ", held back %d times"), n.Held)
		}
		if n.Errors > 0 {
			fmt.Fprintf(b, c.say("，出错 %d 次", ", failed %d times"), n.Errors)
		}
		b.WriteByte('\n')
	}
}

// replayChanges says what is answered differently: by class, rule and chat.
func (c *cli) replayChanges(b *strings.Builder, r *replay.Report) {
	if len(r.Changes) == 0 {
		b.WriteString(c.say("没有不同\n", "no differences\n"))
		return
	}
	fmt.Fprintf(b, c.say("%d 个事件不同\n", "%d events differ\n"), r.Changed)
	names := map[replay.Class]string{
		replay.Gone:      c.say("不再回答", "no longer answered"),
		replay.Different: c.say("回答不同", "answered differently"),
		replay.New:       c.say("新回答", "newly answered"),
	}
	counts := map[replay.Class]int{}
	for _, change := range r.Changes {
		counts[change.Class]++
	}
	var before replay.Change
	for i, change := range r.Changes {
		if i == 0 || change.Class != before.Class {
			fmt.Fprintf(b, "\n%s (%d)\n", names[change.Class], counts[change.Class])
		}
		if i == 0 || change.Class != before.Class || change.Rule != before.Rule || change.Event.Chat != before.Event.Chat {
			fmt.Fprintf(b, "  %s · %s\n", ruleName(c, change.Rule), chatName(change.Event))
		}
		c.replayChange(b, &change)
		before = change
	}
}

func ruleName(c *cli, id string) string {
	if id == "" {
		return c.say("（规则不明）", "(rule not known)")
	}
	return id
}

func chatName(o *replay.Origin) string {
	if o.ChatName != "" {
		return terminal.Visible(o.ChatName)
	}
	if o.Chat != "" {
		return terminal.Visible(o.Chat)
	}
	return o.Robot
}

func (c *cli) replayChange(b *strings.Builder, change *replay.Change) {
	fmt.Fprintf(b, "    %s  ", clock(change.Event.At))
	switch change.Class {
	case replay.Gone:
		b.WriteString(c.answerText(change.Old))
	case replay.New:
		b.WriteString(c.answerText(change.New))
	default:
		b.WriteString(c.answerText(change.Old) + " → " + c.answerText(change.New))
	}
	if change.New != nil && change.Old != nil && change.New.Rule != change.Old.Rule {
		fmt.Fprintf(b, c.say("（规则 %s）", " (rule %s)"), change.New.Rule)
	}
	b.WriteByte('\n')
	if change.Event.Text != "" {
		fmt.Fprintf(b, "      %s\n", terminal.Visible(change.Event.Text))
	}
}

// longestAnswer is how much of an answer a line shows, in characters.
const longestAnswer = 120

// answerText is a command in one line: what it says, or its fields.
func (c *cli) answerText(a *replay.Answer) string {
	if a.Fields == nil {
		return c.say("（内容已不再保存）", "(its content is no longer kept)")
	}
	var message struct {
		Content *string `json:"content"`
	}
	text := a.Type + " " + string(a.Fields)
	if json.Unmarshal(a.Fields, &message) == nil && message.Content != nil {
		text = *message.Content
	}
	if r := []rune(text); len(r) > longestAnswer {
		text = string(r[:longestAnswer]) + "…"
	}
	return terminal.Visible(text)
}
