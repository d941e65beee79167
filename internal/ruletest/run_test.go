package ruletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/rule"
)

const testedRules = `version: 1
rules:
  - id: refund
    on: message.text
    match: {any: [退款]}
    cooldown: {for: 30s, per: [chat]}
    do:
      - reply: 请回复订单号
      - delay: 1m
      - tag: {add: [售后/退款]}
        id: label
        on_error: continue
      - reply: "标签：{{steps.label.code}}"
  - id: pass-on
    on: message.image
    when: true
    do: [forward: ["R:1", 2]]
  - id: admins
    on: message.text
    match: {any: [管理员]}
    do:
      - lookup: {admins: true, as: admins}
      - lookup: {contacts: ["{{sender.id}}"], as: who}
      - reply: "{{sender.id in admins}} {{len(admins)}} {{who[0].name}} {{who[0].gender}} {{who[0].is_external}}"
  - id: gone
    on: robot.offline
    do: [log: "{{robot.status}}"]
  - id: failed
    on: result.failed
    do: [log: "{{result.rule}}"]
`

func compile(t *testing.T, text string) *rule.Set {
	t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatalf("the test's rules: %+v", findings)
	}
	return set
}

// runText runs tests written as a user writes them and returns what they found.
func runText(t *testing.T, tests string) (string, error) {
	t.Helper()
	return runTextOn(t, compile(t, testedRules), tests)
}

func runTextOn(t *testing.T, set *rule.Set, tests string) (string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "faq_test.yaml")
	if err := os.WriteFile(path, []byte(tests), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := ReadFile(path)
	if err != nil {
		return "", err
	}
	failures, err := Run(set, f)
	var lines []string
	for _, one := range failures {
		lines = append(lines, strings.TrimPrefix(one.String(), filepath.Dir(path)+"/"))
	}
	return strings.Join(lines, "\n"), err
}

func TestRun(t *testing.T) {
	for name, c := range map[string]struct{ tests, want string }{
		"a story over a delay, with a tag known by its id": {`
tags: [{name: 售后/退款, id: 14073751575621261}]
tests:
  - name: 全程
    steps:
      - {say: 退款, expect: {rules: [refund], commands: [{type: message.text, content: 请回复订单号}]}}
      - {at: +59s, expect: {commands: []}}
      - {at: +1s, expect: {commands: [{type: robot.cust.tags, tags: ["14073751575621261"]}, {content: 标签：0}]}}
`, ""},
		"a command that fails as the step says": {`
tags: [{name: 售后/退款, id: 14073751575621261}]
tests:
  - name: 标签失败
    steps:
      - say: 退款
      - {at: +2m, fail: [{type: robot.cust.tags, code: "7", msg: 坏了}], expect: {commands: [{type: robot.cust.tags}, {content: 标签：7}]}}
`, ""},
		"a tag nobody made ends its step": {`
tests:
  - name: 没有标签
    steps:
      - say: 退款
      - {at: +2m, expect: {commands: [{content: 标签：unknown_tag}]}}
`, ""},
		"the platform's answers, with the ids of names": {`
tests:
  - name: 是管理员
    steps:
      - say: 管理员
        by: 张三
        group: 产品群
        answer:
          - {type: robot.conv.admins, fields: {admins: [18446744073709551615, !id 张三]}}
          - {type: robot.contacts.inquiry, fields: {contacts: [{userId: !id 张三, name: "张三\"👋", gender: 1, isOuterUser: true, mobile: ~}], groups: [!group 产品群]}}
        expect: {commands: [{type: robot.conv.admins}, {type: robot.contacts.inquiry}, {content: "true 2 张三\"👋 1 true"}]}
      - {say: 管理员, group: 产品群, expect: {commands: [{type: robot.conv.admins}]}}
`, ""},
		"a message without a text": {`
tests:
  - name: 转发
    steps:
      - {media: image, group: 产品群, expect: {rules: [pass-on], commands: [{msgSvrID: 1001, friends: ["R:1"]}, {friends: ["2"]}]}}
`, ""},
		"a robot that goes away, and a command that fails": {`
tests:
  - name: 掉线
    steps:
      - {status: offline, expect: {rules: [gone]}}
      - {status: banned, expect: {rules: []}}
      - {say: 退款, fail: [{type: message.text, code: "9", msg: 坏了}], expect: {rules: [refund, failed]}}
`, ""},
		"each difference is one line at the step's place": {`
tests:
  - name: 不对
    steps:
      - {say: 你好, expect: {rules: [refund], commands: [{}]}}
      - {say: 退款, expect: {commands: [{content: 别的, chat: S:1_2}], outcomes: {refund: on_cooldown}}}
`, `faq_test.yaml:5: 不对: rules that fired: want [refund], got []; refund no_keyword (keywords do not match): none of the keywords is there: 「退款」
faq_test.yaml:5: 不对: commands: want 1, got 0: 
faq_test.yaml:6: 不对: outcome of refund: want on_cooldown, got fired; refund fired (fired): found 退款
faq_test.yaml:6: 不对: command 1, chat: want "S:1_2", got "S:1688850000000001_7881300956401659"; issued by rule refund, step 1
faq_test.yaml:6: 不对: command 1, content: want "别的", got "请回复订单号"; issued by rule refund, step 1`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := runText(t, c.tests)
			if err != nil {
				t.Fatal(err)
			}
			if got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestRunRefusesAFileItDoesNotUnderstand(t *testing.T) {
	for name, c := range map[string]struct{ tests, want string }{
		"an unknown key":          {"tests: [{name: a, stesp: []}]", "stesp"},
		"no tests":                {"start: 2026-03-02 10:00", "no tests"},
		"a start that is none":    {"start: 明天\ntests: [{name: a, steps: [{say: 好}]}]", "is no time"},
		"a status that is none":   {"tests: [{name: a, steps: [{status: away}]}]", `"away" is none of online`},
		"a medium that is none":   {"tests: [{name: a, steps: [{media: text}]}]", `"text" is none of image`},
		"an answer with an alias": {"tests: [{name: a, steps: [{say: 好, answer: [{type: x, fields: &a {b: [*a]}}]}]}]", "alias"},
		"a span that is none":     {"tests: [{name: a, steps: [{at: 十分钟}]}]", "is no span of time"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := runText(t, c.tests); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error that says %q", err, c.want)
			}
		})
	}
}
