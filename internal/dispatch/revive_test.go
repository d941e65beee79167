package dispatch_test

import (
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/dispatch"
	"botengine/internal/event"
	"botengine/internal/state"
)

// revive has a command sent again that ended, as a person does, and returns what
// its end was.
func (w *world) revive(c command.Command, as state.EntryState) (end state.Entry) {
	w.t.Helper()
	end = w.entry(c)
	e := end
	e.State, e.Code, e.EndedAt, e.Attempt, e.Revived = as, "", time.Time{}, 0, e.Revived+1
	if err := w.store.Update(w.t.Context(), func(tx state.Tx) error { tx.PutEntry(e); return nil }); err != nil {
		w.t.Fatal(err)
	}
	w.d.Committed([]state.Entry{e})
	return end
}

func TestWhatAPersonRevivesIsSentAgain(t *testing.T) {
	refusedOnce := func(_ command.Command, attempt int) (string, time.Duration) {
		return map[bool]string{true: "7", false: event.CodeOK}[attempt == 1], time.Second
	}
	scene(t, "a command that was refused is sent once more", func(w *world) {
		w.platform.answer = refusedOnce
		w.start()
		c := tag("r", "a")
		w.enqueue(c)
		after(5 * time.Second)
		w.wantState(c, state.Failed, "7")
		w.revive(c, state.Pending)
		after(5 * time.Second)
		w.wantSends("a", "a")
		w.wantState(c, state.Confirmed, event.CodeOK)
	})
	scene(t, "news of its former end that comes late does not end it", func(w *world) {
		w.platform.answer = refusedOnce
		w.start()
		c := tag("r", "a")
		w.enqueue(c)
		after(5 * time.Second)
		w.platform.mu.Lock()
		w.platform.offline["r"] = true
		w.platform.mu.Unlock()
		end := w.revive(c, state.Pending)
		w.d.Committed([]state.Entry{end})
		after(5 * time.Second)
		w.platform.mu.Lock()
		w.platform.offline["r"] = false
		w.platform.mu.Unlock()
		after(5 * time.Second)
		w.wantSends("a", "a")
		w.wantState(c, state.Confirmed, event.CodeOK)
	})
	scene(t, "news that it was revived before those of its end are believed", func(w *world) {
		w.platform.answer = func(command.Command, int) (string, time.Duration) { return "", 0 }
		w.start()
		c := message("r", "R:1", "a")
		w.enqueue(c)
		after(time.Second)
		e := w.entry(c)
		e.State, e.Attempt, e.Revived = state.Pending, 0, 1
		if err := w.store.Update(w.t.Context(), func(tx state.Tx) error { tx.PutEntry(e); return nil }); err != nil {
			w.t.Fatal(err)
		}
		w.platform.mu.Lock()
		w.platform.flying = map[string]string{}
		w.platform.mu.Unlock()
		w.d.Committed([]state.Entry{e})
		after(time.Second)
		w.wantSends("a", "a")
	})
	scene(t, "one in doubt is asked for, and not sent if the history has it", func(w *world) {
		w.platform.history = func(command.Command, int) (dispatch.Answer, error) { return dispatch.Sent, nil }
		w.platform.answer = refusedOnce
		w.start()
		c := message("r", "R:1", "a")
		w.enqueue(c)
		after(5 * time.Second)
		w.revive(c, state.Ambiguous)
		after(time.Minute)
		w.wantSends("a")
		w.wantState(c, state.Confirmed, event.CodeOK)
	})
}
