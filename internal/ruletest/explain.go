package ruletest

import (
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Explanation says what became of an event: the verdict on every rule, in walk
// order, and the commands that would leave at once.
type Explanation struct {
	Event    event.Event
	Verdicts []engine.Verdict
	Commands []command.Command
	Logs     []engine.Log
}

// Explain decides the event as if it had happened at now to an engine without
// any facts. Nothing is sent or kept.
func Explain(set *rule.Set, ev event.Event, now time.Time) Explanation {
	w := newWorld(set, now)
	d := w.decide(ev, nil, true)
	return Explanation{Event: ev, Verdicts: d.Verdicts, Commands: d.Commands, Logs: d.Logs}
}
