package diag

import (
	"slices"
	"strings"
	"unicode"
)

// quoteHint says what nearly all of these traps want.
var quoteHint = T("请给整句加引号", "put quotes around the whole text")

// suspected makes a trap; its place is filled in by suspect.
func suspected(code string, message, hint Text, edits ...edit) trap {
	return trap{finding: At("", Range{}).Error(code, message).WithHint(hint), edits: edits}
}

// begins looks at the first character of a text without quotes.
func (s *yamlScan) begins(n, i int, key bool) {
	line := s.lines[n]
	c := line[i]
	if !strings.ContainsRune("{*&!@`%|>,]}［｛", c) {
		return // nearly every text; looking for its end would read a long line again and again
	}
	length := max(1, textEnd(line, i)-i)
	cover := []edit{{i, 1, "x"}}
	switch {
	case c == '［' || c == '｛':
		if !key {
			s.suspectBrackets(n, i)
		}
	case startsWith(line, i, "{{"):
		t := suspected("BE119", T("以 `{{` 开头的文字要加引号", "a text that begins with `{{` needs quotes"), quoteHint, braces(line, i)...)
		t.silent = true
		s.suspect(n, i, 2, t)
	case c == '*' || c == '&' || c == '!' && !startsWith(line, i, "!!"):
		t := suspected("BE116", T("`%c` 开头在 YAML 里另有含义", "`%c` at the beginning means something else to YAML", c), quoteHint, cover...)
		t.silent = c == '!'
		s.suspect(n, i, length, t)
	case strings.ContainsRune("@`%|>", c), !key && strings.ContainsRune(",]}", c):
		s.suspect(n, i, length, suspected("BE115",
			T("没有引号的文字不能以 %s 开头", "a text without quotes can't begin with %s", shown(c)), quoteHint, cover...))
	}
}

// suspectBrackets reports a text between full-width brackets, which to YAML is one
// text. A sentence may begin with one: such brackets are warned of.
func (s *yamlScan) suspectBrackets(n, i int) {
	line := s.lines[n]
	till := textEnd(line, i)
	if len(s.flow) > 0 {
		till = flowTextEnd(line, i)
	}
	text, length := string(line[i:till]), till-i
	open, end := halfWidth.Replace(text[:len("［")]), "］"
	if open == "{" {
		end = "｝"
	}
	if !strings.HasSuffix(text, end) {
		return
	}
	t := suspected("BE110", T("括号是全角的，整段成了一句文字", "the brackets are full-width, so that all of this is one text"),
		T("请换成半角的 `%s`；要发出去的文字请加引号", "use half-width ones: `%s`; quote a text that is to be sent", halfWidth.Replace(text)))
	if open == "{" {
		t.edits = []edit{{i, length, halfWidth.Replace(text)}}
	} else {
		t.finding.Severity = Warning
	}
	t.silent = true
	s.suspect(n, i, length, t)
}

// halfWidth has the marks of lists and groups as YAML wants them.
var halfWidth = strings.NewReplacer("［", "[", "］", "]", "｛", "{", "｝", "}", "，", ", ", "：", ": ")

// shown puts a character between backquotes, a backquote between others.
func shown(c rune) string {
	if c == '`' {
		return "'`'"
	}
	return "`" + string(c) + "`"
}

// braces replaces the braces of templates by something that means nothing.
func braces(line []rune, i int) []edit {
	var edits []edit
	for ; i+1 < len(line); i++ {
		if startsWith(line, i, "{{") || startsWith(line, i, "}}") {
			edits = append(edits, edit{i, 2, "xx"})
			i++
		}
	}
	return edits
}

// innerColons suspects colons inside the text that begins at i.
func (s *yamlScan) innerColons(n, i int) {
	line := s.lines[n]
	first := nextColon(line, i)
	if first < 0 {
		return
	}
	var edits []edit
	for k := first; k >= 0; k = nextColon(line, k+1) {
		edits = append(edits, edit{k, 1, "x"})
		if k+1 >= len(line) {
			break
		}
	}
	s.suspect(n, first, 1, innerColon(edits...))
}

// innerColon is a colon that belongs to a text.
func innerColon(edits ...edit) trap {
	return suspected("BE114", T("文字里有冒号加空格", "a colon and a space inside a text"), quoteHint, edits...)
}

// continued reads a line that goes on with the text of the line before it.
func (s *yamlScan) continued(n, i int) {
	line := s.lines[n]
	colon := nextColon(line, i)
	if colon < 0 {
		return
	}
	if !isIdentifier(line[i:colon]) {
		t := innerColon(edit{colon, 1, "x"})
		t.doubtful = true // it may be a key that is indented too far
		s.suspect(n, colon, 1, t)
		return
	}
	s.suspect(n, i, colon-i, suspected("BE101",
		T("`%s` 缩进太深，成了上一行文字的一部分", "`%s` is indented too far and became part of the text above it", string(line[i:colon])),
		T("请和上一行的键对齐", "align it with the key above"), edit{colon, 1, "x"}))
}

