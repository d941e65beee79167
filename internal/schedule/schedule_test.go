package schedule_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/schedule"
	"botengine/internal/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var china = time.FixedZone("CST", 8*3600)

// world is a store, line 1 and a scheduler, on a wall clock that can be set.
type world struct {
	t      testing.TB
	path   string
	rules  atomic.Pointer[rule.Set]
	robots []schedule.Robot
	jumped atomic.Int64 // how far the wall clock is from the bubble's

	stop func()
	wake func()

	mu    sync.Mutex              // guards fired
	fired []string                // "09:00 rule chat", in the order of the commits
	dies  func(*event.Event) bool // before an event is handed in, called with mu; nil: it does not
}

// newWorld is a world in a bubble on Friday the 20th of November 2026, at that time
// of day in China.
func newWorld(t testing.TB, dir, clock, rules string) *world {
	t.Helper()
	w := &world{t: t, path: filepath.Join(dir, "botengine.db"), robots: []schedule.Robot{robot("cfb3e2c2", "1688850285583026", "产品群", "内部群")}}
	w.load(rules)
	at, err := time.ParseInLocation("2006-01-02 15:04:05", "2026-11-20 "+clock, china)
	if err != nil {
		t.Fatal(err)
	}
	w.jumped.Store(int64(time.Until(at)))
	return w
}

// robot is in the groups of these names.
func robot(key, id string, groups ...string) schedule.Robot {
	r := schedule.Robot{Account: "main", Robot: event.Robot{Key: key, ID: id, Status: event.StatusOnline}}
	for _, name := range groups {
		peer := fmt.Sprintf("R:%d", 1000+len([]rune(name))*10+int([]rune(name)[0])%10)
		r.Groups = append(r.Groups, event.Chat{ID: event.ChatID(id, peer), Peer: peer, Name: name, Group: true})
	}
	return r
}

func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.jumped.Load())) }

// jump sets the wall clock.
func (w *world) jump(d time.Duration) { w.jumped.Add(int64(d)) }

// load makes the rules the live ones, as a reload does.
func (w *world) load(rules string) {
	w.t.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte("version: 1\nrules:\n" + rules)}})
	if set == nil {
		w.t.Fatalf("the rules do not compile: %s: %v", findings.Summary(diag.EN), findings)
	}
	w.rules.Store(set)
	if w.wake != nil {
		w.wake()
	}
}

// start begins the process anew on what is on disk.
func (w *world) start() {
	store, err := state.Open(w.path, state.Options{Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	in := intake.New(intake.Options{Store: store, Rules: &w.rules, Now: w.now, OnCommitted: w.note})
	s := schedule.New(schedule.Options{
		Store: store, Rules: &w.rules, Now: w.now,
		Submit: func(ctx context.Context, ev event.Event) error {
			w.mu.Lock()
			dead := w.dies != nil && w.dies(&ev)
			w.mu.Unlock()
			if dead {
				return context.Canceled
			}
			return in.Submit(ctx, ev)
		},
		Robots: func() ([]schedule.Robot, bool) { return w.robots, true },
	})
	stopIntake, stopSchedule := w.run(in.Run), w.run(s.Run)
	w.wake = s.Wake
	w.stop = func() {
		stopSchedule()
		stopIntake()
		w.wake = nil
		if err := store.Close(); err != nil {
			w.t.Errorf("close: %v", err)
		}
	}
}

// run runs a part of the process until stop is called.
func (w *world) run(part func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- part(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			w.t.Errorf("run: %v", err)
		}
	}
}

func (w *world) note(r intake.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, v := range r.Decision.Verdicts {
		if v.Outcome == rule.Fired {
			w.fired = append(w.fired, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Event.Time.In(china).Format("2 15:04"), v.Rule, r.Event.Chat.Name)))
		}
	}
}

