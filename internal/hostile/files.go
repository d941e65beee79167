package hostile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"botengine/internal/config"
	"botengine/internal/rule"
	"botengine/internal/ruletest"
)

// oneRule is a rule file whose rule does the given steps.
func oneRule(head, steps string) string {
	return "version: 1\nrules:\n  - id: a\n    on: message.text\n" + head + "    do:\n" + steps
}

// bomb is a text that is made when it is used: together they would not fit.
type bomb struct {
	name string
	text func() string
	want Verdict
}

// yamlBombs are YAML texts that parsers suffer from, whatever the file is for.
func yamlBombs() []bomb {
	return []bomb{
		{"a billion laughs", func() string { return "version: 1\n" + laughs() }, Refused},
		{"an alias of itself", func() string { return "version: 1\nvars: &a {x: *a}\n" }, Refused},
		{"a merge of itself", func() string { return "version: 1\nvars: &a\n  <<: *a\n" }, Refused},
		{"merges of merges", func() string {
			return "version: 1\na: &a {x: 1}\n" + strings.Repeat("b: &a {<<: [*a, *a, *a]}\n", 2000)
		}, Refused},
		{"100,000 lists in lists", func() string { return strings.Repeat("[", 100_000) }, Refused},
		{"100,000 maps in maps", func() string { return strings.Repeat("{a: ", 100_000) }, Refused},
		{"10,000 levels by indenting", func() string { return indented(1000) }, Refused},
		{"100,000 dashes in a row", func() string { return strings.Repeat("- ", 100_000) }, Refused},
		{"100,000 question marks", func() string { return strings.Repeat("? ", 100_000) }, Refused},
		{"20,000 anchors", func() string { return "version: 1\nvars:\n" + numbered("  v%d: &x%d 1\n", 20_000) }, ""},
		{"100,000 documents", func() string { return strings.Repeat("---\n", 100_000) }, ""},
		{"a tag without an end", func() string { return "version: !" + strings.Repeat("x", 100_000) + " 1\n" }, Refused},
		{"a tag that builds things", func() string { return "version: 1\nvars: {a: !!python/object/apply:os.system [ls]}\n" }, Refused},
		{"bytes in base64", func() string { return "version: 1\nvars: {a: !!binary " + strings.Repeat("QUFB", 100_000) + "}\n" }, ""},
		{"a key of 500 KB", func() string { return strings.Repeat("k", 500_000) + ": 1\n" }, Refused},
		{"20,000 unknown keys", func() string { return numbered("k%d: 1\n", 20_000) }, Refused},
		{"the same key 20,000 times", func() string { return strings.Repeat("rules: []\n", 20_000) }, Refused},
		{"a number of 500,000 digits", func() string { return "version: " + strings.Repeat("9", 500_000) + "\n" }, Refused},
		{"a number with an exponent", func() string { return "version: 1e999999999\n" }, Refused},
		{"a text without an end", func() string { return "version: \"" + strings.Repeat("a\\", 200_000) }, Refused},
		{"folded lines without an end", func() string { return "version: >\n" + strings.Repeat(" a\n\n", 200_000) }, Refused},
		{"tabs", func() string { return "version: 1\n" + strings.Repeat("\t", 100_000) + "rules: []\n" }, Refused},
		{"carriage returns alone", func() string { return strings.Repeat("version: 1\r", 50_000) }, Refused},
		{"a NUL", func() string { return "version: 1\x00\nrules: []\n" }, Refused},
		{"invalid UTF-8", func() string { return "version: 1\nvars: {a: \"\xff\xfe\xc0\x80\"}\n" }, Refused},
		{"a lone surrogate", func() string { return "version: 1\nvars: {a: \"\xed\xa0\x80\"}\n" }, Refused},
		{"an escaped lone surrogate", func() string { return `{"version": 1, "vars": {"a": "\ud800"}}` }, ""},
		{"UTF-16", func() string { return "\xff\xfev\x00e\x00r\x00s\x00i\x00o\x00n\x00:\x00 \x001\x00" }, Refused},
		{"UTF-32", func() string { return "\xff\xfe\x00\x00v\x00\x00\x00" }, Refused},
		{"a byte order mark in the middle", func() string { return "version: 1\n\ufeffrules: []\n" }, ""},
		{"writing turned around", func() string { return "version: 1\nvars: {\"a\u202e\": \"\u2066b\"}\n" }, ""},
		{"a megabyte of combining marks", func() string { return "version: 1\nvars: {a: \"e" + strings.Repeat("\u0301", 400_000) + "\"}\n" }, ""},
		{"a megabyte of blanks", func() string { return strings.Repeat(" ", 1<<20-1) + "\n" }, ""},
		{"a megabyte of comments", func() string { return strings.Repeat("#\n", 1<<19-1) }, ""},
		{"a megabyte of colons", func() string { return strings.Repeat(":", 1<<20-1) }, Refused},
		{"a megabyte of quotes", func() string { return strings.Repeat("'", 1<<20-1) }, Refused},
		{"a megabyte of pipes", func() string { return strings.Repeat("|\n", 1<<19-1) }, Refused},
		{"a megabyte of ampersands", func() string { return strings.Repeat("&a ", 1<<18) }, ""},
		{"a megabyte of stars", func() string { return strings.Repeat("*a ", 1<<18) }, ""},
		{"a megabyte of percents", func() string { return strings.Repeat("%YAML 1.2\n", 1<<16) }, Refused},
		{"a byte more than a file may have", func() string { return "version: 1\n" + strings.Repeat("#", 1<<20) }, Refused},
		{"8 MiB", func() string { return "version: 1\n" + strings.Repeat("# x\n", 2<<20) }, Refused},
		{"an HTML page", func() string { return strings.Repeat("<html><body>&amp;</body></html>\n", 10_000) }, Refused},
		{"a picture", func() string { return strings.Repeat("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 10_000) }, Refused},
		{"broken lines over a thousand", func() string { return strings.Repeat("a: b: c\n", 1000) }, Refused},
		{"Chinese punctuation over and over", func() string { return strings.Repeat("规则：［“退款”，”退货”］\n", 5000) }, Refused},
		{"quotes that do not pair, line by line", func() string { return numbered("k%d: \"a\n", 5000) }, Refused},
		{"indenting that goes wild", func() string { return wild(5000) }, Refused},
	}
}

// laughs is a list of lists of lists, each by nine aliases of the one before it.
func laughs() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [lol,lol,lol,lol,lol,lol,lol,lol,lol]\n")
	for i := range 12 {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, repeated(fmt.Sprintf("*a%d", i), 9))
	}
	return b.String()
}

func indented(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func wild(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "%sk%d: [a, {b: c\n", strings.Repeat(" ", i*7919%13), i)
	}
	return b.String()
}

