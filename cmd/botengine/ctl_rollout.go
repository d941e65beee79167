package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"botengine/internal/app"
	"botengine/internal/engine"
)

func (c *cli) ctlRolloutCmd(f *ctlFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rollout",
		Short: c.say("刚改过的规则表现怎样；恢复或中止一条", "how the rules do that just changed; resume or abort one"),
		Long: c.say(
			"列出刚改过、还在试用或已停止生效的规则。\n`resume` 让一条规则到处生效，直到它再改；`abort` 让它不再生效：有 rollout 的由改之前的规则处理，没有的只记录。",
			"Lists the rules that changed and are still tried, or that lost their right to act.\n`resume` has one act everywhere until it changes again; `abort` has it act no more: with a rollout the rule acts as it was before, without one it only records."),
		Args: c.noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.rollout(cmd, f, app.RolloutParams{Do: "list"}) },
	}
	for verb, short := range map[string]string{
		"resume": c.say("让这条规则到处生效", "has the rule act everywhere"),
		"abort":  c.say("让这条规则不再生效", "has the rule act no more"),
	} {
		cmd.AddCommand(&cobra.Command{
			Use: verb + " RULE", Short: short, Args: cobra.ExactArgs(1),
			RunE: func(cmd *cobra.Command, args []string) error {
				return c.rollout(cmd, f, app.RolloutParams{Do: verb, Rule: args[0]})
			},
		})
	}
	return cmd
}

func (c *cli) rollout(cmd *cobra.Command, f *ctlFlags, p app.RolloutParams) error {
	var r app.Rollouts
	if err := c.call(cmd.Context(), f, "rollout", p, &r); err != nil {
		return err
	}
	if f.output == "json" {
		return c.writeJSON(r)
	}
	if len(r.Rules) == 0 {
		fmt.Fprintln(c.out, c.say("没有刚改过的规则", "no rule changed a short while ago"))
		return nil
	}
	_, err := io.WriteString(c.out, c.trialsText(r.Rules))
	return err
}

// trialsText says how rules on trial do, one a line.
func (c *cli) trialsText(rules []engine.TrialStatus) string {
	var b strings.Builder
	for i := range rules {
		s := &rules[i]
		fmt.Fprintf(&b, c.say("%s：%s；触发 %d 次，所听事件 %d 个，失败 %d 次\n", "%s: %s; fired %d times, of %d events, %d failures\n"),
			s.Rule, c.trialState(s), s.Fired, s.Seen, s.Errors)
		if s.Why != "" {
			fmt.Fprintf(&b, "    %s %s\n", s.At.Local().Format(time.DateTime), c.say(s.WhyZH, s.Why))
		}
	}
	return b.String()
}

func (c *cli) trialState(s *engine.TrialStatus) string {
	until := s.Until.Local().Format(time.DateTime)
	switch s.State {
	case engine.TrialCanary:
		return fmt.Sprintf(c.say("在 %s 的会话里试用，到 %s", "tried in %s of the chats until %s"), engine.Percent(s.Canary), until)
	case engine.TrialWatched:
		return fmt.Sprintf(c.say("到处生效，看护到 %s", "acts everywhere, watched until %s"), until)
	case engine.TrialWithheld:
		if s.Former {
			return c.say("已停止生效，由改之前的规则处理", "acts no more, the rule acts as it was before")
		}
		return c.say("已停止生效，只记录", "acts no more, it only records")
	}
	return c.say("有人让它到处生效", "acts everywhere, a person said so")
}
