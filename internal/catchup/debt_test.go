package catchup_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"botengine/internal/catchup"
)

// logged is what was logged. Its methods may be called from any goroutine.
type logged struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) count(what string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), what)
}

// to has it all logged there.
func (l *logged) to(o *catchup.Options) { o.Log = slog.New(slog.NewTextHandler(l, nil)) }

// deafen makes the history of those chats unreadable; none: it can be read again.
func (w *world) deafen(peers ...string) {
	w.set(func() {
		w.platform.deaf = func(peer string) bool { return strings.Contains(" "+strings.Join(peers, " ")+" ", " "+peer+" ") }
	})
}

// refused is how often the history of a deafened chat was asked for.
func (w *world) refused() (n int) {
	w.set(func() { n = w.platform.deafs })
	return n
}

func TestAChatThatCannotBeReadIsOwedOverARestartAndReadWhenItCanBe(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		const other = "R:10696049115002"
		log := &logged{}
		w.start(log.to)
		w.connect()
		wait(6 * time.Minute)
		w.cut()
		for _, text := range []string{"一", "二", "三"} {
			w.platform.say(groupID, text, false)
			wait(2 * time.Second)
		}
		w.platform.say(other, "别处", false)
		w.deafen(groupID)
		w.connect()
		wait(20 * time.Minute)
		if s := w.runner.Stats(); s.Owed != 1 || s.Skipped != 1 || s.Lost != 0 || s.NeedsCatchUp {
			t.Errorf("it is not owed: %+v", s)
		}
		if n := log.count("is owed"); n == 0 {
			t.Error("the log says nothing of it")
		}
		w.platform.say(groupID, "四", false) // live, and nothing waits for what is owed
		wait(time.Second)
		if got := w.texts(); got != "别处 四" {
			t.Errorf("taken in: %s", got)
		}
		w.cut()
		w.stop()
		before := w.refused()
		wait(time.Hour)
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(30 * time.Minute)
		if s := w.runner.Stats(); s.Owed != 1 {
			t.Errorf("it is not owed any more after a restart: %+v", s)
		}
		if n := w.refused(); before < 6 || n <= before || n > before+10 {
			t.Errorf("asked for %d times before the restart, %d times within half an hour behind it", before, n-before)
		}
		w.deafen()
		wait(16 * time.Minute)
		if got := w.texts(); got != "别处 四 一 二 三" {
			t.Errorf("taken in: %s", got)
		}
		lost, twice := w.all(0)
		if s := w.runner.Stats(); s.Owed != 0 || s.Lost != 0 || lost+twice > 0 {
			t.Errorf("%d lost, %d twice; %+v", lost, twice, s)
		}
	})
}

// What is said in a chat while it is owed, and is never pushed, is owed as well, also
// if the history lags when the chat can be read again.
func TestWhatIsSaidInAChatWhileItIsOwedIsOwedAsWell(t *testing.T) {
	for _, lag := range []time.Duration{0, 90 * time.Second} {
		t.Run(lag.String(), func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				w.start()
				defer func() { w.stop() }()
				w.connect()
				wait(6 * time.Minute)
				w.set(func() { w.platform.lag, w.platform.drop = lag, func(said) bool { return true } })
				w.deafen(groupID)
				for i := range 120 {
					w.platform.say(groupID, fmt.Sprint(i), false)
					w.platform.say("R:10696049115002", "别处", false)
					wait(time.Minute)
				}
				if s := w.runner.Stats(); s.Owed != 1 {
					t.Fatalf("it is not owed: %+v", s)
				}
				w.deafen()
				wait(40 * time.Minute)
				lost, twice := w.all(0)
				if s := w.runner.Stats(); s.Owed != 0 || s.Lost != 0 || lost+twice > 0 {
					t.Errorf("%d lost, %d twice; %+v", lost, twice, s)
				}
			})
		})
	}
}

func TestWhatIsOwedForLongerThanTheLookBackIsGivenUpWithAWord(t *testing.T) {
	for _, test := range []struct {
		name   string
		again  bool // somebody speaks there once more
		owed   uint64
		at, is string
	}{
		{"all of it", false, 0, "it is older than look_back", ""},
		{"the oldest of it", true, 1, "the oldest of it is older than look_back", "再说"},
	} {
		t.Run(test.name, func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				log := &logged{}
				w.start(log.to, func(o *catchup.Options) { o.LookBack = time.Hour })
				defer func() { w.stop() }()
				w.connect()
				wait(6 * time.Minute)
				w.set(func() { w.platform.drop = func(said) bool { return true } })
				w.deafen(groupID)
				w.platform.say(groupID, "太早", false)
				wait(50 * time.Minute)
				if s := w.runner.Stats(); s.Owed != 1 || s.Lost != 0 {
					t.Fatalf("it is not owed: %+v", s)
				}
				if test.again {
					w.platform.say(groupID, "再说", false)
				}
				wait(45 * time.Minute)
				if s := w.runner.Stats(); s.Owed != test.owed || s.Lost != 1 {
					t.Errorf("after the look-back: %+v", s)
				}
				if n := log.count(test.at); n != 1 {
					t.Errorf("the log says %d times that something is lost", n)
				}
				w.deafen()
				wait(time.Hour)
				if got := w.texts(); got != test.is {
					t.Errorf("taken in: %s", got)
				}
				if s := w.runner.Stats(); s.Owed != 0 || s.Lost != 1 {
					t.Errorf("in the end: %+v", s)
				}
			})
		})
	}
}

func TestNoMoreThanAThousandChatsAreOwedTheOldestIsGivenUp(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		log := &logged{}
		w.start(log.to)
		defer func() { w.stop() }()
		w.connect()
		wait(6 * time.Minute)
		w.set(func() {
			w.platform.drop = func(said) bool { return true }
			w.platform.deaf = func(string) bool { return true }
		})
		w.platform.say(groupID, "最早", false)
		wait(30 * time.Minute)
		for i := range 1000 {
			w.platform.say(fmt.Sprintf("R:20%d", i), "后来", false)
		}
		wait(30 * time.Minute)
		if s := w.runner.Stats(); s.Owed != 1000 || s.Lost != 1 || s.NeedsCatchUp {
			t.Errorf("%+v", s)
		}
		if n := log.count("too many chats are owed"); n != 1 {
			t.Errorf("the log says it %d times", n)
		}
		w.set(func() { w.platform.deaf = nil })
		wait(20 * time.Minute)
		if got := w.texts(); strings.Count(got, "后来") != 1000 || strings.Contains(got, "最早") {
			t.Errorf("taken in: %d", strings.Count(got, "后来"))
		}
	})
}
