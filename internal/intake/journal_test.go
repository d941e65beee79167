package intake_test

import (
	"testing"

	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/state"
)

func journaling(o *intake.Options) { o.Journal = state.TextFull }

// journal is what the world's journal holds.
func (w *world) journal() (all []state.Record) {
	w.t.Helper()
	w.view(func(tx state.Tx) {
		tx.EachRecord(state.JournalQuery{}, func(r state.Record) bool {
			all = append(all, r)
			return true
		})
	})
	return all
}

const twoRules = `version: 1
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, cooldown: {for: 1h}, do: [{reply: 请回复订单号}]}
  - {id: hello, on: message.text, match: {any: [您好]}, do: [{reply: 您好}]}
`

func TestEveryEventIsJournaledOnceWithWhatItCameTo(t *testing.T) {
	w := newWorld(t, twoRules, journaling)
	w.handle(says("1", "怎么退款？"))
	w.handle(says("1", "怎么退款？")) // the same again
	w.handle(says("2", "我要退款！"))
	w.handle(says("3", "今天几点开始？"))
	command := w.only().Command
	w.claim(w.only())
	w.handle(result(command, event.CodeOK))
	w.handle(result(command, event.CodeOK)) // it settles nothing any more
	w.handle(echo(command))
	got := w.journal()
	if len(got) != 5 {
		t.Fatalf("%d records, want 5: %+v", len(got), got)
	}
	first := got[0]
	if first.Event.Message.Text != "怎么退款？" || first.Event.Robot.ID != robotID || len(first.Commands) != 1 || first.Commands[0] != command.MessageID {
		t.Errorf("the first record is %+v", first)
	}
	if len(first.Verdicts) != 1 || first.Verdicts[0] != (state.RecordedVerdict{Rule: "refund", Outcome: "fired"}) {
		t.Errorf("verdicts = %+v", first.Verdicts)
	}
	if v := got[1].Verdicts; len(v) != 1 || v[0].Outcome != "on_cooldown" || len(got[1].Commands) != 0 {
		t.Errorf("the second record is %+v", got[1])
	}
	if len(got[2].Verdicts) != 0 || got[2].Generation != w.rules.Load().Hash {
		t.Errorf("the third record is %+v", got[2])
	}
	if got[3].Event.Result.MessageID != command.MessageID || !got[3].Ours || !got[4].Ours || got[4].ByHand {
		t.Errorf("the result is %+v, the echo %+v", got[3], got[4])
	}
}

func TestAMessageWrittenByHandIsJournaledAsSuch(t *testing.T) {
	w := newWorld(t, twoRules, journaling)
	ev := says("1", "我来处理")
	ev.Sender = event.Person{ID: robotID}
	w.handle(ev)
	if got := w.journal(); len(got) != 1 || !got[0].ByHand || got[0].Ours {
		t.Errorf("the journal is %+v", got)
	}
}

func TestWithoutAJournalNothingIsKept(t *testing.T) {
	w := newWorld(t, twoRules)
	w.handle(says("1", "怎么退款？"))
	if got := w.journal(); len(got) != 0 {
		t.Errorf("the journal is %+v", got)
	}
}
