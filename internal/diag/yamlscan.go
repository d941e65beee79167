package diag

import (
	"slices"
	"strings"
	"unicode"
)

// yamlScan reads YAML roughly: enough to know where a value begins, what is
// quoted, what lies in brackets and what in a block of text. It only looks for
// suspects; the judge is the real parser.
type yamlScan struct {
	tab   int // what tabWidth found; 0 = not looked for yet
	lines [][]rune
	traps []trap

	block    int    // column of the key whose block of text is being read, or -1
	quote    rune   // the quote that is open over lines, or 0
	quoteAt  Range  // where it was opened
	flow     []flow // open brackets
	levels   []int  // columns of the open keys and dashes
	plainKey int    // column of the key whose text may go on in the next line, or -1
}

// flow is an open bracket.
type flow struct {
	bracket rune
	at      Range
	colons  int   // in the current entry
	comment Range // the first comment behind it
}

// scanYAML looks through the whole text.
func scanYAML(src []byte) *yamlScan {
	s := &yamlScan{lines: newText(src).lines, block: -1, plainKey: -1}
	for n := range s.lines {
		s.line(n)
	}
	return s
}

// suspect notes a trap at some runes of a line.
func (s *yamlScan) suspect(n, column, runes int, t trap) {
	t.finding.Range = Span(n+1, column+1, max(1, runes))
	s.traps = append(s.traps, t)
}

// line reads one line in the state that the lines before it left.
func (s *yamlScan) line(n int) {
	line := s.lines[n]
	if s.inBlock(line) {
		return
	}
	switch {
	case s.quote != 0:
		end, closed := quoteEnd(line, 0, s.quote)
		if !closed {
			return
		}
		s.quote = 0
		s.after(n, end)
	case len(s.flow) > 0:
		s.flowIndent(n)
		s.flowRun(n, skipSpace(line, 0))
	default:
		s.blockLine(n)
	}
}

// inBlock says whether the line belongs to a block of text (`|`, `>`).
func (s *yamlScan) inBlock(line []rune) bool {
	if s.block < 0 {
		return false
	}
	indent := countSpaces(line)
	if indent == len(line) || indent > s.block {
		return true
	}
	s.block = -1
	return false
}

// blockLine reads a line outside of brackets, quotes and blocks of text.
func (s *yamlScan) blockLine(n int) {
	line := s.lines[n]
	i := skipBlank(line)
	if i == len(line) { // YAML minds a tab even here
		if slices.Contains(line, '\t') {
			s.suspectTab(n, i)
		}
		return
	}
	if isMarker(line) {
		return
	}
	if line[i] == '#' && !s.wideIndent(n, i) {
		return
	}
	if s.wideIndent(n, i) {
		s.suspectWideIndent(n, i)
	} else if slices.Contains(line[:i], '\t') {
		s.suspectTab(n, i)
	}
	if s.plainKey >= 0 && i > s.plainKey {
		s.continued(n, i)
		return
	}
	s.plainKey = -1
	s.align(n, i)
	s.entry(n, s.dashes(n, i), i)
}

// dashes skips `- - ` and returns where the entry itself begins.
func (s *yamlScan) dashes(n, i int) int {
	line := s.lines[n]
	for i < len(line) && isDash(line[i]) && (i+1 == len(line) || line[i+1] == ' ' || line[i+1] == '\t') {
		s.enter(i)
		if line[i] != '-' {
			s.suspectDash(n, i)
		}
		if i+1 < len(line) && line[i+1] == '\t' {
			s.suspectTab(n, i+2)
		}
		i = skipSpace(line, i+1)
	}
	return i
}

// enter notes the column of a key or dash as a level that later lines may have.
func (s *yamlScan) enter(column int) {
	for len(s.levels) > 0 && s.levels[len(s.levels)-1] > column {
		s.levels = s.levels[:len(s.levels)-1]
	}
	if len(s.levels) == 0 || s.levels[len(s.levels)-1] < column {
		s.levels = append(s.levels, column)
	}
}

// align suspects a line that stands between two levels, on neither.
func (s *yamlScan) align(n, column int) {
	over := -1
	for k := len(s.levels) - 1; k >= 0 && s.levels[k] > column; k-- {
		over = s.levels[k]
	}
	if over < 0 || slices.Contains(s.levels, column) {
		return
	}
	s.suspect(n, column, wordLength(s.lines[n], column), misaligned(column, over))
}

// entry reads what stands behind the dashes: `key: value` or a value alone.
// parent is the column a block of text must be deeper than.
func (s *yamlScan) entry(n, i, parent int) {
	line := s.lines[n]
	if i >= len(line) {
		return
	}
	key := i // its column, where the line is right
	if s.tightDash(n, i) {
		s.enter(i)
		i, key = i+1, i+2
	}
	if colon := keyEnd(line, i); colon >= 0 {
		s.enter(key)
		s.begins(n, i, true)
		s.value(n, skipSpace(line, colon+1), key)
		return
	}
	if s.scalar(n, i, parent) {
		s.suspectColon(n, i)
	}
}

