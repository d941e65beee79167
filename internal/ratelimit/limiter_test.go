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

func ask(robot, chat, kind string) ratelimit.Ask {
	return ratelimit.Ask{Robot: robot, Chat: chat, Kind: kind, Silent: kind == "tag"}
}

// reserve waits for a moment, and returns how long it had to from now on.
func reserve(l *ratelimit.Limiter, now time.Time, a ratelimit.Ask) time.Duration {
	for at := now; ; {
		b, wait := l.Book(at, a)
		if wait.By == ratelimit.Nobody {
			return b.At.Sub(now)
		}
		if !wait.Until.After(at) {
			panic(fmt.Sprintf("at %v it is to wait until %v: %+v", at, wait.Until, wait))
		}
		at = wait.Until
	}
}

func TestTheFirstOfAQuietRobotWaitsOnlyForTheJitter(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{
		Robot: ratelimit.PerMinute(20), Chat: ratelimit.PerMinute(6),
		JitterMin: time.Second, JitterMax: 3 * time.Second, Random: half,
	})
	if got := reserve(l, noon, ask("cfb3e2c2", "S:1_R:2", "message")); got != 2*time.Second {
		t.Errorf("Book = %v, want the jitter's middle, 2 s", got)
	}
	urgent := ask("other", "", "kick")
	urgent.Urgent = true
	if got := reserve(l, noon, urgent); got != time.Second/2 {
		t.Errorf("what is urgent waits %v, want half of a second", got)
	}
}

func TestWhatNobodySeesKnowsNeitherPaceNorJitter(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{
		Robot: ratelimit.PerMinute(1), JitterMin: time.Second, JitterMax: 3 * time.Second,
		Random: half,
	})
	for i := range 100 {
		if got := reserve(l, noon, ask("cfb3e2c2", "", "tag")); got != 0 {
			t.Fatalf("tag %d waits %v", i, got)
		}
	}
	if got := reserve(l, noon, ask("cfb3e2c2", "", "kick")); got != 2*time.Second {
		t.Errorf("a kick after tags waits %v, want only its jitter", got)
	}
}

func TestALimitOfZeroIsNone(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{})
	for range 1000 {
		if got := reserve(l, noon, ask("r", "c", "message")); got != 0 {
			t.Fatalf("Book = %v without any limit", got)
		}
	}
	if l.Counts(ask("r", "c", "message")) {
		t.Error("it is to be counted, without any limit")
	}
}

func TestASlowChatDoesNotHoldUpTheOthers(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{Robot: ratelimit.PerMinute(20), Chat: ratelimit.PerMinute(1)})
	reserve(l, noon, ask("r", "busy", "message"))
	_, wait := l.Book(noon, ask("r", "busy", "message"))
	want := ratelimit.Wait{By: ratelimit.OfChat, Span: ratelimit.OfMinute, Limit: 1, Until: noon.Add(time.Minute)}
	if wait != want {
		t.Fatalf("second message of a chat with 1 per minute: %+v, want %+v", wait, want)
	}
	if got := reserve(l, noon, ask("r", "quiet", "message")); got != 0 {
		t.Errorf("another chat waits %v behind it", got)
	}
}

func TestWhatHasToWaitForLongBooksNothing(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{Robot: ratelimit.PerMinute(1)})
	reserve(l, noon, ask("r", "a", "message"))
	for range 5 {
		if _, wait := l.Book(noon, ask("r", "b", "message")); wait.By != ratelimit.OfRobot || !wait.Until.Equal(noon.Add(time.Minute)) {
			t.Fatalf("wait = %+v", wait)
		}
	}
}

func TestAMomentThatIsCancelledIsFree(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{Robot: ratelimit.Quota{All: ratelimit.Rates{Minute: 1, Hour: 1}}})
	b, _ := l.Book(noon, ask("r", "a", "message"))
	l.Cancel(b)
	if got := reserve(l, noon, ask("r", "b", "message")); got != 0 {
		t.Errorf("after it was cancelled another waits %v", got)
	}
	b, _ = l.Book(noon.Add(3*time.Hour), ask("r", "a", "message"))
	l.Return(b)
	if got := reserve(l, noon.Add(3*time.Hour), ask("r", "b", "message")); got != time.Minute {
		t.Errorf("after it was returned another waits %v, want the minute", got)
	}
	l.Cancel(ratelimit.Booking{})
}

