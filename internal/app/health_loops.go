package app

import (
	"fmt"
	"sync"
	"time"

	"botengine/internal/diag"
)

const (
	stuckAfter = 2 * time.Minute  // a loop at one piece of work for longer does not turn
	stoodStill = 30 * time.Second // without a look, the whole process did; then loops get as long to go on
)

// watchdog says whether the loops turn: the writer of the state, the takers-in of
// events and the robots' senders.
type watchdog struct {
	now func() time.Time

	mu    sync.Mutex // guards what follows
	last  time.Time  // somebody looked
	grace time.Time  // until then nothing is stuck
}

// loop is one of the engine's loops, or the slowest of several of a kind.
type loop struct {
	name string
	text diag.Text // for people
	busy time.Duration
}

// stuck returns the loops that have been at one piece of work for too long.
func (w *watchdog) stuck(loops []loop) []loop {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.now()
	if !w.last.IsZero() && now.Sub(w.last) > stoodStill {
		w.grace = now.Add(stoodStill)
	}
	w.last = now
	if now.Before(w.grace) {
		return nil
	}
	var out []loop
	for _, l := range loops {
		if l.busy > stuckAfter {
			out = append(out, l)
		}
	}
	return out
}

// loops are those of the engine. While the state file cannot be written, whoever
// waits for it is not stuck: there is a condition for that, and a restart helps nobody.
func (a *App) loops() []loop {
	s := a.store.Stats()
	out := []loop{{"writer", diag.T("写状态文件的", "the writer of the state file"), s.Busy}}
	if s.Failing {
		return out
	}
	return append(out,
		loop{"intake", diag.T("收事件的", "the intake of events"), a.intake.Stats().Busy},
		loop{"sender", diag.T("发命令的", "the sender of commands"), a.dispatch.Stats().Busy})
}

func (a *App) lookLoops() Condition {
	if stuck := a.watchdog.stuck(a.loops()); len(stuck) > 0 {
		l := stuck[0]
		busy := l.busy.Round(time.Second)
		return broken(diag.Text{
			ZH: fmt.Sprintf("%s停在一件事上已经 %s", l.text.ZH, busy), EN: fmt.Sprintf("%s has been at one thing for %s", l.text.EN, busy),
		})
	}
	return well("", diag.T("都在转", "all turn"))
}

// String says how the loop is, for probes.
func (l *loop) String() string {
	if l.busy == 0 {
		return l.name + ": at rest"
	}
	return l.name + ": at the same thing for " + l.busy.Round(time.Millisecond).String()
}
