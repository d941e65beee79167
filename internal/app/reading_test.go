package app

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"botengine/internal/config"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// Every text that comes with an event can be looked through, however it is written:
// names of files, titles and hosts of links, nicknames, friend requests, and by ear.
func TestEveryTextOfAnEventIsLookedThrough(t *testing.T) {
	t.Parallel()
	world := sim.DemoWorld()
	world.AddPerson(sim.Person{ID: "7881300000000777", Name: "小王代.理\u202e商"})
	world.AddGroup(sim.Group{ID: "R:10696051754030777", Name: "分享群", Owner: "小助手", Members: []string{"小助手", "张三", "7881300000000777"}})
	b := start(t, serve(t, sim.Options{World: world}), rulesIn(t, `version: 1
defaults: {loop_guard: off}
rules:
  - {id: file, on: message.file, match: {any: [兼职], fields: [file_name]}, do: [{reply: "文件 {{hit.field}}"}]}
  - {id: title, on: message.link, match: {any: [兼职], fields: [link.title]}, do: [{reply: "标题 {{hit.field}}"}]}
  - {id: host, on: message.link, match: {any: [bad.example.com], fields: [link.url]}, do: [{reply: "主机 {{hit.field}}"}]}
  - {id: nick, on: message.text, match: {any: [代理], fields: [sender.name]}, do: [{reply: "昵称 {{hit.field}} {{sender.name}}"}]}
  - {id: alike, on: message.text, match: {any: [刷单], fold: [width, case, zero, space, variant, pinyin]}, do: [{reply: "谐音 {{hit.word}} {{hit.span.start}}-{{hit.span.end}}"}]}
  - {id: plain, on: message.text, match: {any: [领券]}, do: [{reply: "「{{hit.word}}」{{hit.span.start}}-{{hit.span.end}}"}]}
  - {id: stranger, on: friend.request, match: {any: [贷款], fields: [friend.reason]}, do: [{accept_friend: {}}, {reply: "申请 {{hit.field}}"}]}
`))
	sent := 0
	answered := func(want string, say func() (string, error)) {
		t.Helper()
		must(say())
		sent++
		if got := texts(b.ledger(t, want, func(all []sim.Entry) bool { return len(texts(all)) >= sent })); got[sent-1] != want {
			t.Errorf("sent %q, want %q", got[sent-1:], want)
		}
	}
	answered("文件 file_name", func() (string, error) {
		return b.sim.SayFile("分享群", "张三", "https://example.com/兼·職日結.docx")
	})
	answered("标题 link.title", func() (string, error) {
		return b.sim.SayLink("分享群", "张三", "兼　职，日结", "https://example.com/")
	})
	answered("主机 link.url", func() (string, error) {
		return b.sim.SayLink("分享群", "张三", "福利", "https://BAD.example.com:8443/x")
	})
	must(b.sim.SayLink("分享群", "张三", "福利", "https://example.com/bad.example.com")) // no host of that name
	answered("昵称 sender.name 小王代.理商", func() (string, error) { return b.sim.Say("分享群", "7881300000000777", "大家好") })
	answered("谐音 刷单 1-3", func() (string, error) { return b.sim.Say("分享群", "张三", "😀唰丹吗") })
	answered("「领券」1-5", func() (string, error) { return b.sim.Say("分享群", "张三", "来領 \u200b券") })
	answered("申请 friend.reason", func() (string, error) { return b.sim.RequestFriend("小助手", "陈晨", "可以貸-款") })
	b.settled()
	if got := texts(b.sim.Ledger()); len(got) != sent {
		t.Errorf("%d answers, want %d: %q", len(got), sent, got)
	}
}

