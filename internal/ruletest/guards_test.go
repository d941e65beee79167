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

const companyRules = `version: 1
rules:
  - {id: faq, on: message.text, match: {any: [退款]}, do: [reply: 请回复订单号]}
  - {id: called, on: mention, match: {any: [在吗]}, do: [reply: 在的]}
  - {id: welcome, on: member.join, do: [reply: "欢迎 {{names(members)}}"]}
  - {id: count, on: message.text, match: {any: [签到]}, responder: all, do: [log: 签到]}
  - {id: second-only, on: message.text, scope: {robots: [二号]}, match: {any: [发票]}, do: [reply: 发票在这里]}
`

func TestOneOfSeveralRobotsInAGroupAnswers(t *testing.T) {
	passes(t, companyRules, `
robots: [{name: 二号}, {name: 三号}]
tests:
  - name: 一个回答，掉线换下一个，回来也不换
    steps:
      - {say: 退款, group: 产品群, expect: {rules: [faq], commands: [{robot: test-robot}]}}
      - {say: 退款, group: 产品群, robot: 二号, expect: {outcomes: {faq: other_responder}}}
      - {status: offline}
      - {at: +1m, say: 退款, group: 产品群, expect: {rules: [faq], commands: [{robot: 二号}]}}
      - {status: online}
      - {at: +1m, say: 退款, group: 产品群, expect: {rules: [faq], commands: [{robot: 二号}]}}
      - {join: [李四, 王五], group: 产品群, expect: {rules: [welcome], commands: [{robot: 二号}]}}
      - {status: banned, robot: 二号}
      - {at: +1m, say: 退款, group: 产品群, expect: {rules: [faq], commands: [{robot: test-robot}]}}
  - name: 同一条消息不会由接手的机器人再答一遍
    steps:
      - {say: 退款, group: 产品群, robot: 小助手, expect: {rules: [faq]}}
      - {status: offline}
      - {at: +1s, say: 退款, group: 产品群, robot: 二号, expect: {outcomes: {faq: other_responder}}}
      - {at: +1m, say: 退款, group: 产品群, robot: 二号, expect: {rules: [faq]}}
  - name: 被 @ 的机器人回答
    steps:
      - {say: 退款, group: 产品群, expect: {commands: [{robot: test-robot}]}}
      - {say: 在吗, group: 产品群, robot: 三号, at_me: true, expect: {rules: [called], commands: [{robot: 三号}]}}
      - {at: +1m, say: 退款, group: 产品群, expect: {commands: [{robot: test-robot}]}}
  - name: 都回答的规则、只给一个机器人的规则、私聊
    steps:
      - {say: 签到, group: 产品群, expect: {rules: [count, count, count]}}
      - {say: 退款, group: 产品群, expect: {commands: [{robot: test-robot}]}}
      - {say: 发票, group: 产品群, expect: {rules: [second-only], commands: [{robot: 二号}]}}
      - {say: 退款, robot: 二号, expect: {rules: [faq]}}
      - {say: 退款, robot: 三号, expect: {rules: [faq]}}
  - name: 听不到消息的机器人一分钟后被接替
    steps:
      - {say: 退款, group: 产品群, expect: {commands: [{robot: test-robot}]}}
      - {at: +5m, say: 退款一, group: 产品群, robot: 二号, expect: {outcomes: {faq: other_responder}}}
      - {at: +50s, say: 退款二, group: 产品群, robot: 二号, expect: {outcomes: {faq: other_responder}}}
      - {at: +20s, say: 退款三, group: 产品群, robot: 二号, expect: {rules: [faq]}}
`)
}

func TestACallsAnswerIsOfUseToLaterSteps(t *testing.T) {
	passes(t, `version: 1
rules:
  - id: order
    on: message.text
    match: {prefix: [订单]}
    do:
      - call: {url: "https://crm.example.com/orders", query: {q: "{{text}}", who: "{{sender.name}}"}, as: order}
        id: ask
        on_error: continue
      - reply: "{{order.fields.状态}}，{{order.fields['单.0.号']}}，「{{order.fields.没有}}」"
        when: steps.ask.ok
      - reply: "查不到：{{steps.ask.code}}"
        when: not steps.ask.ok
`, `
tests:
  - name: 查到了
    steps:
      - say: 订单&a=1
        answer: [{type: http.call, fields: {status: 200, body: '{"状态":"已发货","单":[{"号":14073751575621261}]}'}}]
        expect:
          commands:
            - {type: http.call, method: GET, url: "https://crm.example.com/orders?q=%E8%AE%A2%E5%8D%95%26a%3D1&who=%E5%BC%A0%E4%B8%89"}
            - {content: "已发货，14073751575621261，「」"}
  - name: 对方出错
    steps:
      - {say: 订单, fail: [{type: http.call, code: "500"}], expect: {commands: [{type: http.call}, {content: "查不到：500"}]}}
`)
}

func TestStaffAreToldButNotFlooded(t *testing.T) {
	passes(t, `version: 1
lists: {staff: ["1688850285583026"]}
rules:
  - id: human
    on: message.text
    match: {any: [人工]}
    loop_guard: off
    takeover: off
    do:
      - notify: {to: 客服群, text: "{{sender.name}} 要人工", count: 2, within: 10m}
        id: tell
      - log: "{{steps.tell.code}}"
  - {id: hush, on: message.text, match: {exact: [安静]}, do: [pause: 1h]}
`, `
tests:
  - name: 最多两条，下一条说明少了几条
    steps:
      - {say: 人工, expect: {commands: [{content: 张三 要人工}]}}
      - {say: 人工, by: 李四, expect: {commands: [{content: 李四 要人工}]}}
      - {say: 人工, expect: {rules: [human], commands: []}}
      - {say: 人工, by: 王五, expect: {rules: [human], commands: []}}
      - {at: +10m, say: 人工, expect: {commands: [{content: "张三 要人工\n（另有 2 条未发送）"}]}}
      - {say: 人工, expect: {commands: [{content: 张三 要人工}]}}
  - name: 员工在客服群里说话也照样通知
    steps:
      - {say: 我在, by: "1688850285583026", group: 客服群}
      - {say: 人工, expect: {commands: [{content: 张三 要人工}]}}
`)
}
