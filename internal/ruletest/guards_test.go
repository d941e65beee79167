package ruletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// passes runs tests of rules, both written as a user writes them.
func passes(t *testing.T, rules, tests string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "guards_test.yaml")
	if err := os.WriteFile(file, []byte(tests), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	failures, err := Run(compile(t, rules), f)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range failures {
		t.Error(strings.TrimPrefix(one.String(), filepath.Dir(file)+"/"))
	}
}

func TestAPersonWhoAnswersIsNotTalkedOver(t *testing.T) {
	passes(t, `version: 1
lists: {staff: ["1688850285583026"]}
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, do: [reply: 请回复订单号]}
  - {id: brief, on: message.text, match: {any: [退款]}, takeover: 1m, do: [reply: 收到]}
  - {id: always, on: message.text, match: {any: [退款]}, takeover: off, do: [reply: 在的]}
  - {id: mark, on: message.text, match: {any: [退款]}, do: [set: {user.refund: true}]}
  - {id: late, on: message.text, match: {any: [稍后]}, takeover: 10m, do: [delay: 5m, {reply: 晚到的回答, id: say, on_error: continue}, log: "{{steps.say.code}}", reply: 还有一句]}
  - {id: resume, on: message.phone, include: [self], match: {any: [收工]}, do: [reply: 机器人回来了]}
`, `
tests:
  - name: 手机上手动回复
    steps:
      - {say: 退款, group: 产品群, expect: {rules: [refund, brief, always, mark]}}
      - {phone: 我来看看, group: 产品群, expect: {rules: []}}
      - {say: 退款, group: 产品群, expect: {rules: [always, mark], outcomes: {refund: taken_over, brief: taken_over}}}
      - {say: 退款, group: 另一个群, expect: {rules: [refund, brief, always, mark]}}
      - {say: 退款, by: 李四, expect: {rules: [refund, brief, always, mark]}}
      - {at: +1m, say: 退款, group: 产品群, expect: {rules: [brief, always, mark]}}
      - {at: +9m, say: 退款, group: 产品群, expect: {rules: [refund, brief, always, mark]}}
  - name: 排队的消息也不再发
    steps:
      - {say: 稍后, group: 产品群, expect: {rules: [late], commands: []}}
      - {at: +4m, phone: 我来回, group: 产品群}
      - {at: +1m, expect: {commands: []}}
      - {at: +10m, say: 稍后, group: 产品群}
      - {at: +5m, expect: {commands: [{content: 晚到的回答}, {content: 还有一句}]}}
  - name: 员工在群里说话
    steps:
      - {say: 退款是我负责的, by: "1688850285583026", group: 产品群, expect: {rules: [always, mark], outcomes: {refund: taken_over}}}
      - {say: 退款, group: 产品群, expect: {outcomes: {refund: taken_over}}}
  - name: 员工私聊机器人不算接管
    steps:
      - {say: 退款, by: "1688850285583026", expect: {rules: [refund, brief, always, mark]}}
  - name: 只听手动消息的规则照样回答
    steps:
      - {phone: 收工, group: 产品群, expect: {rules: [resume], commands: [{content: 机器人回来了}]}}
`)
}

func TestAPauseSilencesARobotsRulesUntilItIsOver(t *testing.T) {
	passes(t, `version: 1
rules:
  - {id: hush, on: message.text, match: {exact: [安静]}, do: [reply: 好的, pause: 30m]}
  - {id: hush-all, on: message.text, match: {exact: [全部安静]}, do: [pause: {for: 1h, scope: global}]}
  - {id: speak, on: message.text, match: {exact: [恢复]}, do: [pause: off]}
  - {id: faq, on: message.text, match: {any: [退款]}, do: [reply: 请回复订单号]}
  - {id: late, on: message.text, match: {any: [稍后]}, do: [delay: 10m, reply: 晚到的回答]}
`, `
tests:
  - name: 一个群里半小时
    steps:
      - {say: 稍后, group: 产品群}
      - {say: 安静, group: 产品群, expect: {rules: [hush], commands: [{content: 好的}]}}
      - {say: 退款, group: 产品群, expect: {rules: [], outcomes: {faq: paused}}}
      - {say: 退款, group: 另一个群, expect: {rules: [faq]}}
      - {at: +29m, say: 退款, group: 产品群, expect: {outcomes: {faq: paused}}}
      - {at: +1m, say: 退款, group: 产品群, expect: {rules: [faq]}}
  - name: 提前恢复
    steps:
      - {say: 安静, group: 产品群}
      - {say: 恢复, group: 产品群, expect: {rules: [speak]}}
      - {say: 退款, group: 产品群, expect: {rules: [faq]}}
  - name: 全部
    steps:
      - {say: 全部安静, group: 产品群}
      - {say: 退款, by: 李四, expect: {outcomes: {faq: paused}}}
      - {at: +1h, say: 退款, by: 李四, expect: {rules: [faq]}}
`)
}
