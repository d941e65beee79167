package app

import (
	"context"
	"log/slog"
	"time"

	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/logs"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// report logs what an event led to, without any text of it, and hands it on.
// Every verdict that is not about "not concerned" is worth a line: it is the
// answer to "why did it (not) answer?".
func (a *App) report(r intake.Report) {
	if !r.Duplicate {
		a.trace.Record(r.Event, &r.Decision, time.Now())
	}
	a.tally.report(&r)
	for _, v := range r.Decision.Verdicts {
		level := slog.LevelInfo
		switch {
		case v.Outcome == "":
			continue
		case quiet[v.Outcome]:
			level = slog.LevelDebug
		case v.Outcome == rule.ConditionError:
			level = slog.LevelError
		}
		if !a.o.Log.Enabled(context.Background(), level) {
			continue // what follows is put together for every rule that looked at the event
		}
		a.o.Log.Log(context.Background(), level, "verdict", "rule", v.Rule, "outcome", string(v.Outcome),
			"event", r.Event.Key(), "robot", r.Event.Robot.Key, "commands", len(v.Commands))
	}
	for _, l := range r.Decision.Logs {
		if !l.Problem { // intake told of those
			a.o.Log.Info("rule says", "rule", l.Rule, "step", l.Step, "text", shownText(&l))
		}
	}
	if r.Settled != nil && isDead(r.Settled, false) {
		a.letters.changed.Store(true)
	}
	if s := r.Settled; s != nil && r.Event.Result.Code != event.CodeOK && !r.Event.IsEcho() {
		about := []any{
			"type", s.Command.Type, "rule", s.Command.Rule, "step", s.Command.Step,
			"message_id", s.Command.MessageID, "code", r.Event.Result.Code, "msg", r.Event.Result.Msg,
		}
		if s.State == state.Unknown {
			a.o.Log.Error("nobody knows whether a command happened: a person decides, see ctl dead", about...)
		} else {
			a.o.Log.Warn("command ended badly", about...)
		}
	}
	if s := r.Settled; s != nil && r.Event.From == event.FromLive && r.Event.IsEcho() {
		if acc, ok := a.accounts[s.Command.Account]; ok {
			acc.catchUp.Echoed(s)
		}
	}
	if a.o.OnReport != nil {
		a.o.OnReport(r)
	}
}

// shownText is what a rule says, as the log may show it: what came with the event is
// what people wrote.
func shownText(l *engine.Log) any {
	if l.Plain {
		return l.Text
	}
	return logs.Text(l.Text)
}
