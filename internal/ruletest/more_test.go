package ruletest

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
	"pgregory.net/rapid"

	"botengine/internal/rule"
)

const moreRules = `version: 1
lists: {banned: {dynamic: true}}
rules:
  - id: ask
    on: message.text
    match: {any: [退款]}
    cooldown: {for: 1m, per: [member]}
    do:
      - count: member.asked
      - set: {user.level: 2}
      - tag: {add: [售后/退款]}
        on_error: continue
      - reply: 请回复订单号
      - wait_for: {timeout: 10m}
        id: number
      - reply: "订单 {{steps.number.text}}"
  - id: draw
    on: message.text
    match: {any: [抽奖]}
    loop_guard: off
    do:
      - choose: [{do: [{reply: 一}]}, {do: [{reply: 二}]}, {do: [{reply: 三}]}, {do: [{reply: 四}]}]
  - id: ban
    on: message.text
    match: {any: [拉黑]}
    do: [{list: {add: banned, value: "{{sender.id}}"}}]
  - id: sent
    on: message.text
    match: {any: [送达]}
    do:
      - reply: 第一句
        id: first
        on_error: continue
      - set: {user.code: "{{steps.first.code}}"}
  - id: label
    on: message.text
    match: {any: [标签]}
    do:
      - tag: {add: [售后/退款]}
        id: it
        on_error: continue
      - set: {user.code: "{{steps.it.code}}"}
  - id: loop
    on: result.failed
    do: [log: "{{result.code}}"]
`

