package simulation

import (
	"fmt"
	"strings"

	"botengine/internal/diag"
	"botengine/internal/oracle"
	"botengine/internal/rule"
)

// The rules of the simulation, once for each generation: it marks all that it says
// with its own sign. model says the same to the oracle.
const ruleText = `version: 1
defaults: {max_age: 24h, loop_guard: off}
rules:
  - {id: refund, on: message.text, match: {regex: "^退款(?P<n>[0-9]+)$"}, do: [{reply: "一 {{hit.groups.n}} %[1]s"}, {reply: "二 {{hit.groups.n}} %[1]s"}]}
  - {id: remind, on: message.text, match: {regex: "^提醒(?P<n>[0-9]+)$"}, do: [{reply: "记下 {{hit.groups.n}} %[1]s"}, {delay: 20s}, {reply: "到了 {{hit.groups.n}} %[1]s"}]}
  - {id: rename, on: message.text, match: {regex: "^改名(?P<n>[0-9]+)$"}, do: [{rename_group: "群 {{hit.groups.n}} %[1]s"}]}
  - {id: announce, on: message.text, match: {regex: "^公告(?P<n>[0-9]+)$"}, do: [{announce: "维护 {{hit.groups.n}} %[1]s"}]}
  - {id: count, on: message.text, match: {regex: "^报数[0-9]+$"}, do: [{count: chat.talks}, {reply: "第 {{count(\"chat.talks\")}} %[1]s"}]}
  - {id: greet, on: message.text, match: {regex: "^首次[0-9]+$"}, once: {per: [chat]}, do: [{reply: "首次 %[1]s"}]}
`

// generations are the signs of the versions of the rules.
var generations = []string{"甲", "乙"}

// model is what the rules promise. What is counted is not said by a single message:
// see wants.
var model = []oracle.Rule{
	{Word: "退款", Effects: []oracle.Effect{{Kind: "text", Text: "一 *", Line: "chat"}, {Kind: "text", Text: "二 *"}}},
	{Word: "提醒", Effects: []oracle.Effect{{Kind: "text", Text: "记下 *", Line: "chat"}, {Kind: "text", Text: "到了 *"}}},
	{Word: "改名", Effects: []oracle.Effect{{Kind: "rename", Text: "群 *", Promise: oracle.AtLeastOnce}}},
	{Word: "公告", Effects: []oracle.Effect{{Kind: "announce", Text: "维护 *", Promise: oracle.AtMostOnce}}},
}

// anywhere is what people begin with; the last of all means nothing. remembered are
// those words whose effects the platform's history remembers: all that a state may be
// asked for of which an old copy was put back.
var (
	anywhere   = []string{"退款", "提醒", "报数", "首次", "闲聊"}
	remembered = []string{"退款", "提醒", "闲聊"}
)

// compiled are the sets of all generations.
func compiled() ([]*rule.Set, error) {
	sets := make([]*rule.Set, len(generations))
	for i, sign := range generations {
		set, findings := rule.Compile(rule.Sources{{Path: "rules/simulation.yaml", Text: fmt.Appendf(nil, ruleText, sign)}})
		if set == nil {
			return nil, fmt.Errorf("the rules do not compile: %s", findings.Summary(diag.EN))
		}
		sets[i] = set
	}
	return sets, nil
}

// unsigned takes the generation's sign off a text.
func unsigned(text string) (plain, sign string) {
	for _, s := range generations {
		if rest, ok := strings.CutSuffix(text, " "+s); ok {
			return rest, s
		}
	}
	return text, ""
}
