package ratelimit_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/ratelimit"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func half() float64 { return 0.5 }

func TestTheFirstOfAQuietRobotWaitsOnlyForTheJitter(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{
		RobotPerMinute: 20, ChatPerMinute: 6,
		JitterMin: time.Second, JitterMax: 3 * time.Second, Random: half,
	})
	if got := l.Reserve(noon, "cfb3e2c2", "S:1_R:2", "message"); got != 2*time.Second {
		t.Errorf("Reserve = %v, want the jitter's middle, 2 s", got)
	}
}

func TestWhatNobodySeesKnowsNeitherPaceNorJitter(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{
		RobotPerMinute: 1, JitterMin: time.Second, JitterMax: 3 * time.Second,
		Random: half,
	})
	for i := range 100 {
		if got := l.ReserveSilent(noon, "cfb3e2c2", "tag"); got != 0 {
			t.Fatalf("tag %d waits %v", i, got)
		}
	}
	if got := l.Reserve(noon, "cfb3e2c2", "", "kick"); got != 2*time.Second {
		t.Errorf("a kick after tags waits %v, want only its jitter", got)
	}
}

func TestALimitOfZeroIsNone(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{})
	for range 1000 {
		if got := l.Reserve(noon, "r", "c", "message"); got != 0 {
			t.Fatalf("Reserve = %v without any limit", got)
		}
	}
}

func TestASlowChatDoesNotHoldUpTheOthers(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{RobotPerMinute: 20, ChatPerMinute: 1})
	l.Reserve(noon, "r", "busy", "message")
	if got := l.Reserve(noon, "r", "busy", "message"); got != time.Minute {
		t.Fatalf("second message of a chat with 1 per minute waits %v", got)
	}
	if got := l.Reserve(noon, "r", "quiet", "message"); got != 0 {
		t.Errorf("another chat waits %v behind it", got)
	}
}

func TestTheQuotaOfADay(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	limits := ratelimit.Limits{RobotPerDay: map[string]int{"accept_friend": 80}, Location: shanghai}
	at := time.Date(2026, 11, 23, 22, 0, 0, 0, shanghai)

	t.Run("what is over it waits for midnight of the robot's zone", func(t *testing.T) {
		l := ratelimit.New(limits)
		for range 80 {
			if got := l.Reserve(at, "r", "", "accept_friend"); got != 0 {
				t.Fatalf("within the quota it waits %v", got)
			}
		}
		if l.QuotaLeft(at, "r", "accept_friend") {
			t.Error("QuotaLeft after all 80")
		}
		if got := l.Reserve(at, "r", "", "accept_friend"); got != 2*time.Hour {
			t.Errorf("the 81st waits %v, want until midnight", got)
		}
		if got := l.Reserve(at, "r", "", "kick"); got != 0 {
			t.Errorf("another kind waits %v", got)
		}
		if got := l.Reserve(at, "other", "", "accept_friend"); got != 0 {
			t.Errorf("another robot waits %v", got)
		}
	})
	t.Run("what was used before a restart counts", func(t *testing.T) {
		l := ratelimit.New(limits)
		l.Prime("r", "accept_friend", l.Day(at), 79)
		if got := l.Reserve(at, "r", "", "accept_friend"); got != 0 {
			t.Errorf("the 80th waits %v", got)
		}
		if got := l.Reserve(at, "r", "", "accept_friend"); got != 2*time.Hour {
			t.Errorf("the 81st waits %v", got)
		}
	})
}

// action is one reservation of a drawn sequence, and the moment it was given.
type action struct {
	robot, chat, kind string
	at                time.Time
}

func drawActions(t *rapid.T, l *ratelimit.Limiter) []action {
	now, n := noon, rapid.IntRange(1, 120).Draw(t, "n")
	all := make([]action, n)
	for i := range all {
		now = now.Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "ms")) * time.Millisecond)
		a := action{
			robot: fmt.Sprint("r", rapid.IntRange(0, 2).Draw(t, "robot")),
			chat:  rapid.SampledFrom([]string{"", "a", "b", "群"}).Draw(t, "chat"),
			kind:  rapid.SampledFrom([]string{"message", "invite", "tag"}).Draw(t, "kind"),
		}
		var delay time.Duration
		if a.kind == "tag" {
			delay = l.ReserveSilent(now, a.robot, a.kind)
		} else {
			delay = l.Reserve(now, a.robot, a.chat, a.kind)
		}
		if delay < 0 {
			t.Fatalf("a delay of %v", delay)
		}
		a.at = now.Add(delay)
		all[i] = a
	}
	return all
}

// most returns the most actions in any window that begins with one of them.
func most(actions []action, span time.Duration, counts func(action) bool) int {
	var at []time.Time
	for _, a := range actions {
		if counts(a) {
			at = append(at, a.at)
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	best := 0
	for i := range at {
		n := 0
		for _, other := range at[i:] {
			if other.Sub(at[i]) < span {
				n++
			}
		}
		best = max(best, n)
	}
	return best
}

func TestNoMinuteHoldsMoreThanTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := ratelimit.Limits{
			RobotPerMinute: rapid.IntRange(1, 30).Draw(t, "robot"),
			ChatPerMinute:  rapid.IntRange(1, 12).Draw(t, "chat"),
			RobotPerDay:    map[string]int{"invite": rapid.IntRange(1, 20).Draw(t, "day")},
			JitterMin:      time.Second, JitterMax: 3 * time.Second,
			Random: func() float64 { return rapid.Float64Range(0, 0.999).Draw(t, "jitter") },
		}
		actions := drawActions(t, ratelimit.New(limits))
		for _, robot := range []string{"r0", "r1", "r2"} {
			seen := func(a action) bool { return a.robot == robot && a.kind != "tag" }
			if n := most(actions, time.Minute, seen); n > limits.RobotPerMinute {
				t.Fatalf("robot %s: %d in a minute, limit %d", robot, n, limits.RobotPerMinute)
			}
			for _, chat := range []string{"a", "b", "群"} {
				in := func(a action) bool { return seen(a) && a.chat == chat }
				if n := most(actions, time.Minute, in); n > limits.ChatPerMinute {
					t.Fatalf("chat %s: %d in a minute, limit %d", chat, n, limits.ChatPerMinute)
				}
			}
			perDay := map[string]int{}
			for _, a := range actions {
				if a.robot == robot && a.kind == "invite" {
					perDay[a.at.Format(time.DateOnly)]++
				}
			}
			for day, n := range perDay {
				if n > limits.RobotPerDay["invite"] {
					t.Fatalf("%d invites on %s, quota %d", n, day, limits.RobotPerDay["invite"])
				}
			}
		}
	})
}

func TestRobotsDoNotSlowEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := ratelimit.Limits{RobotPerMinute: 6, ChatPerMinute: 3}
		mixed, alone := ratelimit.New(limits), ratelimit.New(limits)
		now := noon
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "s")) * time.Second)
			if rapid.Bool().Draw(t, "other") {
				mixed.Reserve(now, "other", "a", "message")
				continue
			}
			got, want := mixed.Reserve(now, "r", "a", "message"), alone.Reserve(now, "r", "a", "message")
			if got != want {
				t.Fatalf("with another robot it waits %v, alone %v", got, want)
			}
		}
	})
}

func BenchmarkReserve(b *testing.B) {
	l := ratelimit.New(ratelimit.Limits{RobotPerMinute: 20, ChatPerMinute: 6})
	now := noon
	for i := 0; b.Loop(); i++ {
		now = now.Add(4 * time.Second)
		l.Reserve(now, "r", fmt.Sprint(i%100), "message")
	}
}
