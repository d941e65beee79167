package app

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/event"
	"botengine/internal/intake"
)

// A robot that was added after the start is known a minute later, not only when
// the list is read anew.
func TestARobotThatIsNotKnownMakesTheListStale(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{
			name: "main", robots: newDirectory(), stranger: make(chan struct{}, 1), log: slog.New(slog.DiscardHandler),
			gate: intake.NewGate(func(context.Context, event.Event) error { return nil }),
		}
		a.groups = newGroupReader(a)
		a.robots.replace("main", []event.Robot{{Key: "old"}})
		waits := func(from string) time.Duration {
			began := time.Now()
			a.onEvent(t.Context(), "action", []byte(`{"type":"robot.on.new.friend.request","messageId":"1","robotKey":"`+from+`","userId":"7881302985963919"}`))
			if !a.robotsStale(t.Context()) {
				t.Error("it did not wait until the list is stale")
			}
			return time.Since(began)
		}
		if got := waits("old"); got != robotsEvery-robotsAgain {
			t.Errorf("with an event of a robot on the list: stale after %v", got)
		}
		if got := waits("new"); got != 0 {
			t.Errorf("with an event of a robot that is not on the list: stale after %v", got)
		}
		ended, end := context.WithCancel(t.Context())
		end()
		if a.robotsStale(ended) {
			t.Error("it goes on after the end")
		}
	})
}
