package ruletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// runRules runs tests against rules, both as a user writes them, and returns what
// they found.
func runRules(t *testing.T, rules, tests string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "flow_test.yaml")
	if err := os.WriteFile(path, []byte(tests), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	failures, err := Run(compile(t, rules), f)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, one := range failures {
		lines = append(lines, strings.TrimPrefix(one.String(), filepath.Dir(path)+"/"))
	}
	return strings.Join(lines, "\n")
}

func TestFlowsOnTheVirtualClock(t *testing.T) {
	for name, c := range map[string]struct{ rules, tests string }{
		"a questionnaire waits for the person's answer": {`
version: 1
rules:
  - id: survey
    on: message.text
    match: {exact: [评价]}
    do:
      - reply: 请打分 1-5
      - repeat: {times: 2, while: "not steps.score.ok", as: n}
        do:
          - wait_for: {on: message.text, timeout: 2m, match: {regex: "^[1-5]$"}, on_timeout: continue}
            id: score
          - reply: "第{{n}}次提醒：请打分"
            when: not steps.score.ok
      - if: steps.score.ok
        then: [{reply: "谢谢，{{steps.score.text}} 分"}]
        else: [{reply: 下次再说}]
  - id: number
    on: message.text
    match: {regex: "^[0-9]+$"}
    do: [{reply: 是个数}]
`, `
tests:
  - name: 回答了
    steps:
      - {say: 评价, group: 产品群, expect: {commands: [{content: 请打分 1-5}]}}
      - {say: "4", by: 李四, group: 产品群, expect: {rules: [number]}}
      - {say: "4", expect: {rules: [number]}}
      - {say: "4", group: 产品群, expect: {rules: [], outcomes: {number: answered}, commands: [{content: 谢谢，4 分}]}}
  - name: 不回答
    steps:
      - {say: 评价, group: 产品群}
      - {at: +2m, expect: {commands: [{content: 第1次提醒：请打分}]}}
      - {at: +119s, expect: {commands: []}}
      - {at: +1s, expect: {commands: [{content: 第2次提醒：请打分}, {content: 下次再说}]}}
      - {say: "4", group: 产品群, expect: {rules: [number]}}
`},
		"new members are greeted one by one, and a failing step has others": {`
version: 1
rules:
  - id: hello
    on: member.join
    do:
      - repeat: {each: "map(members, .name)", as: name}
        do: [{reply: "欢迎 {{name}}"}]
      - rename_group: {name: 新群}
        on_error: [{reply: "改名失败：{{steps['2'].msg}}"}, stop]
      - reply: 完
`, `
tests:
  - name: 两个人
    steps:
      - {join: [张三, 李四], group: 产品群, fail: [{type: robot.modify.group.name, code: "7", msg: 没有权限}], expect: {commands: [{content: 欢迎 张三}, {content: 欢迎 李四}, {type: robot.modify.group.name}, {content: 改名失败：没有权限}]}}
`},
		"what somebody drew once stays": {`
version: 1
rules:
  - id: ab
    on: message.text
    match: {any: [价格]}
    do:
      - choose:
          - {name: A, weight: 50, do: [{log: a}]}
          - {name: B, weight: 50, do: [{log: b}]}
        sticky: member
        id: way
      - reply: "{{steps.way.msg}}"
`, `
tests:
  - name: 每次一样
    steps:
      - {say: 价格, by: 张三, group: 产品群, expect: {commands: [{content: B}]}}
      - {say: 价格, by: 李四, group: 产品群, expect: {commands: [{content: A}]}}
      - {at: +1h, say: 价格, by: 张三, group: 产品群, expect: {commands: [{content: B}]}}
      - {at: +1h, say: 价格, by: 李四, group: 产品群, expect: {commands: [{content: A}]}}
`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := runRules(t, c.rules, c.tests); got != "" {
				t.Error(got)
			}
		})
	}
}

func TestARepeatEndsAtItsMax(t *testing.T) {
	const rules = `
version: 1
rules:
  - id: a
    on: message.text
    match: {any: [开始]}
    do:
      - repeat: {while: "true", max: 2, as: n}
        do: [{reply: "{{n}}"}]
      - repeat: {each: "[\"甲\", \"乙\", \"丙\"]", max: 2, as: entry}
        do: [{reply: "{{entry}}"}]
      - reply: 完
`
	const tests = `
tests:
  - name: 两次
    steps:
      - {say: 开始, expect: {commands: [{content: "1"}, {content: "2"}, {content: 甲}, {content: 乙}, {content: 完}]}}
`
	if got := runRules(t, rules, tests); got != "" {
		t.Error(got)
	}
}
