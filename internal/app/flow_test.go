package app

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/config"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// flows are rules that wait in every way. What they say names the text they began
// with.
const flows = `version: 1
defaults: {loop_guard: off}
rules:
  - id: asks
    on: message.text
    match: {exact: [报名]}
    do:
      - wait_for: {on: message.text, match: {regex: "^1[0-9]{10}$"}, timeout: 1h}
        id: phone
      - reply: "旧文：{{steps.phone.text}}"
  - id: silent
    on: message.text
    match: {exact: [没人理]}
    do:
      - wait_for: {on: message.image, timeout: 4s, on_timeout: [{reply: 旧文：没等到}]}
  - id: sleeps
    on: message.text
    match: {exact: [等会]}
    do: [{delay: 4s}, {reply: 旧文：醒了}]
  - id: sends
    on: message.text
    match: {exact: [发送]}
    do: [{reply: 旧文：一}, {reply: "旧文：二 {{steps['1'].code}}"}]
  - id: retries
    on: message.text
    match: {exact: [重试]}
    do:
      - remark: {remark: 老客户}
        retry: {times: 1, every: 4s}
        on_error: continue
        id: it
      - reply: "旧文：重试 {{steps.it.code}}"
  - id: verifies
    on: message.text
    match: {exact: [核实]}
    do:
      - invite: {group: "R:10696051754030138", who: "7881300922264508"}
        verify: {within: 1m, every: 4s}
        id: it
        on_error: continue
      - reply: "旧文：核实 {{steps.it.msg}}"
  - id: queues
    on: message.text
    match: {prefix: [排队]}
    run: {mode: queued, per: [chat]}
    do: [{delay: 4s}, {reply: "旧文：{{text}}"}]
  - id: other
    on: message.text
    match: {regex: "^1[0-9]{10}$"}
    do: [{reply: 这是个号码}]
`

// inTheMiddle are the ways in which the engine is disturbed while runs wait.
var inTheMiddle = map[string]func(t *testing.T, b *bench, dir string){
	"a restart": func(t *testing.T, b *bench, _ string) { b.again(t) },
	"a reload": func(t *testing.T, b *bench, dir string) {
		write(t, filepath.Join(dir, "rules.yaml"), strings.ReplaceAll(flows, "旧文", "新文"))
		<-b.swaps
	},
	"a reload without the rules, then a restart": func(t *testing.T, b *bench, dir string) {
		write(t, filepath.Join(dir, "rules.yaml"), "version: 1\nrules: [{id: none, on: message.image, do: [{log: 图}]}]\n")
		<-b.swaps
		b.again(t)
	},
}

// Each kind of wait outlives what happens in its middle, and goes on with the text
// it began with.
func TestEveryKindOfWaitOutlivesARestartAndAReload(t *testing.T) {
	t.Parallel()
	for name, disturb := range inTheMiddle {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := rulesIn(t, flows)
			b := &bench{sim: serve(t, sim.Options{})}
			b.cfg = settings(t, b.sim.URL(), b.sim.URL()+"/imchat", dir)
			b.cfg.Limits.Jitter = config.Span{Min: 2 * time.Second, Max: 2 * time.Second} // so that what is sent waits, too
			b.run(t)
			b.connected(t)
			<-b.swaps
			b.sim.Faults().AddCommand(sim.CommandFault{Command: "robot.modify.friend.remark", When: sim.When{Times: 1}, Code: "7", Msg: "一时不行"})
			for _, say := range []string{"报名", "没人理", "等会", "发送", "重试", "核实", "排队一", "排队二"} {
				must(b.sim.Say("产品体验群1", "张三", say))
			}
			for _, id := range []string{"asks", "silent", "sleeps", "sends", "retries", "verifies", "queues"} {
				if got := b.verdict(t, id); got != rule.Fired {
					t.Errorf("%s is %s", id, got)
				}
			}
			if got := b.verdict(t, "queues"); got != rule.Queued {
				t.Errorf("the second in the queue is %s", got)
			}
			disturb(t, b, dir)
			must(b.sim.Say("产品体验群1", "张三", "13800138000"))
			want := []string{
				"旧文：13800138000", "旧文：一", "旧文：二 0", "旧文：排队一", "旧文：排队二", "旧文：核实 verified",
				"旧文：没等到", "旧文：醒了", "旧文：重试 0",
			}
			until(t, "all answers", func() bool { return len(texts(b.sim.Ledger())) >= len(want) })
			got := texts(b.sim.Ledger())
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
		})
	}
}
