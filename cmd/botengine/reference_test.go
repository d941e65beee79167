package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"botengine/internal/diag"
)

// writeReference writes the page docs/cli.md: every command with its flags, in
// both languages, from the commands themselves.
func writeReference(w io.Writer) error {
	var b strings.Builder
	b.WriteString("# 命令行 · The command line\n\n由 `make generate` 从命令本身生成。Generated from the commands themselves by `make generate`.\n\n")
	b.WriteString("退出码 · Exit codes: 0 正常 ok；1 发现问题 problems found；2 用法或输入输出错误 usage or I/O；3 `--strict` 下只有警告 warnings under `--strict`；4 找不到正在运行的引擎 the running engine cannot be reached.\n")
	zh, en := commandsIn(diag.ZH), commandsIn(diag.EN)
	for i := range zh {
		fmt.Fprintf(&b, "\n## `%s`\n\n%s\n\n%s\n\n", zh[i].UseLine(), zh[i].Short, en[i].Short)
		if zh[i].Long != "" {
			fmt.Fprintf(&b, "```text\n%s\n\n%s\n```\n\n", zh[i].Long, en[i].Long)
		}
		writeFlags(&b, zh[i].LocalFlags(), en[i].LocalFlags())
	}
	b.WriteString("\n## 公共选项 · Flags of every command\n\n")
	writeFlags(&b, zh[0].InheritedFlags(), en[0].InheritedFlags())
	_, err := io.WriteString(w, b.String())
	return err
}

// commandsIn are the commands of the program, described in one language.
func commandsIn(lang diag.Lang) []*cobra.Command {
	c := &cli{out: io.Discard, err: io.Discard, langFlag: string(lang), env: func(string) (string, bool) { return "", false }}
	return withSubcommands(c.root().Commands())
}

// withSubcommands are the commands, each followed by its own, as cobra sorts them.
func withSubcommands(commands []*cobra.Command) (all []*cobra.Command) {
	for _, cmd := range commands {
		if cmd.Hidden { // the program's own
			continue
		}
		all = append(all, cmd)
		all = append(all, withSubcommands(cmd.Commands())...)
	}
	return all
}

func writeFlags(b *strings.Builder, zh, en *pflag.FlagSet) {
	first := true
	zh.VisitAll(func(f *pflag.Flag) {
		if first {
			b.WriteString("| 选项 flag | 默认 default | 含义 meaning |\n| --- | --- | --- |\n")
			first = false
		}
		name := "--" + f.Name
		if f.Shorthand != "" {
			name = "-" + f.Shorthand + ", " + name
		}
		meaning := f.Usage
		if other := en.Lookup(f.Name); other != nil && other.Usage != f.Usage {
			meaning += " · " + other.Usage
		}
		standard := ""
		if f.DefValue != "" && f.DefValue != "[]" && f.Name != "lang" {
			standard = "`" + f.DefValue + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", name, standard, strings.ReplaceAll(meaning, "|", "\\|"))
	})
}