// value reads what stands behind the colon of the key at column key.
func (s *yamlScan) value(n, i, key int) {
	line := s.lines[n]
	if i < len(line) && line[i] == '-' && i+1 < len(line) && line[i+1] == ' ' {
		s.suspect(n, i, 1, dashInValue(i))
		return
	}
	if s.scalar(n, i, key) {
		s.plainKey = key
		s.innerColons(n, i)
	}
}

// scalar reads a value of any kind and says whether it is plain text.
func (s *yamlScan) scalar(n, i, parent int) bool {
	line := s.lines[n]
	if i >= len(line) {
		return false
	}
	switch c := line[i]; {
	case c == '#':
		s.suspectComment(n, i, parent)
	case c == '"' || c == '\'':
		s.quoted(n, i)
	case c == '[' || c == '{' && !startsWith(line, i, "{{"):
		s.flowRun(n, i)
	case (c == '|' || c == '>') && isBlockHeader(line[i:]):
		s.block = parent
	default:
		s.begins(n, i, false)
		s.suspectCut(n, i)
		return true
	}
	return false
}

// quoted reads a quoted text that begins at i.
func (s *yamlScan) quoted(n, i int) {
	line := s.lines[n]
	end, closed := quoteEnd(line, i+1, line[i])
	if !closed {
		s.quote, s.quoteAt = line[i], Span(n+1, i+1, 1)
		return
	}
	s.after(n, end)
}

// after reads what follows a closed quote or bracket.
func (s *yamlScan) after(n, i int) {
	line := s.lines[n]
	if len(s.flow) > 0 {
		s.flowRun(n, i)
		return
	}
	i = skipSpace(line, i)
	if i < len(line) && line[i] != '#' && line[i] != ':' {
		s.suspect(n, i, textEnd(line, i)-i, leftover(i, len(line)-i))
	}
}

// flowIndent suspects full-width spaces before an entry inside brackets.
func (s *yamlScan) flowIndent(n int) {
	i := skipBlank(s.lines[n])
	if i < len(s.lines[n]) && s.hasWide(n, i) {
		s.suspectWideIndent(n, i)
	}
}

// flowRun reads on inside brackets up to the end of the line or the last bracket.
func (s *yamlScan) flowRun(n, i int) {
	line := s.lines[n]
	for i < len(line) {
		switch c := line[i]; {
		case isSpace(c):
			i++
		case c == '#':
			s.flowComment(n, i)
			return
		case c == '[' || c == '{' && !startsWith(line, i, "{{"):
			s.flow = append(s.flow, flow{bracket: c, at: Span(n+1, i+1, 1)})
			i++
		case c == ']' || c == '}':
			s.flow = s.flow[:len(s.flow)-1]
			i++
			if len(s.flow) == 0 {
				s.after(n, i)
				return
			}
		case c == ',' || c == ':' || c == '?':
			s.flowMark(n, i)
			i++
		case c == '"' || c == '\'':
			end, closed := quoteEnd(line, i+1, c)
			if !closed {
				s.quote, s.quoteAt = c, Span(n+1, i+1, 1)
				return
			}
			i = end
		default:
			i = s.flowText(n, i)
		}
	}
}

// flowComment notes a comment inside brackets.
func (s *yamlScan) flowComment(n, i int) {
	for k := range s.flow {
		if s.flow[k].comment.IsZero() {
			s.flow[k].comment = Span(n+1, i+1, len(s.lines[n])-i)
		}
	}
}

// flowMark counts the colons of an entry inside brackets.
func (s *yamlScan) flowMark(n, i int) {
	top := &s.flow[len(s.flow)-1]
	switch s.lines[n][i] {
	case ',':
		top.colons = 0
	case ':':
		top.colons++
		if top.colons == 2 {
			s.suspectFlowColon(n, i)
		}
	}
}

// flowText reads a plain text inside brackets and returns where it ends.
func (s *yamlScan) flowText(n, i int) int {
	line := s.lines[n]
	s.begins(n, i, false)
	end := flowTextEnd(line, i)
	text := string(line[i:end])
	top := s.flow[len(s.flow)-1]
	followed := end < len(line) && line[end] == ':'
	switch {
	case top.bracket == '[' && strings.ContainsAny(text, "，、") && !followed:
		s.suspectComma(n, i, end)
	case top.bracket == '{' && top.colons == 0 && !followed:
		s.suspectFlowKey(n, i, end)
	}
	return end
}

// isSpace says whether r separates in YAML.
func isSpace(r rune) bool { return r == ' ' || r == '\t' }

// skipSpace returns the first column from i that is no space or tab.
func skipSpace(line []rune, i int) int {
	for i < len(line) && isSpace(line[i]) {
		i++
	}
	return min(i, len(line))
}

// skipBlank returns the first column that is blank in no language.
func skipBlank(line []rune) int {
	i := 0
	for i < len(line) && (unicode.IsSpace(line[i]) || line[i] == '\ufeff') {
		i++
	}
	return i
}
