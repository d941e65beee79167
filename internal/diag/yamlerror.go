package diag

import (
	"regexp"
	"strconv"
	"strings"
)

// yamlMessage takes apart what the YAML library says.
var yamlMessage = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// plain turns an error of the YAML library that no trap explains into a finding.
func (s *yamlScan) plain(err error) Finding {
	switch {
	case s.quote != 0:
		return At("", s.quoteAt).Error("BE101", T("引号没有结束", "the quote is not closed")).
			WithHint(T("请补上结尾的引号", "add the closing quote"))
	case len(s.flow) > 0:
		open := s.flow[len(s.flow)-1]
		if !open.comment.IsZero() {
			return At("", open.comment).Error("BE113", T("`#` 之后都是注释，里面的右括号不算，所以 `%c` 没有结束", "everything after `#` is a comment, with the closing bracket in it, so `%c` is not closed", open.bracket)).
				WithHint(T("`#` 是内容就给那段文字加引号；是注释就写在括号外面", "quote the text that has the `#`, or put the comment behind the bracket"))
		}
		return At("", open.at).Error("BE101", T("括号 `%c` 没有结束", "the bracket `%c` is not closed", open.bracket)).
			WithHint(T("请补上对应的右括号", "add the closing bracket"))
	}
	line, message := splitYAMLError(err)
	return At("", s.content(line)).Error("BE101", explainYAML(message))
}

// open says whether a quote or a bracket is open at the end of the file.
func (s *yamlScan) open() bool { return s.quote != 0 || len(s.flow) > 0 }

// splitYAMLError returns the line that the error names and what it says. The
// library counts from 0 in what its parser, not its scanner, complains of.
func splitYAMLError(err error) (line int, message string) {
	m := yamlMessage.FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	if m == nil {
		return 1, err.Error()
	}
	line, _ = strconv.Atoi(m[1])
	if line == 0 {
		return 1, m[2]
	}
	if strings.HasPrefix(m[2], "did not find expected") {
		line++
	}
	return line, m[2]
}

// content is the range of what is written on a line.
func (s *yamlScan) content(line int) Range {
	line = min(max(1, line), len(s.lines))
	text := s.lines[line-1]
	from := skipBlank(text)
	if from == len(text) {
		return Span(line, 1, 1)
	}
	return Span(line, from+1, max(1, textEnd(text, from)-from))
}

// explainYAML says in plain words what the library means.
func explainYAML(message string) Text {
	for _, e := range yamlWords {
		if strings.Contains(message, e.says) {
			return e.means
		}
	}
	return T("YAML 写法有误：%s", "YAML syntax: %s", message)
}

// yamlWords has the plain words for what the library says.
var yamlWords = []struct {
	says  string
	means Text
}{
	{"mapping values are not allowed", T("这里不能再有一个冒号：上一行没写完，或者缩进不对", "no key is possible here: the line before is incomplete, or the indentation is wrong")},
	{"could not find expected ':'", T("这里缺少冒号加空格", "a colon and a space are missing here")},
	{"did not find expected key", T("缩进没有对齐，或者这里不是 `键: 值`", "not aligned with the lines above, or not a `key: value`")},
	{"did not find expected '-' indicator", T("列表里的每一项都要以「- 」开头并对齐", "every entry of a list begins with `- ` in the same column")},
	{"block sequence entries are not allowed", T("列表不能写在这里", "a list can't stand here")},
	{"found character that cannot start any token", T("不能以这个字符开头，请加引号", "nothing can begin with this character; use quotes")},
	{"unknown anchor", T("引用了不存在的锚点；普通文字请加引号", "an alias without its anchor; quote an ordinary text")},
	{"unknown escape character", T("双引号里的反斜杠写法不对；换成单引号，或写成 `\\\\`", "unknown escape in double quotes; use single quotes, or write `\\\\`")},
	{"excessive aliasing", T("引用展开后太大", "the aliases expand to too much")},
	{"exceeded max depth", T("嵌套太深", "nested too deep")},
	{"unexpected end of stream", T("引号或括号没有结束", "a quote or bracket is not closed")},
	{"found unknown directive", T("行首不能用 `%%`", "a line can't begin with `%%`")},
	{"incompatible YAML document", T("请删掉 %%YAML 这一行", "delete the %%YAML line")},
}

// NotAMapping explains a plain text that stands where fields were wanted, when
// a wrong colon made it so: `id：a` or `id:a`. It is for callers who found a
// scalar of that value, without quotes, at line and column.
func NotAMapping(file string, line, column int, value string) (Finding, bool) {
	t, at := wrongColon([]rune(value), 0)
	if at < 0 {
		return Finding{}, false
	}
	t.finding.File = file
	t.finding.Range = Span(line, column+at, 1)
	return t.finding, true
}
