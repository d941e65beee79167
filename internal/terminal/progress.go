package terminal

import (
	"fmt"
	"io"
	"time"
)

const (
	patience = 400 * time.Millisecond // what is over sooner needs no word
	pace     = 100 * time.Millisecond // between two words
)

// Progress is one line that tells how far a walk is, and goes away when it ends.
// It is for one goroutine. The nil Progress is silent.
type Progress struct {
	w     io.Writer
	begun time.Time
	last  time.Time
	shown bool
}

// NewProgress returns a line on w, which is to be a terminal.
func NewProgress(w io.Writer) *Progress { return &Progress{w: w, begun: time.Now()} }

// Say shows text in place of what was shown before; not before the walk has taken
// a moment, and not too often.
func (p *Progress) Say(text string) {
	if p == nil {
		return
	}
	now := time.Now()
	if now.Sub(p.begun) < patience || now.Sub(p.last) < pace {
		return
	}
	p.last, p.shown = now, true
	fmt.Fprintf(p.w, "\r%s\x1b[K", Visible(text))
}

// Share is a bar of cells for done of total; "" when the total is not known.
func Share(done, total, cells int) string {
	if total <= 0 || done > total {
		return ""
	}
	full := done * cells / total
	bar := make([]rune, cells)
	for i := range bar {
		bar[i] = '░'
		if i < full {
			bar[i] = '█'
		}
	}
	return string(bar)
}

// End takes the line away.
func (p *Progress) End() {
	if p != nil && p.shown {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.shown = false
	}
}
