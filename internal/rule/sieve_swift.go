package rule

import (
	"unicode/utf8"

	"botengine/internal/fold"
)

// swift says of most texts that no pair of a sieve can stand in them, with one look
// at a table for each character and hardly a branch. Pairs are known by which group
// their first character is of: of each character the table has the groups that pairs
// end with it of, and the one that pairs begin with it of. Where the fold may drop a
// character, what may stand before the next one is both.
type swift struct {
	chars [1 << 16]uint32 // of characters of three bytes
	low   [1 << 11]uint32 // of those of one or two
}

// What the table has of a character: in the lowest bits the groups of the pairs that
// it may end, above them the group of those that it may begin.
const (
	groups     = 24
	groupShift = groups  // of the group of pairs that begin with it
	noGroup    = 31      // none does: a bit that no character ends
	mayGo      = 1 << 29 // what stands before it may stand beside what stands behind it
	unusual    = 1 << 30 // it is to be looked at with more care
)

// mostSwift is how many pairs a table is worth its while for.
const mostSwift = 1 << 13

// runePair is a pair of a word that a sieve knows it by.
type runePair struct{ begin, end rune }

// newSwift makes the table; nil where there are too many pairs, and for pairs of
// characters that are not in it.
func newSwift(c *chart, pairs []runePair) *swift {
	if len(pairs) > mostSwift {
		return nil
	}
	own, next := make([]uint32, 1<<16), uint32(0) // by what characters become
	for i := range own {
		own[i] = noGroup << groupShift
	}
	for _, p := range pairs {
		if p.begin >= 1<<16 || p.end >= 1<<16 {
			return nil
		}
		group := own[p.begin] >> groupShift
		if group == noGroup {
			group = next % groups
			own[p.begin] ^= (group ^ noGroup) << groupShift
			next++
		}
		own[p.end] |= 1 << group
	}
	s := &swift{}
	for r := range s.chars {
		if r < len(s.low) {
			s.low[r] = entryOf(c.plain[r], own)
			s.chars[r] = unusual // three bytes that are too many for it
		} else {
			s.chars[r] = entryOf(c.plain[r], own)
		}
	}
	return s
}

// entryOf is what the table has of a character that becomes v.
func entryOf(v uint32, own []uint32) uint32 {
	const none = noGroup << groupShift
	fate, to := v>>fateShift, v&(1<<fateShift-1)
	switch {
	case v == unknown:
		return unusual | none
	case fate == uint32(fold.Goes):
		return mayGo | none
	case to >= 1<<16:
		return unusual | none
	case fate == uint32(fold.Stays):
		return own[to]
	}
	return own[to] | mayGo
}

// begun is the group that pairs begin with the character of.
func begun(entry uint32) uint32 { return 1 << (entry >> groupShift & 31) }

// kept is what may stand before the next character, behind one with that entry and
// what stood before it.
func kept(entry, before uint32) uint32 { return begun(entry) | before&-(entry>>29&1) }

// may reports whether what is looked for may stand in the text.
func (s *swift) may(x *sieve, text string) bool {
	var before, last uint32 = 0, mayGo // the groups of what may stand there, the entry of the character
	r := uint16(0)                     // the character
	for i := 0; i < len(text); {
		i, before, last, r = s.usual(text, i, before, last, r)
		if i == len(text) {
			break
		}
		entry, now, size := s.ask(x.chart, text[i:])
		if entry&unusual != 0 || before&entry != 0 && last&mayGo != 0 {
			return x.careful(text)
		}
		if before&entry != 0 && x.ends(text[:i], r, now) {
			return true
		}
		before, last, r = kept(entry, before), entry, now
		i += size
	}
	return false
}

// usual goes over characters of three bytes two at a time, up to where a pair may end,
// or something unusual stands.
func (s *swift) usual(text string, i int, before, last uint32, r uint16) (end int, b, l uint32, c uint16) {
	const mask, three = 0xc0c0f0_c0c0f0, 0x8080e0_8080e0 // of the bytes of two characters
	for i+8 <= len(text) {
		t := text[i : i+8]
		two := uint64(t[0]) | uint64(t[1])<<8 | uint64(t[2])<<16 | uint64(t[3])<<24 |
			uint64(t[4])<<32 | uint64(t[5])<<40 | uint64(t[6])<<48 | uint64(t[7])<<56
		if two&mask != three {
			break
		}
		r1 := uint16(two)<<12 | uint16(two>>8&0x3f)<<6 | uint16(two>>16&0x3f)
		r2 := uint16(two>>24)<<12 | uint16(two>>32&0x3f)<<6 | uint16(two>>40&0x3f)
		e1, e2 := s.chars[r1], s.chars[r2]
		between := kept(e1, before)
		if before&e1|between&e2|(e1|e2)&unusual != 0 {
			break
		}
		before, last, r = kept(e2, between), e2, r2
		i += 6
	}
	return i, before, last, r
}

// ask is the entry of the character that text begins with, the character if it has
// one of its own, and its size.
func (s *swift) ask(c *chart, text string) (entry uint32, r uint16, size int) {
	b := text[0]
	if b < utf8.RuneSelf {
		return s.low[b], uint16(b), 1
	}
	if b&0xf0 == 0xe0 && len(text) > 2 && text[1]&0xc0 == 0x80 && text[2]&0xc0 == 0x80 {
		r = uint16(b)<<12 | uint16(text[1]&0x3f)<<6 | uint16(text[2]&0x3f)
		return s.chars[r], r, 3
	}
	v, size := c.ask(text)
	switch {
	case size == 2:
		wide, _ := utf8.DecodeRuneInString(text)
		return s.low[wide&(1<<11-1)], uint16(wide), 2
	case size != 4 || v&(1<<fateShift-1) < 1<<16 && v>>fateShift != uint32(fold.Goes):
		return unusual, 0, 1
	case v>>fateShift == uint32(fold.Stays):
		return noGroup << groupShift, 0, 4
	}
	return noGroup<<groupShift | mayGo, 0, 4
}

// ends says whether what is looked for may end with a pair of last, which surely stays
// and is the end of text, and c.
func (s *sieve) ends(text string, last, c uint16) bool {
	a, b := s.chart.stays(last), s.chart.stays(c)
	if !s.pairs.has(pair(a, b)) {
		return false
	}
	_, size := utf8.DecodeLastRuneInString(text)
	if text = text[:len(text)-size]; text == "" {
		return s.confirmed(0, a, b)
	}
	r, _ := utf8.DecodeLastRuneInString(text)
	if r >= 1<<16 || s.chart.plain[r]>>fateShift != uint32(fold.Stays) {
		return true // it may be that, or what stands before it
	}
	return s.confirmed(s.chart.stays(uint16(r)), a, b)
}

// stays is what becomes of a character that stays as it is or is changed.
func (c *chart) stays(r uint16) uint64 { return uint64(c.plain[r] & (1<<fateShift - 1)) }
