package catchup_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/catchup"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// in runs a test on a fake clock.
func in(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, newWorld(t)) })
}

// wait lets so much time pass, and all that is to happen in it.
func wait(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // of the fake clock
	synctest.Wait()
}

func TestFaults39And50WhatIsSaidWhileAwayIsTakenInOnceAndInOrder(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		w.platform.say(groupID, "以前", false)
		w.connect()
		wait(time.Minute)
		w.platform.say(groupID, "一", false)
		wait(time.Second)
		w.cut()
		for _, text := range []string{"二", "三", "四"} {
			w.platform.say(groupID, text, false)
			wait(time.Second)
		}
		w.connect()
		w.platform.say(groupID, "五", false) // live, before the history was read
		wait(time.Minute)
		if got := w.texts(); got != "一 二 三 四 五" {
			t.Errorf("taken in: %s", got)
		}
		if s := w.runner.Stats(); s.Recovered < 3 || s.SilentLoss != 0 || s.Gaps != 1 {
			t.Errorf("%+v", s)
		}
	})
}

// A reading that began before the connection was lost, and ends after it is back,
// knows nothing of what was said in between: the gate stays shut for the next one.
func TestFault50AReadingFromBeforeTheConnectionDoesNotOpenTheGateOfTheNext(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(2 * time.Minute) // and no reading is due
		const other = "R:10696049115002"
		w.cut()
		w.platform.say(groupID, "一", false)
		w.set(func() { w.platform.slow = 8 * time.Second })
		w.connect()
		wait(5 * time.Second) // the history of one group is being read
		w.cut()
		w.platform.say(other, "二", false)
		w.set(func() { w.platform.slow = 0 })
		w.connect()
		wait(time.Second)
		w.platform.say(other, "三", false)
		wait(time.Minute)
		if got := w.texts(); got != "一 二 三" {
			t.Errorf("taken in: %s", got)
		}
	})
}

// Somebody speaks in a chat while the list of chats is read, and so it is on no page
// any more: what was said there before is fetched, first.
func TestFault39AChatThatMovesWhileTheListIsReadIsReadAsWell(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(6 * time.Minute) // and no reading is due for nine more
		const other = "R:10696049115002"
		w.cut()
		w.platform.say(other, "一", false)
		wait(3 * time.Minute) // longer than readings overlap
		w.platform.say(groupID, "别处", false)
		wait(2 * time.Second)
		w.set(func() { w.platform.turn = func() { w.platform.say(other, "二", false) } })
		w.connect()
		wait(20 * time.Minute)
		got := w.texts()
		if got != "一 二 别处" && got != "别处 一 二" && got != "一 别处 二" {
			t.Errorf("taken in: %s", got)
		}
	})
}

// A message that comes live holds its place behind what was missed in its chat, however
// many chats there are to read.
func TestFault50AChatInWhichSomebodySpeaksIsReadBeforeTheOthers(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(6 * time.Minute)
		w.cut()
		w.platform.say(groupID, "一", false)
		for i := range 30 {
			wait(time.Second)
			w.platform.say(fmt.Sprintf("R:20%d", i), "别处", false)
		}
		w.set(func() { w.platform.slow = 2 * time.Second })
		w.connect()
		wait(time.Second)
		w.platform.say(groupID, "二", false)
		wait(2 * time.Minute)
		if got := strings.ReplaceAll(w.texts(), "别处 ", ""); !strings.HasPrefix(got, "一 二") {
			t.Errorf("taken in: %s", got)
		}
	})
}

// The engine ends while the history is read: what was held back keeps its place over
// the restart.
func TestFault50AStopWhileTheGateIsShutReordersNothing(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		w.connect()
		wait(6 * time.Minute)
		w.cut()
		w.platform.say(groupID, "一", false)
		w.set(func() { w.platform.slow = 5 * time.Second })
		w.connect()
		wait(time.Second)
		w.platform.say(groupID, "二", false)
		wait(time.Second)
		w.cut()
		w.stop()
		w.start()
		defer func() { w.stop() }()
		w.connect()
		w.platform.say(groupID, "三", false)
		wait(time.Minute)
		if got := w.texts(); got != "一 二 三" {
			t.Errorf("taken in: %s", got)
		}
	})
}

