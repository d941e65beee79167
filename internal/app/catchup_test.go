package app

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// stats are the counts of the bench's one account.
func (b *bench) stats() catchup.Stats { return b.engine.CatchUp()["main"] }

// reported waits until what was said is taken in.
func (b *bench) reported(t *testing.T, text string) intake.Report {
	t.Helper()
	deadline := time.After(soon)
	for {
		select {
		case r := <-b.reports:
			if r.Event.Message.Text == text {
				return r
			}
		case <-deadline:
			t.Fatalf("%q was never taken in", text)
		}
	}
}

// caughtUp waits until a reading that began after now has come to its end.
func (b *bench) caughtUp(t *testing.T) {
	t.Helper()
	before := b.stats().Runs
	b.engine.accounts["main"].catchUp.Ask(catchup.Doubt)
	until(t, "a reading of the history", func() bool { return b.stats().Runs > before && !b.stats().NeedsCatchUp })
}

// firstRead waits until the first reading has come to its end.
func (b *bench) firstRead(t *testing.T) {
	t.Helper()
	until(t, "the first reading", func() bool { return b.stats().Runs > 0 })
}

const answerRules = `version: 1
rules:
  - {id: refund, on: message.text, cooldown: off, loop_guard: off, match: {any: [退款]}, do: [{reply: "请看退款入口：{{text}}"}]}
  - {id: welcome, on: member.join, cooldown: off, do: [{reply: "欢迎 {{names(members)}}（{{event.from}}）"}]}
  - {id: undelivered, on: result.failed, cooldown: off, when: result.code == "undelivered", do: [{log: "没有送达 {{result.message_id}}"}]}
`

// Fault 39: what is said while nobody is connected is answered afterwards, once, and
// in the order in which it was said.
func TestFault39MessagesMissedWhileAwayAreAnsweredOnceAndInOrder(t *testing.T) {
	t.Parallel()
	b := start(t, serve(t, sim.Options{}), rulesIn(t, answerRules))
	b.firstRead(t)
	must(b.sim.Say("产品体验群1", "张三", "退款 0"))
	b.ledger(t, "the first answer", hasText("退款 0"))
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		must(b.sim.Say("产品体验群1", "张三", fmt.Sprintf("退款 %d", i+1)))
		must(b.sim.Say("小助手", "李四", fmt.Sprintf("退款 私聊 %d", i+1)))
	}
	b.run(t)
	b.connected(t)
	entries := b.ledger(t, "all answers", sim.HasKind("text", 11))
	b.caughtUp(t)
	b.settled()
	var group []string
	for _, e := range entries {
		if strings.HasPrefix(e.Chat, "R:") {
			group = append(group, e.Text)
		}
	}
	if !slices.IsSorted(group) || len(group) != 6 {
		t.Errorf("the answers in the group: %q", group)
	}
	if n := len(b.sim.Ledger()); n != 11 {
		t.Errorf("%d answers, want 11", n)
	}
	if got := b.stats(); got.Recovered < 10 || got.SilentLoss > 0 {
		t.Errorf("the counts: %+v", got)
	}
}

// Fault 60: a state that is lost begins anew: nothing that was said before is answered.
func TestFault60WithTheStateLostNothingOldIsAnswered(t *testing.T) {
	t.Parallel()
	s := serve(t, sim.Options{})
	must(s.Say("产品体验群1", "张三", "退款 旧"))
	b := start(t, s, rulesIn(t, answerRules))
	b.firstRead(t)
	b.caughtUp(t)
	must(s.Say("产品体验群1", "张三", "退款 新"))
	b.ledger(t, "the new one's answer", hasText("退款 新"))
	b.settled()
	if n := len(s.Ledger()); n != 1 {
		t.Errorf("%d answers, want one: %+v", n, s.Ledger())
	}
}

// An event that is too old when it is fetched is recorded, and not answered.
func TestWhatIsTooOldWhenItIsFetchedIsRecordedAndNotAnswered(t *testing.T) {
	t.Parallel()
	var behind atomic.Int64
	clock := func() time.Time { return time.Now().Add(-time.Duration(behind.Load())) }
	b := start(t, serve(t, sim.Options{Clock: clock}), rulesIn(t, answerRules))
	b.firstRead(t)
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	behind.Store(int64(30 * time.Minute))
	must(b.sim.Say("产品体验群1", "张三", "退款 早些时候"))
	behind.Store(0)
	must(b.sim.Say("产品体验群1", "张三", "退款 刚才"))
	b.run(t)
	late := b.reported(t, "退款 早些时候")
	i := slices.IndexFunc(late.Decision.Verdicts, func(v engine.Verdict) bool { return v.Rule == "refund" })
	if i < 0 || late.Decision.Verdicts[i].Outcome != rule.TooOld || late.Event.From != event.FromHistory {
		t.Errorf("it is from the %s, and came to %+v", late.Event.From.Word(), late.Decision.Verdicts)
	}
	b.ledger(t, "the answer to what is new", hasText("退款 刚才"))
	b.settled()
	if n := len(b.sim.Ledger()); n != 1 {
		t.Errorf("%d answers: %+v", n, b.sim.Ledger())
	}
}