// suspectColon looks for a wrong colon behind what seems to be a key at i.
func (s *yamlScan) suspectColon(n, i int) {
	if t, at := wrongColon(s.lines[n], i); at >= 0 {
		s.suspect(n, at, 1, t)
	}
}

// wrongColon returns what is wrong with the colon behind the key at i, and its
// column, or -1.
func wrongColon(line []rune, i int) (trap, int) {
	at := i + wordLength(line, i)
	if at >= len(line) || !isIdentifier(line[i:at]) {
		return trap{}, -1
	}
	key := string(line[i:at])
	switch {
	case line[at] == '：':
		return fullWidthColon(key, at), at
	case line[at] == ':' && !startsWith(line, at, "://"):
		return suspected("BE117", T("`%s` 的冒号后面要有空格", "a space is missing after the colon of `%s`", key),
			T("写成 `%s: …`", "write `%s: …`", key), edit{at, 1, ": "}), at
	}
	return trap{}, -1
}

// fullWidthColon is the commonest accident of a Chinese input method.
func fullWidthColon(key string, at int) trap {
	return suspected("BE110", T("冒号是全角「：」", "the colon is full-width"),
		T("请换成半角「:」并加空格：`%s: …`", "use a half-width colon and a space: `%s: …`", key), edit{at, 1, ": "})
}

// wideIndent says whether full-width spaces stand before a key, a dash or a
// comment at i. Before any other text they may be meant.
func (s *yamlScan) wideIndent(n, i int) bool {
	line := s.lines[n]
	if !s.hasWide(n, i) {
		return false
	}
	dash := line[i] == '-' && (i+1 == len(line) || line[i+1] == ' ')
	return dash || line[i] == '#' || nextColon(line, i) >= 0 || slices.Contains(line[i:], '：')
}

// hasWide says whether the line begins with other than half-width spaces and tabs.
func (s *yamlScan) hasWide(n, i int) bool {
	return slices.ContainsFunc(s.lines[n][:i], func(r rune) bool { return !isSpace(r) && r != '\ufeff' })
}

// suspectWideIndent reports full-width spaces before column i.
func (s *yamlScan) suspectWideIndent(n, i int) {
	from := slices.IndexFunc(s.lines[n][:i], func(r rune) bool { return !isSpace(r) && r != '\ufeff' })
	t := suspected("BE111", T("这里用了全角空格缩进", "indentation with a full-width space"),
		T("请换成半角空格", "use ordinary spaces"))
	for k, r := range s.lines[n][:i] {
		if !isSpace(r) {
			t.edits = append(t.edits, edit{k, 1, "  "})
		}
	}
	t.silent = true
	s.suspect(n, from, i-from, t)
}

// suspectTab reports a tab before column i.
func (s *yamlScan) suspectTab(n, i int) {
	line := s.lines[n]
	t := suspected("BE112", T("缩进不能用 Tab", "tabs can't indent"), T("请换成空格", "use spaces"))
	first := -1
	for k := range min(i, len(line)) {
		if line[k] != '\t' {
			continue
		}
		if first < 0 {
			first = k
		}
		t.edits = append(t.edits, edit{k, 1, strings.Repeat(" ", s.tabWidth())})
	}
	s.suspect(n, first, 1, t)
}

// tabWidth guesses, once, how wide a tab was meant from the file's first
// indentation.
func (s *yamlScan) tabWidth() int {
	if s.tab == 0 {
		s.tab = s.firstIndentation()
	}
	return s.tab
}

func (s *yamlScan) firstIndentation() int {
	for _, line := range s.lines {
		if i := countSpaces(line); i > 0 && i < len(line) && !isSpace(line[i]) {
			return i
		}
	}
	return 2
}

// suspectComment reports a value that begins with # and nothing else follows.
func (s *yamlScan) suspectComment(n, i, parent int) {
	line := s.lines[n]
	if i+1 >= len(line) || strings.ContainsRune(" \t#!", line[i+1]) || s.nested(n, parent) {
		return
	}
	text := strings.TrimSpace(string(line[i:]))
	t := suspected("BE113", T("`#` 之后是注释，所以这里是空的", "everything after `#` is a comment, so there is nothing here"),
		T("请写成 \"%s\"", "write \"%s\"", text))
	t.silent = true
	s.suspect(n, i, textEnd(line, i)-i, t)
}

// nested says whether the lines behind n belong to the key or dash at column
// parent.
func (s *yamlScan) nested(n, parent int) bool {
	for _, line := range s.lines[n+1:] {
		i := skipBlank(line)
		if i == len(line) || line[i] == '#' {
			continue
		}
		own := s.lines[n]
		dash := line[i] == '-' && (parent >= len(own) || own[parent] != '-')
		return i > parent || i == parent && dash
	}
	return false
}

