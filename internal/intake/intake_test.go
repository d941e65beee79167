package intake_test

import (
	"encoding/json"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/state"
)

const faq = `
version: 1
rules:
  - id: refund
    on: message
    match: {any: [退款]}
    do:
      - reply: 请回复订单号
      - reply: 我们会尽快处理😊
`

const friends = `
version: 1
rules:
  - id: welcome
    on: friend.request
    do:
      - accept_friend: {}
      - reply: 你好，{{friend.name}}
`

func textOf(t *testing.T, c command.Command) string {
	t.Helper()
	var fields struct{ Content string }
	if err := json.Unmarshal(c.Fields, &fields); err != nil {
		t.Fatalf("fields of %s: %v", c.Type, err)
	}
	return fields.Content
}

func TestAnEventIsTakenInOnceAndWhole(t *testing.T) {
	w := newWorld(t, faq)
	r := w.handle(says("1", "怎么 退款？"))
	if r.Duplicate || len(r.Decision.Verdicts) != 1 || r.Decision.Verdicts[0].Outcome != rule.Fired {
		t.Fatalf("report = %+v", r)
	}
	e := w.only()
	if e.State != state.Pending || e.Command.Chat != chatID || textOf(t, e.Command) != "请回复订单号" {
		t.Errorf("entry = %+v", e)
	}
	if len(w.changed) != 1 || w.changed[0].Command.MessageID != e.Command.MessageID {
		t.Errorf("dispatch was told of %v", w.changed)
	}
	again := w.handle(says("1", "怎么 退款？"))
	if !again.Duplicate || len(again.Decision.Commands) != 0 {
		t.Errorf("the second delivery is %+v", again)
	}
	w.only()
	if got := w.in.Stats(); got.Events != 2 || got.Duplicates != 1 || got.Decided != 1 {
		t.Errorf("Stats = %+v", got)
	}
}

func TestLiveAndHistoryGiveOneAnswer(t *testing.T) {
	w := newWorld(t, faq)
	w.handle(says("1", "退款"))
	history := says("20261123120000001", "退款")
	history.Message.SvrID = "svr1" // the same message, under another id
	if r := w.handle(history); !r.Duplicate {
		t.Errorf("the history's copy is %+v", r)
	}
	w.only()
}

func TestARunGoesOnWithTheEcho(t *testing.T) {
	w := newWorld(t, faq)
	w.handle(says("1", "退款"))
	first := w.only()
	w.claim(first)
	r := w.handle(echo(first.Command))
	if r.Settled == nil || r.Settled.State != state.Confirmed || r.Settled.Command.MessageID != first.Command.MessageID {
		t.Errorf("settled = %+v", r.Settled)
	}
	second := w.only()
	if textOf(t, second.Command) != "我们会尽快处理😊" {
		t.Errorf("the second step is %s", second.Command.Fields)
	}
	if again := w.handle(echo(first.Command)); !again.Duplicate || again.Settled != nil {
		t.Errorf("the echo's second delivery is %+v", again)
	}
	w.only()
}

