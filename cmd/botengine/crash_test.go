package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/sim"
)

const soon = 60 * time.Second // every wait ends as soon as it can

// child is the real program in a process of its own.
type child struct {
	cmd  *exec.Cmd
	logs chan string // its log's lines; closed when it ended
}

// project is a folder as a user would have it.
func project(t *testing.T, s *sim.Server, jitter string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{
		"botengine.yaml": fmt.Sprintf(`accounts:
  - {name: main, rest_url: %[1]q, socket_url: "%[1]s/imchat", access_key: %[2]s, access_secret: %[3]s}
rules: [rules/]
state: {path: data/state.db}
limits: {robot: {per_minute: 600}, chat: {per_minute: 600}, jitter: %[4]s, warm_up: off, ceiling: {robot: {per_minute: 1000, per_hour: 60000, per_day: 1000000}}}
fuses: {chat_per_minute: off, ping_pong: off}
log: {format: json}
`, s.URL(), sim.DefaultAccessKey, sim.DefaultAccessSecret, jitter),
		"rules/faq.yaml": "version: 1\nrules:\n  - {id: refund, on: message.text, match: {any: [退款]}, do: [{reply: 请回复订单号}]}\n",
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func spawn(t *testing.T, dir string, args ...string) *child {
	t.Helper()
	return spawnCommand(t, dir, exec.Command(os.Args[0], args...))
}

// spawnCommand runs a command that becomes the program.
func spawnCommand(t *testing.T, dir string, cmd *exec.Cmd) *child {
	t.Helper()
	c := &child{cmd: cmd, logs: make(chan string, 10_000)}
	c.cmd.Dir = dir
	c.cmd.Env = append(append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh"), cmd.Env...)
	stderr, err := c.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(c.logs)
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			c.logs <- lines.Text()
		}
	}()
	t.Cleanup(func() { c.kill() })
	return c
}

// kill is kill -9, as often as one likes.
func (c *child) kill() {
	_ = c.cmd.Process.Kill() // it may be over already
	_ = c.cmd.Wait()
}

// ended waits until the process has ended by itself.
func (c *child) ended() error {
	for range c.logs { // to the end
	}
	return c.cmd.Wait()
}

func (c *child) waitLog(t *testing.T, part string) {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case line, ok := <-c.logs:
			if !ok {
				t.Fatalf("the process ended before it said %q", part)
			}
			if strings.Contains(line, part) {
				return
			}
		case <-deadline:
			t.Fatalf("the process never said %q", part)
		}
	}
}

func platform(t *testing.T) *sim.Server {
	t.Helper()
	s := sim.New(sim.Options{})
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

func ask(t *testing.T, s *sim.Server) {
	t.Helper()
	if _, err := s.Say("产品体验群1", "张三", "怎么退款"); err != nil {
		t.Fatal(err)
	}
}

func say(t *testing.T, s *sim.Server, text string) {
	t.Helper()
	if _, err := s.Say("产品体验群1", "张三", text); err != nil {
		t.Fatal(err)
	}
}

// unguarded lets the rule answer as often as it is asked.
func unguarded(t *testing.T, dir string) {
	t.Helper()
	rules := "rules:\n  - {id: refund, on: message.text, match: {any: [退款]}, loop_guard: off, do: [{reply: 请回复订单号}]}\n"
	if err := os.WriteFile(filepath.Join(dir, "rules", "faq.yaml"), []byte(rules), 0o600); err != nil {
		t.Fatal(err)
	}
}

func waitReplies(t *testing.T, s *sim.Server, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, err := s.WaitLedger(ctx, sim.HasKind("text", n)); err != nil {
		t.Fatalf("waiting for %d replies: %v; there are %d", n, err, len(s.Ledger()))
	}
}

// marker asks something else and waits for that answer: in one chat answers keep
// their order, so whatever was owed before it has been sent by then.
func marker(t *testing.T, s *sim.Server, want int) {
	t.Helper()
	ask(t, s)
	waitReplies(t, s, want)
	if n := len(s.Ledger()); n != want {
		t.Errorf("%d replies, want %d", n, want)
	}
}

func TestKilledBetweenCommitAndSendTheReplyIsSentOnce(t *testing.T) {
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "20s..20s") // long enough to be killed in
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	c.waitLog(t, `"outcome":"fired"`) // said after the commit
	c.kill()
	if n := len(s.Ledger()); n != 0 {
		t.Fatalf("%d replies were sent before the kill", n)
	}
	quicker(t, dir)
	again := spawn(t, dir, "run")
	waitReplies(t, s, 1)
	again.waitLog(t, "connected to the platform")
	marker(t, s, 2)
}

