package app

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// bench is a platform and an engine on it, as a user would run them.
type bench struct {
	sim     *sim.Server
	cfg     config.Config
	now     func() time.Time // the clock of schedules; nil: the real one
	log     logBuffer
	reports chan intake.Report // of everything taken in; buffered, never closed
	swaps   chan *rule.Set
	engine  *App         // the one that was run last
	end     func() error // ends the engine as SIGTERM does, and says what Run said
}

// serve starts a simulated platform that lives as long as the test.
func serve(t *testing.T, o sim.Options) *sim.Server {
	t.Helper()
	s := sim.New(o)
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("the simulated platform: %v", err)
		}
	})
	return s
}

// settings are a configuration for a platform that nobody gets banned by.
func settings(t *testing.T, restURL, socketURL, rules string) config.Config {
	t.Helper()
	cfg := config.Default()
	account := config.DefaultAccount()
	account.Name, account.RestURL, account.SocketURL = "main", restURL, socketURL
	account.AccessKey, account.AccessSecret = config.NewSecret(sim.DefaultAccessKey), config.NewSecret(sim.DefaultAccessSecret)
	cfg.Accounts = []config.Account{account}
	cfg.Rules = []string{rules}
	cfg.State.Path, cfg.State.Ballast = filepath.Join(t.TempDir(), "data", "state.db"), 0
	cfg.Limits, cfg.Fuses = config.Limits{}, config.Fuses{} // and in which people write like machines
	return cfg
}

// start runs an engine with the rules on the platform and waits until it is up.
func start(t *testing.T, s *sim.Server, rules string) *bench {
	t.Helper()
	b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", rules)}
	b.run(t)
	b.connected(t)
	return b
}

func (b *bench) run(t *testing.T) {
	t.Helper()
	b.reports, b.swaps = make(chan intake.Report, 100_000), make(chan *rule.Set, 100)
	engine, err := New(t.Context(), Options{
		Config: b.cfg, Lang: diag.ZH, Log: slog.New(slog.NewTextHandler(io.MultiWriter(&b.log), &slog.HandlerOptions{Level: slog.LevelDebug})),
		OnReport: func(r intake.Report) { b.reports <- r },
		OnSwap:   func(s *rule.Set) { b.swaps <- s },
		now:      b.now,
	})
	if err != nil {
		t.Fatal(err)
	}
	b.engine = engine
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- engine.Run(ctx) }()
	ended := false
	b.end = func() error {
		cancel()
		ended = true
		return <-done
	}
	t.Cleanup(func() {
		if !ended {
			if err := b.end(); err != nil {
				t.Errorf("the engine: %v", err)
			}
		}
		if t.Failed() {
			t.Log("the end of the engine's log:\n" + tail(b.log.String(), 4000))
		}
	})
}

func (b *bench) connected(t *testing.T) {
	t.Helper()
	until(t, "a connection", func() bool { return b.sim.Connections() > 0 })
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(soon)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("there never was %s", what)
		}
	}
}

// ledger waits until the ledger satisfies enough.
func (b *bench) ledger(t *testing.T, what string, enough func([]sim.Entry) bool) []sim.Entry {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), soon)
	defer cancel()
	entries, err := b.sim.WaitLedger(ctx, enough)
	if err != nil {
		t.Fatalf("waiting for %s: %v; %d entries in the ledger, the newest: %+v", what, err, len(entries), entries[max(0, len(entries)-3):])
	}
	return entries
}

func hasText(part string) func([]sim.Entry) bool {
	return func(entries []sim.Entry) bool {
		return slices.ContainsFunc(entries, func(e sim.Entry) bool { return e.Kind == "text" && strings.Contains(e.Text, part) })
	}
}

// settled waits until nothing has been taken in for a moment, so that what must
// not happen has had its time.
func (b *bench) settled() {
	for {
		select {
		case <-b.reports:
		case <-time.After(300 * time.Millisecond):
			return
		}
	}
}

func rulesIn(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "rules.yaml"), text)
	return dir
}

// tail is the last n bytes of a text.
func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func must[T any](v T, err error) T {
	if err != nil {
		panic(fmt.Sprintf("the test's own step: %v", err))
	}
	return v
}

