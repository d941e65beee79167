//go:build unix

package ctl

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
)

// childEnv makes the test binary an engine that dies without a word.
const childEnv = "BOTENGINE_CTL_TEST_CHILD"

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		if _, err := Listen(path); err != nil {
			os.Exit(3)
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	goleak.VerifyTestMain(m)
}

// serve runs a server at the path until the test ends, or the function is called.
func serve(t *testing.T, path string, s *Server) (stop func()) {
	t.Helper()
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx, l); close(ended) }()
	stop = func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("run: %v", err)
		}
	}
	t.Cleanup(stop)
	return stop
}

type greeting struct {
	Name string `json:"name"`
}

func greeter() *Server {
	s := NewServer(nil)
	s.Handle("greet", func(_ context.Context, raw json.RawMessage) (any, error) {
		params, err := Params[greeting](raw)
		if err != nil {
			return nil, err
		}
		return greeting{"你好 <" + params.Name + ">"}, nil
	})
	return s
}

func TestCallIsAnswered(t *testing.T) {
	for name, dir := range map[string]string{
		"short path":                             t.TempDir(),
		"a path longer than an address may hold": longFolder(t),
		"letters that mean something to a shell": folderNamed(t, "[a]* 状态 ?"),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(dir, Name)
			serve(t, path, greeter())
			var got greeting
			if err := NewClient(path).Call(t.Context(), "greet", greeting{"张三"}, &got); err != nil || got.Name != "你好 <张三>" {
				t.Errorf("answered %q, %v", got.Name, err)
			}
		})
	}
}

func folderNamed(t *testing.T, name string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func longFolder(t *testing.T) string {
	t.Helper()
	return folderNamed(t, filepath.Join(strings.Repeat("很长的文件夹", 10), strings.Repeat("d", 200)))
}

func TestRefusals(t *testing.T) {
	s := greeter()
	s.Handle("fail", func(context.Context, json.RawMessage) (any, error) { return nil, errors.New("disk full") })
	s.Handle("refuse", func(context.Context, json.RawMessage) (any, error) {
		return nil, &Error{Code: "no_such_rule", ZH: "没有规则", EN: "no rule"}
	})
	s.Handle("panic", func(context.Context, json.RawMessage) (any, error) { panic("secret") })
	path := filepath.Join(t.TempDir(), Name)
	serve(t, path, s)
	for name, c := range map[string]struct {
		verb   string
		params any
		code   string
		says   string
	}{
		"a verb of another version":         {"dance", nil, CodeUnknownVerb, "dance"},
		"a key that the verb does not know": {"greet", map[string]string{"nmae": "x"}, CodeBadParams, "nmae"},
		"parameters of another kind":        {"greet", []int{1}, CodeBadParams, "array"},
		"parameters that are too large":     {"greet", greeting{strings.Repeat("大", 2<<20)}, CodeTooLarge, "4 MiB"},
		"any error of the handler":          {"fail", nil, CodeFailed, "disk full"},
		"a no of the handler":               {"refuse", nil, "no_such_rule", "no rule"},
		"a panic, whose value is not said":  {"panic", nil, CodeInternal, "internal"},
	} {
		t.Run(name, func(t *testing.T) {
			err := NewClient(path).Call(t.Context(), c.verb, c.params, nil)
			var e *Error
			if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.EN, c.says) || e.ZH == "" || strings.Contains(e.EN, "secret") {
				t.Errorf("got %#v", err)
			}
		})
	}
}

func TestOnlyPostIsAnswered(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	serve(t, path, greeter())
	c := NewClient(path)
	for name, r := range map[string][2]string{"GET": {http.MethodGet, "/v1/greet"}, "another path": {http.MethodPost, "/greet"}, "no verb": {http.MethodPost, "/v1/"}} {
		req, err := http.NewRequestWithContext(t.Context(), r[0], "http://botengine"+r[1], http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.web.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", name, resp.StatusCode)
		}
	}
}

