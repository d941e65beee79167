package diag

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// maxSuspects bounds how many places are looked at in search of the cause of a
// syntax error: it is more than are shown.
const maxSuspects = 80

// YAMLTraps finds what Chinese input methods and YAML's own surprises have done
// to a file, at the place of the cause. Two kinds:
//
//   - what YAML accepts without a word but nobody means: full-width spaces as
//     indentation, a value that became a comment, a tag, an unquoted {{template}};
//   - what makes it give up, often on another line and in jargon.
//
// Whether a suspect is the cause of an error is proved, not guessed: the file is
// repaired there and parsed again. So parse must be the real parser and return
// its syntax error; with a nil parse only the first kind is looked for. If parse
// fails, the result has at least one error.
func YAMLTraps(file string, src []byte, parse func([]byte) error) List {
	if bad := unreadable(file, src); len(bad) > 0 {
		return bad
	}
	doc := scanYAML(src)
	found := oddBreaks(doc.lines)
	for _, t := range doc.traps {
		if t.silent {
			found = append(found, t.finding)
		}
	}
	if parse != nil {
		found = append(found, prove(doc, parse)...)
	}
	for i := range found {
		found[i].File = file
	}
	found = found.Dedupe()
	found.Sort()
	return found
}

// edit replaces some runes of one line.
type edit struct {
	column, remove int // column from 0
	insert         string
}

// trap is a suspect: what would be said of it, and how it would be repaired. A
// silent one is a fault even if YAML accepts it.
type trap struct {
	finding Finding
	edits   []edit
	silent  bool

	doubtful bool // named only if it is proved to be the cause
}

// prove returns the suspects that cause the parser's error, and what remains of
// the error when they are repaired.
func prove(doc *yamlScan, parse func([]byte) error) List {
	before := parse(doc.repaired(nil))
	if before == nil {
		return nil
	}
	suspects := doc.traps
	if len(suspects) > maxSuspects {
		suspects = suspects[:maxSuspects]
	}
	after := parse(doc.repaired(suspects))
	if after != nil && after.Error() == before.Error() {
		return List{doc.plain(before)}
	}
	var found List
	vague := false // whether the repairs may themselves be to blame for what is left
	for _, t := range needed(doc, suspects, after, parse) {
		found = append(found, t.finding)
		vague = vague || t.indents()
	}
	switch {
	case after == nil || len(doc.traps) > len(suspects):
	case vague && !doc.open():
		found = append(found, certain(suspects)...)
	default:
		found = append(found, doc.plain(after))
	}
	return found
}

// indents says whether the repair guesses how far a line was to be indented.
func (t trap) indents() bool {
	return slices.Contains([]string{"BE101", "BE111", "BE112"}, t.finding.Code)
}

// certain returns the suspects that are wrong wherever they stand. They are named
// without proof when the parser does not come as far as they are.
func certain(suspects []trap) List {
	var found List
	for _, t := range suspects {
		if !t.doubtful && slices.Contains([]string{"BE110", "BE112", "BE114", "BE115"}, t.finding.Code) {
			found = append(found, t.finding)
		}
	}
	return found
}

// needed leaves out the suspects without whose repair the parser says the same:
// many at a time, for as a rule few of them are the cause.
func needed(doc *yamlScan, suspects []trap, want error, parse func([]byte) error) []trap {
	innocent := make([]bool, len(suspects))
	var acquit func(from, to int)
	acquit = func(from, to int) {
		mark(innocent[from:to], true)
		if sameError(parse(doc.repaired(remaining(suspects, innocent))), want) {
			return
		}
		mark(innocent[from:to], false)
		if middle := (from + to) / 2; middle > from {
			acquit(middle, to)
			acquit(from, middle)
		}
	}
	if len(suspects) > 0 {
		acquit(0, len(suspects))
	}
	return remaining(suspects, innocent)
}

// mark sets all of marks.
func mark(marks []bool, to bool) {
	for i := range marks {
		marks[i] = to
	}
}

// remaining returns the suspects that are not innocent.
func remaining(suspects []trap, innocent []bool) []trap {
	var left []trap
	for i, t := range suspects {
		if !innocent[i] {
			left = append(left, t)
		}
	}
	return left
}

// sameError compares what two errors say.
func sameError(a, b error) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return a.Error() == b.Error()
}

// repaired returns the text with the traps taken out. It has as many lines as
// the original.
func (d *yamlScan) repaired(traps []trap) []byte {
	edits := make(map[int][]edit)
	for _, t := range traps {
		line := t.finding.Range.Start.Line - 1
		edits[line] = append(edits[line], t.edits...)
	}
	var b strings.Builder
	for i, line := range d.lines {
		b.WriteString(repairLine(line, edits[i]))
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

// repairLine applies the edits from right to left; where two overlap, the right
// one counts.
func repairLine(line []rune, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return b.column - a.column })
	var out []rune // from right to left, turned round at the end: a line may have very many edits
	limit := len(line)
	for _, e := range edits {
		if e.column+e.remove > limit {
			continue
		}
		out = appendReversed(out, line[e.column+e.remove:limit])
		out = appendReversed(out, []rune(e.insert))
		limit = e.column
	}
	out = appendReversed(out, line[:limit])
	slices.Reverse(out)
	for i, r := range out {
		if isOddBreak(r) { // YAML would count a line more than an editor does
			out[i] = ' '
		}
	}
	return string(out)
}

func appendReversed(out, runes []rune) []rune {
	for _, r := range slices.Backward(runes) {
		out = append(out, r)
	}
	return out
}

// unreadable finds bytes that are no text at all.
func unreadable(file string, src []byte) List {
	if utf8.Valid(src) {
		return controls(file, src)
	}
	for i, line := range newText(src).lines {
		column := slices.Index(line, utf8.RuneError)
		if column < 0 {
			continue
		}
		f := At(file, Span(i+1, column+1, 1)).Error("BE118", T("文件不是 UTF-8 编码", "the file is not UTF-8"))
		return List{f.WithHint(T("请用编辑器另存为 UTF-8", "save it as UTF-8"))}
	}
	return nil
}

// controls finds control characters, which YAML refuses; at most one a line.
func controls(file string, src []byte) List {
	var found List
	for i, line := range newText(src).lines {
		column := slices.IndexFunc(line, func(r rune) bool {
			return r < ' ' && r != '\t' || r >= 0x7f && r < 0xa0 && r != 0x85
		})
		if column < 0 {
			continue
		}
		f := At(file, Span(i+1, column+1, 1)).Error("BE118",
			T("这里有看不见的控制字符 U+%04X", "an invisible control character, U+%04X", line[column]))
		found = append(found, f.WithHint(T("请删掉", "delete it")))
	}
	return found
}

// isOddBreak says whether r is a line break to YAML but not to editors.
func isOddBreak(r rune) bool { return r == 0x85 || r == 0x2028 || r == 0x2029 }

// oddBreaks warns of line breaks that only YAML sees.
func oddBreaks(lines [][]rune) List {
	var found List
	for i, line := range lines {
		column := slices.IndexFunc(line, isOddBreak)
		if column < 0 {
			continue
		}
		f := At("", Span(i+1, column+1, 1)).Error("BE118",
			T("这里有看不见的换行符 U+%04X", "an invisible line break, U+%04X", line[column]))
		found = append(found, f.WithHint(T("请删掉，需要换行时写成 \"…\\n…\"", "delete it; for a line break write \"…\\n…\"")))
	}
	return found
}
