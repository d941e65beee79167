package logs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const canary = `CANARY/s3cret+"x`

type sneaky struct{ Inner string }

func logged(mode Mode, log func(*slog.Logger)) string {
	var out bytes.Buffer
	for _, h := range []slog.Handler{
		slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}), slog.NewTextHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug}),
	} {
		log(slog.New(Redact(h, mode, canary, "", "short")))
	}
	return out.String()
}

func TestSecretsAreHiddenHoweverTheyComeIn(t *testing.T) {
	_, refused := (&http.Client{}).Get("http://127.0.0.1:1/imchat?EIO=4&token=CANARYtoken&x=1")
	for name, log := range map[string]func(*slog.Logger){
		"in the message":                func(l *slog.Logger) { l.Info("asked with " + canary) },
		"in an attribute":               func(l *slog.Logger) { l.Info("x", "url", "https://a/?k="+url.QueryEscape(canary)) },
		"in an error":                   func(l *slog.Logger) { l.Error("x", "error", fmt.Errorf("dial: %w", errors.New("with "+canary))) },
		"in the error of an address":    func(l *slog.Logger) { l.Error("x", "error", refused) },
		"in a header":                   func(l *slog.Logger) { l.Info("x", "header", http.Header{"Token": {"CANARYtoken"}}) },
		"in a group":                    func(l *slog.Logger) { l.Info("x", slog.Group("g", slog.Group("h", "a", canary))) },
		"in what is kept":               func(l *slog.Logger) { l.With("a", canary).WithGroup("g").Info("x", "b", canary) },
		"in a struct":                   func(l *slog.Logger) { l.Info("x", "a", sneaky{canary}, "b", &sneaky{canary}, "c", []string{canary}) },
		"under a telling name":          func(l *slog.Logger) { l.Info("x", "token", "CANARYother", "access_secret", "CANARYother") },
		"in JSON":                       func(l *slog.Logger) { l.Info("x", "body", `{"accessToken":"CANARYtoken","accessSecret": "CANARYx"}`) },
		"in JSON that is quoted":        func(l *slog.Logger) { l.Info("x", "body", `{\"accessToken\":\"CANARYtoken\"}`) },
		"in bytes":                      func(l *slog.Logger) { l.Info("x", "body", []byte("token=CANARYtoken")) },
		"as a password in an address":   func(l *slog.Logger) { l.Info("x", "url", "https://me:CANARYpw@example.com/") },
		"as a bearer":                   func(l *slog.Logger) { l.Info("x", "h", "Authorization: Bearer CANARYtokenCANARY") },
		"in a text that may be shown":   func(l *slog.Logger) { l.Info("x", "text", Text("token="+canary)) },
		"in a header as it is sent":     func(l *slog.Logger) { l.Info("x", "h", "Token: CANARY0123456789abcdef") },
		"in a debug line":               func(l *slog.Logger) { l.Debug("x", "a", canary) },
		"in a value that is resolved":   func(l *slog.Logger) { l.Info("x", "a", valuer(canary)) },
		"in a value that is a Stringer": func(l *slog.Logger) { l.Info("x", "a", stringer(canary)) },
	} {
		got := logged(Full, log)
		if strings.Contains(got, "CANARY") || !strings.Contains(got, hidden) {
			t.Errorf("%s: %s", name, got)
		}
	}
}

type valuer string

func (v valuer) LogValue() slog.Value { return slog.StringValue(string(v)) }

type stringer string

func (s stringer) String() string { return string(s) }

func TestWhatIsNoSecretStays(t *testing.T) {
	got := logged(Hash, func(l *slog.Logger) {
		l.Info("rules loaded", "rules", 3, "at", "rules/a.yaml:3:7", "short", "short", "took", time.Second, "list", []string{"a", "b"}, "text", "关键词：退款",
			"hint", "check access_key and access_secret of this account", "error", errors.New("get a token: the platform said no: no token was given"))
	})
	for _, want := range []string{
		`"rules":3`, "rules/a.yaml:3:7", `"short":"short"`, `["a","b"]`, "关键词：退款", "check access_key and access_secret of this account", "get a token: the platform said no: no token was given",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is gone from %s", want, got)
		}
	}
}

