package app

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
	"botengine/internal/terminal"
)

// RuleWords says in words what becomes of one rule: its outcome and why, its
// conditions part by part, how its steps ended and the commands it would send. Every
// line ends with a line break.
func RuleWords(x *ruletest.Explained, all *ruletest.Explanation, lang diag.Lang) string {
	var b strings.Builder
	b.WriteString(verdictWords(x, lang) + "\n")
	b.WriteString(conditionWords(x, lang, "  "))
	for _, s := range x.Steps {
		if words := stepWords(s); !words.IsZero() {
			b.WriteString("  " + words.In(lang) + "\n")
		}
	}
	sent, after := x.Of(all.Commands), x.Of(all.Later)
	for i := range sent {
		b.WriteString("  → " + commandWords(&sent[i]).In(lang) + "\n")
	}
	if x.WaitsIn != "" && len(sent) == 0 && (len(after) == 0 || all.After[after[0].MessageID] > 0) {
		b.WriteString(diag.T("  → 没有马上要发的：停在步骤 %s\n", "  → nothing is sent at once: it waits in step %s\n", x.WaitsIn).In(lang))
	}
	for i := range after {
		b.WriteString("  → " + thenWords(all.After[after[i].MessageID]).In(lang) + commandWords(&after[i]).In(lang) + "\n")
	}
	if x.EndsIn != "" && x.EndsIn != x.WaitsIn {
		b.WriteString(diag.T("  → 然后停在步骤 %[1]s（%[2]s）\n", "  → then it waits in step %[1]s (%[2]s)\n", x.EndsIn, x.EndsAs).In(lang))
	}
	for i := range x.Would {
		b.WriteString("  ⇢ " + diag.T("影子模式，不发送：", "shadow, not sent: ").In(lang) + commandWords(&x.Would[i]).In(lang) + "\n")
	}
	if x.Outcome == rule.Fired && x.WaitsIn == "" && len(sent)+len(after) == 0 {
		b.WriteString(diag.T("  → 没有要发的：没有要发送的步骤\n", "  → nothing is sent: no step sends\n").In(lang))
	}
	return b.String()
}

// thenWords says when a command follows on the ones before it.
func thenWords(after int64) diag.Text {
	if after == 0 {
		return diag.T("然后 ", "then ")
	}
	lasts := (time.Duration(after) * time.Millisecond).Round(time.Second)
	return diag.T("%[1]s 后 ", "%[1]s after the event ", diag.Short(lasts))
}

// verdictWords is the rule with its outcome, and why.
func verdictWords(x *ruletest.Explained, lang diag.Lang) string {
	name := x.Rule
	if x.Name != "" {
		name += diag.T("（%s）", " (%s)", terminal.Visible(x.Name)).In(lang)
	}
	words := name + diag.T("：", ": ").In(lang) + x.Outcome.Text().In(lang)
	if detail := x.Detail.In(lang); detail != "" && detail != x.Outcome.Text().In(lang) {
		words += " — " + terminal.Visible(detail)
	}
	return words
}

// conditionWords draws the conditions that were asked.
func conditionWords(x *ruletest.Explained, lang diag.Lang, indent string) string {
	var b strings.Builder
	for _, c := range x.Conditions {
		where := c.Where
		switch c.Where {
		case rule.AskUnless:
			where = "unless " + terminal.Visible(c.Name)
		case rule.AskWhere:
			where = "scope.where"
		case rule.AskExclude:
			where = "exclude.where"
		case "do":
			where = diag.T("步骤 %s 的 when", "when of step %s", c.Name).In(lang)
		}
		b.WriteString(indent + where + diag.T("：", ": ").In(lang) + strings.TrimPrefix(c.Tree.Text(lang, indent), indent))
	}
	return b.String()
}

// stepWords says of a step what its command does not: that it was left out, or failed.
func stepWords(s ruletest.ExplainedStep) diag.Text {
	switch s.Code {
	case event.CodeOK:
		return diag.Text{}
	case engine.CodeSkipped:
		return diag.T("· 步骤 %[1]s %[2]s：跳过，它的 when 不成立", "· step %[1]s %[2]s: left out, its when is false", s.Path, s.Action)
	default:
		return diag.T("· 步骤 %[1]s %[2]s：没有做成，%[3]s %[4]s", "· step %[1]s %[2]s: failed, %[3]s %[4]s", s.Path, s.Action, s.Code, terminal.Visible(s.Msg))
	}
}

// commandWords is a command with the text that it sends, or all of its fields.
func commandWords(c *command.Command) diag.Text {
	var fields struct {
		Content *string  `json:"content"`
		Mention []string `json:"mention"`
	}
	what := terminal.Visible(string(c.Fields))
	if err := json.Unmarshal(c.Fields, &fields); err == nil && fields.Content != nil && c.Type == command.MessageText {
		what = strconv.Quote(*fields.Content)
	}
	step := c.Step
	if step == "" {
		step = "?"
	}
	return diag.T("步骤 %[1]s：%[2]s %[3]s", "step %[1]s: %[2]s %[3]s", step, c.Type, what)
}

// OthersWords sums up the rules that did not come near to firing; "" = there are none.
func OthersWords(x *ruletest.Explanation, lang diag.Lang) string {
	total, zh, en := 0, []string(nil), []string(nil)
	for _, o := range x.Others {
		total += o.Count
		some := strings.Join(o.Some, ", ")
		if o.Count > len(o.Some) {
			some += " …"
		}
		text := o.Outcome.Text()
		zh = append(zh, fmt.Sprintf("%s %s 条（%s）", text.ZH, thousands(o.Count), some))
		en = append(en, fmt.Sprintf("%s: %s (%s)", text.EN, thousands(o.Count), some))
	}
	if total == 0 {
		return ""
	}
	return diag.Text{
		ZH: fmt.Sprintf("其余 %s 条：%s", thousands(total), strings.Join(zh, "；")),
		EN: fmt.Sprintf("the other %s: %s", thousands(total), strings.Join(en, "; ")),
	}.In(lang)
}

// thousands writes a number with commas.
func thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
