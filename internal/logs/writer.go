package logs

import (
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	mostLines = 4096    // that wait for being written
	mostBytes = 4 << 20 // of them
)

// Writer writes lines to something that may block, such as a pipe that nobody reads,
// and never blocks itself: what cannot be written soon is dropped and counted. Any
// goroutine may call its methods.
type Writer struct {
	to      io.Writer
	dropped atomic.Uint64

	mu      sync.Mutex                // guards what follows
	tell    func(lines uint64) string // a line about what was dropped; nil: none
	waiting [][]byte
	bytes   int
	closed  bool
	bell    chan struct{} // rings when there is something to write; never closed
	closing chan struct{} // closed by Close
	ended   chan struct{} // closed when nothing will be written any more
}

// NewWriter returns a Writer to w, with one goroutine that Close ends.
func NewWriter(w io.Writer) *Writer {
	out := &Writer{to: w, bell: make(chan struct{}, 1), closing: make(chan struct{}), ended: make(chan struct{})}
	go out.run()
	return out
}

// Tell says how to make the line that is written, when lines can be again, about those
// that were dropped. Before it is called there is none.
func (w *Writer) Tell(line func(lines uint64) string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tell = line
}

// To is what the lines are written to.
func (w *Writer) To() io.Writer { return w.to }

// Dropped is how many lines were not written.
func (w *Writer) Dropped() uint64 { return w.dropped.Load() }

// Write takes a line over; it never fails and never blocks. The line is copied.
func (w *Writer) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.waiting) >= mostLines || w.bytes+len(line) > mostBytes {
		w.dropped.Add(1)
		return len(line), nil
	}
	w.waiting = append(w.waiting, append([]byte(nil), line...))
	w.bytes += len(line)
	select {
	case w.bell <- struct{}{}:
	default: // it rings already
	}
	return len(line), nil
}

// Close waits for what was taken over to be written, but no longer than that, and
// drops the rest. Whoever blocks in the underlying Write is left to it.
func (w *Writer) Close(within time.Duration) error {
	w.mu.Lock()
	first := !w.closed
	w.closed = true
	w.mu.Unlock()
	if first {
		close(w.closing)
	}
	late := time.NewTimer(within)
	defer late.Stop()
	select {
	case <-w.ended:
		return nil
	case <-late.C:
		return fmt.Errorf("the log could not be written within %s", within)
	}
}

func (w *Writer) run() {
	defer close(w.ended)
	var told uint64
	for {
		lines, tell, open := w.take()
		for _, line := range lines {
			if _, err := w.to.Write(line); err != nil {
				w.dropped.Add(1) // nobody reads any more: there is nobody to tell
			}
		}
		if lost := w.dropped.Load(); len(lines) > 0 && lost > told && tell != nil {
			_, _ = io.WriteString(w.to, tell(lost-told)) // the next time says it again
			told = lost
		}
		if len(lines) == 0 && !open {
			return
		}
	}
}

// take waits for lines; open is false when none will come any more.
func (w *Writer) take() (lines [][]byte, tell func(uint64) string, open bool) {
	select {
	case <-w.bell:
		open = true
	case <-w.closing:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	lines, w.waiting, w.bytes = w.waiting, nil, 0
	return lines, w.tell, open
}