// Where a rule is at work follows from the group's owner, size, name and label, from
// the person and from a condition, with exceptions; an edit of a label is live.
func TestWhereARuleIsAtWork(t *testing.T) {
	t.Parallel()
	const text = `version: 1
labels: {重点: ["VIP*"]}
defaults: {loop_guard: off}
rules:
  - {id: owner, on: message.text, scope: {owners: [周经理]}, match: {any: [问]}, do: [{reply: "群主 {{chat.name}}"}]}
  - {id: large, on: message.text, scope: {size: {min: 4}}, match: {any: [问]}, do: [{reply: "大群 {{chat.name}}"}]}
  - {id: label, on: message.text, scope: {labels: [重点]}, match: {any: [问]}, do: [{reply: "标签 {{chat.name}}"}]}
  - {id: name, on: message.text, scope: {chats: ["产品*", "VIP*"], exclude: {chats: ["VIP*"]}}, match: {any: [问]}, do: [{reply: "名字 {{chat.name}}"}]}
  - {id: who, on: message.text, scope: {members: [李四], accounts: [main], robots: [小助手]}, match: {any: [问]}, do: [{reply: "人 {{chat.name}}"}]}
  - {id: where, on: message.text, scope: {where: chat.type == "group" and chat.size < 4 and chat.owner_name != "小助手"}, match: {any: [问]}, do: [{reply: "条件 {{chat.name}}"}]}
  - {id: private, on: message.text, scope: {chat_type: private}, match: {any: [问]}, do: [{reply: 私聊}]}
  - {id: other, on: message.text, scope: {accounts: [other]}, match: {any: [问]}, do: [{reply: 别的账号}]}
`
	dir := rulesIn(t, text)
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	b.knowsGroups(t)
	sent := 0
	ask := func(chat, who string, want ...string) {
		t.Helper()
		must(b.sim.Say(chat, who, "问一下"))
		got := texts(b.ledger(t, strings.Join(want, ", "), func(all []sim.Entry) bool { return len(texts(all)) >= sent+len(want) }))[sent:]
		sent += len(want)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("in %s, %s is told %q, want %q", chat, who, got, want)
		}
	}
	ask("产品体验群1", "张三", "大群 产品体验群1", "名字 产品体验群1")
	ask("产品体验群1", "李四", "大群 产品体验群1", "名字 产品体验群1", "人 产品体验群1")
	ask("VIP 交流群", "张三", "群主 VIP 交流群", "标签 VIP 交流群", "条件 VIP 交流群")
	ask("小助手", "张三", "私聊")
	write(t, filepath.Join(dir, "rules.yaml"), strings.Replace(text, `["VIP*"]}`, `["产品*"]}`, 1))
	<-b.swaps
	b.again(t)
	ask("VIP 交流群", "张三", "群主 VIP 交流群", "条件 VIP 交流群")
	ask("产品体验群1", "张三", "大群 产品体验群1", "名字 产品体验群1", "标签 产品体验群1")
	b.settled()
	if got := texts(b.sim.Ledger()); len(got) != sent {
		t.Errorf("%d answers, want %d: %q", len(got), sent, got)
	}
}

// What people write is text: no expression, no mention of everybody, no host; a
// condition that costs too much is stopped; a rule that only watches sends nothing.
func TestWhatPeopleWriteStaysText(t *testing.T) {
	t.Parallel()
	b := &bench{sim: serve(t, sim.Options{})}
	b.cfg = settings(t, b.sim.URL(), b.sim.URL()+"/imchat", rulesIn(t, `version: 1
vars: {secret: 不能说的, ten: 一一一一一一一一一一}
macros:
  hundred: replace(replace(text, "一", vars.ten), "一", vars.ten)
  more: replace(replace(replace(hundred, "一", vars.ten), "一", vars.ten), "一", vars.ten)
defaults: {loop_guard: off}
rules:
  - {id: echo, on: message.text, match: {prefix: [我叫]}, do: [{reply: {text: "{{sender.name}}：{{text}}", at: sender}}]}
  - {id: heavy, on: message.text, match: {any: [算一下]}, when: len(more) > 0, do: [{reply: 算完了}]}
  - {id: watch, mode: shadow, on: message.text, match: {any: [退群]}, do: [{kick: {}}, {reply: 再见}]}
  - id: call
    on: message.text
    match: {prefix: [查]}
    do:
      - call: {url: "https://crm.invalid/orders", path: ["{{text}}"]}
        id: ask
        on_error: [{reply: "查不了 {{steps.ask.code}}"}, stop]
      - reply: 查到了
`))
	b.cfg.Call.Hosts = []config.CallHost{{Host: "other.invalid"}}
	b.run(t)
	b.connected(t)
	say := func(text, id string, want rule.Outcome) {
		t.Helper()
		must(b.sim.Say("产品体验群1", "张三", text))
		b.outcome(t, id, want)
	}
	say("我叫{{vars.secret}}${crm}", "echo", rule.Fired)
	say("我叫@所有人", "echo", rule.Fired)
	say("算一下", "heavy", rule.ConditionError)
	say("我要退群", "watch", rule.Shadow)
	say("查../admin", "call", rule.Fired)
	want := []string{"张三：我叫{{vars.secret}}${crm}", "张三：我叫＠所有人"}
	b.said(t, 3)
	b.settled()
	if got := texts(b.sim.Ledger()); !slices.Equal(got[:2], want) || len(got) != 3 || !strings.HasPrefix(got[2], "查不了 ") {
		t.Errorf("sent %q, want %q and that nothing was asked", got, want)
	}
	for _, e := range b.sim.Ledger() {
		if strings.Contains(fmt.Sprint(e.Fields), "notify@all") || e.Kind == "kick" {
			t.Errorf("done: %+v", e)
		}
	}
}
