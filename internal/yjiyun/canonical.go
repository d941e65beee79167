package yjiyun

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// The most a frame may hold. The road it comes by has a cap of its own, usually
// a smaller one.
const (
	MaxPayload = 8 << 20 // bytes
	MaxDepth   = 64      // levels of objects and lists
	MaxList    = 10_000  // items of one list
)

// valid is the payload with every byte that is not UTF-8 replaced by U+FFFD,
// one for one: what encoding/json does inside strings, for the whole frame.
func valid(payload []byte) []byte {
	if utf8.Valid(payload) {
		return payload
	}
	return []byte(string([]rune(string(payload))))
}

// canonical is the payload in the one spelling that two deliveries of the same
// object share: no white space, fields sorted by name, no needless escapes;
// numbers stay as they are spelt. It is meant for hashing, not for reading: a
// comma follows every field and item. It also holds the payload to MaxDepth and
// MaxList, so that nothing is built from one that is beyond them.
//
// It expects JSON. Of anything else it refuses what it stumbles over and leaves
// the rest to the decoder.
func canonical(payload []byte) ([]byte, error) {
	s := scanner{in: payload, out: make([]byte, 0, len(payload)+16)}
	if err := s.value(0); err != nil {
		return nil, err
	}
	if s.peek() != 0 {
		return nil, s.syntax()
	}
	return s.out, nil
}

// scanner walks over one JSON text, from in to out.
type scanner struct {
	in, out []byte
	pos     int
	scratch []byte
}

// field is the span of one field of an object in the output.
type field struct{ start, keyEnd, end int }

func (s *scanner) value(depth int) error {
	switch c := s.peek(); c {
	case '{', '[':
		if depth >= MaxDepth {
			return &MalformedError{Reason: ReasonTooDeep}
		}
		s.pos++
		s.out = append(s.out, c)
		if c == '{' {
			return s.object(depth + 1)
		}
		return s.list(depth + 1)
	case '"':
		return s.text()
	default:
		return s.literal()
	}
}

func (s *scanner) object(depth int) error {
	var few [24]field // on the stack: most objects need no more
	fields := few[:0]
	for s.peek() != '}' {
		f := field{start: len(s.out)}
		if s.peek() != '"' {
			return s.syntax()
		}
		if err := s.text(); err != nil {
			return err
		}
		f.keyEnd = len(s.out)
		if !s.accept(':') {
			return s.syntax()
		}
		if err := s.item(depth); err != nil {
			return err
		}
		f.end = len(s.out)
		fields = append(fields, f)
		if !s.accept(',') {
			break
		}
	}
	s.sort(fields)
	return s.closing('}')
}

func (s *scanner) list(depth int) error {
	for n := 0; s.peek() != ']'; n++ {
		if n == MaxList {
			return &MalformedError{Reason: ReasonTooLong}
		}
		if err := s.item(depth); err != nil {
			return err
		}
		if !s.accept(',') {
			break
		}
	}
	return s.closing(']')
}

func (s *scanner) item(depth int) error {
	if err := s.value(depth); err != nil {
		return err
	}
	s.out = append(s.out, ',')
	return nil
}

func (s *scanner) closing(c byte) error {
	if !s.accept(c) {
		return s.syntax()
	}
	s.out = append(s.out, c)
	return nil
}

// sort puts the fields that end the output in the order of their names.
func (s *scanner) sort(fields []field) {
	byKey := func(a, b field) int {
		return bytes.Compare(s.out[a.start:a.keyEnd], s.out[b.start:b.keyEnd])
	}
	if slices.IsSortedFunc(fields, byKey) {
		return
	}
	base := fields[0].start
	slices.SortStableFunc(fields, byKey)
	s.scratch = s.scratch[:0]
	for _, f := range fields {
		s.scratch = append(s.scratch, s.out[f.start:f.end]...)
	}
	copy(s.out[base:], s.scratch)
}

// text copies a string, without escapes where there were any.
func (s *scanner) text() error {
	end, escaped := s.endOfText()
	if end < 0 {
		return s.syntax()
	}
	token := s.in[s.pos:end]
	if !escaped {
		s.out = append(s.out, token...)
		s.pos = end
		return nil
	}
	var text string
	if err := json.Unmarshal(token, &text); err != nil {
		return s.syntax()
	}
	s.out = appendText(s.out, text)
	s.pos = end
	return nil
}

func (s *scanner) endOfText() (end int, escaped bool) {
	for i := s.pos + 1; i < len(s.in); i++ {
		switch s.in[i] {
		case '"':
			return i + 1, escaped
		case '\\':
			escaped = true
			i++
		}
	}
	return -1, escaped
}

func (s *scanner) literal() error {
	rest := s.in[s.pos:]
	n := bytes.IndexAny(rest, ",:{}[]\" \t\r\n")
	if n < 0 {
		n = len(rest)
	}
	if n == 0 {
		return s.syntax()
	}
	s.out = append(s.out, rest[:n]...)
	s.pos += n
	return nil
}

// peek is the next byte that is not white space; 0 at the end.
func (s *scanner) peek() byte {
	for ; s.pos < len(s.in); s.pos++ {
		switch c := s.in[s.pos]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

func (s *scanner) accept(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.pos++
	return true
}

func (s *scanner) syntax() error {
	return &MalformedError{Reason: ReasonSyntax, Offset: int64(s.pos)}
}

// appendText appends a JSON string with no more escapes than JSON asks for.
func appendText(out []byte, text string) []byte {
	const digits = "0123456789abcdef"
	out = append(out, '"')
	for _, r := range text { // what is not UTF-8 becomes U+FFFD
		switch {
		case r == '"' || r == '\\':
			out = append(out, '\\', byte(r))
		case r < ' ':
			out = append(out, '\\', 'u', '0', '0', digits[r>>4], digits[r&15])
		default:
			out = utf8.AppendRune(out, r)
		}
	}
	return append(out, '"')
}
