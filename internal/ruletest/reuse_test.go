package ruletest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/rule"
)

// reuseSources are rules that are made from a template of a library, and the library
// with its list file.
func reuseSources(answer string) rule.Sources {
	return rule.Sources{
		{Path: "rules/common/lib.yaml", Text: []byte(strings.Replace(`use: [base.yaml]
lists: {words: {file: words.txt}}
templates:
  关键词回复:
    inputs:
      words: {type: list, required: true}
      reply: {type: text, default: "请打 {{vars.hotline}}"}
      every: {type: duration, default: 30s}
      longest: {type: number, default: 10}
      quiet: {type: bool, default: false}
    rule:
      on: message.text
      match: {any: [帮助, {input: words}]}
      when: len(text) <= inputs.longest and not is_staff and inputs.quiet == false
      cooldown: {for: {input: every}, per: [chat]}
      do:
        - reply: {input: reply}
        - delay: {input: every}
        - reply: "ANSWER {{inputs.reply}} {{join(inputs.words, '、')}} {{inputs.longest + 1}}"
`, "ANSWER", answer, 1))},
		{Path: "rules/common/base.yaml", Text: []byte("vars: {hotline: 400-800}\nmacros: {is_staff: sender.name in lists.staff}\nlists: {staff: [周经理]}\n")},
		{Path: "rules/common/words.txt", Text: []byte("甲\n")},
		{Path: "rules/faq.yaml", Text: []byte(`use: common/lib.yaml
rules:
  - {id: refund, template: 关键词回复, with: {words: [退款, 退货]}}
  - {id: price, template: 关键词回复, with: {words: [价格], reply: "{{sender.name}} 见价目表", longest: 4, every: 1h}, priority: 50, stop: true}
  - {id: never, template: 关键词回复, with: {words: [价格], quiet: true}}
`)},
		{Path: "rules/other.yaml", Text: []byte("rules:\n  - {id: other, on: message.text, match: {any: [物流]}, do: [{reply: 物流}]}\n")},
	}
}

const reuseTests = `tests:
  - name: 规则由模板而来
    steps:
      - {say: 我要退款, expect: {rules: [refund], commands: [{content: 请打 400-800}]}}
      - {at: +10s, say: 退款, expect: {rules: [], outcomes: {refund: on_cooldown}}}
      - {at: +20s, expect: {commands: [{content: "好的 请打 {{vars.hotline}} 退款、退货 11"}]}}
      - {say: 价格, expect: {rules: [price], commands: [{content: 张三 见价目表}], outcomes: {never: condition_false}}}
      - {say: 价格是多少啊, by: 李四, expect: {rules: [], outcomes: {price: condition_false}}}
      - {say: 退款, by: 周经理, expect: {rules: [], outcomes: {refund: condition_false}}}
      - {at: +1h, expect: {commands: [{content: "好的 {{sender.name}} 见价目表 价格 5"}]}}
`

func TestRulesAreMadeFromTemplatesOfLibraries(t *testing.T) {
	set, found := rule.Compile(reuseSources("好的"))
	if len(found) > 0 {
		t.Fatalf("%+v", found)
	}
	if found, err := runTextOn(t, set, reuseTests); err != nil || found != "" {
		t.Errorf("%v\n%s", err, found)
	}
}

// A rule belongs to the text of all files that it is made of: its own, the
// libraries, and the list files of both.
func TestARuleBelongsToTheLibrariesItIsMadeOf(t *testing.T) {
	set, _ := rule.Compile(reuseSources("好的"))
	refund, _ := set.Rule("refund")
	of := set.SourceOf(refund)
	var paths []string
	for _, s := range of {
		paths = append(paths, s.Path)
	}
	if got := strings.Join(paths, " "); got != "rules/common/base.yaml rules/common/lib.yaml rules/common/words.txt rules/faq.yaml" {
		t.Errorf("made of %s", got)
	}
	alone, found := rule.Compile(of)
	if alone == nil {
		t.Fatalf("%+v", found)
	}
	if again, _ := alone.Rule("refund"); again.Hash != refund.Hash {
		t.Error("compiled alone it is another rule")
	}
	next, _ := rule.Compile(reuseSources("行"))
	changed, _ := next.Rule("refund")
	was, _ := set.Rule("other")
	is, _ := next.Rule("other")
	if changed.Hash == refund.Hash || was.Hash != is.Hash {
		t.Error("another text of the library makes other rules of those that use it, and of no others")
	}
}

// A compiler that keeps what did not change sees a change in a library.
func TestAChangedLibraryIsCompiledIntoItsUsers(t *testing.T) {
	var c rule.Compiler
	before, _ := c.Compile(reuseSources("好的"))
	after, found := c.Compile(reuseSources("行"))
	if after == nil {
		t.Fatalf("%+v", found)
	}
	for _, id := range []string{"refund", "other"} {
		old, _ := before.Rule(id)
		now, _ := after.Rule(id)
		if kept := old == now; kept != (id == "other") {
			t.Errorf("the rule %s was kept: %v", id, kept)
		}
	}
}

func TestAFileThatIsReadAloneHasItsLibraries(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	for _, s := range reuseSources("好的") {
		if err := os.MkdirAll(filepath.Dir(s.Path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(s.Path, s.Text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sources, err := rule.Read([]string{"rules/faq.yaml"})
	if err != nil {
		t.Fatal(err)
	}
	if set, found := rule.Compile(sources); set == nil || len(found) > 0 || len(set.Rules) != 3 {
		t.Errorf("%+v", found)
	}
}
