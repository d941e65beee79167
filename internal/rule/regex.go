package rule

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"botengine/internal/diag"
)

// What a pattern may cost.
const (
	maxPattern = 1024   // bytes, as written
	maxProgram = 10_000 // instructions, compiled
	maxRanges  = 40_000 // ends of ranges in its classes, compiled: \pL alone has 1,300
)

// regex reads a pattern and compiles it for the folded text.
func (b *builder) regex(n *yaml.Node, folds foldSet) (string, *regexp.Regexp) {
	pattern, ok := b.text(n)
	if !ok {
		return "", nil
	}
	if len(pattern) > maxPattern {
		b.fail(n, "BE121", diag.T("正则太长：%d 字节，最多 %d", "the pattern is too long: %d bytes, at most %d", len(pattern), maxPattern),
			diag.T("拆成几条规则，或改用关键词", "split it over several rules, or use keywords"))
		return pattern, nil
	}
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		b.badRegex(n, pattern, err)
		return pattern, nil
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil || len(program.Inst) > maxProgram || rangesOf(program) > maxRanges {
		b.fail(n, "BE121", diag.T("正则展开后太大", "the pattern is too large when it is compiled"), diag.T("减小 `{n}` 里的次数", "lower the numbers in `{n}`"))
		return pattern, nil
	}
	if i := strings.Index(pattern, `\b`); wordBoundary(tree) {
		b.adviseBoundary(n, pattern, max(i, strings.Index(pattern, `\B`)))
	}
	b.adviseRegex(n, tree, folds)
	re, err := compilePattern(pattern, folds)
	if err != nil { // folding left something that is no pattern any more
		b.badRegex(n, pattern, err)
		return pattern, nil
	}
	return pattern, re
}

// badRegex points at what is wrong inside the pattern.
func (b *builder) badRegex(n *yaml.Node, pattern string, err error) {
	rng := b.doc.at(n)
	message := diag.T("正则表达式有误：%v", "bad regular expression: %v", err)
	var se *syntax.Error
	if errors.As(err, &se) {
		if i := strings.Index(pattern, se.Expr); i >= 0 && se.Expr != "" {
			rng = b.doc.piece(n, utf8.RuneCountInString(pattern[:i]), utf8.RuneCountInString(se.Expr))
		}
		message = regexMessage(se)
	}
	b.failAt(rng, "BE121", message, regexHint(se))
}

// regexWords are the commoner errors in plain words.
var regexWords = map[syntax.ErrorCode]diag.Text{
	syntax.ErrMissingParen:          {ZH: "括号没有配对", EN: "a bracket has no partner"},
	syntax.ErrUnexpectedParen:       {ZH: "多了一个右括号", EN: "a closing bracket too many"},
	syntax.ErrMissingBracket:        {ZH: "`[` 没有结束", EN: "`[` is not closed"},
	syntax.ErrMissingRepeatArgument: {ZH: "`*`、`+`、`?` 前面没有内容", EN: "nothing to repeat before `*`, `+` or `?`"},
	syntax.ErrInvalidRepeatOp:       {ZH: "连着写了两个重复符号", EN: "two repetitions in a row"},
	syntax.ErrInvalidRepeatSize:     {ZH: "重复次数不能超过 1000", EN: "a repetition is at most 1000 times"},
	syntax.ErrInvalidPerlOp:         {ZH: "不支持这种写法（没有前后断言）", EN: "not supported (there is no look-around)"},
	syntax.ErrInvalidEscape:         {ZH: "反斜杠后面的字符不对（没有反向引用）", EN: "unknown escape (there are no back-references)"},
	syntax.ErrInvalidCharRange:      {ZH: "字符范围前后颠倒", EN: "the range of characters is the wrong way round"},
	syntax.ErrInvalidNamedCapture:   {ZH: "分组名称不对或重复", EN: "bad or doubled group name"},
	syntax.ErrTrailingBackslash:     {ZH: "最后多了一个反斜杠", EN: "a backslash at the end"},
	syntax.ErrNestingDepth:          {ZH: "嵌套太深", EN: "nested too deep"},
	syntax.ErrLarge:                 {ZH: "正则展开后太大", EN: "too large when compiled"},
}

