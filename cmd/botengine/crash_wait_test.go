package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// waiting are rules that are in the middle of something for a while.
const waiting = `version: 1
rules:
  - id: gathers
    on: message.text
    match: {any: [几点直播]}
    coalesce: {for: 4s, per: [chat]}
    do: [{reply: "{{len(events)}} 位在问：今晚八点"}]
  - id: sleeps
    on: message.text
    match: {exact: [提醒我]}
    do: [{delay: 4s}, {reply: 到时间了}]
  - id: asks
    on: message.text
    match: {exact: [报名]}
    do:
      - wait_for: {match: {regex: "^1[0-9]{10}$"}, timeout: 1h}
        id: phone
      - reply: "{{steps.phone.text}} 报名成功"
`

// Killed in the middle of a gathering, of a delay and of waiting for somebody's
// answer, each goes on once; killed again afterwards, nothing is repeated.
func TestKilledWhileRunsWaitEachGoesOnOnce(t *testing.T) {
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	if err := os.WriteFile(filepath.Join(dir, "rules", "waits.yaml"), []byte(waiting), 0o600); err != nil {
		t.Fatal(err)
	}
	say := func(who, text string) {
		t.Helper()
		if _, err := s.Say("产品体验群1", who, text); err != nil {
			t.Fatal(err)
		}
	}
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	say("张三", "几点直播")
	say("李四", "今天几点直播？")
	say("张三", "提醒我")
	say("张三", "报名")
	c.waitLog(t, `"rule":"asks","outcome":"fired"`) // after its commit; what was said before it in the chat is committed, too
	c.kill()
	if n := len(s.Ledger()); n != 0 {
		t.Fatalf("%d replies were sent before the kill", n)
	}

	c = spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	say("张三", "13800138000")
	waitReplies(t, s, 3)
	c.kill()

	c = spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	marker(t, s, 4)
	var got []string
	for _, e := range s.Ledger() {
		got = append(got, e.Text)
	}
	slices.Sort(got)
	want := []string{"13800138000 报名成功", "2 位在问：今晚八点", "到时间了", "请回复订单号"}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("said %q, want %q", got, want)
	}
	if d := s.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
}
