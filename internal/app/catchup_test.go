package app

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/config"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/sim"
	"botengine/internal/state"
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

// Faults 37 and 49, goal D6 on real sockets: 200 broken connections, events that come
// twice, and nothing is lost or taken in twice.
func TestFaults37And49TwoHundredDisconnectsOnRealSocketsLoseNothing(t *testing.T) {
	t.Parallel()
	for _, eio := range []int{3, 4} {
		t.Run(fmt.Sprintf("over Engine.IO %d", eio), func(t *testing.T) {
			t.Parallel()
			cuts := 200
			if testing.Short() {
				cuts = 20
			}
			s := serve(t, sim.Options{EIO: []int{eio}})
			s.Faults().AddEvent(sim.EventFault{Event: "message", When: sim.When{Every: 7}, Duplicate: 2})
			b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", rulesIn(t, answerRules))}
			b.cfg.Accounts[0].Reconnect = config.Reconnect{Min: 10 * time.Millisecond, Max: 30 * time.Millisecond}
			b.run(t)
			b.connected(t)
			b.firstRead(t)
			said := 0
			for range cuts {
				must(s.Say("产品体验群1", "张三", fmt.Sprintf("第 %03d 句", said)))
				said++
				s.CutConnections()
				must(s.Say("产品体验群1", "张三", fmt.Sprintf("第 %03d 句", said)))
				said++
				b.connected(t)
			}
			b.caughtUp(t)
			news := map[string]int{}
			for len(b.reports) > 0 {
				if r := <-b.reports; r.Event.Kind.IsMessage() && !r.Event.IsEcho() && !r.Duplicate {
					news[r.Event.ID]++
				}
			}
			twice := 0
			for _, n := range news {
				twice += n - 1
			}
			t.Logf("figure: %d cut connections on real sockets: %d messages, %d lost, %d taken in twice, %d fetched from the history in %d readings",
				cuts, said, said-len(news), twice, b.stats().Recovered, b.stats().Runs)
			if len(news) != said || twice > 0 {
				t.Errorf("%d messages, %d taken in, %d of them twice", said, len(news), twice)
			}
		})
	}
}

// Fault 56: only the platform's clock is compared with the platform's clock.
func TestFault56APlatformWhoseClockIsAnHourOffIsAnsweredAllTheSame(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			clock := func() time.Time { return time.Now().Add(skew) }
			b := start(t, serve(t, sim.Options{Clock: clock}), rulesIn(t, answerRules))
			b.firstRead(t)
			must(b.sim.Say("产品体验群1", "张三", "退款 当面"))
			b.ledger(t, "the answer", hasText("退款 当面"))
			if err := b.end(); err != nil {
				t.Fatal(err)
			}
			must(b.sim.Say("产品体验群1", "张三", "退款 留言"))
			b.run(t)
			b.connected(t)
			must(b.sim.Say("小助手", "李四", "退款 私聊"))
			b.ledger(t, "the live answer", hasText("退款 私聊"))
			b.caughtUp(t)
			b.ledger(t, "the answer to what was missed", hasText("退款 留言"))
			b.settled()
			if n := len(b.sim.Ledger()); n != 3 {
				t.Errorf("%d answers: %+v", n, b.sim.Ledger())
			}
			if s := b.stats(); time.Duration(s.SkewSeconds)*time.Second-skew > 2*time.Minute || skew-time.Duration(s.SkewSeconds)*time.Second > 2*time.Minute {
				t.Errorf("the skew is said to be %d s", s.SkewSeconds)
			}
		})
	}
}

// Fault 61: an older copy of the state is put back. What it does not remember was
// answered all the same, and is not answered again.
func TestFault61AnOlderCopyOfTheStateAnswersNothingTwice(t *testing.T) {
	t.Parallel()
	b := start(t, serve(t, sim.Options{}), rulesIn(t, answerRules))
	b.firstRead(t)
	must(b.sim.Say("产品体验群1", "张三", "退款 0"))
	b.ledger(t, "the first answer", hasText("退款 0"))
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	copied := must(os.ReadFile(b.cfg.State.Path))
	b.run(t)
	b.connected(t)
	for i := range 4 {
		must(b.sim.Say("产品体验群1", "张三", fmt.Sprintf("退款 %d", i+1)))
	}
	b.ledger(t, "more answers", sim.HasKind("text", 5))
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	must(0, os.WriteFile(b.cfg.State.Path, copied, 0o600))
	b.run(t)
	b.connected(t)
	until(t, "a word about the older copy", func() bool { return strings.Contains(b.log.String(), "an older copy of the state was put back") })
	b.caughtUp(t)
	until(t, "an outbox that owes nothing", func() bool { return len(b.open(t)) == 0 })
	must(b.sim.Say("小助手", "李四", "退款 新"))
	b.ledger(t, "the answer to what is new", hasText("退款 新"))
	b.settled()
	if d, n := b.sim.Duplicates(), len(b.sim.Ledger()); len(d) > 0 || n != 6 {
		t.Errorf("sent twice: %v; %d in the ledger, want 6", d, n)
	}
}

// open are the commands that are still owed.
func (b *bench) open(t *testing.T) (open []state.Entry) {
	t.Helper()
	must(0, b.engine.store.View(t.Context(), func(tx state.Tx) error {
		open = tx.Open("")
		return nil
	}))
	return open
}

// Fault 41: who joined while nobody was connected is welcomed once, and a live one is
// not welcomed again.
func TestFault41WhoJoinedWhileAwayIsWelcomedOnce(t *testing.T) {
	t.Parallel()
	b := start(t, serve(t, sim.Options{}), rulesIn(t, answerRules))
	b.firstRead(t)
	until(t, "lists of members", func() bool { return b.stats().MemberLists > 0 })
	if err := b.end(); err != nil { // so that the lists are kept
		t.Fatal(err)
	}
	must(0, b.sim.Join("产品体验群1", "王五"))
	b.run(t)
	b.connected(t)
	b.ledger(t, "the welcome", hasText("欢迎 王五（inferred）"))
	must(0, b.sim.Join("产品体验群1", "陈晨"))
	b.ledger(t, "the live welcome", hasText("欢迎 陈晨（live）"))
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	b.connected(t)
	until(t, "lists of members", func() bool { return b.stats().MemberLists > 0 })
	b.caughtUp(t)
	b.settled()
	if n := len(b.sim.Ledger()); n != 2 {
		t.Errorf("%d welcomes: %+v", n, b.sim.Ledger())
	}
}