// suspectCut warns of a text in Chinese that a comment without a space cuts off.
func (s *yamlScan) suspectCut(n, i int) {
	line := s.lines[n]
	at := commentStart(line, i)
	if at < 0 || at+1 >= len(line) || strings.ContainsRune(" \t#!", line[at+1]) {
		return
	}
	if !slices.ContainsFunc(line[i:at], func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		return
	}
	t := suspected("BE113", T("从 `#` 开始是注释，不算在文字里", "from `#` on it is a comment, not part of the text"),
		T("要发出去就给整句加引号；是注释就在 # 后加空格", "quote the text to keep it; for a comment put a space after #"))
	t.finding.Severity = Warning
	t.silent = true
	s.suspect(n, at, len(line)-at, t)
}

// suspectComma reports full-width commas between the entries of a list.
func (s *yamlScan) suspectComma(n, i, end int) {
	line := s.lines[n]
	at := i + slices.IndexFunc(line[i:end], func(r rune) bool { return r == '，' || r == '、' })
	t := suspected("BE133", T("这里是全角的「%c」，整段成了一项", "`%c` does not separate: all of this is one entry", line[at]),
		T("几项之间用半角逗号；若是一句话请加引号", "separate entries by a half-width comma, or quote it if it is one sentence"))
	t.finding.Severity = Warning
	t.silent = true
	s.suspect(n, at, 1, t)
}

// suspectFlowKey reports `{id：a}` and `{id:a}`, keys without a value to YAML.
func (s *yamlScan) suspectFlowKey(n, i, end int) {
	t, at := wrongColon(s.lines[n][:end], i)
	if at >= 0 {
		t.silent = true
		s.suspect(n, at, 1, t)
	}
}

// suspectFlowColon reports the second colon of an entry in brackets, which is
// often a full-width comma's doing.
func (s *yamlScan) suspectFlowColon(n, i int) {
	line := s.lines[n]
	for k := i - 1; k >= 0 && !strings.ContainsRune("{[,", line[k]); k-- {
		if line[k] == '，' {
			s.suspect(n, k, 1, suspected("BE133", T("这里是全角逗号「，」", "the comma is full-width"),
				T("请换成半角逗号加空格", "use a half-width comma and a space"), edit{k, 1, ", "}))
			return
		}
	}
	s.suspect(n, i, 1, innerColon(edit{i, 1, "x"}))
}

// isDash says whether r is a dash, or what an input method makes of one.
func isDash(r rune) bool { return r == '-' || r == '－' || r == '—' || r == '–' }

// suspectDash reports a dash of an input method before the entry of a list. Before
// a text it may be meant.
func (s *yamlScan) suspectDash(n, i int) {
	line := s.lines[n]
	t := suspected("BE110", T("列表的横线写成了「%c」", "`%c` is not the dash of a list", line[i]),
		T("请换成半角「-」并加空格", "use a half-width `-` and a space"), edit{i, 1, "-"})
	from := skipSpace(line, i+1)
	colon := nextColon(line, from)
	t.silent = colon >= 0 && isIdentifier(line[from:colon])
	t.doubtful = !t.silent
	s.suspect(n, i, 1, t)
}

// tightDash reports `-id: a`, a key of that name to YAML.
func (s *yamlScan) tightDash(n, i int) bool {
	line := s.lines[n]
	if line[i] != '-' || i+1 == len(line) || !unicode.IsLetter(line[i+1]) {
		return false
	}
	key := string(line[i+1 : i+1+wordLength(line, i+1)])
	if colon := i + 1 + len([]rune(key)); !isIdentifier([]rune(key)) || colon >= len(line) || line[colon] != ':' && line[colon] != '：' {
		return false
	}
	t := suspected("BE117", T("`-` 后面要有空格", "a space is missing after `-`"),
		T("写成 `- %s: …`", "write `- %s: …`", key), edit{i, 1, "- "})
	t.silent = true
	s.suspect(n, i, 1, t)
	return true
}

// misaligned is a line that stands between two levels.
func misaligned(column, over int) trap {
	return suspected("BE101", T("缩进没有对齐", "not aligned with anything above"),
		T("同一层的各行要从同一列开始", "lines of one level begin in the same column"),
		edit{0, column, strings.Repeat(" ", over)})
}

// dashInValue is a list that begins behind a colon.
func dashInValue(column int) trap {
	return suspected("BE101", T("列表不能从冒号后面开始", "a list can't begin behind a colon"),
		T("另起一行写；若是文字请加引号", "begin it on the next line, or quote the text"), edit{column, 1, "x"})
}

// leftover is a text behind a closed quote or bracket.
func leftover(column, length int) trap {
	return suspected("BE101", T("引号或括号结束后还有文字", "there is more behind the closing quote or bracket"),
		T("请把整句放进引号里", "put the whole text into the quotes"), edit{column, length, ""})
}
