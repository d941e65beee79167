package dispatch_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

func TestWhatDidNotLeaveUsesUpNoQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerDay("tag", 3)}
		refusals := 5
		w.platform.refuse = func(command.Command) error {
			if refusals--; refusals >= 0 {
				return fmt.Errorf("the socket is down: %w", command.ErrNotSent)
			}
			return nil
		}
		w.start()
		w.enqueue(tag("r", "a"))
		after(5 * time.Minute)
		w.wantSends("a")

		w.restart() // the count that is kept says the same
		w.enqueue(tag("r", "b"), tag("r", "c"), tag("r", "d"))
		after(5 * time.Minute)
		w.wantSends("a", "b", "c")
	})
}

func TestARobotThatComesAndGoesUsesUpNoQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerDay("invite", 2), JitterMin: 3 * time.Second, JitterMax: 3 * time.Second}
		w.start()
		invite := action("r", "robot.invite.friends.join.group", command.Queryable, "invite")
		w.enqueue(invite)
		for range 5 { // it leaves each time between the booking and the moment
			after(2 * time.Second)
			w.script(func(p *platform) { p.offline["r"] = true })
			after(4 * time.Second)
			w.script(func(p *platform) { p.offline["r"] = false })
		}
		after(time.Minute)
		w.wantSends("invite")
	})
}

func TestAMessageBeyondTheDaysQuotaExpiresWhenItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerDay("message", 1)}
		w.start()
		first, second := message("r", "p", "first"), message("r", "p", "second")
		w.enqueue(first, second)
		after(time.Hour + time.Minute)
		w.wantSends("first")
		w.wantState(second, state.Expired, "expired")
	})
}