func TestFault38AFlappingConnectionLeadsToOneReadingIn10Seconds(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		for range 1000 {
			w.connect()
			wait(50 * time.Millisecond)
			w.cut()
			wait(50 * time.Millisecond)
		}
		begun := w.platform.begun
		for i := 1; i < len(begun); i++ {
			if d := begun[i].Sub(begun[i-1]); d < 10*time.Second {
				t.Errorf("a reading began %v after the one before", d)
			}
		}
		if len(begun) < 9 || len(begun) > 12 {
			t.Errorf("%d readings within 100 s", len(begun))
		}
	})
}

func TestFault40WhatIsNeverPushedWhileConnectedIsFoundAndCounted(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		n, dropped := 0, 0
		w.platform.drop = func(said) bool {
			n++
			if n%100 == 50 {
				dropped++
				return true
			}
			return false
		}
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(10 * time.Minute)
		for i := range 3000 {
			w.platform.say(fmt.Sprintf("R:%d", i%40), fmt.Sprintf("第 %d 句", i), false)
			wait(time.Second)
		}
		wait(20 * time.Minute)
		lost, twice := w.all(0)
		s := w.runner.Stats()
		t.Logf("figure: 3000 messages, %d never pushed: %d lost, %d twice, %d counted as silent loss, %d audits", dropped, lost, twice, s.SilentLoss, s.Audits)
		if lost+twice > 0 || s.SilentLoss != uint64(dropped) || dropped != 30 {
			t.Errorf("%d lost, %d twice, %d counted of %d", lost, twice, s.SilentLoss, dropped)
		}
	})
}

// A chat that the list does not have is read now and then all the same.
func TestFault40WhatIsNeitherPushedNorListedIsFoundByAnAudit(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		w.platform.say(groupID, "一", false)
		wait(10 * time.Minute)
		w.set(func() {
			w.platform.missing = groupID
			w.platform.drop = func(said) bool { return true }
		})
		w.platform.say(groupID, "二", false)
		wait(5 * time.Minute)
		w.platform.say("R:10696049115002", "别处", false)
		wait(time.Hour)
		if got := w.texts(); got != "一 二 别处" && got != "一 别处 二" {
			t.Errorf("taken in: %s", got)
		}
		if s := w.runner.Stats(); s.SilentLoss != 2 || s.Truncated != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestALaggingHistoryIsReadAgain(t *testing.T) {
	for _, lag := range []time.Duration{0, 5 * time.Second, 30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute} {
		t.Run(lag.String(), func(t *testing.T) {
			in(t, func(t *testing.T, w *world) {
				w.set(func() { w.platform.lag = lag })
				w.start()
				defer func() { w.stop() }()
				w.connect()
				wait(10 * time.Minute)
				w.platform.say(groupID, "一", false)
				wait(10 * time.Second)
				w.cut()
				w.platform.say(groupID, "二", false)
				wait(time.Second)
				w.connect()
				wait(30 * time.Second)
				w.platform.say(groupID, "三", false)
				wait(40 * time.Minute)
				if lost, twice := w.all(0); lost+twice > 0 {
					t.Errorf("%d lost, %d twice", lost, twice)
				}
			})
		})
	}
}

func TestAHistoryThatFailsIsAskedAgainLaterAndLater(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		w.cut()
		w.platform.say(groupID, "二", false)
		w.set(func() { w.platform.broken = errors.New("5000 busy") })
		w.connect()
		wait(10 * time.Minute)
		if n := len(w.platform.begun); n > 12 {
			t.Errorf("%d readings in 10 minutes", n)
		}
		if !w.runner.Stats().NeedsCatchUp && w.texts() != "" {
			t.Error("it does not say that it owes a reading")
		}
		w.set(func() { w.platform.broken = nil })
		wait(6 * time.Minute)
		if got := w.texts(); got != "二" {
			t.Errorf("taken in: %q", got)
		}
	})
}