// mainRules are what the main job is about.
const mainRules = `version: 1
rules:
  - id: refund
    on: message.text
    scope: {chat_type: group}
    match: {any: [退款]}
    do:
      - reply: {text: "{{sender.name}}，请看退款入口", at: sender}
      - tag: {add: [售后/退款]}
  - id: welcome
    on: member.join
    do:
      - reply: 欢迎 {{names(members)}} 🎉
  - id: friend
    on: friend.request
    do:
      - accept_friend:
      - tag: {add: [来源/好友申请]}
      - reply: 你好，{{friend.name}}
`

func TestRulesAnswerLiveRobots(t *testing.T) {
	for _, eio := range []int{3, 4} {
		t.Run(fmt.Sprintf("over Engine.IO %d", eio), func(t *testing.T) {
			b := start(t, serve(t, sim.Options{EIO: []int{eio}}), rulesIn(t, mainRules))
			must(b.sim.Say("产品体验群1", "张三", "退 款　怎么办"))
			if err := b.sim.Join("产品体验群1", "王五"); err != nil {
				t.Fatal(err)
			}
			must(b.sim.RequestFriend("小助手", "陈晨", "我是陈晨"))
			b.ledger(t, "the keyword's reply", hasText("张三，请看退款入口"))
			b.ledger(t, "the welcome", hasText("欢迎 王五 🎉"))
			b.ledger(t, "the accepted friend", sim.HasKind("accept", 1))
			b.ledger(t, "the greeting", hasText("你好，陈晨"))
			b.ledger(t, "two tags", sim.HasKind("tag", 2))
			if got := b.sim.World().TagsOf("小助手", "陈晨"); !slices.Contains(got, "来源/好友申请") {
				t.Errorf("陈晨 has the tags %v", got)
			}
			b.settled()
			if n := b.sim.Overlaps(); len(n) > 0 {
				t.Errorf("commands overlapped: %v", n)
			}
			if d := b.sim.Duplicates(); len(d) > 0 {
				t.Errorf("sent twice: %v", d)
			}
		})
	}
}

func TestEditingARuleChangesTheNextAnswerWithinTwoSeconds(t *testing.T) {
	dir := rulesIn(t, ruleText("refund", "旧的答案"))
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	b.ledger(t, "the old answer", hasText("旧的答案"))
	best := soon
	for i := 0; i < 20 && best > 2*time.Second; i++ { // what else the machine does must not count
		answer := fmt.Sprintf("新的答案 %d", i)
		saved := time.Now()
		write(t, filepath.Join(dir, "rules.yaml"), ruleText("refund", answer))
		<-b.swaps
		best = min(best, time.Since(saved))
		must(b.sim.Say("产品体验群1", "李四", "退款"))
		b.ledger(t, "the new answer", hasText(answer))
	}
	if best > 2*time.Second {
		t.Errorf("the rule went live after %v", best)
	}
}

func TestALabelIdReachesTheServerUnchanged(t *testing.T) {
	b := start(t, serve(t, sim.Options{}), rulesIn(t, `version: 1
rules:
  - {id: by-name, on: message.text, match: {any: [名字]}, do: [{tag: {add: [售后/退款]}}]}
  - {id: by-id, on: message.text, match: {any: [编号]}, do: [{tag: {add: [14073751575621261]}}]}
`))
	for _, text := range []string{"名字", "编号"} {
		must(b.sim.Say("小助手", "张三", text))
	}
	b.ledger(t, "both tags", sim.HasKind("tag", 2))
	for _, c := range b.sim.Commands() {
		if c.Type == "robot.cust.tags" && !strings.Contains(c.Body, `"tags":["14073751575621261"]`) {
			t.Errorf("the server got %s", c.Body)
		}
	}
}

func TestMalformedFramesAreCountedAndTheConnectionStays(t *testing.T) {
	b := start(t, serve(t, sim.Options{}), rulesIn(t, mainRules))
	for _, frame := range []string{
		`42/imchat,["message"`, `42/imchat,["message",{"robotKey":7}]`, `42/imchat,["无名",{}]`, `42/imchat,{}`, `4`, `x`,
		`42/imchat,["message",{"messageId":"1","robotKey":"r","timestamp":1.5e300,"content":{}}]`,
	} {
		b.sim.PushRaw(frame)
	}
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	b.ledger(t, "the answer", hasText("请看退款入口"))
	if n := b.sim.Logins(); n != 1 {
		t.Errorf("%d logins: the connection was lost", n)
	}
	if !strings.Contains(b.log.String(), "a frame could not be read") {
		t.Error("the log does not speak of the frames")
	}
}