func TestAnEchoSeenBeforeStillEndsItsCommand(t *testing.T) {
	w := newWorld(t, faq)
	w.handle(says("1", "退款"))
	first := w.only()
	err := w.store.Update(t.Context(), func(tx state.Tx) error {
		ev := echo(first.Command)
		tx.MarkSeen(ev.Keys(), time.Now())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	w.handle(echo(first.Command))
	if got := textOf(t, w.only().Command); got != "我们会尽快处理😊" {
		t.Errorf("the run did not go on: %s", got)
	}
}

func TestAFriendIsAcceptedAndThenGreeted(t *testing.T) {
	w := newWorld(t, friends)
	r := w.handle(asks("5", "7881300999"))
	if r.Event.Chat.ID != "S:"+robotID+"_7881300999" || r.Event.Robot.Name != "小助手" {
		t.Errorf("the event was not completed: %+v", r.Event)
	}
	accept := w.only()
	w.claim(accept)
	w.handle(result(accept.Command, "0K"))
	greeting := w.only()
	if greeting.Command.Chat != "S:"+robotID+"_7881300999" || textOf(t, greeting.Command) != "你好，李四" {
		t.Errorf("the greeting is %+v", greeting.Command)
	}
	if e := w.entry(accept.Command.MessageID); e.State != state.Confirmed {
		t.Errorf("the acceptance is %+v", e)
	}
}

func TestWhatAnEndMeansForItsEntry(t *testing.T) {
	for name, c := range map[string]struct {
		code string
		want state.EntryState
	}{
		"zero confirms":                     {"0", state.Confirmed},
		"a number of an error fails":        {"1", state.Failed},
		"our timeout fails":                 {event.CodeTimeout, state.Failed},
		"our expiry expires":                {event.CodeExpired, state.Expired},
		"our doubt leaves it to a person":   {event.CodeUnknown, state.Unknown},
		"an invalid command fails":          {event.CodeInvalid, state.Failed},
		"what the platform kept back fails": {command.CodeUndelivered, state.Failed},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, friends)
			w.handle(asks("5", "7881300999"))
			accept := w.only()
			w.claim(accept)
			r := w.handle(result(accept.Command, c.code))
			e := w.entry(accept.Command.MessageID)
			if e.State != c.want || e.Code != c.code || e.EndedAt.IsZero() || r.Settled == nil {
				t.Errorf("entry = %+v, settled %v", e, r.Settled)
			}
			if goesOn := len(w.open()) == 1; goesOn != (c.want == state.Confirmed) {
				t.Errorf("the run goes on = %v", goesOn)
			}
		})
	}
}

func TestResultsThatChangeNothing(t *testing.T) {
	w := newWorld(t, friends)
	w.handle(asks("5", "7881300999"))
	accept := w.only()
	w.claim(accept)
	other := result(accept.Command, "0")
	other.Robot.Key = "other"
	unknown := result(accept.Command, "0")
	unknown.Result.MessageID = "99999999999999999999999999999999"
	for name, ev := range map[string]event.Event{"of another robot": other, "of no command": unknown} {
		if r := w.handle(ev); r.Settled != nil {
			t.Errorf("a result %s settled %+v", name, r.Settled)
		}
		if e := w.only(); e.State != state.Sending {
			t.Errorf("a result %s made it %s", name, e.State)
		}
	}
	w.handle(result(accept.Command, "1"))
	w.handle(result(accept.Command, "0")) // late
	if e := w.entry(accept.Command.MessageID); e.State != state.Failed {
		t.Errorf("a late result made it %s", e.State)
	}
	if got := w.in.Stats(); got.LateResults != 3 || got.Settled != 1 {
		t.Errorf("Stats = %+v, want 3 late and 1 settled", got)
	}
}

func TestABusyPlatformIsTriedFiveTimes(t *testing.T) {
	w := newWorld(t, friends)
	w.handle(asks("5", "7881300999"))
	var last time.Duration
	for attempt := 1; attempt <= 5; attempt++ {
		e := w.only()
		w.claim(e)
		w.handle(result(e.Command, "5000"))
		got := w.entry(e.Command.MessageID)
		if attempt == 5 {
			if got.State != state.Failed {
				t.Errorf("after 5 attempts it is %+v", got)
			}
			break
		}
		pause := time.Until(got.NotBefore)
		if got.State != state.Pending || got.Attempt != attempt || pause <= last {
			t.Errorf("after %d attempts it is %s, to be sent in %v (before: %v)", attempt, got.State, pause, last)
		}
		last = pause
		w.handle(result(e.Command, "5000")) // again: it waits already
		if after := w.entry(e.Command.MessageID); !after.NotBefore.Equal(got.NotBefore) {
			t.Error("a second busy answer put it off again")
		}
	}
	if len(w.open()) != 0 {
		t.Error("the run went on")
	}
}

