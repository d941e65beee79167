package expression

import (
	"errors"
	"regexp"
	"strings"

	"github.com/expr-lang/expr/file"

	"botengine/internal/diag"
)

// syntaxProblem says in our words what the parser found.
func syntaxProblem(e *file.Error, src string) Problem {
	length := len([]rune(src))
	at := e.Location
	if at.From >= length {
		at = file.Location{From: length - 1, To: length}
	}
	m := e.Message
	switch {
	case strings.Contains(m, "token EOF"), strings.Contains(m, "unexpected end"):
		p := say(at, "BE204", "表达式没有写完", "the expression is incomplete").
			hint("检查括号是否配对，后面是否少了东西", "look for an open bracket or a missing end")
		p.Unfinished = true
		return p
	case strings.HasPrefix(m, "unexpected token"):
		return unexpected(at, m)
	case strings.Contains(m, "maximum allowed nodes"):
		return tooComplex(at)
	case strings.Contains(m, "invalid char escape"):
		return say(at, "BE204", "反斜杠后面的字符不对", "this may not stand behind a backslash").
			hint("正则里的 \\ 要写成 \\\\，或者用反引号 `…`", "write \\\\ for the \\ of a regex, or use backticks `…`")
	case strings.Contains(m, "bad number"), strings.Contains(m, "literal"):
		return say(at, "BE204", "数字写得不对", "this is no number").
			hint("编号和时长要加引号，当作文字写，例如 `\"24h\"`", "ids and durations are texts: put them in quotes, such as `\"24h\"`")
	case strings.Contains(m, "arguments"):
		return say(at, "BE215", "参数不够", "arguments are missing")
	case strings.Contains(m, "cannot be mixed"):
		return say(at, "BE204", "?? 和别的运算混在一起要加括号", "`??` beside another operator needs brackets")
	case strings.Contains(m, "unclosed comment"):
		return say(at, "BE204", "注释没有结束", "the comment does not end")
	case strings.Contains(m, "unrecognized character"):
		return say(at, "BE204", "这里不能写 `%s`", "`%s` cannot stand here", runeAt(src, at.From))
	case strings.Contains(m, "wrap predicate"):
		return say(at, "BE204", "这里有多个语句，要加大括号", "several statements here need braces")
	}
	return say(at, "BE204", "表达式写法有误", "the expression is not written correctly")
}

func runeAt(src string, i int) string {
	if runes := []rune(src); i >= 0 && i < len(runes) {
		return string(runes[i])
	}
	return ""
}

var tokenPattern = regexp.MustCompile(`unexpected token (\w+)(?:\("(.*)"\))?`)

// unexpected reports something in the wrong place.
func unexpected(at file.Location, message string) Problem {
	m := tokenPattern.FindStringSubmatch(message)
	if m == nil {
		return say(at, "BE204", "表达式写法有误", "the expression is not written correctly")
	}
	what := strings.ReplaceAll(m[2], `\"`, `"`)
	p := say(at, "BE204", "这里不该有 `%s`", "`%s` cannot stand here", what)
	switch {
	case m[1] == "Identifier" && what == "then":
		return p.hint("`then` 另起一行，和 `if` 对齐：`then: [步骤]`", "`then` stands in a line of its own below `if`: `then: [steps]`")
	case what == ":":
		return p.hint("时间和文字要加引号，例如 `\"9:00\"`", "times and texts need quotes, such as `\"9:00\"`")
	case m[1] == "Identifier" || m[1] == "String" || m[1] == "Number":
		return p.hint("前面可能少了 `and`、`==`、`contains` 或逗号", "`and`, `==`, `contains` or a comma may be missing before it")
	case what == "&" || what == "|":
		return p.hint("请写 `and` 或 `or`", "write `and` or `or`")
	}
	return p
}

