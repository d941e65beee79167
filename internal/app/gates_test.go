package app

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/rule"
	"botengine/internal/sim"
)

const gatedRules = `version: 1
lists: {banned: []}
defaults: {loop_guard: off}
rules:
  - id: asked
    on: message.text
    match: {any: [几点]}
    coalesce: {for: 12s, per: [chat]}
    do: [{reply: "{{len(events)}}次，{{names(members)}}：晚上八点"}]
  - id: invoice
    on: message.text
    match: {any: [发票]}
    limit: {count: 1, within: 4s, per: [rule], over: queue}
    do: [{reply: "{{text}} 已登记"}]
  - id: flood
    on: message.text
    match: {any: [加微信]}
    threshold: {count: 3, within: 1h, per: [chat, member]}
    do:
      - count: member.floods
      - list: {add: banned, value: "{{sender.id}}"}
      - reply: '刷屏 {{count("member.floods", "1h")}} 次'
  - id: banned
    priority: 200
    on: message.text
    match: {any: [你好]}
    when: sender.id in lists.banned
    once: {per: [member]}
    do: [{reply: 您在黑名单里}]
`

// outcome waits until a rule has had that outcome.
func (b *bench) outcome(t *testing.T, id string, want rule.Outcome) {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case r := <-b.reports:
			for _, v := range r.Decision.Verdicts {
				if v.Rule == id && v.Outcome == want {
					return
				}
			}
		case <-deadline:
			t.Fatalf("rule %s never was %s", id, want)
		}
	}
}

// What a rule has gathered, queued, counted and listed outlives a reload and a
// restart, and is finished with the text it began with.
func TestGatesSurviveAReloadAndARestart(t *testing.T) {
	t.Parallel()
	dir := rulesIn(t, gatedRules)
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	const group = "产品体验群1"
	say := func(who, text, id string, want rule.Outcome) {
		t.Helper()
		must(b.sim.Say(group, who, text))
		b.outcome(t, id, want)
	}
	say("李四", "发票一", "invoice", rule.Fired)
	say("李四", "发票二", "invoice", rule.Queued)
	say("张三", "今天几点", "asked", rule.Gathering)
	say("张三", "加微信", "flood", rule.BelowThreshold)

	write(t, filepath.Join(dir, "rules.yaml"), strings.NewReplacer("晚上八点", "改到九点", "已登记", "新登记").Replace(gatedRules))
	<-b.swaps
	say("李四", "几点呀", "asked", rule.Gathering)
	say("李四", "发票三", "invoice", rule.Queued)
	say("张三", "加微信", "flood", rule.BelowThreshold)
	if err := b.end(); err != nil {
		t.Fatal(err)
	}

	b.run(t)
	until(t, "a connection", func() bool {
		return b.sim.Connections() > 0 && strings.Count(b.log.String(), "connected to the platform") == 2
	})
	say("张三", "加微信", "flood", rule.Fired)
	say("张三", "你好", "banned", rule.Fired)
	say("张三", "你好", "banned", rule.OnceOnly)
	say("李四", "你好", "banned", rule.ConditionFalse)
	b.ledger(t, "the gathered answer", hasText("晚上八点"))
	b.ledger(t, "the last of the queue", hasText("发票三"))
	var got []string
	for _, e := range b.sim.Ledger() {
		got = append(got, e.Text)
	}
	slices.Sort(got)
	want := []string{"2次，张三、李四：晚上八点", "刷屏 1 次", "发票一 已登记", "发票三 新登记", "发票二 已登记", "您在黑名单里"}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the ledger has %q, want %q", got, want)
	}
}