func TestFactsAreAskedInTheWordsOfTheRules(t *testing.T) {
	const tests = `
tags: [{name: 售后/退款, id: 14073751575621261}]
tests:
  - name: 全部
    steps:
      - say: 我要退款
        expect:
          facts:
            count("member.asked"): 1
            count("member.asked", "1h") > 0: true
            user.level: 2
            user.code: null
            tagged("售后/退款"): true
            cooldown(ask): 60s
            cooldown("draw"): 0s
            waiting("ask"): number
            in_list("banned", sender.id): false
      - {at: +30s, say: 拉黑, by: 李四, expect: {facts: {'in_list("banned", sender.id)': true, 'count("member.asked")': 0, cooldown(ask): 0s}}}
      - {say: "12345", expect: {commands: [{content: 订单 12345}], facts: {waiting(ask): null, cooldown("ask"): 30s}}}
  - name: 不对的
    steps:
      - {say: 退款, expect: {facts: {user.level: 3, waiting(ask): other}}}
`
	got := runRules(t, moreRules, tests)
	want := `flow_test.yaml:22: 不对的: user.level: want "3", got "2"
flow_test.yaml:22: 不对的: waiting(ask): want "other", got "number"`
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestCommandsEndAsTheStepSays(t *testing.T) {
	for name, c := range map[string]string{
		"not delivered":               `{say: 送达, fail: [{type: message.text, send_status: 2}], expect: {rules: [sent, loop], facts: {user.code: undelivered}}}`,
		"not sent":                    `{say: 送达, fail: [{type: message.text, send_status: 0}], expect: {rules: [sent, loop], facts: {user.code: not_sent}}}`,
		"refused with a code":         `{say: 送达, fail: [{type: message.text, code: "5001", msg: 满了}], expect: {facts: {user.code: "5001"}}}`,
		"only the first of them":      `{say: 送达, fail: [{type: message.text, code: "7", times: 1}], expect: {facts: {user.code: "7"}}}, {say: 送达, expect: {facts: {user.code: "0"}}}`,
		"no answer, before its time":  `{say: 送达, fail: [{type: message.text, never: true}], expect: {rules: [sent], facts: {user.code: null}}}`,
		"no answer, once it is over":  `{say: 送达, fail: [{type: message.text, never: true}]}, {at: +29s, expect: {facts: {user.code: null}}}, {at: +1s, expect: {rules: [loop], facts: {user.code: unknown}}}`,
		"a tag of which is no answer": `{say: 标签, fail: [{type: robot.cust.tags, never: true}]}, {at: +5m, expect: {facts: {user.code: timeout}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			tests := "tags: [{name: 售后/退款}]\ntests: [{name: " + strings.ReplaceAll(name, ",", "") + ", steps: [" + c + "]}]\n"
			if got := runRules(t, moreRules, tests); got != "" {
				t.Error(got)
			}
		})
	}
}

func TestWhatIsDrawnFollowsFromTheSeed(t *testing.T) {
	drawn := func(seed string) (texts []string) {
		f, found := Read(rule.Source{Path: "draw_test.yaml", Text: []byte(seed + "tests: [{name: 抽, steps: [{say: 抽奖}, {say: 抽奖}, {say: 抽奖}, {say: 抽奖}, {say: 抽奖}, {say: 抽奖}]}]")})
		if found.HasErrors() {
			t.Fatal(Faults(found))
		}
		r, err := NewRunner(compile(t, moreRules)).Run(&f, &f.Tests[0])
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range r.Steps {
			texts = append(texts, string(s.Seen.Commands[0].Fields))
		}
		return texts
	}
	if d := cmp.Diff(drawn("seed: 7\n"), drawn("seed: 7\n")); d != "" {
		t.Errorf("the same seed draws otherwise: %s", d)
	}
	if d := cmp.Diff(drawn(""), drawn("")); d != "" {
		t.Errorf("without a seed every run draws otherwise: %s", d)
	}
	others := 0
	for i := range 10 {
		if !cmp.Equal(drawn(""), drawn(fmt.Sprintf("seed: %d\n", i))) {
			others++
		}
	}
	if others < 8 {
		t.Errorf("only %d of 10 seeds draw otherwise", others)
	}
}

func TestTestsBesideTheRulesChangeNothingThatIsLoaded(t *testing.T) {
	const tests = "\ntests:\n- name: 一\n  steps: [{say: 退款, expect: {rules: [ask]}}]\n# 完\n"
	for name, text := range map[string]string{
		"behind the rules":        moreRules + tests,
		"that are no YAML at all": moreRules + "\ntests: [{{\n  : ]\n",
		"before the rules":        tests + strings.Replace(moreRules, "version: 1\n", "", 1),
	} {
		t.Run(name, func(t *testing.T) {
			set := compile(t, text)
			if len(set.Rules) != 6 {
				t.Errorf("%d rules", len(set.Rules))
			}
		})
	}
	with := rule.Sources{{Path: "a.yaml", Text: []byte(moreRules + "\ntests: [{name: a, steps: []}]\n")}}
	other := rule.Sources{{Path: "a.yaml", Text: []byte(moreRules + "\ntests: []\n")}}
	changed := rule.Sources{{Path: "a.yaml", Text: []byte(strings.Replace(moreRules, "1m", "2m", 1) + "\ntests: []\n")}}
	if with.Hash() != other.Hash() || with.Hash() == changed.Hash() {
		t.Error("tests change the generation of the rules, or rules do not")
	}
	found := func() string {
		_, found := Read(rule.Source{Path: "a.yaml", Text: []byte(moreRules + "\ntests:\n  - {name: 一, stesp: []}\n")})
		return Faults(found).Error()
	}()
	if line := strings.Count(moreRules, "\n") + 3; !strings.Contains(found, fmt.Sprintf("a.yaml:%d:15: error[BE102]", line)) {
		t.Errorf("the fault is not at its place: %s", found)
	}
}

func TestATestThatExpectsNothingAsks(t *testing.T) {
	f, found := Read(rule.Source{Path: "ask_test.yaml", Text: []byte(`tests:
  - {name: 一, steps: [{say: 退款}, {at: +1s}]}
  - {name: 二, steps: [{say: 退款}, {say: 退款, expect: {rules: []}}]}
  - {name: 三, steps: [{say: 退款, expect: }, {say: 退款, expect: {rules: []}}]}
`)})
	if found.HasErrors() {
		t.Fatal(Faults(found))
	}
	var got []string
	for i := range f.Tests {
		got = append(got, fmt.Sprint(f.Tests[i].asking()))
	}
	if d := cmp.Diff([]string{"[0 1]", "[]", "[0]"}, got); d != "" {
		t.Error(d)
	}
}

func TestCoverageSeesEveryConditionByItself(t *testing.T) {
	set := compile(t, `version: 1
rules:
  - id: a
    on: message.text
    match: {any: [退款]}
    when: len(text) > 3
    unless: {一: 'text contains "一"', 二: 'text contains "二"'}
    do: [{reply: 好}]
`)
	f, found := Read(rule.Source{Path: "a_test.yaml", Text: []byte("tests: [{name: 一, steps: [{say: 退款一二, expect: {rules: []}}, {say: 你好一二三, expect: {rules: []}}]}]")})
	if found.HasErrors() {
		t.Fatal(Faults(found))
	}
	r, cover := NewRunner(set), NewCoverage(set)
	r.Cover(cover)
	if result, err := r.Run(&f, &f.Tests[0]); err != nil || len(result.Failures) > 0 {
		t.Fatal(err, result.Failures)
	}
	rules := cover.Rules()
	var got []string
	for _, c := range rules[0].Conditions {
		got = append(got, fmt.Sprintf("%s %s %d/%d", c.Sort, c.Name, c.True, c.False))
	}
	if d := cmp.Diff([]string{"when  1/0", "unless 一 1/0", "unless 二 1/0"}, got); d != "" {
		t.Error(d)
	}
	if missing, all := rules[0].Missing(); missing != 4 || all != 7 || cover.Percent() != 300.0/7 {
		t.Errorf("%d of %d missing, %v%%", missing, all, cover.Percent())
	}
}

// rewritten runs every test of a file and writes what happened into it.
func rewritten(t interface {
	Helper()
	Fatalf(string, ...any)
}, set *rule.Set, text []byte) []byte {
	t.Helper()
	f, found := Read(rule.Source{Path: "x_test.yaml", Text: text})
	if found.HasErrors() {
		t.Fatalf("%v\n%s", Faults(found), text)
	}
	r := NewRunner(set)
	var results []Result
	for i := range f.Tests {
		result, err := r.Run(&f, &f.Tests[i])
		if err != nil {
			t.Fatalf("%v", err)
		}
		results = append(results, result)
	}
	out, err := Update(&f, results)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// The files that are shipped hold every way to write a test. With every expectation
// spoilt they are mended to what passes, and what stands outside of an expect stays.
func TestRewritingMendsTheShippedTests(t *testing.T) {
	sources, err := rule.Read([]string{"../../rules"})
	if err != nil {
		t.Fatal(err)
	}
	set, _ := rule.Compile(sources)
	for _, name := range []string{"faq", "survey", "moderation", "tagging", "welcome", "friend", "hours", "robots", "refund"} {
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile("../../rules/" + name + "_test.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if same := rewritten(t, set, text); !bytes.Equal(same, text) {
				t.Errorf("tests that pass were rewritten: %s", cmp.Diff(string(text), string(same)))
			}
			for _, spoil := range []func(string) string{
				func(s string) string { return strings.ReplaceAll(s, "rules: [", "rules: [ads, ") },
				func(s string) string { return strings.ReplaceAll(s, "content: ", "content: 错") },
				func(s string) string { return strings.ReplaceAll(s, "commands: [", "commands: [{type: x}, ") },
			} {
				spoilt := spoil(string(text))
				mended := rewritten(t, set, []byte(spoilt))
				again := rewritten(t, set, mended)
				if !bytes.Equal(mended, again) {
					t.Errorf("what was mended is mended again: %s", cmp.Diff(string(mended), string(again)))
				}
			}
		})
	}
}

func TestEveryScalarIsReadBackAsItIs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "00123", "yes", "null", "~", "1.10", "# x", "a: b", "- a", "[a", "'", "\"", "\\", " a ", "a #b", "：", "\u202e", "12:30", "0x1f", "<<", "=", "!id 张三", "*a", "&a", "@张三", "%s", "`", "2026-03-02"})).Draw(t, "text")
		if strings.ContainsRune(text, '\ufffd') {
			return
		}
		for _, src := range []string{"{k: " + scalar(text) + ", o: 1}", "k: " + scalar(text) + "\no: 1\n", "{" + scalar(text) + ": 1}"} {
			var n yaml.Node
			if err := yaml.Unmarshal([]byte(src), &n); err != nil {
				t.Fatalf("%s: %v", src, err)
			}
			m := n.Content[0]
			got := m.Content[0]
			if got.Value == "k" && len(m.Content) == 4 {
				got = m.Content[1]
			}
			if got.Value != text || got.ShortTag() != "!!str" {
				t.Fatalf("%q became %q (%s) by %s", text, got.Value, got.ShortTag(), src)
			}
		}
	})
}

