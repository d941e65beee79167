package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

// Markdown writes the page that explains every code, in both languages.
func Markdown(w io.Writer) error {
	b := bufio.NewWriter(w)
	_, _ = b.WriteString(pageHead)
	for _, s := range sections {
		writeSection(b, s)
	}
	return b.Flush()
}

const pageHead = `# 错误代码 / Error codes

<!-- Generated from internal/diag; "make generate" writes it anew. -->

每个问题都有一个固定的代码，` + "`botengine errors BE102`" + ` 显示同样的说明。
Every finding has a stable code; ` + "`botengine errors BE102`" + ` shows the same text.
`

// section is a hundred of codes.
type section struct {
	prefix string
	title  Text
}

var sections = []section{
	{"BE1", T("文件结构与 YAML", "Structure and YAML")},
	{"BE2", T("表达式与模板", "Expressions and templates")},
	{"BE3", T("动作与参数", "Actions and their parameters")},
	{"BE4", T("规则之间", "Between rules")},
	{"BE5", T("配置文件", "The configuration")},
	{"BE6", T("文件", "Files")},
}

// writeSection writes the codes of one hundred. The bufio.Writer keeps the error.
func writeSection(b *bufio.Writer, s section) {
	fmt.Fprintf(b, "\n## %sxx %s / %s\n", s.prefix, s.title.ZH, s.title.EN)
	for _, c := range Codes() {
		if strings.HasPrefix(c.Code, s.prefix) {
			fmt.Fprintf(b, "\n### %s\n\n", c.Code)
			writeInfo(b, c)
		}
	}
}

// writeInfo explains one code.
func writeInfo(b *bufio.Writer, c Info) {
	fmt.Fprintf(b, "**%s**：%s\n\n**%s**: %s\n", c.Title.ZH, c.Explain.ZH, c.Title.EN, c.Explain.EN)
	writeExample(b, T("错误", "wrong"), c.Wrong)
	writeExample(b, T("正确", "right"), c.Right)
}

// writeExample writes an example, if there is one.
func writeExample(b *bufio.Writer, title Text, example string) {
	if example == "" {
		return
	}
	fmt.Fprintf(b, "\n%s / %s:\n\n```yaml\n%s\n```\n", title.ZH, title.EN, exampleLines(example))
}

// Explanation returns what a code means, with its examples, for a terminal.
func (c Info) Explanation(lang Lang) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n\n%s\n", c.Code, c.Title.In(lang), c.Explain.In(lang))
	for _, e := range []struct {
		title Text
		text  string
	}{{T("错误写法：", "wrong:"), c.Wrong}, {T("正确写法：", "right:"), c.Right}} {
		if e.text != "" {
			fmt.Fprintf(&b, "\n%s\n\n  %s\n", e.title.In(lang), strings.ReplaceAll(exampleLines(e.text), "\n", "\n  "))
		}
	}
	return b.String()
}

// exampleLines makes the lines of an example visible and keeps them apart.
func exampleLines(example string) string {
	lines := strings.Split(example, "\n")
	for i, l := range lines {
		lines[i] = strings.ReplaceAll(printable(l), "<U+0009>", "→   ")
	}
	return strings.Join(lines, "\n")
}