func TestANewStateLetsTheOldHistoryBe(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		for i := range 5 {
			w.platform.say(groupID, fmt.Sprint("旧 ", i), false)
			wait(time.Second)
		}
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(time.Hour)
		w.platform.say(groupID, "新", false)
		wait(time.Hour)
		if got := w.texts(); got != "新" {
			t.Errorf("taken in: %s", got)
		}
	})
}

func TestOnlyTheLookBackIsFetched(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		short := func(o *catchup.Options) { o.LookBack = time.Hour }
		w.start(short)
		w.connect()
		wait(time.Minute)
		w.cut()
		w.stop()
		w.platform.say(groupID, "太早", false)
		wait(2 * time.Hour)
		w.platform.say(groupID, "刚才", false)
		w.start(short)
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		if got := w.texts(); got != "刚才" {
			t.Errorf("taken in: %s", got)
		}
	})
}

func TestFault41WhoJoinedUnheardIsInferredOnce(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		joins := func() (out []string) {
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, r := range w.reports {
				if r.Event.Kind == event.MemberJoin && !r.Duplicate {
					for _, p := range r.Event.Members {
						out = append(out, r.Event.From.Word()+" "+p.ID)
					}
				}
			}
			return out
		}
		live := func(id, who string) {
			ev := event.Event{
				Kind: event.MemberJoin, ID: id, Account: "main", Robot: event.Robot{Key: robotKey, ID: robotID}, Time: time.Now(), Received: time.Now(),
				Chat: event.Chat{Peer: groupID, Group: true}, Members: []event.Person{{ID: who, Name: "王五"}},
			}
			if err := w.in.Submit(t.Context(), ev); err != nil {
				t.Error(err)
			}
		}
		w.set(func() { w.platform.members[groupID] = []string{robotID, "1"} })
		w.start()
		w.connect()
		wait(2 * time.Minute)
		if got := joins(); len(got) > 0 {
			t.Errorf("inferred from the very first list: %v", got)
		}
		w.set(func() { w.platform.members[groupID] = []string{robotID, "1", "2"} })
		live("j2", "2") // the platform tells
		wait(20 * time.Minute)
		w.set(func() { w.platform.members[groupID] = []string{robotID, "1", "2", "3", "4"} }) // the platform does not
		wait(20 * time.Minute)
		w.cut()
		w.stop()
		w.start() // and a new process looks again
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		live("j4", "4") // the platform tells long after
		wait(20 * time.Minute)
		got := strings.Join(joins(), ", ")
		if !strings.Contains(got, "live 2, inferred 3, inferred 4") || strings.Count(got, " 2")+strings.Count(got, " 3") != 2 {
			t.Errorf("joined: %v", got)
		}
	})
}

// Many lists of members are compared for a long time: messages do not wait for that.
func TestMessagesAreFetchedBeforeTheOtherListsOfMembers(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.set(func() {
			w.platform.slowly = 5 * time.Second
			for i := range 200 {
				w.platform.members[fmt.Sprintf("R:20%d", i)] = []string{robotID, "7881302"}
			}
		})
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		w.cut()
		w.platform.say(groupID, "一", false)
		w.connect()
		wait(5 * time.Second)
		w.platform.say(groupID, "二", false)
		wait(20 * time.Second)
		if got := w.texts(); got != "一 二" {
			t.Errorf("taken in: %s", got)
		}
		wait(2 * time.Hour)
		if n := w.runner.Stats().MemberLists; n < 200 {
			t.Errorf("%d of 200 lists were read in the end", n)
		}
	})
}