func TestKilledAfterTheSendTheReplyIsNotRepeated(t *testing.T) {
	t.Parallel()
	s := platform(t)
	s.Faults().AddCommand(sim.CommandFault{Command: "text", DropReply: true})
	dir := project(t, s, "0s..0s")
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	waitReplies(t, s, 1)
	c.kill()
	s.Faults().Clear()
	again := spawn(t, dir, "run")
	again.waitLog(t, "connected to the platform")
	marker(t, s, 2)
}

func TestKilledBeforeThePlatformTookItTheReplyIsSentOnce(t *testing.T) {
	t.Parallel()
	s := platform(t)
	swallowed := s.Faults().AddCommand(sim.CommandFault{Command: "text", Swallow: true})
	dir := project(t, s, "0s..0s")
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	received := time.NewTicker(5 * time.Millisecond)
	defer received.Stop()
	for len(s.Commands()) == 0 {
		<-received.C
	}
	c.kill()
	swallowed()
	again := spawn(t, dir, "run")
	again.waitLog(t, "connected to the platform")
	talkUntilReplied(t, s)
	marker(t, s, 2)
}

// talkUntilReplied lets somebody chat on in another chat: a history that shows it
// is up to date, so that what it does not have was not sent.
func talkUntilReplied(t *testing.T, s *sim.Server) {
	t.Helper()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(soon)
	for len(s.Ledger()) == 0 {
		select {
		case <-tick.C:
			if _, err := s.Say("小助手", "李四", "在吗"); err != nil {
				t.Fatal(err)
			}
		case <-deadline:
			t.Fatal("the reply was never sent")
		}
	}
}

func TestFault62TheSecondProcessOnOneStateNamesTheFirst(t *testing.T) {
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	first := spawn(t, dir, "run")
	first.waitLog(t, "connected to the platform")
	second := exec.Command(os.Args[0], "run")
	second.Dir, second.Env = dir, append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh")
	begun := time.Now()
	out, err := second.CombinedOutput()
	if code := second.ProcessState.ExitCode(); code != exitUsage {
		t.Errorf("exit code %d (%v), want %d", code, err, exitUsage)
	}
	if want := fmt.Sprintf("正被进程 %d 使用", first.cmd.Process.Pid); !strings.Contains(string(out), want) {
		t.Errorf("it says %s, want %q", out, want)
	}
	if took := time.Since(begun); took > 30*time.Second {
		t.Errorf("it took %v to say so", took)
	}
}

// busy is how much longer than promised a machine may take that does other things, too.
const busy = 20 * time.Second

func TestSIGTERMEndsTheRunWithinTenSeconds(t *testing.T) {
	t.Parallel()
	s := platform(t)
	s.Faults().AddCommand(sim.CommandFault{Command: "text", DropReply: true}) // something stays in flight
	c := spawn(t, project(t, s, "0s..0s"), "run")
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	waitReplies(t, s, 1)
	begun := time.Now()
	if err := c.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	for range c.logs { // until it is gone
	}
	if err := c.cmd.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if took := time.Since(begun); took > 10*time.Second+busy {
		t.Errorf("it took %v", took)
	}
}

func TestTheDemoShowsAReplyAWelcomeAndANewFriend(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "demo", "--once", "--rules", "../../rules")
	cmd.Env = append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh")
	cmd.Stdin = strings.NewReader("")
	var errs strings.Builder
	cmd.Stderr = io.MultiWriter(&errs)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("demo: %v\n%s", err, errs.String())
	}
	for _, want := range []string{"小助手：", "新成员：王五", "欢迎 王五、陈晨 加入", "通过好友申请 ✓", "打标签 ✓", "陈晨", "↳", "冷却中"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the demo does not show %q:\n%s", want, out)
		}
	}
}

// quicker takes the waiting out of a project's configuration.
func quicker(t *testing.T, dir string) {
	t.Helper()
	path := filepath.Join(dir, "botengine.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(data), "20s..20s", "0s..0s", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}