func TestAWrongSecretIsSaidClearlyAndNotRetriedHotly(t *testing.T) {
	s := serve(t, sim.Options{})
	b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, mainRules))}
	b.cfg.Accounts[0].AccessSecret = config.NewSecret("wrong-secret-CANARY")
	b.run(t)
	until(t, "a word in the log", func() bool {
		return strings.Contains(b.log.String(), "access_secret") || strings.Contains(b.log.String(), "access secret")
	})
	if !strings.Contains(b.log.String(), "next_attempt_in=1m0s") {
		t.Error("the next attempt is not a minute away")
	}
	if strings.Contains(b.log.String(), "CANARY") {
		t.Error("the secret is in the log")
	}
}

func TestAnUnreachableHostIsRetriedAndSaid(t *testing.T) {
	s := serve(t, sim.Options{})
	b := &bench{sim: s, cfg: settings(t, "http://127.0.0.1:1", "http://127.0.0.1:1/imchat", rulesIn(t, mainRules))}
	b.run(t)
	until(t, "a word in the log", func() bool { return strings.Contains(b.log.String(), "next_attempt_in") })
	if !strings.Contains(b.log.String(), "refused") {
		t.Error("the log does not say why")
	}
}

func TestCooldownsSurviveAReloadAndARestart(t *testing.T) {
	t.Parallel()
	const text = `version: 1
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, cooldown: {for: 1h, per: [chat]}, do: [{reply: 答案}]}
  - {id: price, on: message.text, match: {any: [价格]}, do: [{reply: 价格表}]}
`
	dir := rulesIn(t, text)
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	b.ledger(t, "the answer", hasText("答案"))
	write(t, filepath.Join(dir, "rules.yaml"), strings.Replace(text, "价格表", "新价格表", 1))
	<-b.swaps
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	must(b.sim.Say("产品体验群1", "张三", "价格")) // in one chat answers keep their order
	b.ledger(t, "the reloaded rule's answer", hasText("新价格表"))
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	until(t, "a connection", func() bool {
		return b.sim.Connections() > 0 && strings.Count(b.log.String(), "connected to the platform") == 2
	})
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	must(b.sim.Say("产品体验群1", "张三", "价格"))
	b.ledger(t, "the next answer", sim.HasKind("text", 3))
	if got := b.sim.Ledger(); got[0].Text != "答案" || got[1].Text != "新价格表" || got[2].Text != "新价格表" {
		t.Errorf("the ledger: %+v", got)
	}
}

// A robot's own messages, and another robot's, never fire a rule by themselves.
func TestRobotsDoNotAnswerRobots(t *testing.T) {
	world := sim.DemoWorld()
	world.AddRobot(sim.Robot{Key: "second", Wxid: "1688853470429999", NickName: "小助手二号"})
	world.AddGroup(sim.Group{ID: "R:1", Name: "镜子群", Owner: "小助手", Members: []string{"小助手", "小助手二号", "张三"}})
	b := start(t, serve(t, sim.Options{World: world}), rulesIn(t, `version: 1
rules:
  - {id: mirror, on: message.text, loop_guard: off, scope: {robots: [小助手]}, match: {any: [你好]}, do: [{reply: 你好 你好}]}
`))
	must(b.sim.Say("镜子群", "张三", "你好"))
	b.ledger(t, "the answer", hasText("你好 你好"))
	b.settled()
	if n := len(b.sim.Ledger()); n != 1 {
		t.Errorf("%d messages, want one: %+v", n, b.sim.Ledger())
	}
}

func TestAGracefulStopLosesNothing(t *testing.T) {
	t.Parallel()
	s := serve(t, sim.Options{Latency: sim.Range{Min: 300 * time.Millisecond, Max: 400 * time.Millisecond}})
	b := start(t, s, rulesIn(t, mainRules))
	const n = 5
	for i := range n {
		must(b.sim.Say("产品体验群1", "张三", fmt.Sprintf("退款 %d", i)))
	}
	for range n {
		for r := range b.reports {
			if r.Event.Kind == "message.text" && !r.Event.IsEcho() {
				break
			}
		}
	}
	if err := b.end(); err != nil { // some replies are in flight, the others wait in the outbox
		t.Fatal(err)
	}
	b.run(t)
	b.ledger(t, "all replies and tags", func(e []sim.Entry) bool { return sim.HasKind("text", n)(e) && sim.HasKind("tag", n)(e) })
	b.settled()
	if d := b.sim.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
	if got := len(b.sim.Ledger()); got != 2*n {
		t.Errorf("%d effects, want %d", got, 2*n)
	}
}
