package ruletest

import (
	"testing"
)

const scopedRules = `version: 1
labels: {VIP: ["VIP*"], 老群: ["R:10696051755024720"]}
lists: {staff: ["1688853470825570"]}
rules:
  - id: big
    on: message.text
    scope: {owners: [周经理], size: {min: 100}}
    match: {any: [退款]}
    do: [{reply: "{{chat.owner_name}}的群有 {{chat.size}} 人"}]
  - id: vip
    on: message.text
    scope: {labels: [VIP], exclude: {labels: [老群], members: [王五]}}
    match: {any: [退款]}
    do: [{reply: "{{join(chat.labels, '、')}}"}]
  - id: where
    on: message.text
    scope: {accounts: ["ma*"], where: chat.size < 100 and chat.muted != true}
    match: {any: [退款]}
    unless: {是员工: sender.name == "周经理", 太长: len(text) > 20}
    do: [{set: {chat.muted: true}}]
  - id: full
    on: member.join
    scope: {size: {min: 200}, members: [赵六]}
    do: [{reply: "{{chat.name}}满了：{{chat.size}}"}]
`

const scopedTests = `account: main
groups:
  大群: {owner: 周经理, size: 100}
  小群: {owner: 周经理, size: 99}
  别人的大群: {owner: 张三, size: 500}
  VIP 一群: {size: 10}
  改名的群: {id: "10696051755024720", size: 198, labels: [VIP]}
  贴了标签的群: {size: 3, labels: [VIP, 重点]}
tests:
  - name: 按群主和人数
    steps:
      - {say: 退款, group: 大群, expect: {rules: [big], commands: [{content: 周经理的群有 100 人}]}}
      - {say: 退款, group: 小群, expect: {rules: [where], outcomes: {big: out_of_scope}}}
      - {say: 退款, group: 别人的大群, expect: {rules: [], outcomes: {big: out_of_scope, where: out_of_scope}}}
      - {say: 退款, group: 没有取到的群, expect: {rules: [], outcomes: {big: out_of_scope, where: condition_error}}}
      - {say: 退款, expect: {outcomes: {big: out_of_scope, vip: out_of_scope}}}
  - name: 按群标签，排除优先
    steps:
      - {say: 退款, group: VIP 一群, expect: {rules: [vip, where], commands: [{content: VIP}]}}
      - {say: 退款, group: VIP 一群, by: 王五, expect: {rules: [], outcomes: {vip: out_of_scope}}}
      - {say: 退款, group: 贴了标签的群, expect: {rules: [vip, where], commands: [{content: VIP、重点}]}}
      - {say: 退款, group: 改名的群, expect: {rules: [], outcomes: {vip: out_of_scope}}}
  - name: 条件里用状态，例外有名字
    steps:
      - {say: 退款, group: 小群, by: 周经理, expect: {rules: [], outcomes: {where: excepted}}}
      - {say: 我要退款可是我话很多很多很多很多很多很多很多, group: 小群, expect: {rules: [], outcomes: {where: excepted}}}
      - {say: 退款, group: 小群, expect: {rules: [where]}}
      - {say: 退款, group: 小群, expect: {rules: [], outcomes: {where: out_of_scope}}}
  - name: 进群的人算进人数
    steps:
      - {join: [赵六], group: 改名的群, expect: {rules: [], outcomes: {full: out_of_scope}}}
      - {join: [钱七], group: 改名的群, expect: {rules: [], outcomes: {full: out_of_scope}}}
      - {join: [钱七, 赵六], group: 改名的群, expect: {rules: [full], commands: [{content: 改名的群满了：202}]}}
`

func TestRulesAreTestedOnGroupsThatTheTestDescribes(t *testing.T) {
	set := compile(t, scopedRules)
	if found, err := runTextOn(t, set, scopedTests); err != nil || found != "" {
		t.Errorf("%v\n%s", err, found)
	}
}