func regexMessage(e *syntax.Error) diag.Text {
	words, ok := regexWords[e.Code]
	if !ok {
		words = diag.Text{ZH: e.Code.String(), EN: e.Code.String()}
	}
	return diag.Text{ZH: "正则表达式有误：" + words.ZH, EN: "bad regular expression: " + words.EN}
}

func regexHint(e *syntax.Error) diag.Text {
	switch {
	case e == nil:
		return diag.Text{}
	case e.Code == syntax.ErrInvalidPerlOp:
		return diag.T("要排除的词写在 `none` 里", "words to exclude stand under `none`")
	case e.Code == syntax.ErrMissingParen, e.Code == syntax.ErrUnexpectedParen:
		return diag.T("当普通字符用的括号写成 `\\(` `\\)`", "a bracket as an ordinary character is `\\(`, `\\)`")
	}
	return diag.Text{}
}

// compilePattern compiles the pattern for the text as it will be folded.
func compilePattern(pattern string, folds foldSet) (*regexp.Regexp, error) {
	flags := syntax.Perl
	if folds&foldCase != 0 {
		flags |= syntax.FoldCase
	}
	tree, err := syntax.Parse(pattern, flags)
	if err != nil {
		return nil, err
	}
	foldTree(tree, folds)
	return regexp.Compile(patternOf(tree))
}

// adviseRegex warns of patterns that work, but badly.
func (b *builder) adviseRegex(n *yaml.Node, tree *syntax.Regexp, folds foldSet) {
	if begins := leftmost(tree); begins.Op == syntax.OpStar && isAny(begins.Sub[0]) {
		b.warn(n, "BE406", diag.T("正则以 `.*` 开头，会很慢", "a pattern that begins with `.*` is slow"), diag.T("去掉开头的 `.*`，结果一样", "take it out, the result is the same"))
		return
	}
	if r := vanishing(tree, folds); r != 0 {
		b.warn(n, "BE411", diag.T("`%c` 会被 `fold` 的 `space` 去掉，这个正则匹配不到", "`space` of `fold` takes `%c` out of the text, so this pattern can't match", r),
			diag.T("加上 `fold: [width, case, zero]`", "add `fold: [width, case, zero]`"))
	}
}

// adviseBoundary warns of \b, which knows no letters but those of English.
func (b *builder) adviseBoundary(n *yaml.Node, pattern string, at int) {
	rng := b.doc.at(n)
	if at >= 0 {
		rng = b.doc.piece(n, utf8.RuneCountInString(pattern[:at]), 2)
	}
	message := diag.T("`\\b` 只认英文字母和数字，汉字旁边永远不是它要的边界", "`\\b` knows only English letters and digits: beside a Chinese character it is never where it seems")
	hint := diag.T("去掉 `\\b`；要整句相等用 `exact`，要排除的词写在 `none` 里，英文词写 `(^|[^a-z])vip($|[^a-z])`", "take `\\b` out; a whole text is `exact`, words to exclude stand under `none`, an English word is `(^|[^a-z])vip($|[^a-z])`")
	b.findings = append(b.findings, diag.At(b.doc.path, rng).Warning("BE413", message).WithHint(hint))
}

// leftmost is what a pattern begins with.
func leftmost(re *syntax.Regexp) *syntax.Regexp {
	for (re.Op == syntax.OpConcat || re.Op == syntax.OpCapture) && len(re.Sub) > 0 {
		re = re.Sub[0]
	}
	return re
}

func isAny(re *syntax.Regexp) bool {
	return re.Op == syntax.OpAnyChar || re.Op == syntax.OpAnyCharNotNL
}

// vanishing returns a character that re needs and that folding takes out of every
// text, or 0. Blanks are not counted: between letters one of them stays.
func vanishing(re *syntax.Regexp, folds foldSet) rune {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if !unicode.IsSpace(r) && folders[folds&foldSpace]().String("aa"+string(r)+"bb") == "aa bb" {
				return r
			}
		}
	case syntax.OpConcat, syntax.OpCapture, syntax.OpPlus:
		for _, s := range re.Sub {
			if r := vanishing(s, folds); r != 0 {
				return r
			}
		}
	default: // what need not be there, or is one of many characters
	}
	return 0
}
