package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"botengine/internal/rule"
	"botengine/internal/sim"
)

// fires waits until the rule has fired so many times, however often it was judged
// otherwise meanwhile, and then until it had the outcome last.
func (b *bench) fires(t *testing.T, id string, times int, last rule.Outcome) {
	t.Helper()
	for range times {
		b.outcome(t, id, rule.Fired)
	}
	b.outcome(t, id, last)
}

// said are the texts that were sent, once there are so many.
func (b *bench) said(t *testing.T, n int) []string {
	t.Helper()
	return texts(b.ledger(t, fmt.Sprintf("%d answers", n), func(all []sim.Entry) bool { return len(texts(all)) >= n }))
}

func countOf(all []string, text string) (n int) {
	for _, one := range all {
		if one == text {
			n++
		}
	}
	return n
}

// Rules lead to rules by an event, by having fired and by what the robot says; what
// leads to itself ends after three times, also when the engine is restarted between
// two of them.
func TestRulesLeadToRulesAtMostThreeTimes(t *testing.T) {
	t.Parallel()
	b := start(t, serve(t, sim.Options{}), rulesIn(t, `version: 1
defaults: {loop_guard: off}
rules:
  - id: signup
    on: message.text
    match: {exact: [报名]}
    do: [{reply: 报名成功}, {emit: {name: 报名成功, text: "{{sender.name}} 报名"}}]
  - {id: cheer, on: emit.报名成功, do: [{reply: "欢迎：{{text}}"}]}
  - {id: audit, on: rule.fired, when: event.rule == "cheer", do: [{log: "{{event.rule}} 触发了"}]}
  - id: loop
    on: [message.text, emit.转]
    match: {exact: [转]}
    do: [{delay: 200ms..400ms}, {reply: 转好了}, {emit: 转}]
  - {id: parrot, on: message.text, match: {exact: [学我]}, include: [self], do: [{reply: 学我}]}
`))
	must(b.sim.Say("产品体验群1", "张三", "报名"))
	if got := b.logOf(t, "audit"); got != "cheer 触发了" {
		t.Errorf("the firing is noted as %q", got)
	}
	must(b.sim.Say("产品体验群1", "张三", "学我"))
	b.fires(t, "parrot", 1, rule.OwnMessage) // what rules said themselves they do not answer
	must(b.sim.Say("产品体验群1", "张三", "转"))
	b.fires(t, "loop", 2, rule.Fired)
	b.again(t)
	b.fires(t, "loop", 1, rule.HopLimit)
	got := b.said(t, 7)
	for text, want := range map[string]int{"报名成功": 1, "欢迎：张三 报名": 1, "学我": 1, "转好了": 4} {
		if n := countOf(got, text); n != want {
			t.Errorf("%q was said %d times, want %d: %q", text, n, want, got)
		}
	}
}

// What somebody draws stays the same for that person, over a restart.
func TestADrawnOptionStaysForThePerson(t *testing.T) {
	t.Parallel()
	world := sim.DemoWorld()
	members := []string{"小助手"}
	for i := range 12 {
		members = append(members, fmt.Sprintf("客户%d", i))
		world.AddPerson(sim.Person{ID: fmt.Sprint(7881300000000100 + i), Name: members[i+1]})
	}
	world.AddGroup(sim.Group{ID: "R:10696051754030777", Name: "抽签群", Owner: "小助手", Members: members})
	b := start(t, serve(t, sim.Options{World: world}), rulesIn(t, `version: 1
defaults: {loop_guard: off}
rules:
  - id: ab
    on: message.text
    match: {exact: [价格]}
    do:
      - choose:
          - {name: 券, weight: 50, do: [{reply: "{{sender.name}} 券"}]}
          - {name: 茶, weight: 50, do: [{reply: "{{sender.name}} 茶"}]}
          - {name: 无, weight: 0, do: [{reply: "{{sender.name}} 无"}]}
        sticky: member
`))
	for round := range 2 {
		for _, who := range members[1:] {
			must(b.sim.Say("抽签群", who, "价格"))
		}
		b.said(t, 12*(round+1))
		if round == 0 {
			b.again(t)
		}
	}
	drawn := map[string]int{}
	for _, text := range texts(b.sim.Ledger()) {
		drawn[text]++
	}
	ways := map[string]int{}
	for text, n := range drawn {
		if n != 2 {
			t.Errorf("%q was drawn %d times of two", text, n)
		}
		ways[strings.Fields(text)[1]]++
	}
	if ways["券"] == 0 || ways["茶"] == 0 || ways["无"] != 0 {
		t.Errorf("twelve people drew %v", ways)
	}
}

