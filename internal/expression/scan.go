package expression

import (
	"strings"
	"unicode"

	"github.com/expr-lang/expr/file"

	"botengine/internal/diag"
)

// scanner finds what Chinese input methods and habits of other languages leave in
// an expression, before a parser would stumble over it.
type scanner struct {
	src      []rune
	at       int
	curly    int // where a Chinese quote closes in a text what it did not open; -1: nowhere
	problems []Problem
}

// scan returns the traps in src. With none of them, the parser may have it.
func scan(src string) []Problem {
	s := &scanner{src: []rune(src), curly: -1}
	for s.at < len(s.src) && len(s.problems) < maxProblems {
		s.step()
	}
	return s.problems
}

// step looks at one thing.
func (s *scanner) step() {
	switch r := s.src[s.at]; {
	case r == '"' || r == '\'' || r == '`':
		s.quoted(r)
	case r == '/' && (s.peek(1) == '/' || s.peek(1) == '*'):
		s.comment()
	case isChineseQuote(r):
		s.chineseQuotes()
	case r == '=':
		s.equals()
	case halfWidth(r) != "":
		s.fullWidth()
	case invisible(r):
		s.problems = append(s.problems, say(s.span(1), "BE204", "这里有看不见的字符 U+%04X", "an invisible character U+%04X stands here", r).
			hint("请删掉重新输入", "delete it and type again"))
		s.at++
	default:
		s.at++
	}
}

// span is the place of the next n runes.
func (s *scanner) span(n int) file.Location { return file.Location{From: s.at, To: s.at + n} }

// peek is the rune n places on, 0 behind the end.
func (s *scanner) peek(n int) rune {
	if s.at+n < 0 || s.at+n >= len(s.src) {
		return 0
	}
	return s.src[s.at+n]
}

// quoted steps over a text in quotes.
func (s *scanner) quoted(quote rune) {
	open := 0
	for end := s.at + 1; end < len(s.src); end++ {
		switch r := s.src[end]; {
		case r == quote:
			s.at = end + 1
			return
		case r == '\\' && quote != '`':
			end++
		case r == '\n' && quote != '`':
			s.unterminated(end)
			return
		case r == '“' || r == '‘':
			open++
		case (r == '”' || r == '’') && open > 0:
			open--
		case (r == '”' || r == '’') && s.curly < 0:
			s.curly = end
		}
	}
	s.unterminated(len(s.src))
}

// unterminated reports a text whose closing quote is missing, and ends the scan:
// what follows cannot be told from text.
func (s *scanner) unterminated(end int) {
	at := file.Location{From: s.at, To: end}
	if s.curly >= 0 {
		at = file.Location{From: s.curly, To: s.curly + 1}
		s.problems = append(s.problems, say(at, "BE205", "引号一半是中文的：`%c`", "one of the quotes is Chinese: `%c`", s.src[s.curly]).
			hint("请换成半角引号 \"", "use the half-width quote \""))
	} else {
		s.problems = append(s.problems, say(at, "BE204", "引号没有配对", "the closing quote is missing"))
	}
	s.at = len(s.src)
}

// comment steps over a comment.
func (s *scanner) comment() {
	end := "\n"
	if s.peek(1) == '*' {
		end = "*/"
	}
	_, rest, found := strings.Cut(string(s.src[s.at+2:]), end)
	if !found {
		rest = ""
	}
	s.at = len(s.src) - len([]rune(rest))
}

// chineseQuotes reports “退款” as a whole.
func (s *scanner) chineseQuotes() {
	n := 1
	for s.peek(n) != 0 && s.peek(n) != '\n' && !isChineseQuote(s.peek(n)) && s.peek(n) != '"' {
		n++
	}
	word := ""
	if r := s.peek(n); isChineseQuote(r) || r == '"' {
		word = string(s.src[s.at+1 : s.at+n])
		n++
	} else {
		n = 1
	}
	p := say(s.span(n), "BE205", "这里用了中文引号", "these are Chinese quotes")
	if word != "" && !strings.ContainsAny(word, "\"\\") {
		p = p.hint("请换成半角引号：\"%s\"", "use half-width quotes: \"%s\"", word)
	} else {
		p = p.hint("请换成半角引号 \"", "use the half-width quote \"")
	}
	s.problems = append(s.problems, p)
	s.at += n
}