var (
	mismatchPattern = regexp.MustCompile(`^invalid operation: (\S+) \(mismatched types (.+) and (.+)\)$`)
	unaryPattern    = regexp.MustCompile(`^invalid operation: (\S+) \(mismatched type (.+)\)$`)
	fieldPattern    = regexp.MustCompile(`^type (.+) has no (field|method) (.+)$`)
	argumentPattern = regexp.MustCompile(`^cannot use (.+) as argument \(type (.+)\) to call (\S+) *$`)
	countPattern    = regexp.MustCompile(`^(too many|not enough) arguments to call (\S+)$`)
	arrayPattern    = regexp.MustCompile(`^builtin (\S+) takes only array \(got (.+)\)$`)
	resultPattern   = regexp.MustCompile(`^predicate should return boolean \(got (.+)\)$`)
	condPattern     = regexp.MustCompile(`^non-bool expression \(type (.+)\) used as condition$`)
	wrongPattern    = regexp.MustCompile(`^invalid (?:number of arguments|argument) for (\S+)`)
)

// translate says in our words what the type checker found.
func (r *resolver) translate(err error) Problem {
	var at *file.Error
	if !errors.As(err, &at) {
		return say(file.Location{From: 0, To: 1}, "BE204", "这个表达式无法处理", "this expression cannot be processed")
	}
	return typeProblem(at.Location, at.Message)
}

func typeProblem(at file.Location, m string) Problem {
	if g := mismatchPattern.FindStringSubmatch(m); g != nil {
		return mismatch(at, g[1], g[2], g[3])
	}
	if g := unaryPattern.FindStringSubmatch(m); g != nil {
		k := kindNamed(g[2]).in()
		return say(at, "BE203", "`%[1]s` 后面不能是%[2]s", "`%[1]s` cannot stand before %[3]s", g[1], k.ZH, k.EN)
	}
	if g := fieldPattern.FindStringSubmatch(m); g != nil {
		return noField(at, g[1], g[2], g[3])
	}
	if g := argumentPattern.FindStringSubmatch(m); g != nil {
		return badArgument(at, g[3], kindNamed(g[2]), kindNamed(g[1]))
	}
	if g := countPattern.FindStringSubmatch(m); g != nil {
		return say(at, "BE215", "`%s` 的参数个数不对", "`%s` has the wrong number of arguments", strings.TrimPrefix(g[2], hiddenPrefix))
	}
	if g := arrayPattern.FindStringSubmatch(m); g != nil {
		k := kindNamed(g[2]).in()
		return say(at, "BE215", "`%[1]s` 要一个列表，这里是%[2]s", "`%[1]s` takes a list, this is %[3]s", g[1], k.ZH, k.EN)
	}
	return otherTypeProblem(at, m)
}

func otherTypeProblem(at file.Location, m string) Problem {
	for _, p := range []*regexp.Regexp{resultPattern, condPattern} {
		if g := p.FindStringSubmatch(m); g != nil {
			k := kindNamed(g[1]).in()
			return say(at, "BE203", "这里应该是真或假，现在是%[1]s", "a yes or no is needed here, this is %[2]s", k.ZH, k.EN)
		}
	}
	if g := wrongPattern.FindStringSubmatch(m); g != nil {
		return say(at, "BE215", "`%s` 的参数不对", "wrong arguments for `%s`", g[1])
	}
	if strings.Contains(m, "number of arguments") {
		return say(at, "BE215", "参数个数不对", "wrong number of arguments")
	}
	if strings.Contains(m, "is not callable") {
		return say(at, "BE201", "这不是函数", "this is not a function").hint("后面不写括号", "leave the brackets out")
	}
	if strings.Contains(m, "is undefined") {
		return say(at, "BE203", "这里不能用 [ ] 取值", "`[ ]` cannot be used on this").hint("取文字的一部分请写 text[0:2]", "a part of a text is text[0:2]")
	}
	return say(at, "BE203", "这里的类型不能这样用", "these types cannot be used like this")
}