// dayOf is a story of 24 hours and 100 events.
func dayOf() []byte {
	var b strings.Builder
	b.WriteString("tests:\n  - name: 一天\n    steps:\n")
	words := []string{"退款", "价格", "你好", "加微信", "发票怎么开", "今天天气不错", "订单号 20260302001", "谢谢"}
	for i := range 100 {
		fmt.Fprintf(&b, "      - {at: +14m, say: %q, by: 客户%d, group: 产品体验群%d}\n", words[i%len(words)], i%9, i%3)
	}
	b.WriteString("      - {at: +40m, expect: {rules: []}}\n")
	return []byte(b.String())
}

// BenchmarkDay runs 24 hours with 100 events through the rules that are shipped; ms/day
// is what a person waits for.
func BenchmarkDay(b *testing.B) {
	sources, err := rule.Read([]string{"../../rules"})
	if err != nil {
		b.Fatal(err)
	}
	set, _ := rule.Compile(sources)
	f, found := Read(rule.Source{Path: "day_test.yaml", Text: dayOf()})
	if found.HasErrors() {
		b.Fatal(Faults(found))
	}
	r := NewRunner(set)
	began := time.Now()
	for b.Loop() {
		if _, err := r.Run(&f, &f.Tests[0]); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(time.Since(began).Microseconds())/1000/float64(b.N), "ms/day")
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("tests: [{name: a, steps: [{say: 退款, expect: {rules: [ask]}}]}]"))
	f.Add([]byte("tests:\n  - steps：\n"))
	f.Add([]byte("tests: [{steps: [{say: a, answer: [{type: x, fields: {a: !id 张三}}], fail: [{type: a, never: true}]}]}]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		file, found := Read(rule.Source{Path: "x_test.yaml", Text: text})
		for _, one := range found {
			if one.Message.ZH == "" || one.Message.EN == "" {
				t.Errorf("not in both languages: %+v", one)
			}
		}
		if found.HasErrors() {
			return
		}
		set, _ := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte("rules: [{id: a, on: message.text, match: {any: [a]}, do: [{reply: a}]}]")}})
		if Check(set, &file).HasErrors() {
			return
		}
		runner := NewRunner(set)
		var results []Result
		for i := range file.Tests {
			if len(file.Tests[i].Steps) > 20 {
				return
			}
			for _, s := range file.Tests[i].Steps {
				if s.after > 240*time.Hour {
					return
				}
			}
			result, err := runner.Run(&file, &file.Tests[i])
			if err != nil {
				return
			}
			results = append(results, result)
		}
		_, _ = Update(&file, results) // an error is an answer; it may not panic
	})
}
