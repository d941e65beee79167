package diag_test

import (
	"fmt"
	"strings"
	"testing"

	"botengine/internal/diag"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// parseYAML is the real parser: what the traps say is held against it.
// The library panics on some malformed input; that is an error here.
func parseYAML(src []byte) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("yaml: %v", v)
		}
	}()
	var n yaml.Node
	return yaml.Unmarshal(src, &n)
}

// found lists findings as "line:column code", with a W for warnings.
func found(l diag.List) []string {
	var out []string
	for _, f := range l {
		s := fmt.Sprintf("%d:%d %s", f.Range.Start.Line, f.Range.Start.Column, f.Code)
		if f.Severity == diag.Warning {
			s += " W"
		}
		out = append(out, s)
	}
	return out
}

func TestYAMLTraps(t *testing.T) {
	for _, c := range []struct {
		name, src string
		want      []string
	}{
		{"a sound file has none", "rules:\n  - id: a # 说明\n    on: message\n    when: |\n      text: x\n    match: {any: [退款, 怎么退], fold: [width]}\n    do:\n    - reply: \"价格: 5元\"\n", nil},
		{"a full-width colon is found at the colon, not on the next line", "rules:\n  - id：a\n    on: message\n", []string{"2:7 BE110"}},
		{"a full-width colon in the middle of a rule", "rules:\n  - id: a\n    on：message\n    do: []\n", []string{"3:7 BE110"}},
		{"full-width colons on adjacent lines are all found", "rules:\n  - id：a\n    on：message\n    do: []\n", []string{"2:7 BE110", "3:7 BE110"}},
		{"a full-width colon far from the line YAML complains about", "id：a\n\n\n\nb: c\n", []string{"1:3 BE110"}},
		{"a full-width colon inside a value is fine", "reply: 价格：5元\n", nil},
		{"a list entry with a full-width colon is fine even beside a real fault", "any:\n  - vip：会员\nreply: @张三\n", []string{"3:8 BE115"}},
		{"a full-width colon in brackets", "do: [{reply：您好}]\n", []string{"1:12 BE110"}},
		{"a missing space after the colon", "id:a\nb: c\n", []string{"1:3 BE117"}},
		{"a full-width space as indentation", "a:\n　b: c\n", []string{"2:1 BE111"}},
		{"full-width spaces after a well indented line", "a:\n  b: c\n　　d: e\n", []string{"3:1 BE111"}},
		{"full-width spaces in a block of text are the author's", "a: |\n  　　您好：世界\nb: c\n", nil},
		{"full-width spaces before a comment", "a: b\n　# 说明\n", []string{"2:1 BE111"}},
		{"a tab as indentation", "a:\n\tb: c\n", []string{"2:1 BE112"}},
		{"a dash without its space", "rules:\n  -id: a\n    on: message\n    do:\n      -reply: 好\n", []string{"2:3 BE117", "5:7 BE117"}},
		{"a dash without its space that YAML takes for a key", "do:\n  -reply: 好\n", []string{"2:3 BE117"}},
		{"a dash in a key is no list", "headers: {x-id: a}\ny-id: b\n-1: c\n", nil},
		{"a full-width dash", "rules:\n  － id: a\n    do:\n      － reply: 好\n", []string{"2:3 BE110", "4:7 BE110"}},
		{"a dash of a text is the author's", "reply:\n  — 您好\n", nil},
		{"a tab whose width nobody knows hides nothing behind it", "rules:\n  - id: a\n\ton: message\n    do:\n\t- reply: 价格: 5元\nlang： zh\n", []string{"3:1 BE112", "5:1 BE112", "5:13 BE114", "6:5 BE110"}},
		{"what remains of a wrong indentation is not said twice", "a:\n  b: c\n　　　d: e\n", []string{"3:1 BE111"}},
		{"a tab among spaces", "a:\n  b: 1\n\tc: 2\n", []string{"3:1 BE112"}},
		{"every line indented by a tab", "a:\n\tb: 1\n\tc: 2\n", []string{"2:1 BE112", "3:1 BE112"}},
		{"a tab in an empty line, which YAML minds", "a:\n  b: 1\n\t\nc: 2\n", []string{"3:1 BE112"}},
		{"a value that became a comment", "reply: #退款\n", []string{"1:8 BE113"}},
		{"a list entry that became a comment", "any:\n  - #退款\n  - 退货\n", []string{"2:5 BE113"}},
		{"a comment behind a key with content below is fine", "rules: #全部规则\n  - id: a\n", nil},
		{"a list at the column of its key is content too", "rules: #全部规则\n- id: a\n", nil},
		{"a comment with a space is a comment", "vars: # 暂无\nrules: []\n", nil},
		{"a text cut off by a comment", "reply: 加群请回复 #1\n", []string{"1:14 BE113 W"}},
		{"a comment with a space behind a text is fine", "reply: 您好 # 问候\n", nil},
		{"a colon and a space in a text", "reply: 价格: 5元\n", []string{"1:10 BE114"}},
		{"a colon and a space in an expression", "when: text contains \"x: y\"\n", []string{"1:23 BE114"}},
		{"a colon at the end of a text", "a: 价格:\n", []string{"1:6 BE114"}},
		{"a colon in the second line of a text", "reply: 您好\n  价格: 5元\n", []string{"2:5 BE114"}},
		{"a key indented too far", "id: a\n  on: message\n", []string{"2:3 BE101"}},
		{"a text that begins with @", "reply: @张三\n", []string{"1:8 BE115"}},
		{"a text that begins with a back quote", "reply: `x`\n", []string{"1:8 BE115"}},
		{"a text that begins with %", "reply: %s\n", []string{"1:8 BE115"}},
		{"a comparison without its left side", "when: > 5\n", []string{"1:7 BE115"}},
		{"several in one file are all found", "a: @b\nc: 您好\nd: @e\n", []string{"1:4 BE115", "3:4 BE115"}},
		{"two on one line", "do: [{reply: @a}, {reply: @b}]\n", []string{"1:14 BE115", "1:27 BE115"}},
		{"emphasis with stars", "reply: *重要*\n", []string{"1:8 BE116"}},
		{"stars around letters", "reply: *vip*\n", []string{"1:8 BE116"}},
		{"an alias with its anchor is fine", "a: &x 1\nb: *x\n", nil},
		{"an exclamation mark", "reply: !注意 您好\n", []string{"1:8 BE116"}},
		{"an exclamation mark that YAML accepts as a tag", "reply: !important\n", []string{"1:8 BE116"}},
		{"a full-width exclamation mark is fine", "reply: ！注意\n", nil},
		{"a template at the beginning", "reply: {{sender.name}} 您好\n", []string{"1:8 BE119"}},
		{"a template alone, which YAML accepts as a mapping", "reply: {{sender.name}}\n", []string{"1:8 BE119"}},
		{"a template in the middle is fine", "reply: 您好 {{sender.name}}\n", nil},
		{"a text behind a closing quote", "reply: \"退款\" 请联系\n", []string{"1:13 BE101"}},
		{"a bracket that is not closed", "a: [x, y\nb: c\n", []string{"1:4 BE101"}},
		{"a quote that is not closed", "a: \"abc\nb: c\n", []string{"1:4 BE101"}},
		{"a list that begins behind a colon", "a: - b\n", []string{"1:4 BE101"}},
		{"a line that is aligned with nothing", "a:\n   b: c\n  d: e\n", []string{"3:3 BE101"}},
		{"a full-width comma in a list", "any: [退款，退货]\n", []string{"1:9 BE133 W"}},
		{"a full-width comma between fields", "match: {exact: 退款，fold: [width]}\n", []string{"1:18 BE133"}},
		{"full-width brackets around a list are one text", "any: ［退款，退货］\n", []string{"1:6 BE110 W"}},
		{"full-width brackets around fields", "match: ｛any：退款｝\n", []string{"1:8 BE110"}},
		{"full-width brackets around fields, with a colon that is right", "match: ｛any: ［退款］｝\n", []string{"1:8 BE110"}},
		{"full-width brackets within brackets", "match: {any: ［退款］}\n", []string{"1:14 BE110 W"}},
		{"a sentence that begins with a full-width bracket is fine", "reply: ［公告］今天休息\n", nil},
		{"full-width brackets in quotes are fine", "reply: \"［公告］\"\n", nil},
		{"an invisible line break", "reply: 您好\u2028欢迎\n", []string{"1:10 BE118"}},
		{"an invisible line break does not shift later places", "reply: 您好\u2028欢迎\nb: @c\n", []string{"1:10 BE118", "2:4 BE115"}},
		{"a control character", "a: b\x01c\n", []string{"1:5 BE118"}},
		{"GBK instead of UTF-8", "a: \xc4\xe3\xba\xc3\n", []string{"1:4 BE118"}},
		{"CRLF and a byte order mark are fine", "\ufeffa: b\r\nc: d\r\n", nil},
		{"places in a file with CRLF and a byte order mark", "\ufeffa: b\r\nc: @d\r\n", []string{"2:4 BE115"}},
		{"an unknown escape", "a: \"\\d\"\n", []string{"1:1 BE101"}},
		{"a trap and an unrelated fault", "a: @b\nc: \"x\n", []string{"1:4 BE115", "2:4 BE101"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := diag.YAMLTraps("rules/a.yaml", []byte(c.src), parseYAML)
			if d := cmp.Diff(c.want, found(got)); d != "" {
				t.Errorf("%q: findings (-want +got):\n%s%v", c.src, d, parseYAML([]byte(c.src)))
			}
			for _, f := range got {
				if f.File != "rules/a.yaml" || f.Message.ZH == "" || f.Message.EN == "" {
					t.Errorf("finding is not complete: %+v", f)
				}
			}
		})
	}
}