// numbered is a line n times, with its number in it.
func numbered(line string, n int) string {
	var b strings.Builder
	for i := range n {
		args := make([]any, strings.Count(line, "%d"))
		for k := range args {
			args[k] = i
		}
		fmt.Fprintf(&b, line, args...)
	}
	return b.String()
}

// ruleFiles are files in the rules folder.
func ruleFiles() []Case { //nolint:funlen // a table
	var all []Case
	file := func(b bomb) {
		all = append(all, Case{Group: "rule file", Name: b.name, Want: b.want, OfOperator: true, Make: func() (int, func() Verdict) {
			sources := rule.Sources{{Path: "rules/a.yaml", Text: []byte(b.text())}}
			return len(sources[0].Text), func() Verdict {
				_, found := rule.Compile(sources)
				return verdict(found.HasErrors())
			}
		}})
	}
	for _, b := range yamlBombs() {
		file(b)
	}
	long, reply := strings.Repeat("退", 4000), "      - reply: 好的\n"
	for _, b := range []bomb{
		{"a regex of repeats in repeats", func() string { return oneRule("    match: {regex: \"((a{100}){100}){100}\"}\n", reply) }, Refused},
		{"a regex of a thousand repeats", func() string { return oneRule("    match: {regex: \""+strings.Repeat("a{1000}", 140)+"\"}\n", reply) }, Refused},
		{"a regex of 14 KB", func() string { return oneRule("    match: {regex: \""+strings.Repeat("a{1000}", 2000)+"\"}\n", reply) }, Refused},
		{"a regex deep in brackets", func() string {
			return oneRule("    match: {regex: \""+strings.Repeat("(", 500)+"a"+strings.Repeat(")", 500)+"\"}\n", reply)
		}, ""},
		{"a regex of all characters", func() string { return oneRule("    match: {regex: \""+strings.Repeat("[^a]", 250)+"\"}\n", reply) }, ""},
		{"a regex of classes that repeat", func() string {
			return oneRule("    match: {regex: \""+strings.Repeat(`[\\p{L}\\p{N}]{30}`, 60)+"\"}\n", reply)
		}, Refused},
		{"a hundred regexes", func() string {
			return oneRule("    match: {regex: ["+strings.Repeat("\"(x+x+)+y{200}\", ", 100)+"\"a\"]}\n", reply)
		}, ""},
		{"a regex of the other kind", func() string { return oneRule("    match: {regex: \"(?=a)b\\\\1\"}\n", reply) }, Refused},
		{"20,000 words", func() string { return oneRule("    match: {any: ["+numbered("词%d, ", 20_000)+"x]}\n", reply) }, ""},
		{"a word of 300 KB", func() string { return oneRule("    match: {any: [\""+strings.Repeat("退", 100_000)+"\"]}\n", reply) }, ""},
		{"a word of nothing but marks", func() string { return oneRule("    match: {any: [\"\u200b\u202e\u0301\"]}\n", reply) }, Refused},
		{"5,000 unknown fields", func() string { return oneRule(numbered("    f%d: 1\n", 5000), reply) }, Refused},
		{"2,000 unknown steps", func() string { return oneRule("", numbered("      - stp%d: x\n", 2000)) }, Refused},
		{"2,000 steps", func() string { return oneRule("", strings.Repeat(reply, 2000)) }, ""},
		{"steps in steps in steps", func() string { return oneRule("", nested(30)) }, ""},
		{"steps in steps without an end", func() string { return oneRule("", nested(200)) }, Refused},
		{"a loop of 10^9", func() string { return oneRule("", "      - repeat: {times: 1000000000, do: [{reply: x}]}\n") }, Refused},
		{"a wait of 10^9 hours", func() string { return oneRule("", "      - delay: 1000000000h\n") }, Refused},
		{"a wait of less than nothing", func() string { return oneRule("", "      - delay: -1s\n") }, Refused},
		{"a cron of never", func() string {
			return strings.Replace(oneRule("", reply), "message.text", "schedule\n    cron: \"0 0 30 2 *\"", 1)
		}, Refused},
		{"a cron of everything", func() string {
			return strings.Replace(oneRule("", reply), "message.text", "schedule\n    cron: \""+strings.Repeat("*/1,", 20_000)+"* * * * *\"", 1)
		}, ""},
		{"a reply too long", func() string { return oneRule("", "      - reply: \""+long+"退\"\n") }, Refused},
		{"a template without an end", func() string { return oneRule("", "      - reply: \""+strings.Repeat("{{", 4000)+"\"\n") }, Refused},
		{"macros of each other", func() string {
			return "version: 1\nmacros: {a: b, b: a}\n" + oneRule("    when: a\n", reply)[len("version: 1\n"):]
		}, Refused},
		{"300 macros in a chain", func() string {
			return "version: 1\nmacros:\n  m0: text\n" + chain(300) + oneRule("    when: m299 == \"\"\n", reply)[len("version: 1\n"):]
		}, Refused},
		{"a library of itself", func() string { return "version: 1\nuse: a.yaml\nrules: []\n" }, ""},
		{"a library far away", func() string { return "version: 1\nuse: ../../../../etc/passwd\nrules: []\n" }, Refused},
		{"a list far away", func() string { return "version: 1\nlists: {a: {file: ../../../../etc/passwd}}\nrules: []\n" }, Refused},
		{"a list by its whole path", func() string { return "version: 1\nlists: {a: {file: /etc/passwd}}\nrules: []\n" }, Refused},
		{"a list by a NUL", func() string { return "version: 1\nlists: {a: {file: \"a\\0b\"}}\nrules: []\n" }, Refused},
		{"a command to a host of a message", func() string { return oneRule("", "      - reply_link: {title: a, url: \"https://{{text}}/\"}\n") }, Refused},
		{"a command to a chat of a message", func() string { return oneRule("", "      - send: {to: \"{{text}}\", text: a}\n") }, Refused},
		{"a call to a host of a message", func() string { return oneRule("", "      - call: \"https://{{text}}/\"\n") }, Refused},
		{"a header of two lines", func() string {
			return oneRule("", "      - call: {url: \"https://a.example.com/\", headers: {X-A: \"a\\r\\nHost: b\"}}\n")
		}, Refused},
		{"a glob of stars", func() string { return oneRule("    scope: {chats: [\""+strings.Repeat("*a", 5000)+"\"]}\n", reply) }, ""},
		{"a glob of braces", func() string { return oneRule("    scope: {chats: [\""+strings.Repeat("{a,b}", 1000)+"\"]}\n", reply) }, ""},
		{"a rule id of 100 KB", func() string {
			return strings.Replace(oneRule("", reply), "id: a", "id: "+strings.Repeat("a", 100_000), 1)
		}, Refused},
		{"the same id 5,000 times", func() string {
			return "version: 1\nrules:\n" + strings.Repeat("  - {id: a, on: message.text, do: [{reply: x}]}\n", 5000)
		}, Refused},
	} {
		file(b)
	}
	return all
}

