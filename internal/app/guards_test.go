package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/config"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// verdict waits for the next verdict on the rule.
func (b *bench) verdict(t *testing.T, id string) rule.Outcome {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case r := <-b.reports:
			for _, v := range r.Decision.Verdicts {
				if v.Rule == id {
					return v.Outcome
				}
			}
		case <-deadline:
			t.Fatalf("there was never a verdict on %s", id)
		}
	}
}

// again ends the engine and starts it anew on the same state.
func (b *bench) again(t *testing.T) {
	t.Helper()
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	before := strings.Count(b.log.String(), "connected to the platform")
	b.run(t)
	until(t, "a connection", func() bool { return strings.Count(b.log.String(), "connected to the platform") > before })
}

func texts(entries []sim.Entry) []string {
	var out []string
	for _, e := range entries {
		if e.Kind == "text" {
			out = append(out, e.Text)
		}
	}
	return out
}

// A message that waits in the outbox when a person writes into its chat is not
// sent, not even after a restart; its run goes on and knows. That a person answers is
// remembered over an edit of the rules, too.
func TestAQueuedMessageIsHeldBackWhenAPersonAnswersFirst(t *testing.T) {
	t.Parallel()
	b := &bench{sim: serve(t, sim.Options{})}
	const text = `version: 1
rules:
  - id: refund
    on: message.text
    match: {any: [退款]}
    do:
      - reply: 请回复订单号
        id: say
        on_error: continue
      - log: "ended {{steps.say.code}}"
`
	dir := rulesIn(t, text)
	b.cfg = settings(t, b.sim.URL(), b.sim.URL()+"/imchat", dir)
	b.cfg.Limits.Jitter = config.Span{Min: 2 * time.Second, Max: 2 * time.Second}
	b.run(t)
	b.connected(t)
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	if got := b.verdict(t, "refund"); got != rule.Fired {
		t.Fatalf("the rule is %s", got)
	}
	must(b.sim.SayByHand("小助手", "产品体验群1", "我来处理"))
	until(t, "the message by hand", func() bool { r := <-b.reports; return r.Event.Kind == event.MessagePhone })
	b.again(t)
	if got := b.logOf(t, "refund"); got != "ended taken_over" {
		t.Errorf("the run says %q", got)
	}
	<-b.swaps
	write(t, filepath.Join(dir, "rules.yaml"), strings.Replace(text, "请回复", "请发", 1))
	<-b.swaps
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	if got := b.verdict(t, "refund"); got != rule.TakenOver {
		t.Errorf("while a person answers the rule is %s", got)
	}
	must(b.sim.Say("VIP 交流群", "张三", "退款"))
	b.ledger(t, "the answer elsewhere", hasText("请发订单号"))
	if got := texts(b.sim.Ledger()); len(got) != 1 {
		t.Errorf("sent: %q", got)
	}
}

func TestAPauseHoldsOverAReloadAndARestart(t *testing.T) {
	t.Parallel()
	const text = `version: 1
rules:
  - {id: hush, on: message.text, match: {exact: [安静]}, do: [pause: 1h]}
  - {id: speak, on: message.text, match: {exact: [恢复]}, do: [pause: off]}
  - {id: faq, on: message.text, match: {any: [退款]}, do: [reply: 答案]}
`
	dir := rulesIn(t, text)
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	ask := func(want rule.Outcome) {
		t.Helper()
		must(b.sim.Say("产品体验群1", "张三", "退款"))
		if got := b.verdict(t, "faq"); got != want {
			t.Errorf("the rule is %s, want %s", got, want)
		}
	}
	must(b.sim.Say("产品体验群1", "张三", "安静"))
	b.verdict(t, "hush")
	ask(rule.Paused)
	write(t, filepath.Join(dir, "rules.yaml"), strings.Replace(text, "答案", "新答案", 1))
	<-b.swaps
	ask(rule.Paused)
	b.again(t)
	ask(rule.Paused)
	must(b.sim.Say("产品体验群1", "张三", "恢复"))
	b.verdict(t, "speak")
	ask(rule.Fired)
	b.ledger(t, "the answer", hasText("新答案"))
	if got := texts(b.sim.Ledger()); !slices.Equal(got, []string{"新答案"}) {
		t.Errorf("sent: %q", got)
	}
}

