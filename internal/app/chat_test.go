package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"botengine/internal/diag"
	"botengine/internal/sim"
)

// screen collects what a chat prints, and lets others wait for it.
type screen struct {
	mu      sync.Mutex // guards all below
	text    bytes.Buffer
	changed chan struct{} // closed and replaced at every write
}

func newScreen() *screen { return &screen{changed: make(chan struct{})} }

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// wait blocks until the text is on the screen.
func (s *screen) wait(t *testing.T, text string) {
	t.Helper()
	timeout := time.After(soon)
	for {
		s.mu.Lock()
		found, changed := strings.Contains(s.text.String(), text), s.changed
		s.mu.Unlock()
		if found {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			t.Fatalf("%q does not come:\n%s", text, s)
		}
	}
}

// chatOptions are those of a chat in a test, on a platform that listens.
func chatOptions(t *testing.T, in io.Reader) (ChatOptions, *screen) {
	t.Helper()
	platform := sim.New(sim.Options{})
	if err := platform.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	out := newScreen()
	return ChatOptions{Platform: platform, In: in, Out: out, Lang: diag.ZH, Log: slog.New(slog.DiscardHandler)}, out
}

// typed plays lines to a chat without an engine and returns what it prints.
func typed(t *testing.T, lines ...string) string {
	t.Helper()
	o, out := chatOptions(t, strings.NewReader(strings.Join(lines, "\n")))
	if err := Chat(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const refundRule = `
version: 1
rules:
  - id: refund
    on: message.text
    match: {any: [退款]}
    do:
      - reply: 请回复订单号
`

func TestAChatInATerminal(t *testing.T) {
	in, keys := io.Pipe()
	o, out := chatOptions(t, in)
	o.Interactive, o.Color, o.Rules = true, true, rulesIn(t, refundRule)
	done := make(chan error, 1)
	go func() { done <- Chat(t.Context(), o) }()
	out.wait(t, "李四 @ 产品体验群1 > ")
	_, _ = io.WriteString(keys, "怎么退款？\n")
	out.wait(t, "小助手：请回复订单号")
	_, _ = io.WriteString(keys, "/why\n")
	out.wait(t, "成功")
	_, _ = io.WriteString(keys, "/private\n")
	out.wait(t, "李四 @ 私聊 小助手 > ")
	_, _ = io.WriteString(keys, "/quit\n")
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(out.String(), "\r\x1b[K") {
		t.Error("what happens is written over what is being typed")
	}
	_ = keys.Close()
}

func TestAChatWithNothingToReadLastsUntilItIsEnded(t *testing.T) {
	o, out := chatOptions(t, nil)
	o.Rules = rulesIn(t, refundRule)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Chat(ctx, o) }()
	if err := o.Platform.WaitConnections(t.Context(), func(n int) bool { return n > 0 }); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Platform.Say("产品体验群1", "张三", "退款"); err != nil {
		t.Fatal(err)
	}
	out.wait(t, "◀ [产品体验群1] 小助手：请回复订单号")
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestAChatWithBrokenRulesGivesItsAddressBack(t *testing.T) {
	o, _ := chatOptions(t, strings.NewReader("你好"))
	o.Rules = rulesIn(t, "version: 1\nrules: [{id: refund}]")
	err := Chat(t.Context(), o)
	if findings, ok := errors.AsType[*FindingsError](err); !ok || len(findings.Findings) == 0 {
		t.Errorf("the error is %v", err)
	}
	again := sim.New(sim.Options{})
	if err := again.Start(strings.TrimPrefix(o.Platform.URL(), "http://")); err != nil {
		t.Errorf("the address is still taken: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := again.Run(ended); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultCanBeTyped(t *testing.T) {
	for _, f := range chatFaults() {
		t.Run(f.name, func(t *testing.T) {
			args := strings.NewReplacer("CODE", "1001", "N", "12").Replace(f.args)
			out := typed(t, strings.TrimSpace("/fault "+f.name+" "+args), "/fault", "/fault off", "/fault")
			if strings.Contains(out, "✗") || !strings.Contains(out, f.help.ZH) {
				t.Errorf("it is refused:\n%s", out)
			}
			if _, before, _ := strings.Cut(out, "现在开着："); strings.HasPrefix(before, "没有") != f.once {
				t.Errorf("it is not listed as it should be:\n%s", out)
			}
			if !strings.HasSuffix(out, "现在开着：没有\n") {
				t.Errorf("it does not end:\n%s", out)
			}
		})
	}
}

func TestEveryCommandOfTheChatIsExplained(t *testing.T) {
	out := typed(t, "/help")
	seen := map[string]bool{}
	for _, cmd := range chatCommands() {
		if seen[cmd.name] || cmd.help.ZH == "" || cmd.help.EN == "" || !strings.Contains(out, cmd.help.ZH) {
			t.Errorf("/%s: %q", cmd.name, cmd.help)
		}
		seen[cmd.name] = true
	}
}

// What people write cannot steer the terminal.
func TestWhatIsSaidCannotSteerTheTerminal(t *testing.T) {
	out := typed(t, "你好\x1b[2J\u202e坏", "/hand 您好\x1b[1m")
	if strings.ContainsAny(out, "\x1b\u202e") {
		t.Errorf("it can: %q", out)
	}
}