// chain are macros that each name the one before twice.
func chain(n int) string {
	var b strings.Builder
	for i := 1; i < n; i++ {
		fmt.Fprintf(&b, "  m%d: m%d + m%d\n", i, i-1, i-1)
	}
	return b.String()
}

// nested are steps in steps.
func nested(n int) string {
	var b strings.Builder
	indent := "      "
	for range n {
		b.WriteString(indent + "- if: text == \"a\"\n" + indent + "  then:\n")
		indent += "    "
	}
	b.WriteString(indent + "- reply: x\n")
	return b.String()
}

// otherFiles are the tests of rules, and the lists they name.
func otherFiles() []Case {
	var all []Case
	for _, b := range yamlBombs() {
		all = append(all, Case{Group: "test file", Name: b.name, Want: b.want, OfOperator: true, Make: func() (int, func() Verdict) {
			src := rule.Source{Path: "rules/a_test.yaml", Text: []byte(strings.Replace(b.text(), "version: 1\n", "tests: []\n", 1))}
			return len(src.Text), func() Verdict {
				_, found := ruletest.Read(src)
				return verdict(found.HasErrors())
			}
		}})
	}
	for _, b := range []bomb{
		{"a megabyte of words", func() string { return numbered("词%d\n", 80_000) }, ""},
		{"one word of a megabyte", func() string { return strings.Repeat("退", 300_000) }, ""},
		{"a megabyte of lines", func() string { return strings.Repeat("\n", 1<<20) }, ""},
		{"more than a megabyte", func() string { return numbered("词%d\n", 200_000) }, ""},
		{"nasty", nasty, ""},
		{"UTF-16", func() string { return "\xff\xfea\x00\n\x00" }, ""},
	} {
		all = append(all, Case{Group: "list file", Name: b.name, Want: b.want, OfOperator: true, Make: func() (int, func() Verdict) {
			sources := rule.Sources{
				{Path: "rules/a.yaml", Text: []byte("version: 1\nlists: {words: {file: words.txt}}\n" + oneRule("    match: {list: words}\n", "      - reply: x\n")[len("version: 1\n"):])},
				{Path: "rules/words.txt", Text: []byte(b.text())},
			}
			return len(sources[1].Text), func() Verdict {
				_, found := rule.Compile(sources)
				return verdict(found.HasErrors())
			}
		}})
	}
	return all
}

