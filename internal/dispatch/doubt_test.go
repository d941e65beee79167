package dispatch_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

func TestMessagesInDoubt(t *testing.T) {
	answers := func(all ...dispatch.Answer) func(command.Command, int) (dispatch.Answer, error) {
		return func(_ command.Command, question int) (dispatch.Answer, error) {
			return all[min(question, len(all))-1], nil
		}
	}
	for name, c := range map[string]struct {
		answers []dispatch.Answer
		state   state.EntryState
		code    string
		sends   int
	}{
		"found as sent: done, and not sent again":                    {[]dispatch.Answer{dispatch.Sent}, state.Confirmed, event.CodeOK, 1},
		"found without a status: done":                               {[]dispatch.Answer{dispatch.Accepted}, state.Confirmed, event.CodeOK, 1},
		"found as undeliverable: failed for good":                    {[]dispatch.Answer{dispatch.Failed}, state.Failed, command.CodeUndelivered, 1},
		"found as not sent: sent once more":                          {[]dispatch.Answer{dispatch.NotSent, dispatch.Sent}, state.Confirmed, event.CodeOK, 2},
		"found as not sent, twice: failed":                           {[]dispatch.Answer{dispatch.NotSent}, state.Failed, command.CodeNotSent, 2},
		"the second send shows behind the first, that was not sent":  {[]dispatch.Answer{dispatch.NotSent, dispatch.NotSent, dispatch.Sent}, state.Confirmed, event.CodeOK, 2},
		"absent once, then found: a history that lags":               {[]dispatch.Answer{dispatch.Absent, dispatch.Sent}, state.Confirmed, event.CodeOK, 1},
		"absent twice: sent again":                                   {[]dispatch.Answer{dispatch.Absent, dispatch.Absent, dispatch.Sent}, state.Confirmed, event.CodeOK, 2},
		"never found: sent three times, then nobody knows":           {[]dispatch.Answer{dispatch.Absent}, state.Unknown, event.CodeUnknown, 3},
		"an answer of a kind that is not known is no answer, at all": {[]dispatch.Answer{"vielleicht"}, state.Unknown, event.CodeUnknown, 1},
	} {
		scene(t, name, func(w *world) {
			t := w.t
			w.platform.answer = never
			w.platform.history = answers(c.answers...)
			a, b := message("r", "R:1", "a"), message("r", "R:1", "b")
			b.Expires = time.Now().Add(24 * time.Hour)
			w.start()
			w.enqueue(a)
			after(2 * time.Hour)
			w.wantState(a, c.state, c.code)
			if got := len(w.sends()); got != c.sends {
				t.Errorf("sent %d times, want %d", got, c.sends)
			}
			for _, s := range w.sends() {
				if s.command.MessageID != a.MessageID {
					t.Errorf("sent again under another id, %s", s.command.MessageID)
				}
			}
			w.script(func(p *platform) { p.sends = nil })
			w.enqueue(b)
			after(time.Second)
			w.wantSends("b") // the lane is free again
		})
	}

	scene(t, "the history is asked 5 s after the deadline, and again 10 s after it did not know", func(w *world) {
		t := w.t
		w.platform.answer = never
		begin := time.Now()
		w.start()
		w.enqueue(message("r", "R:1", "a"))
		after(time.Minute)
		if asked := w.questions(); len(asked) < 2 || asked[0].Sub(begin) != 35*time.Second || asked[1].Sub(asked[0]) < 10*time.Second {
			t.Errorf("asked at %v, sent at %v", asked, begin)
		}
	})
	scene(t, "an echo that comes in the grace ends it without a question", func(w *world) {
		t := w.t
		w.platform.answer = func(command.Command, int) (string, time.Duration) { return event.CodeOK, 33 * time.Second }
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(10 * time.Minute)
		w.wantState(a, state.Confirmed, event.CodeOK)
		w.wantSends("a")
		if len(w.questions()) != 0 {
			t.Error("the history was asked")
		}
	})
	scene(t, "an echo that comes when the second send is queued takes it back", func(w *world) {
		w.platform.answer = func(command.Command, int) (string, time.Duration) { return event.CodeOK, 45500 * time.Millisecond }
		w.limits = ratelimit.Limits{JitterMin: 5 * time.Second, JitterMax: 5 * time.Second}
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(10 * time.Minute)
		w.wantState(a, state.Confirmed, event.CodeOK)
		w.wantSends("a")
	})
	scene(t, "the rest of the chat waits, other chats do not", func(w *world) {
		w.platform.answer = func(c command.Command, _ int) (string, time.Duration) {
			if c.Step == "a" {
				return "", 0
			}
			return event.CodeOK, time.Second
		}
		w.platform.history = answers(dispatch.Absent, dispatch.Sent)
		w.start()
		w.enqueue(message("r", "R:1", "a"), message("r", "R:1", "b"))
		after(40 * time.Second)
		w.enqueue(message("r", "R:2", "c"))
		after(3 * time.Second)
		w.wantSends("a", "c")
		after(time.Minute)
		w.wantSends("a", "c", "b")
	})
	scene(t, "a history that cannot be asked is asked until the time is over, then nobody knows", func(w *world) {
		t := w.t
		w.platform.answer = never
		w.platform.history = func(command.Command, int) (dispatch.Answer, error) { return "", errors.New("502") }
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(59 * time.Minute)
		w.wantState(a, state.Ambiguous, "")
		after(2 * time.Minute)
		w.wantState(a, state.Unknown, event.CodeUnknown)
		w.wantSends("a")
		if n := len(w.questions()); n < 50 || n > 1000 {
			t.Errorf("asked %d times in an hour", n)
		}
	})
	scene(t, "a send that broke in the middle is asked about, not repeated", func(w *world) {
		w.platform.history = answers(dispatch.Sent)
		w.platform.refuse = func(command.Command) error { return errors.New("connection reset in the middle of the frame") }
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(time.Minute)
		w.wantState(a, state.Confirmed, event.CodeOK)
	})
	scene(t, "nothing is asked while the connection is down, nor right after", func(w *world) {
		t := w.t
		w.platform.answer = never
		w.platform.history = answers(dispatch.Sent)
		w.start()
		w.enqueue(message("r", "R:1", "a"))
		after(10 * time.Second)
		w.script(func(p *platform) { p.offline["r"] = true })
		after(2 * time.Minute)
		if len(w.questions()) != 0 {
			t.Fatal("asked while the connection was down")
		}
		back := time.Now()
		w.script(func(p *platform) { p.offline["r"] = false })
		after(time.Minute)
		if asked := w.questions(); len(asked) != 1 || asked[0].Sub(back) < 5*time.Second {
			t.Errorf("asked at %v, back at %v", asked, back)
		}
	})
}

