package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// watching is a `check --watch` under way.
type watching struct {
	t     *testing.T
	lines chan string
	stop  context.CancelFunc
	code  chan int
}

func watchRules(t *testing.T, args ...string) *watching {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	w := &watching{t: t, lines: make(chan string, 1000), stop: cancel, code: make(chan int, 1)}
	go func() {
		for s := bufio.NewScanner(out); s.Scan(); {
			w.lines <- s.Text()
		}
		close(w.lines)
	}()
	go func() {
		w.code <- run(ctx, append([]string{"--lang", "zh", "check", "--watch"}, args...), strings.NewReader(""), in, io.Discard)
		_ = in.Close()
	}()
	t.Cleanup(func() {
		cancel()
		for range w.lines { // until the pipe is closed
			continue
		}
	})
	return w
}

// next returns the lines of the next check between its begin and its end, and the
// line that ends it.
func (w *watching) next() (between []string, end string) {
	w.t.Helper()
	deadline := time.After(time.Minute)
	for begun := false; ; {
		select {
		case line, open := <-w.lines:
			switch {
			case !open:
				w.t.Fatal("the watch ended")
			case line == "botengine check: begin":
				begun, between = true, nil
			case strings.HasPrefix(line, "botengine check: end: "):
				return between, line
			case begun:
				between = append(between, line)
			default:
				w.t.Fatalf("%q stands outside of a check", line)
			}
		case <-deadline:
			w.t.Fatal("no check came")
		}
	}
}

// until skips checks of what was only half there until one ends like this.
func (w *watching) until(end, text string) {
	w.t.Helper()
	for {
		between, got := w.next()
		if got == "botengine check: end: "+end && strings.Contains(strings.Join(between, "\n"), text) {
			return
		}
	}
}

func (w *watching) exit() int {
	w.stop()
	return <-w.code
}

const goodRule = "version: 1\nrules:\n  - id: refund\n    on: message.text\n    match: {any: [退款]}\n    do:\n      - reply: 请回复订单号\n"

func save(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Every save is checked anew, also a half-written file, and a folder that is
// renamed away and back; the exit code is that of the last check.
func TestCheckWatch(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rules")
	if err := os.Mkdir(dir, 0o750); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "faq.yaml")
	save(t, file, goodRule)
	w := watchRules(t, "--format", "short", dir)
	w.until("0 errors, 0 warnings", "")

	save(t, file, strings.Replace(goodRule, "match", "macth", 1))
	w.until("1 errors, 0 warnings", file+":5:5: error[BE102]")

	save(t, file, goodRule[:strings.Index(goodRule, "[退款")+len("[退款")]) // half of it
	w.until("1 errors, 0 warnings", "error[")

	save(t, file, goodRule)
	w.until("0 errors, 0 warnings", "")

	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	w.until("1 errors, 0 warnings", "没有 "+dir+" 这个文件或文件夹")
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	w.until("0 errors, 0 warnings", "")

	save(t, file, strings.Replace(goodRule, "match", "macth", 1))
	w.until("1 errors, 0 warnings", "error[BE102]")
	if code := w.exit(); code != exitFindings {
		t.Errorf("exit code %d, want that of the last check, %d", code, exitFindings)
	}
}

// Ctrl-C after a check without findings is a success.
func TestCheckWatchEndsWell(t *testing.T) {
	file := filepath.Join(t.TempDir(), "faq.yaml")
	save(t, file, goodRule)
	w := watchRules(t, file)
	w.until("0 errors, 0 warnings", "")
	if code := w.exit(); code != exitOK {
		t.Errorf("exit code %d, want %d", code, exitOK)
	}
}