// What was heard was sent, though the store does not remember it: an older copy was put
// back, and this is a later life than the one that noticed it.
func TestAMessageThatWasHeardBeforeItIsMadeIsLookedUp(t *testing.T) {
	asked := says("1", "退款")
	made := newWorld(t, faq)
	made.handle(asked)
	c := made.only().Command

	w := newWorld(t, faq)
	heard := echo(c)
	heard.From = event.FromHistory
	w.handle(heard)
	w.handle(asked)
	if e := w.only(); e.Command.MessageID != c.MessageID || e.State != state.Ambiguous {
		t.Errorf("it is %s: %s, want %s: ambiguous", e.Command.MessageID, e.State, c.MessageID)
	}
}

// All sends of a command have one id: an answer that comes twice, the second time
// after the command was sent again, would have it sent once more.
func TestABusyAnswerThatComesTwiceIsNotAboutTheNextSend(t *testing.T) {
	w := newWorld(t, friends)
	w.handle(asks("5", "7881300999"))
	e := w.only()
	w.claim(e)
	busy := result(e.Command, "5000")
	busy.Time = busy.Time.Add(-time.Minute) // the platform's clock
	w.handle(busy)
	w.claim(w.entry(e.Command.MessageID))
	w.handle(busy)
	if got := w.entry(e.Command.MessageID); got.State != state.Sending || got.Attempt != 2 {
		t.Errorf("after the same answer came twice it is %s after %d attempts", got.State, got.Attempt)
	}
	again := busy
	again.Time = busy.Time.Add(3 * time.Second)
	w.handle(again)
	if got := w.entry(e.Command.MessageID); got.State != state.Pending {
		t.Errorf("after an answer of its own it is %s", got.State)
	}
	w.claim(w.entry(e.Command.MessageID))
	w.handle(busy)
	if got := w.entry(e.Command.MessageID); got.State != state.Sending {
		t.Errorf("after the first answer came once more, behind the second, it is %s", got.State)
	}
}

func TestWhoAndWhereAnEventIs(t *testing.T) {
	w := newWorld(t, faq)
	own := says("1", "退款")
	own.Sender.ID = robotID
	if r := w.handle(own); !r.Event.Sender.IsSelf || !r.Event.Sender.IsRobot || len(w.open()) != 0 {
		t.Errorf("our own message is %+v", r.Event.Sender)
	}
	robot := says("2", "退款")
	robot.Sender.ID = "1688850285583027"
	if r := w.handle(robot); r.Event.Sender.IsSelf || !r.Event.Sender.IsRobot || len(w.open()) != 0 {
		t.Errorf("another robot's message is %+v", r.Event.Sender)
	}
	at := says("3", "在吗")
	at.Message.At = []string{"1", robotID}
	if r := w.handle(at); !r.Event.Message.MentionsMe || r.Event.Robot.Status != event.StatusOnline || r.Event.Robot.ID != robotID {
		t.Errorf("the mention is %+v", r.Event)
	}
	join := event.Event{
		Kind: event.MemberJoin, ID: "4", Account: "main", Robot: event.Robot{Key: robotKey},
		Chat: event.Chat{Peer: groupID}, Members: []event.Person{{ID: "7", Name: "王五"}},
	}
	if r := w.handle(join); r.Event.Chat.ID != chatID || !r.Event.Chat.Group || r.Event.Time.IsZero() || r.Event.Received.IsZero() {
		t.Errorf("the join is %+v", r.Event)
	}
}

func TestAChangedStatusIsHandedOn(t *testing.T) {
	w := newWorld(t, faq)
	update := func(status event.Status) {
		t.Helper()
		err := w.in.Handle(t.Context(), event.Event{
			Kind: event.ChatUpdated, Account: "main", Robot: event.Robot{Key: robotKey, ID: robotID, Status: status},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	update(event.StatusOnline)
	update(event.StatusUnknown)
	update(event.StatusBanned)
	if len(w.statuses) != 1 || w.statuses[0].Status != event.StatusBanned {
		t.Errorf("handed on: %v, want the ban alone", w.statuses)
	}
	if got := w.in.Stats(); got.Events != 0 {
		t.Errorf("Stats = %+v: a state was committed", got)
	}
}