func TestYAMLTrapsExplainAnyError(t *testing.T) {
	l := diag.YAMLTraps("a.yaml", []byte("a: b\n"), func([]byte) error { return fmt.Errorf("yaml: line 7: something new") })
	if len(l) != 1 || !strings.Contains(l[0].Message.EN, "something new") || l[0].Range.Start.Line > 2 {
		t.Errorf("an unknown error became %+v", l)
	}
}

func TestNotAMappingNamesTheColon(t *testing.T) {
	f, ok := diag.NotAMapping("a.yaml", 4, 9, "any：[退款]")
	if !ok || f.Code != "BE110" || f.Range.Start != (diag.Position{Line: 4, Column: 12}) {
		t.Errorf("got %+v, %v", f, ok)
	}
	for _, text := range []string{"您好", "https://example.com", "价格：5元", ""} {
		if f, ok := diag.NotAMapping("a.yaml", 1, 1, text); ok {
			t.Errorf("%q became %+v", text, f)
		}
	}
}

// TestTrapExamples holds the explanations to what is really found: the wrong
// example of each trap has its code, the right one has nothing.
func TestTrapExamples(t *testing.T) {
	for _, c := range diag.Codes() {
		if (c.Code < "BE110" || c.Code > "BE119") && c.Code != "BE133" {
			continue
		}
		t.Run(c.Code, func(t *testing.T) {
			wrong := diag.YAMLTraps("a.yaml", []byte(c.Wrong+"\n"), parseYAML)
			if len(wrong) == 0 || wrong[0].Code != c.Code {
				t.Errorf("the wrong example %q is found to be %v", c.Wrong, found(wrong))
			}
			if right := diag.YAMLTraps("a.yaml", []byte(c.Right+"\n"), parseYAML); len(right) > 0 {
				t.Errorf("the right example %q is found to be %v", c.Right, found(right))
			}
		})
	}
}

func FuzzYAMLTraps(f *testing.F) {
	for _, c := range diag.Codes() {
		f.Add([]byte(c.Wrong))
		f.Add([]byte(c.Right))
	}
	for _, s := range []string{"- - |\n  x\n", "a: 'b''c'\n", "{a: [b}\n", "]\n", "\t- a\n", "? a\n: b\n", "a: {{x\n}}", "　\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 2000 {
			return
		}
		l := diag.YAMLTraps("a.yaml", src, parseYAML)
		if parseYAML(src) != nil && !l.HasErrors() {
			t.Fatalf("an error of the parser was not explained: %v", parseYAML(src))
		}
		lines := strings.Count(string(src), "\n") + strings.Count(string(src), "\r") + 1
		for _, f := range l {
			if f.Range.Start.Line < 1 || f.Range.Start.Line > lines || f.Range.Start.Column < 1 {
				t.Fatalf("a finding outside of the file: %+v", f)
			}
		}
	})
}