func TestQuotasOfHoursAndDays(t *testing.T) {
	limits := ratelimit.Limits{
		Robot: ratelimit.Quota{All: ratelimit.Rates{Hour: 30}, Kinds: map[string]ratelimit.Rates{"accept_friend": {Day: 8}}},
		Chat:  ratelimit.Quota{All: ratelimit.Rates{Hour: 5}, Kinds: map[string]ratelimit.Rates{"message": {Day: 6}}},
	}
	t.Run("what is over a day's waits until that is a day ago", func(t *testing.T) {
		l := ratelimit.New(limits)
		for range 8 {
			if got := reserve(l, noon, ask("r", "", "accept_friend")); got != 0 {
				t.Fatalf("within the quota it waits %v", got)
			}
		}
		if w := l.Look(noon, ask("r", "", "accept_friend")); w.By != ratelimit.OfKind || w.Span != ratelimit.OfDay || w.Limit != 8 {
			t.Errorf("wait = %+v", w)
		}
		if got := reserve(l, noon, ask("r", "", "accept_friend")); got < 24*time.Hour || got > 24*time.Hour+3*time.Minute {
			t.Errorf("the next waits %v, want a day", got)
		}
		if got := reserve(l, noon, ask("r", "", "kick")); got != 0 {
			t.Errorf("another kind waits %v", got)
		}
		if got := reserve(l, noon, ask("other", "", "accept_friend")); got != 0 {
			t.Errorf("another robot waits %v", got)
		}
	})
	t.Run("what was used before a restart counts", func(t *testing.T) {
		l := ratelimit.New(limits)
		l.PrimeCount(ask("r", "", "accept_friend"), noon.Add(-time.Hour), 7, false)
		if got := reserve(l, noon, ask("r", "", "accept_friend")); got != 0 {
			t.Errorf("the last waits %v", got)
		}
		if got := reserve(l, noon, ask("r", "", "accept_friend")); got < 22*time.Hour || got > 24*time.Hour {
			t.Errorf("the next waits %v", got)
		}
	})
	t.Run("chats have their own", func(t *testing.T) {
		l := ratelimit.New(limits)
		for range 5 {
			reserve(l, noon, ask("r", "a", "message"))
		}
		if got := reserve(l, noon, ask("r", "b", "message")); got != 0 {
			t.Errorf("another chat waits %v", got)
		}
		if got := reserve(l, noon, ask("r", "a", "message")); got < time.Hour || got > time.Hour+3*time.Minute {
			t.Errorf("the sixth of the hour waits %v", got)
		}
		if got := reserve(l, noon.Add(2*time.Hour), ask("r", "a", "message")); got < 20*time.Hour {
			t.Errorf("the seventh of the day waits %v", got)
		}
	})
}

func TestANewRobotHasAGrowingShareOfItsPace(t *testing.T) {
	l := ratelimit.New(ratelimit.Limits{
		Robot:  ratelimit.PerMinute(20),
		WarmUp: ratelimit.WarmUp{Days: 7, Start: 0.25, Never: map[string]bool{"old": true}},
	})
	l.Met("r", noon)
	l.Met("old", noon)
	var got []int
	for day := range 8 {
		w, warming := l.Warming(noon.Add(time.Duration(day)*24*time.Hour), "r")
		if warming != (day < 7) || warming && (w.Day != day+1 || w.Days != 7) {
			t.Errorf("day %d: %+v, %v", day+1, w, warming)
		}
		got = append(got, w.PerMinute)
	}
	if want := []int{5, 7, 9, 11, 13, 15, 17, 0}; !slices.Equal(got, want) {
		t.Errorf("per minute: %v, want %v", got, want)
	}
	for _, robot := range []string{"old", "unknown"} {
		if w, warming := l.Warming(noon, robot); warming {
			t.Errorf("%s: %+v", robot, w)
		}
	}
	if w, _ := l.Warming(noon.Add(-time.Hour), "r"); w.Day != 1 {
		t.Errorf("before it was met: %+v", w)
	}
	n := 0
	for at := noon; at.Before(noon.Add(10 * time.Minute)); n++ {
		at = at.Add(reserve(l, at, ask("r", fmt.Sprint(n), "message")))
	}
	if n < 48 || n > 52 {
		t.Errorf("%d in its first ten minutes, want 5 a minute", n)
	}
}

// action is one reservation of a drawn sequence, and the moment it was given.
type action struct {
	robot, chat, kind string
	at                time.Time
}