func TestActionsWithoutAResult(t *testing.T) {
	for name, c := range map[string]struct {
		class command.Class
		state state.EntryState
		code  string
		sends int
	}{
		"what may be repeated is, three times, then it is given up":       {command.Idempotent, state.Failed, event.CodeTimeout, 3},
		"what might have happened is not repeated":                        {command.Unverifiable, state.Unknown, event.CodeUnknown, 1},
		"what could be asked for is not repeated while nobody can ask it": {command.Queryable, state.Unknown, event.CodeUnknown, 1},
	} {
		scene(t, name, func(w *world) {
			t := w.t
			w.platform.answer = func(c command.Command, _ int) (string, time.Duration) {
				if c.Step == "a" {
					return "", 0
				}
				return event.CodeOK, time.Second
			}
			a := action("r", "robot.some.command", c.class, "a")
			w.start()
			w.enqueue(a, tag("r", "b"))
			after(59 * time.Second)
			w.wantSends("a")
			after(5 * time.Minute)
			w.wantState(a, c.state, c.code)
			if got := len(w.sends()) - 1; got != c.sends {
				t.Errorf("sent %d times, want %d", got, c.sends)
			}
			if took := w.sentAt("b").Sub(w.sentAt("a")); took > 61*time.Second {
				t.Errorf("the lane stayed blocked for %v", took)
			}
		})
	}
	scene(t, "a command's own timeout holds", func(w *world) {
		w.platform.answer = never
		a := action("r", "robot.some.command", command.Unverifiable, "a")
		a.Timeout = 7 * time.Second
		w.start()
		w.enqueue(a)
		after(8 * time.Second)
		w.wantState(a, state.Unknown, event.CodeUnknown)
	})
}

// slow is a store whose next commits take their time to come back.
type slow struct {
	state.Store
	delays []time.Duration
}

func (s *slow) Update(ctx context.Context, fn func(state.Tx) error) error {
	err := s.Store.Update(ctx, fn)
	if len(s.delays) > 0 {
		d := s.delays[0]
		s.delays = s.delays[1:]
		after(d)
	}
	return err
}

func TestAClaimThatIsTooOldIsGivenBack(t *testing.T) {
	scene(t, "a commit of 3 s, then a fast one", func(w *world) {
		t := w.t
		w.wrap = func(s state.Store) state.Store { return &slow{s, []time.Duration{3 * time.Second}} }
		begin := time.Now()
		a := message("r", "R:1", "a")
		w.start()
		w.enqueue(a)
		after(10 * time.Second)
		w.wantSends("a")
		e := w.entry(a)
		if at := w.sends()[0].at; at.Sub(e.StartedAt) > 2*time.Second || at.Sub(begin) < 3*time.Second {
			t.Errorf("claimed at %v, sent at %v", e.StartedAt, at)
		}
		if e.Attempt != 1 || e.State != state.Confirmed {
			t.Errorf("entry = %+v", e)
		}
	})
}
