package rule_test

import (
	"fmt"
	"strings"
	"testing"

	"botengine/internal/rule"
)

// manyRules writes n rules as operators have them: most look for a few words,
// some for a pattern, some ask a condition.
func manyRules(n int) rule.Sources {
	topics := []string{"退款", "发票", "快递", "价格", "售后", "会员", "优惠", "地址", "合同", "账号"}
	asks := []string{"怎么办", "在哪里", "多少钱", "什么时候", "打不开"}
	var sources rule.Sources
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "  - id: r%d\n    on: message.text\n    scope: {chat_type: group}\n", i)
		topic, ask := topics[i%len(topics)], asks[i/len(topics)%len(asks)]
		switch i % 10 {
		case 0:
			fmt.Fprintf(&b, "    match: {regex: '%s(第|号)%d[0-9]+'}\n", topic, i)
		case 1:
			fmt.Fprintf(&b, "    when: text contains \"%s%s%d\" and len(text) < 100\n", topic, ask, i)
		default:
			fmt.Fprintf(&b, "    match: {any: [%s%s%d, %s%d]}\n", topic, ask, i, ask, i)
		}
		b.WriteString("    do: [{reply: \"您好 {{sender.name}}\"}]\n")
		if i%100 == 99 || i == n-1 {
			sources = append(sources, rule.Source{Path: fmt.Sprintf("rules/%04d.yaml", i), Text: []byte("rules:\n" + b.String())})
			b.Reset()
		}
	}
	return sources
}

func BenchmarkCompile1000(b *testing.B) {
	sources := manyRules(1000)
	b.ReportAllocs()
	for b.Loop() {
		if set, found := rule.Compile(sources); set == nil {
			b.Fatal(found)
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	for _, n := range []int{10, 1000} {
		set, found := rule.Compile(manyRules(n))
		if set == nil {
			b.Fatal(found)
		}
		for name, text := range map[string]string{"hit": "你好，请问退款怎么办12 谢谢", "miss": "今天天气不错，大家周末愉快"} {
			ev := groupText(text)
			b.Run(fmt.Sprintf("%d/%s", n, name), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					set.Match(&ev, noon, false)
				}
			})
		}
	}
}
