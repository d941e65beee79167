package app

import (
	"path/filepath"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// After the machine went down the state may lack something. A start that comes to
// nothing, or a life that is killed, does not make up for that.
func TestADoubtfulPastStaysSoUntilALifeEndsWell(t *testing.T) {
	store := must(state.Open(filepath.Join(t.TempDir(), "s.db"), state.Options{}))
	defer store.Close()
	begin := func() *App {
		t.Helper()
		a := &App{store: store}
		if err := a.rememberLife(t.Context()); err != nil {
			t.Fatal(err)
		}
		return a
	}
	doubtful := func(what string, want bool) {
		t.Helper()
		a := begin()
		if got := a.past.doubtful.Load(); got != want {
			t.Errorf("%s: doubtful %v, want %v", what, got, want)
		}
	}
	doubtful("a new state", false)
	if bootID() != "" {
		doubtful("after a kill", false)
	}
	if err := store.Update(t.Context(), func(tx state.Tx) error { return putLife(tx, life{Boot: "another"}) }); err != nil {
		t.Fatal(err)
	}
	doubtful("after a power cut", true)
	doubtful("and after a start that came to nothing", true)
	begin().endLife()
	doubtful("after a life that ended well", false)
	a := begin()
	if err := a.doubtAll(t.Context()); err != nil {
		t.Fatal(err)
	}
	doubtful("after a kill, with a state that is an older copy", true)
}

func TestWhatSeemsToBeOfTheFutureIsOldUntilTheClocksAreKnown(t *testing.T) {
	now := time.Now()
	acc := &account{name: "main"}
	a := &App{accounts: map[string]*account{"main": acc}, past: past{began: now}}
	of := func(at time.Time) *command.Command {
		return &command.Command{Account: "main", MessageID: command.MessageID(at, "k")}
	}
	hour := of(now.Add(time.Hour))
	if !a.isOld(hour, time.Second) || !a.isOld(of(now.Add(-time.Hour)), time.Second) {
		t.Error("before anything came live, an hour ahead or an hour ago is not old")
	}
	acc.clock.Observe(now.Add(time.Hour), now)
	if a.isOld(of(now.Add(time.Hour+time.Minute)), time.Second) || !a.isOld(of(now.Add(time.Hour-time.Minute)), time.Second) {
		t.Error("what happens a minute later, by a clock that is an hour ahead, is old; or a minute before is not")
	}
}