// Blocks, errors, modes of runs and everything rules remember, in one conversation.
func TestAConversationThroughTheLanguage(t *testing.T) {
	t.Parallel()
	b := start(t, serve(t, sim.Options{}), rulesIn(t, `version: 1
lists: {banned: [], staff: ["1688853470825570"]}
defaults: {loop_guard: off, takeover: off}
rules:
  - id: rooms
    on: message.text
    match: {regex: "^开(?P<n>[0-9])间$"}
    do:
      - repeat: {times: 2, as: i}
        do: [{reply: "第{{i}}间"}]
      - repeat: {each: '["前台", "后厨"]', as: place}
        do: [{reply: "通知{{place}}"}]
      - if: int(hit.groups.n) > 2
        then: [{reply: 太多了}, {stop: 太多}]
        else: [{reply: 开好了}]
      - reply: 还要别的吗
  - id: rename
    on: message.text
    match: {exact: [改名]}
    do:
      - rename_group: {name: 新群}
        id: it
        on_error: [{reply: "没改成：{{steps.it.msg}}"}]
      - reply: 接着做
  - id: single
    on: message.text
    match: {prefix: [单]}
    run: {mode: single, per: [chat]}
    do: [{wait_for: {match: {exact: [单完]}, timeout: 1h}}, {reply: "{{text}} 完"}]
  - id: restart
    on: message.text
    match: {prefix: [重]}
    run: {mode: restart, per: [chat]}
    do: [{delay: 1s}, {reply: "{{text}} 到点"}]
  - id: both
    on: message.text
    match: {prefix: [并]}
    run: {mode: parallel, per: [chat], max: 2}
    do: [{delay: 1s}, {reply: "{{text}} 到点"}]
  - id: ban
    on: message.text
    match: {regex: "^拉黑(?P<id>[0-9]+)$"}
    when: sender.is_staff
    do: [{list: {add: banned, value: "{{hit.groups.id}}"}}, {set: {global.bans: "{{1}}"}}, {reply: 已拉黑}]
  - id: hello
    on: message.text
    match: {exact: [你好]}
    unless: {banned: 'in_list("banned", sender.id)', staff: sender.is_staff}
    once: {per: [member], within: 1h}
    do:
      - tag: {add: [来源/群聊]}
        when: not tagged("来源/群聊")
      - reply: '{{tagged("来源/群聊") ? "老" : "新"}}朋友好'
  - id: broken
    on: message.text
    match: {exact: [打不开]}
    threshold: {count: 2, within: 1h, per: [chat], distinct: member}
    do: [{reply: "大家都打不开"}]
  - id: again
    on: message.text
    match: {exact: [签到]}
    when: since("user.sign") > duration("1h")
    do: [{count: user.sign}, {reply: 签到成功}]
  - id: fuse
    on: message.text
    match: {exact: [闪]}
    loop_guard: {count: 2, within: 1h}
    do: [{reply: 闪}]
  - id: bans
    on: message.text
    match: {exact: [几个]}
    when: global.bans == 1
    do: [{reply: "黑名单有人"}]
`))
	const group = "产品体验群1"
	b.sim.Faults().AddCommand(sim.CommandFault{Command: "robot.modify.group.name", Code: "7", Msg: "没有权限"})
	said := 0
	say := func(who, text, id string, want rule.Outcome, answers ...string) {
		t.Helper()
		must(b.sim.Say(group, who, text))
		b.outcome(t, id, want)
		said += len(answers)
		if got := b.said(t, said); !slices.Equal(got[said-len(answers):], answers) && len(answers) > 0 {
			t.Errorf("after %q: %q, want %q", text, got[said-len(answers):], answers)
		}
	}
	say("张三", "开3间", "rooms", rule.Fired, "第1间", "第2间", "通知前台", "通知后厨", "太多了")
	say("张三", "开1间", "rooms", rule.Fired, "第1间", "第2间", "通知前台", "通知后厨", "开好了", "还要别的吗")
	say("张三", "改名", "rename", rule.Fired, "没改成：没有权限", "接着做")

	say("张三", "单一", "single", rule.Fired)
	say("张三", "单二", "single", rule.Running)
	b.again(t)
	say("李四", "单三", "single", rule.Running)
	say("张三", "单完", "single", rule.Answered, "单一 完")
	say("张三", "重一", "restart", rule.Fired)
	say("张三", "重二", "restart", rule.Fired, "重二 到点")
	say("张三", "并一", "both", rule.Fired)
	say("张三", "并二", "both", rule.Fired)
	say("张三", "并三", "both", rule.Running)
	if got := b.said(t, said+2)[said:]; !slices.Equal(got, []string{"并一 到点", "并二 到点"}) {
		t.Errorf("two at a time: %q", got)
	}
	said += 2

	say("李四", "你好", "hello", rule.Fired, "老朋友好")
	say("李四", "你好", "hello", rule.OnceOnly)
	say("周经理", "你好", "hello", rule.Excepted)
	must(b.sim.Say(group, "李四", "拉黑7881300883888745")) // not for customers to say
	say("周经理", "拉黑7881300883888745", "ban", rule.Fired, "已拉黑")
	b.again(t)
	say("张三", "你好", "hello", rule.Excepted)
	say("张三", "几个", "bans", rule.Fired, "黑名单有人")
	say("张三", "签到", "again", rule.Fired, "签到成功")
	say("张三", "签到", "again", rule.ConditionFalse)
	say("张三", "闪", "fuse", rule.Fired, "闪")
	say("李四", "闪", "fuse", rule.Fired, "闪")
	say("张三", "闪", "fuse", rule.LoopGuard)
	say("张三", "打不开", "broken", rule.BelowThreshold)
	say("张三", "打不开", "broken", rule.BelowThreshold)
	say("李四", "打不开", "broken", rule.Fired, "大家都打不开")
	if got := b.sim.World().TagsOf("小助手", "李四"); !slices.Contains(got, "来源/群聊") {
		t.Errorf("李四 has the tags %v", got)
	}
	b.settled()
	if got := texts(b.sim.Ledger()); len(got) != said {
		t.Errorf("%d answers, want %d: %q", len(got), said, got[min(said, len(got)):])
	}
	if d := b.sim.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
}
