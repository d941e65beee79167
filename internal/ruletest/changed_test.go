package ruletest

import "testing"

const tried = `version: 1
defaults: {loop_guard: off}
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, rollout: {canary: 0.0001%, for: 2h}, do: [reply: 请回复订单号]}
  - {id: greet, on: message.text, match: {any: [好]}, rollout: {abort_if: seen >= 20 and share > 0.5}, do: [reply: 您好]}
  - {id: accept, on: friend.request, rollout: {abort_if: errors >= 2}, do: [accept_friend: {}]}
`

func TestAChangedRuleActsEverywhereWhenItsTimeIsOver(t *testing.T) {
	passes(t, tried, `
changed: [refund]
tests:
  - name: 试用期
    steps:
      - {say: 退款, group: 产品群, expect: {rules: [], commands: [], outcomes: {refund: canary}}}
      - {at: +1h59m, say: 退款, group: 产品群, expect: {commands: [], outcomes: {refund: canary}}}
      - {at: +2m, say: 退款, group: 产品群, expect: {rules: [refund], commands: [{type: message.text, content: 请回复订单号}], outcomes: {refund: fired}}}
  - name: 没改过
    changed: []
    steps:
      - {say: 退款, group: 产品群, expect: {rules: [refund]}}
`)
}

func TestAChangedRuleThatDoesBadlyIsWithheld(t *testing.T) {
	steps := ""
	for range 19 {
		steps += "      - {say: 好, group: 产品群, expect: {rules: [greet]}}\n"
	}
	passes(t, tried, `
changed: [greet, accept]
tests:
  - name: 谁都答
    steps:
`+steps+`      - {say: 好, group: 产品群, expect: {rules: [], commands: [], outcomes: {greet: withheld}}}
      - {at: +3d, say: 好, group: 产品群, expect: {rules: [], outcomes: {greet: withheld}}}
  - name: 老是失败
    steps:
      - {friend: 李四, fail: [{type: robot.accept.friend.request, code: "1"}], expect: {rules: [accept]}}
      - {friend: 王五, fail: [{type: robot.accept.friend.request, code: "1"}], expect: {rules: [accept]}}
      - {friend: 赵六, expect: {rules: [], commands: [], outcomes: {accept: withheld}}}
`)
}
