package fold

import (
	_ "embed"
	"strings"
	"sync"
)

// The table of variants is written by gen/variants.mjs, which says where it comes
// from and how to run it: the one thing in this tree that needs node. A test says
// when the table is out of date.
//
//go:embed variants.txt
var variantLines string

// variants is the table, once it is needed.
var variants = sync.OnceValue(func() *pages {
	p := &pages{}
	for line := range strings.Lines(variantLines) {
		to, froms, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			continue // the line that says where the table comes from
		}
		for _, from := range froms {
			p.set(from, []rune(to)[0])
		}
	}
	return p
})

// pages map characters to characters: a page for each 256 of them that has any.
type pages struct {
	page [(lastVariant + 1) >> 8]*[256]rune
	odd  oddHan
}

// lastVariant is the last character that a table can have.
const lastVariant = 0x2ffff

// oddHan has a bit for each of the usual Chinese characters: it is mapped to another.
type oddHan [(lastHan - firstHan + 1 + 63) / 64]uint64

func (o *oddHan) add(r rune) {
	if r >= firstHan && r <= lastHan {
		o[(r-firstHan)>>6] |= 1 << (uint(r-firstHan) & 63)
	}
}

// has says so of r, which has to be one of them.
func (o *oddHan) has(r rune) bool {
	i := uint(r - firstHan)
	return o[i>>6]>>(i&63)&1 != 0
}

func (p *pages) set(from, to rune) {
	page := &p.page[from>>8]
	if *page == nil {
		*page = new([256]rune)
	}
	(*page)[from&0xff] = to
	p.odd.add(from)
}

// of returns what r becomes: itself, if the table does not have it.
func (p *pages) of(r rune) rune {
	if p == nil || r > lastVariant || p.page[r>>8] == nil {
		return r
	}
	if to := p.page[r>>8][r&0xff]; to != 0 {
		return to
	}
	return r
}
