package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
)

// storeTakes is the longest key that the store takes, in bytes.
const storeTakes = 32 << 10

func TestWhateverPeopleWriteFitsIntoAKey(t *testing.T) {
	w := newWorld(t, `version: 1
rules:
  - {id: words, on: message.text, match: {regex: "(?s)^.*$"}, loop_guard: off, do: [{tag: {add: ["{{text}}"]}}]}
  - {id: crowd, on: member.join, cooldown: {for: 1h, per: [member]}, do: [{log: 欢迎}]}
`)
	long := strings.Repeat("/%", 8<<10)
	crowd := w.inGroup(event.MemberJoin)
	for i := range 3000 {
		crowd.Members = append(crowd.Members, event.Person{ID: fmt.Sprint(7881302985963919 + i)})
	}
	w.handle(w.says("张三", long))
	for _, ev := range []*event.Event{w.result(w.open[0], event.CodeOK, "ok", []byte(`{"labelList":[{"labelId":"1","name":"售后"}]}`)), crowd} {
		d := w.handle(ev)
		if len(d.Facts) == 0 {
			t.Fatalf("nothing is remembered: %s", w.describe(d))
		}
		for _, f := range d.Facts {
			if len(f.Key) > storeTakes/8 {
				t.Errorf("a key of %d bytes: %.60s", len(f.Key), f.Key)
			}
		}
	}
	crowd.ID = "another"
	if got := w.handle(crowd).Verdicts[0].Outcome; got != rule.OnCooldown {
		t.Errorf("the same people again: %s", got)
	}
	if a, b := path("list", "banned", long), path("list", "banned", long+"/"); a == b {
		t.Error("two long entries share a key")
	}
	if path("x", keyPart(long)) == path("x", long) {
		t.Error("an entry can look like the hash of another")
	}
}

func TestRunsThatAreGoneLeaveRoomForOthersToWait(t *testing.T) {
	w := newWorld(t, `version: 1
rules:
  - id: survey
    on: message.text
    match: {exact: [报名]}
    loop_guard: off
    run: {mode: restart, per: [member]}
    do:
      - wait_for: {match: {regex: "^1[0-9]{10}$"}, timeout: 1d}
        id: phone
      - log: "{{steps.phone.text}}"
`)
	for i := range 2*maxWaits + 1 {
		if d := w.handle(w.says("张三", "报名")); d.Verdicts[0].Step != "phone" {
			t.Fatalf("firing %d: %s", i+1, w.describe(d))
		}
		w.now = w.now.Add(time.Minute)
	}
	if d := w.handle(w.says("张三", "13800138000")); len(d.Logs) != 1 || d.Logs[0].Text != "13800138000" {
		t.Errorf("the answer: %s", w.describe(d))
	}
}

func TestANoticeThatIsTriedAgainSaysTheSame(t *testing.T) {
	w := newWorld(t, `version: 1
rules:
  - id: staff
    on: message.text
    loop_guard: off
    do:
      - notify: {to: "R:10696052725010199", text: "{{text}}", count: 1, within: 1m}
        retry: {times: 1, every: 5s}
`)
	w.handle(w.says("张三", "一"))
	w.handle(w.result(w.open[0], event.CodeOK, "ok", nil))
	w.handle(w.says("张三", "二"))
	w.now = w.now.Add(time.Minute)
	first := w.handle(w.says("张三", "三")).Commands[0]
	w.handle(w.result(first, "7", "系统繁忙", nil))
	w.now = w.now.Add(5 * time.Second)
	d := w.handle(w.timer(w.due()[0]))
	if len(d.Commands) != 1 || string(d.Commands[0].Fields) != string(first.Fields) || !strings.Contains(string(first.Fields), "另有 1 条") {
		t.Fatalf("first %s, then %s", first.Fields, w.describe(d))
	}
	w.handle(w.result(d.Commands[0], event.CodeOK, "ok", nil))
	w.now = w.now.Add(time.Minute)
	if c := w.handle(w.says("张三", "四")).Commands[0]; strings.Contains(string(c.Fields), "未发送") {
		t.Errorf("it was counted twice: %s", c.Fields)
	}
}