// Two robots sit in one group: one answers; when it goes offline the other does,
// and goes on doing so, also over a restart.
func TestTheNextRobotTakesOverWhenOneGoesOffline(t *testing.T) {
	t.Parallel()
	world := sim.DemoWorld()
	world.AddRobot(sim.Robot{Key: "second", Wxid: "1688853470429999", NickName: "小助手二号"})
	world.AddGroup(sim.Group{ID: "R:1", Name: "双机群", Owner: "小助手", Members: []string{"小助手", "小助手二号", "张三"}})
	b := start(t, serve(t, sim.Options{World: world}), rulesIn(t, `version: 1
rules:
  - {id: faq, on: message.text, match: {any: [退款]}, do: [reply: "{{robot.name}} {{text}}"]}
`))
	n := 0
	ask := func() string {
		t.Helper()
		n++
		must(b.sim.Say("双机群", "张三", fmt.Sprintf("退款 %d", n)))
		said := b.ledger(t, "the answer", hasText(fmt.Sprintf(" 退款 %d", n)))
		b.settled()
		if got := texts(b.sim.Ledger()); len(got) != n {
			t.Errorf("after %d questions there are the answers %q", n, got)
		}
		return strings.Fields(texts(said)[len(texts(said))-1])[0]
	}
	status := func(robot string, status sim.RobotStatus, kind event.Kind) {
		t.Helper()
		if err := b.sim.SetRobotStatus(robot, status); err != nil {
			t.Fatal(err)
		}
		until(t, "the robot's new status", func() bool { r := <-b.reports; return r.Event.Kind == kind })
	}
	first := ask()
	second := map[string]string{"小助手": "小助手二号", "小助手二号": "小助手"}[first]
	if got := ask(); got != first {
		t.Errorf("%s answers after %s", got, first)
	}
	b.again(t)
	if got := ask(); got != first {
		t.Errorf("after a restart %s answers, before %s", got, first)
	}
	status(first, sim.StatusOffline, event.RobotOffline)
	if got := ask(); got != second {
		t.Errorf("while %s is offline %s answers", first, got)
	}
	b.again(t)
	status(first, sim.StatusOnline, event.RobotOnline)
	if got := ask(); got != second {
		t.Errorf("back online, %s answers instead of %s", got, second)
	}
	if d := b.sim.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
}

// A rule calls another system, answers with what that says, and does so while its
// robot is away, too.
func TestARuleCallsAnotherSystem(t *testing.T) {
	asked := make(chan string, 10)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Authorization")
		fmt.Fprint(w, `{"data":[{"状态":"已发货","单号":14073751575621261}]}`)
	}))
	t.Cleanup(other.Close)
	b := &bench{sim: serve(t, sim.Options{})}
	b.cfg = settings(t, b.sim.URL(), b.sim.URL()+"/imchat", rulesIn(t, `version: 1
vars: {crm: "`+other.URL+`"}
rules:
  - id: order
    on: message.text
    match: {prefix: [订单]}
    do:
      - call: {url: "{{vars.crm}}/orders", path: ["{{text}}"], query: {who: "{{sender.name}}&x=1"}, headers: {Authorization: "Bearer ${crm}"}, as: order}
      - reply: "{{order.fields['data.0.状态']}} {{order.fields['data.0.单号']}} {{order.status}}"
  - id: alarm
    on: robot.offline
    do:
      - call: {url: "{{vars.crm}}/alarm", body: {robot: "{{robot.name}}", since: "{{event.time.Unix()}}"}}
`))
	b.cfg.Call.Hosts = []config.CallHost{{Host: strings.TrimPrefix(other.URL, "http://"), Private: true, HTTP: true}}
	b.cfg.Call.Secrets = map[string]config.Secret{"crm": config.NewSecret("CANARY")}
	b.run(t)
	b.connected(t)
	must(b.sim.Say("产品体验群1", "张三", "订单/../../admin?a=1"))
	b.ledger(t, "the answer", hasText("已发货 14073751575621261 200"))
	if got, want := <-asked, "GET /orders/%E8%AE%A2%E5%8D%95%2F..%2F..%2Fadmin%3Fa=1?who=%E5%BC%A0%E4%B8%89%26x%3D1 Bearer CANARY"; got != want {
		t.Errorf("asked %s, want %s", got, want)
	}
	if err := b.sim.SetRobotStatus("小助手", sim.StatusOffline); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-asked:
		if !strings.HasPrefix(got, "POST /alarm ") {
			t.Errorf("asked %s", got)
		}
	case <-time.After(soon):
		t.Error("nobody was told that the robot is offline")
	}
	if strings.Contains(b.log.String(), "CANARY") {
		t.Error("the secret is in the log")
	}
}

// Staff are told in the chat that the configuration names, at most so often; what
// was not sent is counted over a restart.
func TestStaffAreToldInTheChatOfTheConfiguration(t *testing.T) {
	t.Parallel()
	b := &bench{sim: serve(t, sim.Options{})}
	b.cfg = settings(t, b.sim.URL(), b.sim.URL()+"/imchat", rulesIn(t, `version: 1
rules:
  - id: human
    loop_guard: off
    on: message.text
    match: {any: [人工]}
    do:
      - notify: {to: 客服群, text: "{{text}}", count: 1, within: 2s}
`))
	b.cfg.Notify = map[string]config.StaffChat{"客服群": {Chat: "R:10696051755024720"}}
	b.run(t)
	b.connected(t)
	must(b.sim.Say("产品体验群1", "张三", "人工一"))
	b.ledger(t, "the first notice", hasText("人工一"))
	must(b.sim.Say("产品体验群1", "张三", "人工二"))
	b.verdict(t, "human")
	b.verdict(t, "human")
	b.again(t)
	until(t, "another notice", func() bool {
		must(b.sim.Say("产品体验群1", "张三", "人工三"))
		b.verdict(t, "human")
		b.settled()
		return len(texts(b.sim.Ledger())) > 1
	})
	if got := texts(b.sim.Ledger())[1]; !strings.HasPrefix(got, "人工三\n（另有 ") {
		t.Errorf("the next notice is %q", got)
	}
	for _, e := range b.sim.Ledger() {
		if e.Kind == "text" && !strings.Contains(fmt.Sprintf("%+v", e), "R:10696051755024720") {
			t.Errorf("told elsewhere: %+v", e)
		}
	}
}
