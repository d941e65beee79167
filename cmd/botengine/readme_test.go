package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"botengine/internal/diag"
)

// The first ten minutes with the program, as the README tells of them: each command
// is run, in this order, in one new folder, and the README has what it prints.
var firstMinutes = []struct {
	before    diag.Text // what the README says before it
	shown, en string    // the command, in the Chinese README and, where it differs, in the other
	args      []string
	input     diag.Text             // what is typed
	edit      *strings.Replacer     // a change of rules/faq.yaml in place of a command
	lines     func(string) []string // the lines worth showing; nil: all
}{
	{
		before: diag.T("新建一个项目：", "Begin a project:"),
		shown:  "botengine init shop && cd shop", args: []string{"init", "shop"}, lines: upTo("\n\n"),
	},
	{
		before: diag.T("检查规则和配置；再跑规则自己的测试，用虚拟时钟，不用等：", "Check the rules and the configuration; run the rules' own tests, on a virtual clock, without waiting:"),
		shown:  "botengine check", args: []string{"check"},
	},
	{shown: "botengine test", args: []string{"test"}},
	{
		before: diag.T("和机器人聊几句。平台是模拟的，不需要账号；输入一句话就是客户在说：", "Talk with the robot. The platform is simulated, no account is needed; what you type is said by a customer:"),
		shown:  "botengine sim --rules rules", args: []string{"sim", "--chat", "--rules", "rules", "--listen", "127.0.0.1:0"},
		input: diag.T("请问怎么退款？\n/quit\n", "Can I get a refund?\n/quit\n"), lines: conversation,
	},
	{
		before: diag.T("写错一个字母，就指到那一行、那一列，并说该写什么：", "Mistype one letter, and the line and the column are shown, with what to write:"),
		shown:  `sed -i 's/any: \[发票/anny: [发票/' rules/faq.yaml`, en: `sed -i 's/any: \[invoice/anny: [invoice/' rules/faq.yaml`,
		edit: strings.NewReplacer("any: [发票", "anny: [发票", "any: [invoice", "anny: [invoice"),
	},
	{shown: "botengine check", args: []string{"check"}},
	{
		before: diag.T("改回来，再问一句话会怎样：触发哪条规则，为什么，会说什么？", "Put it right, and ask what a message comes to: which rule fires, why, and what it says."),
		shown:  `sed -i 's/anny/any/' rules/faq.yaml`, edit: strings.NewReplacer("anny", "any"),
	},
	{
		shown: "botengine explain --text 请问怎么退款？", en: `botengine explain --text "Can I get a refund?"`,
		args: []string{"explain", "--text"}, input: diag.T("请问怎么退款？", "Can I get a refund?"),
	},
}

// upTo shows what comes before the mark.
func upTo(mark string) func(string) []string {
	return func(out string) []string {
		head, _, _ := strings.Cut(out, mark)
		return strings.Split(strings.TrimRight(head, "\n"), "\n")
	}
}

// spoken is a line of a chat that somebody said, after the time of day.
var spoken = regexp.MustCompile(`(?m)^[0-9:.]{12} +([▶◀] .*)$`)

// conversation shows what was said.
func conversation(out string) (lines []string) {
	for _, m := range spoken.FindAllStringSubmatch(out, -1) {
		lines = append(lines, m[1])
	}
	return lines
}

func TestReadmesFirstMinutesAreReal(t *testing.T) {
	for _, page := range []struct {
		file string
		lang diag.Lang
	}{{"README.md", diag.ZH}, {"README.en.md", diag.EN}} {
		t.Run(page.file, func(t *testing.T) {
			path, err := filepath.Abs("../../" + page.file)
			if err != nil {
				t.Fatal(err)
			}
			want := playFirstMinutes(t, page.lang)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			const begin, end = "<!-- first-minutes -->\n", "<!-- /first-minutes -->\n"
			head, rest, ok := strings.Cut(string(text), begin)
			got, tail, closed := strings.Cut(rest, end)
			if !ok || !closed {
				t.Fatalf("%s has no %s and %s", page.file, begin, end)
			}
			if *update {
				if err := os.WriteFile(path, []byte(head+begin+want+end+tail), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("%s does not print what the program prints (go test ./cmd/botengine -run FirstMinutes -update):\n%s\nwant:\n%s", page.file, got, want)
			}
		})
	}
}

// playFirstMinutes runs all of it and returns the piece of the README.
func playFirstMinutes(t *testing.T, lang diag.Lang) string {
	t.Helper()
	t.Chdir(t.TempDir())
	var page strings.Builder
	open := false
	for _, step := range firstMinutes {
		if text := step.before.In(lang); text != "" {
			if open {
				page.WriteString("```\n\n")
			}
			page.WriteString(text + "\n\n```console\n")
			open = true
		}
		shown := step.shown
		if lang == diag.EN && step.en != "" {
			shown = step.en
		}
		page.WriteString("$ " + shown + "\n")
		if step.edit != nil {
			editRules(t, step.edit)
			continue
		}
		args, input := step.args, step.input.In(lang)
		if args[0] == "explain" {
			args, input = append(slices.Clip(args), input), ""
		}
		out := onTerminal(t, lang, args, input)
		lines := strings.Split(strings.TrimRight(out, "\n"), "\n")
		if step.lines != nil {
			lines = step.lines(out)
		}
		page.WriteString(strings.Join(lines, "\n") + "\n")
		if args[0] == "init" {
			t.Chdir("shop")
		}
	}
	page.WriteString("```\n")
	return page.String()
}

func editRules(t *testing.T, change *strings.Replacer) {
	t.Helper()
	const file = "rules/faq.yaml"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := change.Replace(string(text))
	if changed == string(text) {
		t.Fatalf("%s did not change", file)
	}
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
}

// onTerminal runs the program and returns what a terminal would show.
func onTerminal(t *testing.T, lang diag.Lang, args []string, input string) string {
	t.Helper()
	var out bytes.Buffer
	run(context.Background(), append([]string{"--lang", string(lang), "--color", "never"}, args...), strings.NewReader(input), &out, &out)
	return out.String()
}