// configurations are configuration files.
func configurations() []Case {
	var all []Case
	file := func(b bomb) {
		all = append(all, Case{Group: "configuration", Name: b.name, Want: b.want, OfOperator: true, Make: func() (int, func() Verdict) {
			text := strings.ReplaceAll(b.text(), "version: 1\n", "")
			dir, err := os.MkdirTemp("", "hostile")
			if err != nil {
				panic(err) //nolint:forbidigo // the machine is at fault, not the input
			}
			path := filepath.Join(dir, "botengine.yaml")
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				panic(err) //nolint:forbidigo // the machine is at fault, not the input
			}
			return len(text), func() Verdict {
				defer func() { _ = os.RemoveAll(dir) }()
				_, found, err := config.Load(path, func(string) (string, bool) { return "", false })
				return verdict(err != nil || found.HasErrors())
			}
		}})
	}
	for _, b := range yamlBombs() {
		file(bomb{b.name, b.text, ""})
	}
	account := "accounts:\n  - {name: main, access_key: k, access_secret: s%s}\nrules: [rules/]\n"
	for name, extra := range map[string]string{
		"an address without encryption": ", rest_url: \"http://example.com\"", "an address of a file": ", rest_url: \"file:///etc/passwd\"",
		"an address with a password": ", rest_url: \"https://u:p@example.com\"", "a socket without encryption": ", socket_url: \"http://example.com/imchat\"",
		"this machine by another name": ", rest_url: \"http://127.0.0.1.example.com\"", "this machine as a number": ", rest_url: \"http://2130706433\"",
		"a secret in a file that is everything": ", access_secret: \"${file:/dev/zero}\"", "a secret in a pipe": ", access_secret: \"${file:/dev/stdin}\"",
	} {
		file(bomb{name, func() string { return fmt.Sprintf(account, extra) }, Refused})
	}
	return sorted(all)
}
