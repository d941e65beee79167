package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/rule"
	"botengine/internal/trace"
)

// defaultEvents is how many decisions are shown of those that were made before.
const defaultEvents = 20

func (c *cli) ctlEventsCmd(f *ctlFlags) *cobra.Command {
	var params app.EventsParams
	var outcome string
	cmd := &cobra.Command{
		Use:   "events",
		Short: c.say("跟着看引擎的决定：时间、会话、事件、规则、结果；不含消息内容。Ctrl-C 结束", "follow what the engine decides: time, chat, event, rule, outcome; never what was written. Ctrl-C ends"),
		Args:  c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			params.Outcome = rule.Outcome(outcome)
			if outcome != "" && !slices.Contains(rule.Outcomes(), params.Outcome) {
				return c.unknown(c.say("结果", "outcome"), outcome, outcomeNames())
			}
			return c.events(cmd.Context(), f, params)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&params.Rule, "rule", "", c.say("只看这一条规则", "this rule only"))
	flags.StringVar(&outcome, "outcome", "", c.say("只看这种结果，例如 fired、on_cooldown", "this outcome only, such as fired or on_cooldown"))
	flags.StringVar(&params.Chat, "chat", "", c.say("只看这个会话：编号，或名称的一部分", "this chat only: its id, or a part of its name"))
	flags.IntVar(&params.Last, "last", defaultEvents, c.say("先显示最近的几条", "begin with so many that were made before"))
	flags.BoolVar(&params.Once, "once", false, c.say("只显示最近的，不继续跟着看", "show those only, don't follow"))
	return cmd
}

func outcomeNames() (names []string) {
	for _, o := range rule.Outcomes() {
		names = append(names, string(o))
	}
	return names
}

func (c *cli) events(ctx context.Context, f *ctlFlags, params app.EventsParams) error {
	client, err := c.client(f)
	if err != nil {
		return err
	}
	err = client.Follow(ctx, "events", params, func(raw json.RawMessage) error {
		var e trace.Entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return fmt.Errorf("decode an event: %w", err)
		}
		return c.eventLine(f, raw, e)
	})
	if errors.Is(err, context.Canceled) {
		return nil // that is how one stops
	}
	return c.engineError(err)
}

// eventLine writes one decision: a line for people, or an object a line.
func (c *cli) eventLine(f *ctlFlags, raw json.RawMessage, e trace.Entry) error {
	if f.output == "json" {
		_, err := fmt.Fprintf(c.out, "{\"v\":1,%s\n", strings.TrimPrefix(string(raw), "{"))
		return err
	}
	_, err := fmt.Fprintln(c.out, c.traced(e, true))
	return err
}

// traced says an entry in words; named says of which rule it is.
func (c *cli) traced(e trace.Entry, named bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  ", e.Time.Local().Format(time.DateTime))
	if e.Event != nil {
		fmt.Fprintf(&b, "%s  %s  ", shown(cmp.Or(e.Name, e.Chat, e.Robot)), e.Kind)
	}
	words := c.say("没有规则要回答", "no rule is concerned")
	if e.Rule != "" {
		words = e.Outcome.Text().In(c.lang())
	}
	if named && e.Rule != "" {
		words = e.Rule + c.say("：", ": ") + words
	}
	if detail := e.Detail.In(c.lang()); detail != "" {
		words += c.say("，", ", ") + shown(detail)
	}
	b.WriteString(words)
	if e.Event != nil && e.Key != "" {
		fmt.Fprintf(&b, "  %s", shown(e.Key))
	}
	return b.String()
}
