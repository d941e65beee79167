package ruletest

import (
	"strings"
	"testing"
)

const closedRules = `version: 1
lists: {holidays: ["2026-11-24"]}
rules:
  - id: human
    on: message.text
    match: {any: [人工]}
    when: len(text) < 20
    cooldown: {for: 1m, per: [chat]}
    active:
      hours: ["09:00-18:00"]
      days: [workday]
      outside:
        - reply: "{{sender.name}}，客服已经下班"
        - delay: 10m
        - reply: 上班后第一时间联系您
    do: [{reply: 正在为您转人工}]
`

func TestOutsideOfItsHoursARuleAnswersOnceInEachChat(t *testing.T) {
	got, err := runTextOn(t, compile(t, closedRules), `
start: 2026-11-20 19:00
tests:
  - name: 下班以后每个会话只回一次
    steps:
      - {say: 转人工, expect: {rules: [], outcomes: {human: outside}, commands: [{content: 张三，客服已经下班}]}}
      - {at: +5m, say: 人工, expect: {outcomes: {human: inactive}, commands: []}}
      - {at: +5m, expect: {commands: [{content: 上班后第一时间联系您}]}}
      - {say: 人工, by: 李四, expect: {commands: [{content: 李四，客服已经下班}]}}
      - {say: 人工, group: 产品群, expect: {outcomes: {human: outside}}}
      - {say: 人工人工人工人工人工人工人工人工人工人工人工, by: 王五, expect: {outcomes: {human: condition_false}, commands: []}}
      - {at: +24h, say: 人工, expect: {outcomes: {human: inactive}, commands: [{content: 上班后第一时间联系您}, {content: 上班后第一时间联系您}]}}
  - name: 开过门又关门以后再回一次，节假日不算开门
    steps:
      - {at: +72h, say: 人工, expect: {outcomes: {human: outside}}}
      - {at: +24h, say: 人工, expect: {outcomes: {human: inactive}}}
      - {at: +13h, say: 人工, expect: {outcomes: {human: inactive}}}
      - {at: +1h, say: 人工, expect: {rules: [human], commands: [{content: 正在为您转人工}]}}
      - {at: +10h, say: 人工, expect: {outcomes: {human: outside}}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if got != "" {
		t.Errorf("failures:\n%s", strings.TrimSpace(got))
	}
}