// equals reports an = that is meant to compare.
func (s *scanner) equals() {
	n := 1
	for s.peek(n) == '=' {
		n++
	}
	before, behind := s.peek(-1), s.peek(n)
	switch {
	case n == 2, n == 1 && strings.ContainsRune("!<>", before) && before != 0, n == 1 && s.inLet():
	case n == 1 && (behind == '>' || behind == '<'):
		s.problems = append(s.problems, say(s.span(2), "BE207", "没有 `=%c` 这个符号", "there is no `=%c`", behind).
			hint("请写 `%c=`", "write `%c=`", behind))
		n = 2
	case n == 1:
		s.problems = append(s.problems, say(s.span(1), "BE207", "比较要写两个等号", "a comparison has two equals signs").
			hint("请写 `==`", "write `==`"))
	default:
		s.problems = append(s.problems, say(s.span(n), "BE207", "等号太多了", "too many equals signs").hint("请写 `==`", "write `==`"))
	}
	s.at += n
}

// inLet says whether the = at this place belongs to `let name =`.
func (s *scanner) inLet() bool {
	words := strings.Fields(string(s.src[max(0, s.at-200):s.at]))
	if len(words) < 2 {
		return false
	}
	let := words[len(words)-2]
	return let == "let" || strings.HasSuffix(let, ";let") || strings.HasSuffix(let, "{let") || strings.HasSuffix(let, "(let")
}

// fullWidth reports a run of full-width characters as one.
func (s *scanner) fullWidth() {
	n := 0
	var half strings.Builder
	for h := halfWidth(s.peek(0)); h != ""; h = halfWidth(s.peek(n)) {
		half.WriteString(h)
		n++
	}
	word := string(s.src[s.at : s.at+n])
	s.problems = append(s.problems, say(s.span(n), "BE206", "`%s` 是全角的", "`%s` is full-width", word).
		hint("请换成半角的 `%s`", "use the half-width `%s`", half.String()))
	s.at += n
}

// halfWidth is how r is written in an expression, "" if it needs no change.
func halfWidth(r rune) string {
	if r < 0x80 || isChineseQuote(r) {
		return ""
	}
	if r >= 0xff01 && r <= 0xff5e {
		return string(r - 0xfee0)
	}
	i := strings.IndexRune("。、【】《》≥≤≠×÷—–￥", r)
	if i < 0 {
		return ""
	}
	return map[rune]string{'。': ".", '、': ",", '【': "[", '】': "]", '《': "<", '》': ">", '≥': ">=", '≤': "<=", '≠': "!=",
		'×': "*", '÷': "/", '—': "-", '–': "-", '￥': "$"}[r]
}

// isChineseQuote says whether r is a quote that no expression knows.
func isChineseQuote(r rune) bool {
	return strings.ContainsRune("“”‘’「」『』＂＇", r) && r != 0
}

// invisible says whether r shows nothing, and is no space.
func invisible(r rune) bool {
	return r >= 0x80 && unicode.In(r, unicode.Cf, unicode.Cc) && !unicode.IsSpace(r)
}

// braceInCondition finds the template braces somebody put around a condition.
func braceInCondition(src string) (Problem, bool) {
	trimmed := strings.TrimLeftFunc(src, unicode.IsSpace)
	if !strings.HasPrefix(trimmed, "{{") {
		return Problem{}, false
	}
	from := len([]rune(src)) - len([]rune(trimmed))
	p := say(file.Location{From: from, To: from + 2}, "BE204", "条件里不写 `{{ }}`", "a condition has no `{{ }}`")
	p.Hint = diag.T("直接写表达式", "write the expression alone")
	return p, true
}
