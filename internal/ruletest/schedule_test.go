package ruletest

import (
	"strings"
	"testing"
)

const scheduledRules = `version: 1
rules:
  - id: morning
    on: {schedule: {cron: "0 9 * * mon-fri"}}
    scope: {chat_type: group}
    do: [{reply: "早上好，{{chat.name}}"}, {delay: 30m}, {announce: {text: 开工}}]
  - {id: tick, on: {schedule: {every: 12h}}, do: [{log: "{{now.Format('15:04')}}"}]}
  - {id: hello, on: start, do: [{send: {to: "R:10696051755024720", text: 机器人启动了}}]}
  - {id: say, on: message.text, match: {any: [在吗]}, do: [{reply: 在}]}
  - id: office
    on: {schedule: {cron: "0 9 * * *"}}
    scope: {chat_type: group}
    active: {days: [mon-fri]}
    do: [{reply: 上班}]
`

func TestSchedulesHappenBetweenTheStepsInTheirOrder(t *testing.T) {
	set := compile(t, scheduledRules)
	got, err := runTextOn(t, set, `
start: 2026-11-20 08:00
tests:
  - name: 周五早上问好，周末不问
    steps:
      - {start: true, expect: {rules: [hello], commands: [{type: message.text, content: 机器人启动了}]}}
      - at: +59m
        expect: {rules: []}
      - at: +31m
        group: 产品群
        expect:
          rules: [morning, office]
          commands: [{content: 早上好，产品群}, {content: 上班}, {type: robot.set.group.announcement, notice: 开工}]
      - at: +5h
        say: 在吗
        group: 产品群
        expect: {rules: [tick, say]}
      - {at: +24h, expect: {rules: [tick, tick], outcomes: {office: inactive}}}
      - {at: +48h, expect: {rules: [tick, tick, tick, morning, office, tick]}}
`)
	if err != nil {
		t.Fatal(err)
	}
	if got != "" {
		t.Errorf("failures:\n%s", strings.TrimSpace(got))
	}
}