// saw compares what fired since the last time.
func (w *world) saw(want ...string) {
	w.t.Helper()
	synctest.Wait()
	w.mu.Lock()
	defer w.mu.Unlock()
	slices.Sort(w.fired)
	if !slices.Equal(w.fired, want) {
		w.t.Errorf("at %s: fired %q, want %q", w.now().In(china).Format("2 15:04:05"), w.fired, want)
	}
	w.fired = nil
}

// after lets time pass.
func after(d time.Duration) { <-time.After(d) }

// story plays a world in a bubble and ends it.
func story(t *testing.T, clock, rules string, play func(*world), more ...schedule.Robot) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, t.TempDir(), clock, rules)
		w.robots = append(w.robots, more...)
		w.start()
		play(w)
		w.stop()
	})
}

const morning = `
  - {id: morning, on: {schedule: {cron: "0 9 * * *"}}, scope: {chats: [产品群]}, do: [{reply: 早上好}]}`

var careful = strings.Replace(morning, `* *"`, `* *", missed: once`, 1)

func TestAScheduledRuleFiresInItsChatOnceADay(t *testing.T) {
	story(t, "08:00:00", morning, func(w *world) {
		after(59 * time.Minute)
		w.saw()
		after(2 * time.Minute)
		w.saw("20 09:00 morning 产品群")
		after(24 * time.Hour)
		w.saw("21 09:00 morning 产品群")
	})
}

func TestWhereAScheduleHappensFollowsFromTheScope(t *testing.T) {
	story(t, "08:59:00", `
  - {id: all-groups, on: {schedule: {cron: "0 9 * * *"}}, scope: {chat_type: group, exclude: {chats: [内部群]}}, do: [{reply: 早上好}]}
  - {id: by-id, on: {schedule: {cron: "0 9 * * *"}}, scope: {chats: ["R:99"]}, do: [{reply: 早上好}]}
  - {id: by-name, on: {schedule: {cron: "0 9 * * *"}}, scope: {chats: ["*群"]}, do: [{reply: 早上好}]}
  - {id: each-robot, on: {schedule: {cron: "0 9 * * *"}}, do: [{log: 早上好}]}
  - {id: one-robot, on: {schedule: {cron: "0 9 * * *"}}, scope: {robots: [e8ef2eea]}, do: [{log: 早上好}]}
  - {id: nowhere, on: {schedule: {cron: "0 9 * * *"}}, scope: {chats: [没有这个群]}, do: [{reply: 早上好}]}`,
		func(w *world) {
			after(2 * time.Minute)
			w.saw("20 09:00 all-groups 产品群", "20 09:00 all-groups 产品群", "20 09:00 by-id", "20 09:00 by-id",
				"20 09:00 by-name 产品群", "20 09:00 by-name 产品群", "20 09:00 by-name 内部群",
				"20 09:00 each-robot", "20 09:00 each-robot", "20 09:00 one-robot")
		}, robot("e8ef2eea", "1688850285583027", "产品群"))
}

func TestWhatWasMissedIsLeftOutOrHappensOnce(t *testing.T) {
	for name, c := range map[string]struct {
		rules string
		away  time.Duration
		want  []string
	}{
		"skip":                            {morning, 3 * time.Hour, nil},
		"skip after days":                 {morning, 72 * time.Hour, nil},
		"skip, but it was just now":       {morning, 61 * time.Minute, []string{"20 09:00 morning 产品群"}},
		"once":                            {careful, 3 * time.Hour, []string{"20 09:00 morning 产品群"}},
		"once, however many were missed":  {careful, 72 * time.Hour, []string{"22 09:00 morning 产品群"}},
		"once, if none was missed, never": {careful, 30 * time.Minute, nil},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, "08:00:00", c.rules, func(w *world) {
				after(time.Second)
				w.stop()
				after(c.away)
				w.start()
				after(time.Second)
				w.saw(c.want...)
				w.stop()
				w.start()
				after(time.Second)
				w.saw()
			})
		})
	}
}

