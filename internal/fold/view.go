package fold

import "unicode/utf8"

// View is a folded text that remembers where its pieces came from.
type View struct {
	Text string // what patterns are looked for in

	source string
	same   int      // so many bytes at the beginning are those of the source
	at     []uint16 // for each byte behind them: where in the source its character began
}

// Original returns the byte span of the original text that the span [start, end)
// of v.Text came from. It begins and ends at the border of a character; what was
// dropped inside of it belongs to it, what was dropped around it does not. A span
// that lies outside of v.Text is cut to it.
func (v View) Original(start, end int) (int, int) {
	start = min(max(start, 0), len(v.Text))
	end = min(max(end, start), len(v.Text))
	if start == end {
		at := v.begin(start)
		return at, at
	}
	return v.begin(start), v.finish(end - 1)
}

// begin is where the character that byte i of the view belongs to began.
func (v View) begin(i int) int {
	switch {
	case i >= len(v.Text) && i > 0:
		return v.finish(i - 1)
	case i < v.same:
		return border(v.source, i)
	case i-v.same < len(v.at):
		return int(v.at[i-v.same])
	}
	return 0
}

// finish is where the character that byte i of the view belongs to ended.
func (v View) finish(i int) int {
	from := v.begin(i)
	if v.isJoint(i) {
		return v.begin(i + 1) // the space stands for all separators up to the next character
	}
	_, size := utf8.DecodeRuneInString(v.source[from:])
	return from + size
}

// isJoint says whether byte i is a space that has a character behind it.
func (v View) isJoint(i int) bool { return v.Text[i] == ' ' && i+1 < len(v.Text) }

// border goes back from i to the beginning of its character.
func border(s string, i int) int {
	for i > 0 && i < len(s) && !utf8.RuneStart(s[i]) {
		i--
	}
	return i
}
