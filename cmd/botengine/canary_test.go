package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"botengine/internal/sim"
)

// The canaries: nothing that the engine prints may hold one.
const (
	canarySecret = "CANARYsecret/+0123456789" // of the account
	canaryCall   = "CANARYcall0123456789"     // of a call step
	canaryText   = "CANARYTEXT"               // in what people write
)

// aviary collects what the program said, from wherever.
type aviary struct {
	mu  sync.Mutex // guards all
	all map[string]*bytes.Buffer
}

// of is a place to write what came from there.
func (a *aviary) of(name string) io.Writer {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all[name] == nil {
		a.all[name] = &bytes.Buffer{}
	}
	return lockedWriter{a, a.all[name]}
}

type lockedWriter struct {
	a *aviary
	b *bytes.Buffer
}

func (w lockedWriter) Write(p []byte) (int, error) {
	w.a.mu.Lock()
	defer w.a.mu.Unlock()
	return w.b.Write(p)
}

func (a *aviary) has(name, part string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.all[name] != nil && strings.Contains(a.all[name].String(), part)
}

// tail is the end of what came from there.
func (a *aviary) tail(name string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	text := a.all[name].String()
	return text[max(0, len(text)-4000):]
}

// count looks for canaries and says how much was looked through.
func (a *aviary) count(t *testing.T) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	hits, size := 0, 0
	for name, b := range a.all {
		size += b.Len()
		for line := range strings.Lines(b.String()) {
			if strings.Contains(line, "CANARY") {
				hits++
				t.Errorf("%s shows a canary: %.400s", name, line)
			}
		}
		if b.Len() == 0 {
			t.Errorf("%s says nothing: nothing was looked through", name)
		}
	}
	t.Logf("figure: canaries: %d hits in %d bytes of %d outputs", hits, size, len(a.all))
}

// coop is a project whose secrets are canaries, read from the environment.
type coop struct {
	t   *testing.T
	dir string
	out *aviary
	env []string
}

func newCoop(t *testing.T, out *aviary, restURL, socketURL, calls string) *coop {
	t.Helper()
	c := &coop{t: t, dir: t.TempDir(), out: out}
	c.env = append(os.Environ(), childEnv+"=1", "BOTENGINE_LANG=zh", "BE_KEY=CANARYkey0123456789", "BE_SECRET="+canarySecret, "BE_CALL="+canaryCall)
	c.write("botengine.yaml", fmt.Sprintf(`accounts:
  - {name: main, rest_url: %q, socket_url: %q, access_key: "${env:BE_KEY}", access_secret: "${env:BE_SECRET}"}
rules: [rules/]
state: {path: data/state.db, journal: {text: none}}
limits: {robot: {per_minute: 600}, chat: {per_minute: 600}, jitter: 0s}
fuses: {chat_per_minute: off, ping_pong: off}
call: {hosts: [{host: %q, private: true, http: true}], secrets: {crm: "${env:BE_CALL}"}}
metrics: {listen: "127.0.0.1:0"}
log: {level: debug}
`, restURL, socketURL, calls))
	c.write("rules/all.yaml", fmt.Sprintf(`version: 1
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, do: [{log: "有人说 {{text}}"}, {reply: "收到：{{text}}"}]}
  - {id: broken, on: message.text, when: 'int(text) > 3', do: [{reply: 大}]}
  - id: crm
    on: message.text
    match: {any: [订单]}
    do:
      - call: {url: "http://%s/orders", query: {q: "{{text}}"}, headers: {Authorization: "Bearer ${crm}"}, as: order}
        on_error: [{log: "查不到 {{text}}"}]
      - reply: "好的 {{text}}"
  - {id: friend, on: friend.request, do: [{accept_friend: {}}]}
`, calls))
	return c
}

func (c *coop) write(name, text string) {
	c.t.Helper()
	path := filepath.Join(c.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		c.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

func (c *coop) command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir, cmd.Env = c.dir, c.env
	cmd.Stdout, cmd.Stderr = c.out.of(name), c.out.of(name)
	return cmd
}

// run runs a command to its end, whatever that is.
func (c *coop) run(args ...string) {
	_ = c.command("botengine "+strings.Join(args, " "), args...).Run()
}

// engine runs the engine until its log says something, does what is to be done, and
// stops it.
func (c *coop) engine(name, until string, then func()) {
	c.t.Helper()
	cmd := c.command(name, "run", "-v")
	if err := cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }() // it is over, if all went well
	defer func() {
		if c.t.Failed() {
			c.t.Logf("%s:\n%s", name, c.out.tail(name))
		}
	}()
	wait(c.t, name+" says "+until, func() bool { return c.out.has(name, until) })
	if then != nil {
		then()
	}
	endsWell(c.t, cmd)
}

