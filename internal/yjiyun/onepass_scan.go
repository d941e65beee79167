package yjiyun

import (
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"reflect"
	"strings"
	"unicode/utf8"
)

// begin is a reader at the start of a payload; false for one that only the
// careful way may read.
func begin(payload []byte) (onePass, bool) {
	if len(payload) > MaxPayload || !utf8.Valid(payload) {
		return onePass{odd: true}, false
	}
	return onePass{in: payload, text: string(payload)}, true
}

// ended reports whether one whole object was read and nothing comes after it.
func (p *onePass) ended() bool {
	p.space()
	return !p.odd && p.pos == len(p.in)
}

// open enters an object or a list.
func (p *onePass) open(bracket byte) {
	if p.depth++; p.depth > MaxDepth || p.peek() != bracket {
		p.odd = true
		return
	}
	p.pos++
}

// more moves to the next field or item; false at the end, which it leaves behind.
func (p *onePass) more(first bool, closing byte) bool {
	switch c := p.peek(); {
	case p.odd:
		return false
	case c == closing:
		p.pos++
		p.depth--
		return false
	case first:
		return true // or nothing at all: whoever reads on tells
	case c != ',':
		return p.isOdd()
	}
	p.pos++
	return true
}

// isOdd gives up; it returns false.
func (p *onePass) isOdd() bool {
	p.odd = true
	return false
}

// next moves to the next field of an object and reads its name into key.
func (p *onePass) next() bool {
	if p.odd || !p.more(p.in[p.pos-1] == '{', '}') {
		return false
	}
	start, end, plain := p.quoted()
	if !plain {
		return p.isOdd()
	}
	p.key = p.text[start:end]
	if p.peek() != ':' {
		return p.isOdd()
	}
	p.pos++
	return true
}

// ignore passes over the value of a field that nobody asks for. encoding/json
// knows fields by their letters in either case, so such a name is odd.
func (p *onePass) ignore() {
	for i := range len(p.key) {
		if p.key[i] >= utf8.RuneSelf {
			p.odd = true
			return
		}
	}
	if len(p.key) < len(spellings) {
		for _, name := range spellings[len(p.key)] {
			p.odd = p.odd || name != p.key && strings.EqualFold(name, p.key)
		}
	}
	p.skip()
}

// spellings are the names of all fields of the frames, by their length.
var spellings = func() (names [32][]string) {
	for _, frame := range []reflect.Type{
		reflect.TypeFor[messageFrame](), reflect.TypeFor[from](), reflect.TypeFor[content](),
		reflect.TypeFor[chatFrame](), reflect.TypeFor[botInfo](), reflect.TypeFor[actionFrame](),
	} {
		for field := range frame.Fields() {
			name := field.Tag.Get("json")
			names[len(name)] = append(names[len(name)], name)
		}
	}
	return names
}()

// skip passes over any value.
func (p *onePass) skip() {
	switch c := p.peek(); c {
	case '{':
		for p.open('{'); p.next(); {
			p.skip()
		}
	case '[':
		p.open('[')
		for n := 0; p.item(n); n++ {
			p.skip()
		}
	case '"':
		if start, end, plain := p.quoted(); !plain && !p.odd && !json.Valid(p.in[start-1:end+1]) {
			p.odd = true
		}
	case 't', 'f', 'n':
		p.word()
	default:
		p.digits()
	}
}

// item moves to the item of a list after n others.
func (p *onePass) item(n int) bool {
	if !p.more(n == 0, ']') {
		return false
	}
	return n < MaxList || p.isOdd()
}

// word reads true, false or null and returns it.
func (p *onePass) word() string {
	for _, w := range [...]string{"true", "false", "null"} {
		if strings.HasPrefix(p.text[p.pos:], w) {
			p.pos += len(w)
			return w
		}
	}
	p.odd = true
	return ""
}

// digits reads a number; whole is false for one with a fraction or an exponent.
func (p *onePass) digits() (text string, whole bool) {
	start := p.pos
	p.accept('-')
	if !p.accept('0') && !p.run() {
		p.odd = true
	}
	whole = true
	if p.accept('.') {
		whole = false
		p.odd = !p.run() || p.odd
	}
	if p.accept('e') || p.accept('E') {
		whole = false
		_ = p.accept('+') || p.accept('-')
		p.odd = !p.run() || p.odd
	}
	return p.text[start:p.pos], whole
}