// mismatch reports an operator between things that do not fit, with the usual reason.
func mismatch(at file.Location, operator, left, right string) Problem {
	l, r := kindNamed(left), kindNamed(right)
	p := say(at, "BE203", "`%[1]s` 的左边是%[2]s，右边是%[3]s，不能这样用", "`%[1]s` cannot be used between %[4]s and %[5]s",
		operator, l.in().ZH, r.in().ZH, l.in().EN, r.in().EN)
	switch {
	case operator == "and" || operator == "or" || operator == "&&" || operator == "||":
		return p.hint("两边都要写完整，例如 text contains \"a\" %[1]s text contains \"b\"", "write both sides in full, such as text contains \"a\" %[1]s text contains \"b\"", operator)
	case (operator == "==" || operator == "!=") && (l == text && r == number || l == number && r == text):
		return p.hint("编号是文字，要加引号", "ids are texts: put them in quotes")
	case operator == "in" && r == text:
		return p.hint("文字里找文字请用 contains", "to find a text in a text use contains")
	case operator == "contains" && l == list:
		return p.hint("列表里找一项请用 in", "to find an entry in a list use `in`")
	case l == text && r == number || l == number && r == text:
		return p.hint("请用 int(…) 或 string(…) 转换", "convert with int(…) or string(…)")
	}
	return p
}

// noField reports a field that is not there.
func noField(at file.Location, typ, what, name string) Problem {
	if what == "method" {
		return unknownMethod(at, name)
	}
	p := say(at, "BE202", "没有属性 `%s`", "there is no field `%s`", name)
	if fields, ok := viewFields[typ]; ok {
		return p.choose(name, fields)
	}
	if k := kindNamed(typ); k != unknown && k != things {
		return say(at, "BE202", "%[2]s没有属性 `%[1]s`", "%[3]s has no field `%[1]s`", name, k.in().ZH, k.in().EN)
	}
	return p
}

// badArgument reports an argument of the wrong kind. Some operators are calls by
// now; those are named as they were written.
func badArgument(at file.Location, function string, want, got kind) Problem {
	name := strings.TrimPrefix(function, hiddenPrefix)
	switch name {
	case "cat", "add":
		return say(at, "BE203", "文字不能和%[1]s相加", "a text cannot be added to %[2]s", got.in().ZH, got.in().EN).
			hint("请用 string(…) 转换", "convert it with string(…)")
	case "in", "found_has":
		return say(at, "BE203", "名单里都是文字，这里是%[1]s", "the list holds texts, this is %[2]s", got.in().ZH, got.in().EN).
			hint("编号要加引号", "ids are texts: put them in quotes")
	case "matches":
		return say(at, "BE203", "matches 左边要文字，这里是%[1]s", "the left side of matches is a text, this is %[2]s", got.in().ZH, got.in().EN)
	case "substr", "slice":
		return say(at, "BE203", "[ : ] 里面要写整数", "`[ : ]` takes whole numbers")
	case "names":
		return say(at, "BE215", "`names` 要成员列表，例如 names(members)", "`names` takes a list of members, such as names(members)")
	}
	return say(at, "BE215", "`%[1]s` 这里要%[2]s，现在是%[3]s", "`%[1]s` takes %[4]s here, this is %[5]s",
		name, want.in().ZH, got.in().ZH, want.in().EN, got.in().EN)
}

// machineReason says in our words why the machine stopped. Its own text may quote
// the event, so nothing of it is taken over.
func machineReason(m string) diag.Text {
	switch {
	case strings.Contains(m, "memory budget"), strings.Contains(m, "stack"):
		return diag.T("计算量超出上限", "it costs more than an expression may")
	case strings.Contains(m, "index out of range"), strings.Contains(m, "out of bounds"):
		return diag.T("列表里没有这一项", "the list has no such entry")
	case strings.Contains(m, "divide by zero"):
		return diag.T("不能除以零", "division by zero")
	case strings.Contains(m, "invalid date"), strings.Contains(m, "parsing time"), strings.Contains(m, "invalid duration"):
		return diag.T("不是一个时间", "this is not a time")
	case strings.Contains(m, "<nil>"), strings.Contains(m, "nil pointer"), strings.Contains(m, "interface {} is nil"):
		return diag.T("这里没有值", "there is no value here")
	}
	return diag.T("这里的值不能这样用", "the values cannot be used like this here")
}