func TestWhatPeopleWroteIsShownAsTheModeSays(t *testing.T) {
	say := func(l *slog.Logger) { l.Info("rule says", "text", Text("我要退款😀")) }
	for mode, want := range map[Mode]string{
		Full: "我要退款😀", None: "***", Hash: "sha256:9eb8936865e2, 5 characters", "": "5 characters",
	} {
		got := logged(mode, say)
		if !strings.Contains(got, want) || mode != Full && strings.Contains(got, "退款") {
			t.Errorf("%q: %s, want %s", mode, got, want)
		}
	}
	var out bytes.Buffer
	say(slog.New(slog.NewTextHandler(&out, nil)))
	if strings.Contains(out.String(), "退款") {
		t.Errorf("a log that knows no modes shows it: %s", out.String())
	}
}

// stuck blocks in Write until it is let go.
type stuck struct {
	mu      sync.Mutex
	written bytes.Buffer
	go_     chan struct{}
	begun   chan struct{}
	once    sync.Once
}

func (s *stuck) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.begun) })
	<-s.go_
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written.Write(p)
}

func TestALogThatNobodyReadsDropsLinesAndNeverBlocks(t *testing.T) {
	pipe := &stuck{go_: make(chan struct{}), begun: make(chan struct{})}
	w := NewWriter(pipe)
	w.Tell(func(n uint64) string { return fmt.Sprintf("%d lines were dropped\n", n) })
	fmt.Fprintln(w, "the first")
	<-pipe.begun
	const lines = 3 * mostLines
	for i := range lines {
		if n, err := fmt.Fprintln(w, "line", i); err != nil || n == 0 {
			t.Fatal(n, err)
		}
	}
	if got := w.Dropped(); got != lines-mostLines {
		t.Errorf("%d lines were dropped, want %d", got, lines-mostLines)
	}
	if err := w.Close(time.Millisecond); err == nil {
		t.Error("Close says that all was written")
	}
	close(pipe.go_)
	if err := w.Close(time.Minute); err != nil {
		t.Error(err)
	}
	got := pipe.written.String()
	if !strings.HasPrefix(got, "the first\n") || !strings.Contains(got, "\nline 0\nline 1\n") || !strings.Contains(got, fmt.Sprintf("%d lines were dropped\n", lines-mostLines)) {
		t.Errorf("what was written begins with %.80q", got)
	}
}

func TestLinesAreWrittenWholeAndInOrder(t *testing.T) {
	var out bytes.Buffer
	w := NewWriter(&out)
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := range 200 {
				fmt.Fprintf(w, "%d-%03d\n", g, i)
			}
		})
	}
	all.Wait()
	if err := w.Close(time.Minute); err != nil {
		t.Fatal(err)
	}
	last := map[byte]string{}
	for line := range strings.Lines(out.String()) {
		if line <= last[line[0]] || len(line) != 6 {
			t.Fatalf("%q after %q", line, last[line[0]])
		}
		last[line[0]] = line
	}
	if out.Len() != 4*200*6 || w.Dropped() != 0 {
		t.Errorf("%d bytes, %d dropped", out.Len(), w.Dropped())
	}
	if _, err := io.WriteString(w, "too late\n"); err != nil || w.Dropped() != 1 {
		t.Errorf("after its end: %v, %d dropped", err, w.Dropped())
	}
}

func TestARedactorIsAHandlerLikeOthers(t *testing.T) {
	h := Redact(slog.NewTextHandler(new(bytes.Buffer), &slog.HandlerOptions{Level: slog.LevelWarn}), Hash)
	if h.Enabled(context.Background(), slog.LevelInfo) || !h.Enabled(context.Background(), slog.LevelWarn) {
		t.Error("it has a level of its own")
	}
}