// wait looks again and again for something that stays when it has come.
func wait(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(soon); !is(); {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

// address is where the engine answers about itself, as its log says.
func (c *coop) address(name string) string {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	for line := range strings.Lines(c.out.all[name].String()) {
		var said struct{ Msg, Address string }
		if json.Unmarshal([]byte(line), &said) == nil && said.Address != "" {
			return said.Address
		}
	}
	c.t.Fatal("the log does not say where metrics are answered")
	return ""
}

func (c *coop) get(url string) {
	c.t.Helper()
	response, err := http.Get(url)
	if err != nil {
		c.t.Fatal(err)
	}
	defer response.Body.Close()
	path := url[strings.LastIndex(url, "/"):]
	if _, err := io.Copy(c.out.of(path), response.Body); err != nil {
		c.t.Fatal(err)
	}
}

// The canaries sing nowhere: a busy session, and everything that can go wrong with
// secrets, leave them in none of the outputs.
func TestNoOutputShowsASecretOrWhatPeopleWrote(t *testing.T) {
	t.Parallel()
	out := &aviary{all: map[string]*bytes.Buffer{}}
	t.Run("outputs", func(t *testing.T) {
		for name, sing := range map[string]func(*testing.T, *aviary){
			"busy": busySession, "refused": refusedConnection, "wrong": wrongSecret, "redirect": redirected,
		} {
			t.Run(name, func(t *testing.T) { t.Parallel(); sing(t, out) })
		}
	})
	out.count(t)
}

const nowhere = "127.0.0.1:1" // nobody listens there

func busySession(t *testing.T, out *aviary) {
	crm := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Error(w, r.Header.Get("Authorization")+r.URL.String(), http.StatusTeapot) // as servers do that echo
	}))
	defer crm.Close()
	s := cageOf(t)
	c := newCoop(t, out, s.URL(), s.URL()+"/imchat", strings.TrimPrefix(crm.URL, "http://"))
	c.engine("log of a busy session", "connected to the platform", func() { c.busy(s) })
	badCommands(c)
}

func refusedConnection(t *testing.T, out *aviary) {
	newCoop(t, out, "http://"+nowhere, "http://"+nowhere+"/imchat", nowhere).engine("log of a refused connection", "the platform gives no robot list", nil)
}

func wrongSecret(t *testing.T, out *aviary) {
	s := cageOf(t)
	c := newCoop(t, out, s.URL(), s.URL()+"/imchat", nowhere)
	c.env = append(c.env, "BE_SECRET=CANARYwrong0123456789")
	c.engine("log of a wrong secret", "the platform gives no robot list", nil)
}

func redirected(t *testing.T, out *aviary) {
	var mu sync.Mutex
	var stolen []string
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		stolen = append(stolen, fmt.Sprint(r.URL, r.Header, string(body)))
	}))
	defer thief.Close()
	redirect := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL+r.URL.String()+"?token=CANARYtoken0123456789", http.StatusTemporaryRedirect)
	}))
	defer redirect.Close()
	newCoop(t, out, redirect.URL, redirect.URL+"/imchat", nowhere).engine("log of a redirect", "the platform gives no robot list", nil)
	mu.Lock()
	defer mu.Unlock()
	if len(stolen) > 0 {
		t.Errorf("a redirect is followed: %v", stolen)
	}
}

// cageOf is a platform whose secrets and tokens are canaries.
func cageOf(t *testing.T) *sim.Server {
	t.Helper()
	s := sim.New(sim.Options{AccessKey: "CANARYkey0123456789", AccessSecret: canarySecret, TokenPrefix: "CANARYtoken"})
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return s
}

// busy is a session in which people talk and things go wrong; then everything is asked
// that the engine can be asked.
func (c *coop) busy(s *sim.Server) {
	t := c.t
	s.Faults().AddCommand(sim.CommandFault{Command: "robot.accept.friend.request", Code: "9", Msg: "refused"})
	for i := range 4 {
		if _, err := s.Say("产品体验群1", "张三", fmt.Sprintf("%s%d 怎么退款", canaryText, i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Say("产品体验群1", "张三", "订单 "+canaryText); err != nil {
		t.Fatal(err)
	}
	if _, err := s.RequestFriend("小助手", "陈晨", canaryText); err != nil {
		t.Fatal(err)
	}
	s.PushRaw(`42/imchat,["message",{"token":"CANARYtoken","content":"` + canaryText + `"`)
	s.PushRaw(`42/imchat,["message",{"messageId":"1","content":{"contentType":"` + canaryText + `"}}]`)
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	if _, err := s.WaitLedger(ctx, func(all []sim.Entry) bool {
		return slices.ContainsFunc(all, func(e sim.Entry) bool { return strings.HasPrefix(e.Text, "好的 ") })
	}); err != nil {
		t.Fatal(err)
	}
	s.RevokeTokens()
	s.CutConnections()
	const log = "log of a busy session"
	wait(t, "the connection is made anew", func() bool { return c.out.has(log, "no connection to the platform") })
	base := "http://" + c.address(log)
	for _, page := range []string{"/metrics", "/readyz?verbose", "/healthz"} {
		c.get(base + page)
	}
	for _, want := range []string{
		`botengine_sends_total{kind="message",result="sent"} 5`, `botengine_events_total{kind="friend.request"} 1`,
		`botengine_verdicts_total{outcome="condition_error"} 5`, `botengine_account_malformed_frames_total{account="main"}`,
	} {
		if !c.out.has("/metrics", want) {
			t.Errorf("/metrics does not say %s", want)
		}
	}
	for _, verb := range []string{"status", "queue", "dead", "rollout", "reload"} {
		c.run("ctl", verb)
		c.run("ctl", verb, "-o", "json")
	}
	c.run("ctl", "events", "--last", "100", "--once")
	c.run("ctl", "events", "--last", "100", "--once", "-o", "json")
	c.run("healthcheck", "-v")
	c.run("replay", "--from", "1h", "--export", "-")
	c.run("replay", "--from", "1h")
}

// badCommands are those that read the configuration, also with faults in it.
func badCommands(c *coop) {
	c.run("check", "-v")
	c.run("check", "--print")
	c.run("check", "--format", "json")
	c.run("robots", "-v")
	text, err := os.ReadFile(filepath.Join(c.dir, "botengine.yaml"))
	if err != nil {
		c.t.Fatal(err)
	}
	c.write("botengine.yaml", strings.Replace(string(text), `"${env:BE_SECRET}"`, `"`+canarySecret+`", access_secrt: CANARYmistyped`, 1))
	c.run("run")
	c.run("check")
}