func TestNoRestartFiresASecondTime(t *testing.T) {
	story(t, "08:59:59", careful, func(w *world) {
		after(1500 * time.Millisecond)
		w.saw("20 09:00 morning 产品群")
		for range 5 {
			w.stop()
			w.start()
			after(10 * time.Second)
		}
		w.stop()
		after(20 * time.Hour)
		w.start()
		after(time.Minute)
		w.saw()
	})
}

func TestTheWallClockMayBeSet(t *testing.T) {
	for name, c := range map[string]struct {
		jumps []time.Duration
		want  []string
	}{
		"back a minute":                         {[]time.Duration{-time.Minute}, nil},
		"back an hour":                          {[]time.Duration{-time.Hour}, nil},
		"back a day: that day has not been yet": {[]time.Duration{-24*time.Hour - 10*time.Minute}, []string{"19 09:00 morning 产品群"}},
		"ahead a day and back":                  {[]time.Duration{24 * time.Hour, -24 * time.Hour}, []string{"21 09:00 morning 产品群"}},
		"ahead a week":                          {[]time.Duration{7 * 24 * time.Hour}, []string{"27 09:00 morning 产品群"}},
		"ahead an hour, several times":          {[]time.Duration{time.Hour, time.Hour, -2 * time.Hour}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, "08:59:00", careful, func(w *world) {
				after(3 * time.Minute)
				w.saw("20 09:00 morning 产品群")
				for _, jump := range c.jumps {
					w.jump(jump)
					after(2 * time.Minute)
				}
				after(30 * time.Minute)
				w.saw(c.want...)
			})
		})
	}
}

func TestAClockThatIsPutAheadIsNoticedWithinAMinute(t *testing.T) {
	story(t, "08:00:00", morning, func(w *world) {
		after(time.Second)
		w.jump(59 * time.Minute)
		after(61 * time.Second)
		w.saw("20 09:00 morning 产品群")
	})
}

func TestAnEditedScheduleDoesNotReachBack(t *testing.T) {
	story(t, "10:00:00", careful, func(w *world) {
		after(time.Second)
		w.load(strings.Replace(careful, "0 9", "30 9", 1))
		after(time.Minute)
		w.saw()
		w.load(strings.Replace(careful, "0 9", "5 10", 1))
		after(10 * time.Minute)
		w.saw("20 10:05 morning 产品群")
		w.stop()
		w.load(strings.Replace(careful, "0 9", "8 10", 1))
		w.start()
		after(10 * time.Minute)
		w.saw()
	})
}

func TestARuleThatWasSwitchedOffMissedNothing(t *testing.T) {
	story(t, "08:00:00", careful, func(w *world) {
		after(time.Second)
		w.load(strings.Replace(careful, "id: morning", "id: morning, enabled: false", 1) + "\n  - {id: other, on: message.text, when: 'true', do: [{reply: 好}]}")
		after(3 * time.Hour)
		w.load(careful)
		after(time.Minute)
		w.saw()
		after(24 * time.Hour)
		w.saw("21 09:00 morning 产品群")
	})
}

func TestAnEditOfAnythingElseKeepsTheSchedule(t *testing.T) {
	story(t, "08:59:59", careful, func(w *world) {
		after(500 * time.Millisecond)
		w.load(strings.Replace(careful, "早上好", "大家早", 1))
		after(2 * time.Second)
		w.load(careful)
		after(2 * time.Minute)
		w.saw("20 09:00 morning 产品群")
	})
}

func TestStartHappensOnceForEachRobotAndStart(t *testing.T) {
	story(t, "08:00:00", "\n  - {id: hello, on: start, do: [{log: 启动}]}", func(w *world) {
		after(time.Minute)
		w.stop()
		w.saw("20 08:00 hello", "20 08:00 hello")
		w.start()
		after(time.Minute)
		w.saw("20 08:01 hello", "20 08:01 hello")
	}, robot("e8ef2eea", "1688850285583027"))
}

const other = "\n  - {id: other, on: message.text, when: 'true', do: [{reply: 好}]}"
