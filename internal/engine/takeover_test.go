package engine

import (
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/rule"
)

const takeoverRules = `version: 1
rules:
  - {id: faq, on: message.text, match: {any: [退款]}, do: [reply: 答案]}
  - {id: news, on: message.text, match: {exact: [群发]}, do: [broadcast: {name: 通知, to: ["R:10696052725010172"], messages: [{text: 今晚维护}]}]}
`

// byHand decides an own message that is no command of ours.
func (w *world) byHand(kind event.Kind, text string, age time.Duration) {
	ev := w.inGroup(kind)
	ev.Time = w.now.Add(-age)
	ev.Sender = event.Person{ID: robot.ID, Name: robot.Name, IsSelf: true, IsRobot: true}
	ev.Message = event.Message{ContentType: 1, Text: text}
	in := w.input(ev, nil)
	in.ByHand, in.Takeover = true, 10*time.Minute
	w.past.apply(Decide(in))
}

// outcome is what becomes of the rule faq.
func (w *world) outcome() rule.Outcome {
	ev := w.says("张三", "退款")
	in := w.input(ev, nil)
	in.Takeover = 10 * time.Minute
	for _, v := range Decide(in).Verdicts {
		if v.Rule == "faq" {
			return v.Outcome
		}
	}
	return ""
}

func TestATakeoverCountsFromWhenThePersonWrote(t *testing.T) {
	for name, c := range map[string]struct {
		kind event.Kind
		age  time.Duration
		want rule.Outcome
	}{
		"just now":                              {event.MessagePhone, 0, rule.TakenOver},
		"fetched nine minutes later":            {event.MessagePhone, 9 * time.Minute, rule.TakenOver},
		"fetched when it is over":               {event.MessagePhone, 10 * time.Minute, rule.Fired},
		"by a clock that is ahead of ours":      {event.MessagePhone, -time.Hour, rule.TakenOver},
		"sent in another way than on the phone": {event.MessageText, 0, rule.TakenOver},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, takeoverRules)
			w.byHand(c.kind, "我来", c.age)
			if got := w.outcome(); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			w.now = w.now.Add(10 * time.Minute)
			if got := w.outcome(); got != rule.Fired {
				t.Errorf("ten minutes later: %s", got)
			}
		})
	}
}

// A person who writes by a clock that is known to be off has the chat for as long as
// any other.
func TestATakeoverCountsByOurClock(t *testing.T) {
	for _, skew := range []time.Duration{-time.Hour, time.Hour} {
		w := newWorld(t, takeoverRules)
		ev := w.inGroup(event.MessagePhone)
		ev.Time, ev.Skew = w.now.Add(skew-9*time.Minute), skew
		ev.Sender = event.Person{ID: robot.ID, Name: robot.Name, IsSelf: true, IsRobot: true}
		in := w.input(ev, nil)
		in.ByHand = true
		w.past.apply(Decide(in))
		if got := w.outcome(); got != rule.TakenOver {
			t.Errorf("nine minutes later, by a clock that is %v ahead: %s", skew, got)
		}
		w.now = w.now.Add(time.Minute)
		if got := w.outcome(); got != rule.Fired {
			t.Errorf("ten minutes later, by a clock that is %v ahead: %s", skew, got)
		}
	}
}

// What a rule broadcasts comes back as own messages with ids that nobody knows:
// nobody took the chat over.
func TestABroadcastIsNoPersonWhoAnswers(t *testing.T) {
	w := newWorld(t, takeoverRules)
	w.handle(w.says("张三", "群发"))
	w.byHand(event.MessageText, "今晚维护", 0)
	if got := w.outcome(); got != rule.Fired {
		t.Errorf("after the broadcast's own message: %s", got)
	}
	w.byHand(event.MessagePhone, "我来", 0)
	if got := w.outcome(); got != rule.TakenOver {
		t.Errorf("after a message written on the phone: %s", got)
	}
}

func TestAClockSetBackDoesNotProlongATakeover(t *testing.T) {
	w := newWorld(t, takeoverRules)
	w.byHand(event.MessagePhone, "我来处理", 0)
	w.now = w.now.Add(-24 * time.Hour)
	if d := w.handleHeld(); d != rule.TakenOver {
		t.Errorf("right after: %s", d)
	}
	w.now = w.now.Add(11 * time.Minute)
	if d := w.handleHeld(); d != rule.Fired {
		t.Errorf("eleven minutes later: %s", d)
	}
}

// handleHeld decides a message for the rule faq, and commits.
func (w *world) handleHeld() rule.Outcome {
	in := w.input(w.says("张三", "退款"), nil)
	in.Takeover = 10 * time.Minute
	d := Decide(in)
	w.past.apply(d)
	return d.Verdicts[0].Outcome
}