func (p *onePass) accept(c byte) bool {
	if p.pos < len(p.in) && p.in[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// run passes over digits, of which there must be one.
func (p *onePass) run() bool {
	start := p.pos
	for p.pos < len(p.in) && p.in[p.pos]-'0' <= 9 {
		p.pos++
	}
	return p.pos > start
}

// quoted passes over a string and returns where its inside is; plain is false
// when there are escapes in it.
func (p *onePass) quoted() (start, end int, plain bool) {
	if p.peek() != '"' {
		p.odd = true
		return 0, 0, false
	}
	start = p.pos + 1
	for i, plain := start, true; ; {
		i = special(p.in, i)
		switch {
		case i >= len(p.in) || p.in[i] < ' ':
			p.odd = true
			return 0, 0, false
		case p.in[i] == '"':
			p.pos = i + 1
			return start, i, plain
		default: // a backslash, and what it escapes
			plain = false
			i += 2
		}
	}
}

// special finds the next byte from i on that a plain string does not hold: a
// quote, a backslash or a control character. It looks at eight bytes at a time.
func special(in []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(in); i += 8 {
		w := binary.LittleEndian.Uint64(in[i:])
		quote, slash := w^('"'*ones), w^('\\'*ones)
		// A byte that is zero borrows; the lowest such byte is always a true one.
		found := ((quote-ones)&^quote | (slash-ones)&^slash | (w-' '*ones)&^w) & highs
		if found != 0 {
			return i + bits.TrailingZeros64(found)/8
		}
	}
	for ; i < len(in); i++ {
		if c := in[i]; c == '"' || c == '\\' || c < ' ' {
			return i
		}
	}
	return i
}

// scalar reads a string, a number or null as text, as scalarText does; whole is
// false for a number with a fraction or an exponent.
func (p *onePass) scalar() (text string, whole bool) {
	switch c := p.peek(); c {
	case '"':
		start, end, plain := p.quoted()
		if plain || p.odd {
			return p.text[start:end], true
		}
		text, ok := unquote(p.in[start-1 : end+1])
		p.odd = p.odd || !ok
		return text, true
	case 'n':
		p.word()
		return "", true
	default:
		return p.digits()
	}
}

func (p *onePass) string(into *Text) {
	text, _ := p.scalar()
	*into = Text(text)
}

func (p *onePass) id(into *ID) {
	text, whole := p.scalar()
	text = strings.TrimSpace(text)
	if !whole || isRounded(text) || len(text) > MaxID {
		p.odd = true
	}
	*into = ID(text)
}

// number reads a whole number of up to 18 digits, which cannot overflow.
func (p *onePass) number(into *Number) {
	if c := p.peek(); c == 't' || c == 'f' {
		*into = 0
		if p.word() == "true" {
			*into = 1
		}
		return
	}
	text, _ := p.scalar()
	var n Number
	for i := range len(text) {
		if text[i]-'0' > 9 || i == 18 {
			p.odd = true
			return
		}
		n = n*10 + Number(text[i]-'0')
	}
	*into = n
}

func (p *onePass) millis(into *Millis) {
	var n Number
	p.number(&n)
	p.odd = p.odd || n > lastMilli
	*into = Millis(n)
}

// ids reads a list of ids as text; a list in brackets is read by its own reader.
func (p *onePass) ids(into *IDs) {
	c := p.peek()
	start := p.pos
	if c == '[' {
		p.skip()
	} else {
		p.scalar()
	}
	if !p.odd && into.UnmarshalJSON(p.in[start:p.pos]) != nil {
		p.odd = true
	}
}

// space passes over white space.
func (p *onePass) space() {
	for p.pos < len(p.in) {
		switch p.in[p.pos] {
		case ' ', '\t', '\r', '\n':
			p.pos++
		default:
			return
		}
	}
}

// peek is the next byte that is not white space; 0 at the end.
func (p *onePass) peek() byte {
	p.space()
	if p.pos < len(p.in) {
		return p.in[p.pos]
	}
	return 0
}