func TestStream(t *testing.T) {
	s := NewServer(nil)
	s.HandleStream("count", func(_ context.Context, _ json.RawMessage, send func(any) error) error {
		for i := range 3 {
			if err := send(i); err != nil {
				return err
			}
		}
		return &Error{Code: "done", ZH: "完了", EN: "done"}
	})
	s.HandleStream("wait", func(ctx context.Context, _ json.RawMessage, send func(any) error) error {
		if err := send("on"); err != nil {
			return err
		}
		<-ctx.Done()
		return ctx.Err()
	})
	path := filepath.Join(t.TempDir(), Name)
	stop := serve(t, path, s)
	c := NewClient(path)

	t.Run("items come in order, the error last", func(t *testing.T) {
		var got []string
		err := c.Follow(t.Context(), "count", nil, func(raw json.RawMessage) error { got = append(got, string(raw)); return nil })
		var e *Error
		if !errors.As(err, &e) || e.Code != "done" || strings.Join(got, "") != "012" {
			t.Errorf("got %v, %v", got, err)
		}
	})
	t.Run("who follows may stop", func(t *testing.T) {
		enough := errors.New("enough")
		if err := c.Follow(t.Context(), "wait", nil, func(json.RawMessage) error { return enough }); !errors.Is(err, enough) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("who follows may be stopped", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		if err := c.Follow(ctx, "wait", nil, func(json.RawMessage) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the engine may end", func(t *testing.T) {
		err := c.Follow(t.Context(), "wait", nil, func(json.RawMessage) error { go stop(); return nil })
		var e *Error
		if unreachable := (*UnreachableError)(nil); !errors.As(err, &unreachable) && (!errors.As(err, &e) || e.Code != CodeStopping) {
			t.Errorf("got %v", err)
		}
	})
}

func TestTooManyStreams(t *testing.T) {
	s := NewServer(nil)
	s.HandleStream("wait", func(ctx context.Context, _ json.RawMessage, send func(any) error) error {
		if err := send("on"); err != nil {
			return err
		}
		<-ctx.Done()
		return nil
	})
	path := filepath.Join(t.TempDir(), Name)
	stop := serve(t, path, s)
	on := make(chan struct{})
	done := make(chan struct{})
	for range maxStreams {
		go func() {
			_ = NewClient(path).Follow(context.Background(), "wait", nil, func(json.RawMessage) error { on <- struct{}{}; return nil })
			done <- struct{}{}
		}()
		<-on
	}
	var e *Error
	if err := NewClient(path).Follow(t.Context(), "wait", nil, nil); !errors.As(err, &e) || e.Code != CodeBusy {
		t.Errorf("one too many: %v", err)
	}
	stop()
	for range maxStreams {
		<-done
	}
}

func TestNoEngine(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, Name)
	for name, prepare := range map[string]func(){
		"no socket":      func() {},
		"a dead socket":  func() { die(t, path) },
		"not a socket":   func() { os.Remove(path); os.WriteFile(path, nil, 0o600) },
		"no such folder": func() { os.RemoveAll(dir) },
	} {
		t.Run(name, func(t *testing.T) {
			prepare()
			err := NewClient(path).Call(t.Context(), "greet", nil, nil)
			var e *UnreachableError
			if !errors.As(err, &e) || e.Path != path {
				t.Errorf("got %#v", err)
			}
		})
	}
}

// die leaves the socket of a process that was killed.
func die(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	_ = os.RemoveAll(path)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+path)
	if err := cmd.Run(); err == nil || cmd.ProcessState.ExitCode() == 3 {
		t.Fatalf("the child: %v", err)
	}
	if info, err := os.Lstat(path); err != nil || info.Mode().Type() != fs.ModeSocket {
		t.Fatalf("the child left no socket: %v", err)
	}
}

func TestSocketOfADeadEngineIsReplaced(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	die(t, path)
	if err := os.Mkdir(filepath.Join(filepath.Dir(path), privatePrefix+"1"), 0o700); err != nil { // and it died at the worst moment
		t.Fatal(err)
	}
	stop := serve(t, path, greeter())
	if err := NewClient(path).Call(t.Context(), "greet", nil, nil); err != nil {
		t.Error(err)
	}
	stop()
	if left, err := os.ReadDir(filepath.Dir(path)); err != nil || len(left) != 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestSocketOfALivingEngineStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	serve(t, path, greeter())
	var used *InUseError
	if _, err := Listen(path); !errors.As(err, &used) || used.Path != path {
		t.Errorf("got %v", err)
	}
	if err := NewClient(path).Call(t.Context(), "greet", nil, nil); err != nil {
		t.Error(err)
	}
}

func TestWhatIsNoSocketStays(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Listen(path); err == nil || !strings.Contains(err.Error(), "no socket") {
		t.Errorf("got %v", err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "mine" {
		t.Errorf("the file is %q, %v", data, err)
	}
}

// The umask is the loosest there is: the socket is its owner's alone all the same.
func TestSocketIsTheOwnersAlone(t *testing.T) {
	defer syscall.Umask(syscall.Umask(0))
	path := filepath.Join(t.TempDir(), Name)
	l, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if info, err := os.Lstat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Of many engines that start at the same time beside each other, one gets the socket.
func TestOneOfManyGetsTheSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	results := make(chan net.Listener)
	for range 8 {
		go func() {
			l, err := Listen(path)
			if used := (*InUseError)(nil); err != nil && !errors.As(err, &used) {
				t.Errorf("listen: %v", err)
			}
			results <- l
		}()
	}
	got := 0
	for range 8 {
		if l := <-results; l != nil {
			got++
			defer l.Close()
		}
	}
	if got != 1 {
		t.Errorf("%d got it", got)
	}
}

// A closed listener leaves the socket of the engine that came after it alone.
func TestCloseRemovesItsOwnSocketOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), Name)
	first, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	serve(t, path, greeter())
	first.Close()
	first.Close()
	if err := NewClient(path).Call(t.Context(), "greet", nil, nil); err != nil {
		t.Error(err)
	}
}
