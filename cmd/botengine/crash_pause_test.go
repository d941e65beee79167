package main

import (
	"os"
	"path/filepath"
	"testing"

	"botengine/internal/app"
	"botengine/internal/ctl"
)

// Paused, killed and killed again, the engine decides and sends nothing; resumed, it
// sends everything once.
func TestAPauseOutlivesKillsAndNothingIsLostOrRepeated(t *testing.T) {
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	client := ctl.NewClient(filepath.Join(dir, "data", "botengine.sock"))
	call := func(verb string, params, out any) {
		t.Helper()
		if err := client.Call(t.Context(), verb, params, out); err != nil {
			t.Fatal(err)
		}
	}
	var p app.Pauses
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	call("pause", app.PauseParams{}, &p)
	ask(t, s)
	c.waitLog(t, `"outcome":"fired"`) // after its commit
	var q app.Queue
	if call("queue", nil, &q); len(q.Lanes) != 1 || q.Lanes[0].Hold != app.HoldPaused {
		t.Errorf("the queue is %+v, want one lane that is paused", q)
	}
	c.kill()

	file := filepath.Join(dir, "data", app.PausedFile)
	for range 2 {
		c = spawn(t, dir, "run")
		c.waitLog(t, "paused: nothing is sent")
		c.waitLog(t, "connected to the platform")
		ask(t, s)
		c.waitLog(t, `"outcome":"fired"`)
		c.kill()
		if n := len(s.Commands()); n != 0 {
			t.Fatalf("%d commands were sent while everything is paused", n)
		}
	}

	c = spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	c.waitLog(t, "PAUSED")
	call("resume", app.PauseParams{}, &p)
	ask(t, s)
	c.waitLog(t, `"outcome":"fired"`)
	if n := len(s.Commands()); n != 0 {
		t.Fatalf("%d commands were sent while the file was there", n)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	waitReplies(t, s, 4)
	marker(t, s, 5)
	if d := s.Duplicates(); len(d) > 0 {
		t.Errorf("sent twice: %v", d)
	}
}

// Killed, and its state file gone, the engine is paused still, and says why.
func TestAPauseOutlivesTheLossOfTheStateFile(t *testing.T) {
	t.Parallel()
	s := platform(t)
	dir := project(t, s, "0s..0s")
	client := ctl.NewClient(filepath.Join(dir, "data", "botengine.sock"))
	var p app.Pauses
	call := func(verb string, params app.PauseParams) {
		t.Helper()
		if err := client.Call(t.Context(), verb, params, &p); err != nil {
			t.Fatal(err)
		}
	}
	c := spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	call("pause", app.PauseParams{Reason: "平台说有风险"})
	c.kill()

	if err := os.Remove(filepath.Join(dir, "data", "state.db")); err != nil {
		t.Fatal(err)
	}
	c = spawn(t, dir, "run")
	c.waitLog(t, `"reason":"平台说有风险"`) // in the line that says what is paused
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	c.waitLog(t, `"outcome":"fired"`)
	if n := len(s.Commands()); n != 0 {
		t.Fatalf("%d commands were sent while everything is paused", n)
	}
	if call("resume", app.PauseParams{}); len(p.Paused) != 0 {
		t.Errorf("after resume %+v is paused", p.Paused)
	}
	waitReplies(t, s, 1)
	c.kill()

	c = spawn(t, dir, "run")
	c.waitLog(t, "connected to the platform")
	ask(t, s)
	waitReplies(t, s, 2)
}
