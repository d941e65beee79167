package app

import (
	"testing"
	"time"

	"botengine/internal/command"
)

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