// drawActions has drawn commands book their moments as time goes on, each as soon as
// it may ask again, but in any order.
func drawActions(t *rapid.T, l *ratelimit.Limiter) []action {
	type wanted struct {
		ask  ratelimit.Ask
		from time.Time
	}
	var done []action
	var open []wanted
	now := noon
	for range rapid.IntRange(1, 120).Draw(t, "n") {
		now = now.Add(time.Duration(rapid.IntRange(0, 8000).Draw(t, "ms")) * time.Millisecond)
		open = append(open, wanted{from: now, ask: ask(
			fmt.Sprint("r", rapid.IntRange(0, 2).Draw(t, "robot")),
			rapid.SampledFrom([]string{"", "a", "b", "群"}).Draw(t, "chat"),
			rapid.SampledFrom([]string{"message", "invite", "tag"}).Draw(t, "kind"),
		)})
		rest := open[:0]
		for _, w := range open {
			if w.from.After(now) {
				rest = append(rest, w)
				continue
			}
			b, wait := l.Book(now, w.ask)
			if wait.By != ratelimit.Nobody {
				if !wait.Until.After(now) {
					t.Fatalf("at %v it has to wait until %+v", now, wait)
				}
				rest = append(rest, wanted{w.ask, wait.Until})
				continue
			}
			if b.At.Before(now) {
				t.Fatalf("at %v it gets %v", now, b.At)
			}
			done = append(done, action{w.ask.Robot, w.ask.Chat, w.ask.Kind, b.At})
		}
		open = rest
		if rapid.IntRange(0, 9).Draw(t, "pause") == 0 && len(open) > 0 {
			now = open[0].from
		}
	}
	return done
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

func TestNoSpanHoldsMoreThanTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := func(of string) ratelimit.Rates {
			return ratelimit.Rates{
				Minute: rapid.IntRange(1, 30).Draw(t, of+" minute"),
				Hour:   rapid.IntRange(1, 60).Draw(t, of+" hour"),
				Day:    rapid.IntRange(1, 100).Draw(t, of+" day"),
			}
		}
		limits := ratelimit.Limits{
			Robot:     ratelimit.Quota{All: rates("robot"), Kinds: map[string]ratelimit.Rates{"invite": rates("invites"), "tag": rates("tags")}},
			Chat:      ratelimit.Quota{All: rates("chat")},
			Ceiling:   ratelimit.Ceiling{Robot: rates("ceiling"), All: rates("ceiling of all")},
			JitterMin: time.Second, JitterMax: 3 * time.Second, Late: 5 * time.Second,
			Random: func() float64 { return rapid.Float64Range(0, 0.999).Draw(t, "jitter") },
		}
		actions := drawActions(t, ratelimit.New(limits))
		check := func(what string, r ratelimit.Rates, counts func(action) bool) {
			for _, span := range []struct {
				of    time.Duration
				limit int
			}{{time.Minute, r.Minute}, {time.Hour, r.Hour}, {24 * time.Hour, r.Day}} {
				if n := most(actions, span.of, counts); n > span.limit {
					t.Fatalf("%s: %d in %v, limit %d", what, n, span.of, span.limit)
				}
			}
		}
		check("all robots", limits.Ceiling.All, func(action) bool { return true })
		for _, robot := range []string{"r0", "r1", "r2"} {
			mine := func(a action) bool { return a.robot == robot }
			check(robot+"'s ceiling", limits.Ceiling.Robot, mine)
			check(robot, limits.Robot.All, func(a action) bool { return mine(a) && a.kind != "tag" })
			for kind, r := range limits.Robot.Kinds {
				check(robot+"'s "+kind, r, func(a action) bool { return mine(a) && a.kind == kind })
			}
			for _, chat := range []string{"a", "b", "群"} {
				check(robot+" in "+chat, limits.Chat.All, func(a action) bool { return mine(a) && a.kind != "tag" && a.chat == chat })
			}
		}
	})
}

func TestRobotsDoNotSlowEachOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limits := ratelimit.Limits{Robot: ratelimit.PerMinute(6), Chat: ratelimit.PerMinute(3)}
		mixed, alone := ratelimit.New(limits), ratelimit.New(limits)
		now := noon
		for range rapid.IntRange(1, 60).Draw(t, "n") {
			now = now.Add(time.Duration(rapid.IntRange(0, 20).Draw(t, "s")) * time.Second)
			if rapid.Bool().Draw(t, "other") {
				reserve(mixed, now, ask("other", "a", "message"))
				continue
			}
			got, want := reserve(mixed, now, ask("r", "a", "message")), reserve(alone, now, ask("r", "a", "message"))
			if got != want {
				t.Fatalf("with another robot it waits %v, alone %v", got, want)
			}
		}
	})
}

func BenchmarkBook(b *testing.B) {
	l := ratelimit.New(ratelimit.Limits{
		Robot: ratelimit.Quota{All: ratelimit.Rates{Minute: 20, Hour: 1000, Day: 10000}}, Chat: ratelimit.PerMinute(6),
		Ceiling: ratelimit.Ceiling{Robot: ratelimit.Rates{Minute: 60, Hour: 1200, Day: 12000}},
	})
	now := noon
	for i := 0; b.Loop(); i++ {
		now = now.Add(10 * time.Second)
		l.Book(now, ask("r", fmt.Sprint(i%100), "message"))
	}
}
