package intake_test

import (
	"fmt"
	"testing"

	"botengine/internal/intake"
)

// submitAll queues n events of one chat before line 1 begins, and lets it end.
func submitAll(t *testing.T, w *world, n int, text func(i int) string) {
	t.Helper()
	for i := range n {
		if err := w.in.Submit(t.Context(), says(fmt.Sprint(i), text(i))); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t, w.in)(); err != nil {
		t.Fatal(err)
	}
	if len(w.reports) != n {
		t.Fatalf("%d of %d events were reported", len(w.reports), n)
	}
	for i, r := range w.reports {
		if r.Event.ID != fmt.Sprint(i) {
			t.Errorf("event %s came as number %d", r.Event.ID, i)
		}
	}
}

func TestWhatQueuedUpInOneChatSharesACommit(t *testing.T) {
	w := newWorld(t, faq)
	submitAll(t, w, 32, func(int) string { return "你好😊" })
	if got := w.in.Stats(); got.Events != 32 || got.Commits > 4 {
		t.Errorf("Stats = %+v, want 32 events in two commits or little more", got)
	}
}

func TestAMessageTwiceInOneCommitIsAnsweredOnce(t *testing.T) {
	w := newWorld(t, faq)
	for range 2 {
		if err := w.in.Submit(t.Context(), says("1", "退款")); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(t, w.in)(); err != nil {
		t.Fatal(err)
	}
	w.only()
	if got := w.in.Stats(); got.Duplicates != 1 {
		t.Errorf("Stats = %+v", got)
	}
}

func TestAnEventThatPanicsHarmsNoneOfItsCommit(t *testing.T) {
	w := newWorld(t, faq, func(o *intake.Options) { o.Store = panicky{o.Store} })
	submitAll(t, w, 8, func(i int) string {
		if i == 3 {
			return "退款"
		}
		return "你好"
	})
	if got := w.in.Stats(); got.Poisoned != 1 || got.Decided != 7 || got.Events != 8 {
		t.Errorf("Stats = %+v, want one event put aside and seven decided", got)
	}
}
