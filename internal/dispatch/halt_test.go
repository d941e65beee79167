package dispatch_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/ratelimit"
	"botengine/internal/state"
)

// killSwitch is a Halt: in memory, and in the store.
type killSwitch struct {
	mu     sync.Mutex // guards what follows
	robots map[string]bool
}

func (k *killSwitch) turn(robot string, halted bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.robots[robot] = halted
}

func (k *killSwitch) Halted(robot string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.robots[robot]
}

func (k *killSwitch) HaltedIn(tx state.Tx, robot string) bool {
	_, _, ok := tx.Fact("halt/" + robot)
	return ok || k.Halted(robot)
}

func newKillSwitch(w *world) *killSwitch {
	k := &killSwitch{robots: map[string]bool{}}
	w.options.Halt = k
	return k
}

func TestWhatAHaltedRobotOwesWaitsAndOthersGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		k := newKillSwitch(w)
		k.turn("r1", true)
		w.start()
		w.enqueue(message("r1", "c1", "one"), message("r2", "c1", "other"), tag("r1", "tagged"))
		after(30 * time.Minute)
		w.wantSends("other")
		k.turn("r1", false)
		after(5 * time.Second)
		w.wantSends("other", "one", "tagged")
	})
}

func TestAHaltDoesNotStopTheTimeOfWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		k := newKillSwitch(w)
		k.turn("r1", true)
		w.start()
		c := message("r1", "c1", "one")
		w.enqueue(c)
		after(61 * time.Minute) // its time is an hour
		w.wantState(c, state.Expired, event.CodeExpired)
		k.turn("r1", false)
		after(time.Hour)
		w.wantSends()
	})
}

func TestAHaltThatIsOnlyInTheStoreHoldsWhatIsAboutToBeClaimed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		newKillSwitch(w)
		fact := func(change func(state.Tx)) {
			if err := w.store.Update(t.Context(), func(tx state.Tx) error { change(tx); return nil }); err != nil {
				t.Fatal(err)
			}
		}
		fact(func(tx state.Tx) { tx.SetFact("halt/r1", []byte("1"), time.Time{}) })
		w.start()
		c := message("r1", "c1", "one")
		w.enqueue(c)
		after(10 * time.Minute)
		w.wantSends()
		w.wantState(c, state.Pending, "")
		fact(func(tx state.Tx) { tx.DeleteFact("halt/r1") })
		after(5 * time.Second)
		w.wantSends("one")
	})
}

func TestAClaimThatWasNotYetWrittenIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		k := &haltOnClaim{}
		w.options.Halt = k
		w.start()
		c := message("r1", "c1", "one")
		w.enqueue(c)
		after(10 * time.Minute)
		w.wantSends()
		w.wantState(c, state.Pending, "")
		if e := w.entry(c); e.Attempt != 0 {
			t.Errorf("%d attempts are counted, and none was made", e.Attempt)
		}
		k.end()
		after(5 * time.Second)
		w.wantSends("one")
	})
}

// haltOnClaim begins in the transaction of the first claim, which it lets pass.
type haltOnClaim struct {
	mu          sync.Mutex // guards what follows
	halts, over bool
}

func (h *haltOnClaim) Halted(string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.halts && !h.over
}

func (h *haltOnClaim) HaltedIn(state.Tx, string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := h.halts && !h.over
	h.halts = true
	return before
}

func (h *haltOnClaim) end() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.over = true
}

func TestAfterAHaltTheUsualPaceHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.limits = ratelimit.Limits{Robot: ratelimit.PerMinute(20), Chat: ratelimit.PerMinute(6)}
		k := newKillSwitch(w)
		w.start()
		var all []command.Command
		for _, chat := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
			for _, n := range []string{"1", "2", "3", "4", "5"} {
				all = append(all, message("r1", chat, chat+n))
			}
		}
		w.enqueue(all...)
		after(30 * time.Second)
		k.turn("r1", true)
		stopped := len(w.sends())
		after(20 * time.Minute)
		if n := len(w.sends()); n != stopped || n == 0 {
			t.Fatalf("%d were sent before the halt and %d in it", stopped, n-stopped)
		}
		k.turn("r1", false)
		after(10 * time.Minute)
		sends := w.sends()
		if len(sends) != len(all) {
			t.Fatalf("%d of %d were sent", len(sends), len(all))
		}
		for i := 20; i < len(sends); i++ {
			if gap := sends[i].at.Sub(sends[i-20].at); gap < time.Minute-2*time.Second { // a send may be so late, and the next one on time
				t.Errorf("21 sends within %s", gap)
			}
		}
	})
}

func TestAHaltOutlivesTheProgramAndOneFoundInTheMiddleOfASendWaitsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		k := newKillSwitch(w)
		w.script(func(p *platform) { p.answer = never })
		w.start()
		c := tag("r1", "tagged") // idempotent: it would be sent again after the crash
		w.enqueue(c)
		after(2 * time.Second)
		w.wantSends("tagged")
		k.turn("r1", true)
		w.restart()
		after(30 * time.Minute)
		w.wantSends("tagged")
		k.turn("r1", false)
		after(time.Minute)
		w.wantSends("tagged", "tagged")
	})
}
