package literal

// scanWide probes windows of six bytes, three at a time.
func (w *window) scanWide(text string, found *Found) {
	bitmap, shift := w.bitmap, w.shift&63
	last := uint64(len(bitmap) - 1)
	i := 0
	for ; i+8 <= len(text); i += 3 {
		bytes := load8(text[i:])
		k0, k1, k2 := bytes&keyMask, bytes>>8&keyMask, bytes>>16
		g0, g1, g2 := k0*multiplier, k1*multiplier, k2*multiplier
		h0, h1, h2 := g0>>shift, g1>>shift, g2>>shift
		w0, w1, w2 := bitmap[h0>>6&last], bitmap[h1>>6&last], bitmap[h2>>6&last]
		r0 := w0 >> (h0 & 63) & (w0 >> (g0 >> 8 & 63))
		r1 := w1 >> (h1 & 63) & (w1 >> (g1 >> 8 & 63))
		r2 := w2 >> (h2 & 63) & (w2 >> (g2 >> 8 & 63))
		if (r0|r1|r2)&1 == 0 {
			continue
		}
		if r0&1 != 0 && w.begins(k0) {
			w.look(k0, text, i, found)
		}
		if r1&1 != 0 && w.begins(k1) {
			w.look(k1, text, i+1, found)
		}
		if r2&1 != 0 && w.begins(k2) {
			w.look(k2, text, i+2, found)
		}
	}
	for ; i+6 <= len(text); i++ {
		if k := key(text, i, 6); w.maybe(k) {
			w.look(k, text, i, found)
		}
	}
}

// scanNarrow probes narrower windows, byte by byte.
func (w *window) scanNarrow(text string, found *Found) {
	if len(text) < w.width {
		return
	}
	top := uint(8*(w.width-1)) & 63
	k := key(text, 0, w.width) << 8 & keyMask
	for i := w.width - 1; i < len(text); i++ {
		k = k>>8&(1<<top-1) | uint64(text[i])<<top
		if w.maybe(k) {
			w.look(k, text, i-w.width+1, found)
		}
	}
}

// load8 reads the first eight bytes of s.
func load8(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// begins says whether a window with these bytes may be that of a literal: hardly
// any begins inside of a character.
func (w *window) begins(k uint64) bool { return k&0xC0 != 0x80 || w.inside }

// maybe says whether k may be the window of a literal. Each key has two bits in
// one word of the bitmap.
func (w *window) maybe(k uint64) bool {
	g := k * multiplier
	h := g >> (w.shift & 63)
	word := w.bitmap[h>>6&uint64(len(w.bitmap)-1)]
	return word>>(h&63)&(word>>(g>>8&63))&1 != 0
}
