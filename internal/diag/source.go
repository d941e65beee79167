package diag

import (
	"bytes"
	"unicode/utf8"
)

// byteOrderMark is what some Windows editors put before the first line; YAML
// skips it, so columns do not count it.
var byteOrderMark = []byte("\ufeff")

// texts reads each file once.
type texts struct {
	sources Sources
	read    map[string]text
}

// newTexts reads files through sources.
func newTexts(sources Sources) *texts {
	return &texts{sources: sources, read: make(map[string]text)}
}

// get returns the text of the file, and whether there is one.
func (t *texts) get(file string) (text, bool) {
	if got, ok := t.read[file]; ok {
		return got, true
	}
	src, ok := t.sources(file)
	if !ok {
		return text{}, false
	}
	got := newText(src)
	t.read[file] = got
	return got, true
}

// text is a file cut into lines, as positions count them.
type text struct {
	lines [][]rune
	start []int // byte offset of each line
	src   []byte
}

// newText cuts src at \n, \r\n and \r. Bytes that are no UTF-8 count as one rune
// each.
func newText(src []byte) text {
	t := text{src: src}
	at := 0
	if bytes.HasPrefix(src, byteOrderMark) {
		at = len(byteOrderMark)
	}
	for {
		end, next := lineEnd(src, at)
		t.start = append(t.start, at)
		t.lines = append(t.lines, []rune(string(src[at:end])))
		if next < 0 {
			return t
		}
		at = next
	}
}

// lineEnd returns where the line that begins at from ends and where the next one
// begins; next is -1 when there is none.
func lineEnd(src []byte, from int) (end, next int) {
	i := bytes.IndexAny(src[from:], "\r\n")
	if i < 0 {
		return len(src), -1
	}
	end = from + i
	if src[end] == '\r' && end+1 < len(src) && src[end+1] == '\n' {
		return end, end + 2
	}
	return end, end + 1
}

// offsets returns how many bytes and how many UTF-16 units of the file stand
// before p; ok is false when p lies outside of it.
func (t text) offsets(p Position) (bytesBefore, unitsBefore int, ok bool) {
	if p.IsZero() || p.Line > len(t.lines) {
		return 0, 0, false
	}
	at := t.start[p.Line-1]
	for range min(max(p.Column-1, 0), len(t.lines[p.Line-1])) {
		_, size := utf8.DecodeRune(t.src[at:])
		at += size
	}
	return at, utf16Length(t.src[:at]), true
}

// utf16Length counts the UTF-16 units of b; a byte that is no UTF-8 counts as
// one, as a decoder would put a replacement character there.
func utf16Length(b []byte) int {
	n := 0
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		n++
		if r > 0xffff {
			n++
		}
		b = b[size:]
	}
	return n
}