func TestAJoinThatIsToldRightAfterItWasInferredIsNoNews(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.set(func() { w.platform.members[groupID] = []string{robotID, "1"} })
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(5 * time.Minute)
		w.set(func() { w.platform.members[groupID] = []string{robotID, "1", "2"} })
		w.cut()
		w.connect()
		wait(2 * time.Minute)
		ev := event.Event{
			Kind: event.MemberJoin, ID: "late", Account: "main", Robot: event.Robot{Key: robotKey, ID: robotID}, Time: time.Now(), Received: time.Now(),
			Chat: event.Chat{Peer: groupID, Group: true}, Members: []event.Person{{ID: "2"}},
		}
		if err := w.in.Handle(t.Context(), ev); err != nil {
			t.Fatal(err)
		}
		fresh := 0
		for _, r := range w.reports {
			if r.Event.Kind == event.MemberJoin && !r.Duplicate {
				fresh++
			}
		}
		if s := w.runner.Stats(); fresh != 1 || s.Inferred != 1 {
			t.Errorf("%d joins were news; %+v", fresh, s)
		}
	})
}

// Fault 28: an echo may mean no more than that the platform took the message.
func TestFault28AMessageThatFailsAfterItsEchoEndsAsFailedAndIsNotSentAgain(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		bad, good := "20261123010000000000000000000001", "20261123010000000000000000000002"
		for id, status := range map[string]int{bad: 2, good: 1} {
			e := w.sent(id, status)
			w.runner.Echoed(&e)
		}
		wait(2 * time.Minute)
		if e := w.entry(bad); e.State != state.Failed || e.Code != "undelivered" {
			t.Errorf("it is %s, %s", e.State, e.Code)
		}
		if e := w.entry(good); e.State != state.Confirmed {
			t.Errorf("the other one is %s", e.State)
		}
		heard := 0
		for _, r := range w.reports {
			for _, v := range r.Decision.Verdicts {
				if v.Rule == "failed" && v.Outcome == rule.Fired {
					heard++
				}
			}
		}
		if s := w.runner.Stats(); heard != 1 || s.Swept != 2 || s.Undelivered != 1 {
			t.Errorf("the rule heard of it %d times; %+v", heard, s)
		}
		wait(time.Hour)
		if e := w.entry(bad); e.State != state.Failed || e.Attempt > 0 {
			t.Errorf("an hour later it is %s, %d attempts", e.State, e.Attempt)
		}
	})
}

func TestFault61AMessageOfOursThatIsNotRememberedMeansAnOlderCopy(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		w.start()
		w.connect()
		wait(time.Minute)
		w.sent("20261123010000000000000000000001", 1)
		w.platform.say(groupID, "一", false)
		wait(time.Minute)
		w.cut()
		w.stop()
		w.start()
		w.connect()
		wait(time.Minute)
		if n := w.older.Load(); n > 0 {
			t.Error("a state that remembers everything is taken for an older copy")
		}
		w.cut()
		w.stop()
		w.platform.said = append(w.platform.said, said{ // by a life that is not remembered
			id: "20261123010000000000000000000002", peer: groupID, text: "请看退款入口", at: time.Now().Truncate(time.Second), stored: time.Now(), own: true, status: 1,
		})
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		if n := w.older.Load(); n != 1 {
			t.Errorf("told of an older copy %d times", n)
		}
	})
}

func TestAMessageOfOursThatWaitsForBeingSentMeansAnOlderCopy(t *testing.T) {
	in(t, func(t *testing.T, w *world) {
		const id = "20261123010000000000000000000003"
		w.start()
		w.connect()
		wait(time.Minute)
		w.cut()
		w.waits(id)
		w.stop()
		w.platform.said = append(w.platform.said, said{
			id: id, peer: groupID, text: "请看退款入口", at: time.Now().Truncate(time.Second), stored: time.Now(), own: true, status: 1,
		})
		w.start()
		defer func() { w.stop() }()
		w.connect()
		wait(time.Minute)
		if n := w.older.Load(); n != 1 {
			t.Errorf("told of an older copy %d times", n)
		}
	})
}
