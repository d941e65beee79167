package rule_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"

	"botengine/internal/rule"
)

// bareEnv is what the conditions of the benchmark speak of, for the bare library.
type bareEnv struct {
	Text   string `expr:"text"`
	Sender struct {
		ID       string `expr:"id"`
		Name     string `expr:"name"`
		IsMember bool   `expr:"is_member"`
	} `expr:"sender"`
	Chat struct {
		Name string `expr:"name"`
		Peer string `expr:"peer"`
		Size int    `expr:"size"`
	} `expr:"chat"`
	Robot struct {
		Name string `expr:"name"`
	} `expr:"robot"`
}

// manyConditions are n rules as operators write them, each with keywords and a
// condition, and their conditions alone.
func manyConditions(n int) (sources rule.Sources, conditions []string) {
	topics := []string{"退款", "发票", "快递", "价格", "售后", "会员", "优惠", "地址", "合同", "账号"}
	var b strings.Builder
	for i := range n {
		topic := topics[i%len(topics)]
		condition := []string{
			`text contains "` + topic + `" and len(text) < 50 and not (sender.id in ["1688850285583026", "1688850285583027"])`,
			`chat.size > 20 and sender.name != "` + topic + `专员" or text startsWith "` + topic + `"`,
			`sender.is_member and (text contains "怎么" or text contains "如何") and chat.name contains "体验"`,
			`len(text) > 4 and robot.name != "小助手" and text endsWith "吗"`,
			fmt.Sprintf(`chat.peer == "R:%d" and len(text) < 200 or sender.id == "%d"`, 100_000+i, 7_881_299_000_000_000+i),
		}[i/len(topics)%5]
		conditions = append(conditions, condition)
		fmt.Fprintf(&b, "  - id: r%d\n    on: message.text\n    scope: {chat_type: group}\n    match: {any: [%s%d, 想问%s%d]}\n    when: '%s'\n    do: [{reply: \"您好 {{sender.name}}\"}]\n", i, topic, i, topic, i, condition)
		if i%200 == 199 || i == n-1 {
			sources = append(sources, rule.Source{Path: fmt.Sprintf("rules/%05d.yaml", i), Text: []byte("version: 1\nrules:\n" + b.String())})
			b.Reset()
		}
	}
	return sources, conditions
}

// BenchmarkCheck10000 says how often check of 10,000 rules, faults between them
// included, takes the time in which the bare library compiles their conditions; both
// run turn by turn.
func BenchmarkCheck10000(b *testing.B) {
	sources, conditions := manyConditions(10_000)
	var checked, bare time.Duration
	for b.Loop() {
		begin := time.Now()
		set, found := rule.Check(sources, rule.World{})
		checked += time.Since(begin)
		if set == nil || len(found) > 0 {
			b.Fatal(found)
		}
		begin = time.Now()
		for _, c := range conditions {
			if _, err := expr.Compile(c, expr.Env(bareEnv{}), expr.AsBool()); err != nil {
				b.Fatal(err)
			}
		}
		bare += time.Since(begin)
	}
	b.ReportMetric(float64(checked)/float64(bare), "x-bare")
	b.ReportMetric(float64(checked.Milliseconds())/float64(b.N), "check-ms")
	b.ReportMetric(float64(bare.Milliseconds())/float64(b.N), "bare-ms")
}
