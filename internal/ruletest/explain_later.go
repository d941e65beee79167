package ruletest

import (
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rehearsal"
	"botengine/internal/rule"
)

// How far an explanation follows what an event leads to.
const (
	maxLater = 50                   // commands
	farOff   = 365 * 24 * time.Hour // of delays
)

// aftermath is what comes after the first commands of an event, if each of them ends
// well: steps that follow on them, also behind a delay. It ends where somebody else
// has to do something, such as answer a question.
type aftermath struct {
	in       engine.Input
	origin   *event.Event
	past     *overlay
	begun    time.Time
	tags     *rehearsal.Tags
	commands []command.Command
	after    map[string]int64           // milliseconds from the event, by message id
	waits    map[string]engine.Woken    // how far each run came
	steps    map[string][]ExplainedStep // that went badly or were left out, by run
}

// later finds out what comes after a decision.
func later(in engine.Input, d engine.Decision) *aftermath {
	a := &aftermath{
		in: in, origin: in.Event, past: &overlay{Memory: rehearsal.NewMemory(), under: in.Facts}, begun: in.Now, tags: rehearsal.TagsOf(in.Set),
		after: map[string]int64{}, waits: map[string]engine.Woken{}, steps: map[string][]ExplainedStep{},
	}
	for _, v := range d.Verdicts {
		a.waits[v.Run] = engine.Woken{Run: v.Run, Rule: v.Rule, Step: v.Step}
	}
	a.past.Apply(&d, in.Now)
	a.follow(d.Commands)
	for len(a.commands) < maxLater {
		run, due := a.past.NextDue(a.begun.Add(farOff))
		if !due {
			break
		}
		if a.delayed(run.ID) {
			a.in.Now = run.Due
			a.follow(a.wake(run))
		}
		if again, still := a.past.NextDue(a.begun.Add(farOff)); still && again.ID == run.ID && again.Due.Equal(run.Due) {
			again.Due = time.Time{} // it waits for somebody: what nobody's answer leads to is not told
			a.past.Apply(&engine.Decision{Runs: []engine.RunWrite{again}}, a.in.Now)
		}
	}
	return a
}

// delayed says whether the run waits in a delay, for nothing but the time.
func (a *aftermath) delayed(run string) bool {
	s := a.step(a.waits[run])
	return s != nil && s.Does() == "delay"
}

// step is the one in which a run waits; nil = none that the set has.
func (a *aftermath) step(w engine.Woken) *rule.Step {
	r, ok := a.in.Set.Rule(w.Rule)
	if !ok || w.Step == "" {
		return nil
	}
	i := slices.IndexFunc(r.Steps, func(s rule.Step) bool { return s.ID == w.Step })
	if i < 0 {
		return nil
	}
	return &r.Steps[i]
}

// follow ends the commands well, those that follow on them, too.
func (a *aftermath) follow(queue []command.Command) {
	for n := 0; len(queue) > 0 && n < maxLater; n++ {
		c := queue[0]
		queue = queue[1:]
		ev := event.Event{Kind: event.Result, Account: c.Account, Robot: a.origin.Robot, Time: a.in.Now, Received: a.in.Now, Result: wellDone(c)}
		if c.Type == rehearsal.TagsType {
			ev.Result.Payload = a.tags.Answer
		}
		queue = append(slices.Clip(queue), a.decide(&ev, &c)...)
	}
}

// wake lets a run go on whose delay is over.
func (a *aftermath) wake(run engine.RunWrite) []command.Command {
	ev := event.Event{Kind: event.Timer, ID: run.ID, Robot: event.Robot{Key: run.Robot}, Time: a.in.Now, Received: a.in.Now}
	ev.Timer.Run = run.ID
	return a.decide(&ev, nil)
}

// decide notes what one more event leads to, and returns its commands.
func (a *aftermath) decide(ev *event.Event, ended *command.Command) []command.Command {
	a.in.Event, a.in.Ended, a.in.Matches, a.in.Facts = ev, ended, nil, a.past
	d := engine.Decide(a.in)
	a.past.Apply(&d, a.in.Now)
	if d.Woken != nil {
		a.note(*d.Woken)
	}
	for _, w := range d.Others {
		a.note(w)
	}
	for _, c := range d.Commands {
		if rehearsal.Asks(a.in.Set, &c) {
			continue
		}
		if after := a.in.Now.Sub(a.begun); after > 0 {
			a.after[c.MessageID] = after.Milliseconds()
		}
		c.Fields = a.tags.Named(c.Fields)
		a.commands = append(a.commands, c)
	}
	return d.Commands
}

// written leaves out what no step of a rule says.
func (a *aftermath) written(commands []command.Command) (out []command.Command) {
	for i := range commands {
		if !rehearsal.Asks(a.in.Set, &commands[i]) {
			out = append(out, commands[i])
		}
	}
	return out
}

// note keeps how far a run came, and what did not go well.
func (a *aftermath) note(w engine.Woken) {
	a.waits[w.Run] = w
	for _, s := range w.Steps {
		if s.Code != event.CodeOK {
			a.steps[w.Run] = append(a.steps[w.Run], ExplainedStep{s.ID, s.Path, s.Action, s.Code, s.Msg})
		}
	}
}

// tell adds to a rule's explanation what came of it later.
func (a *aftermath) tell(x *Explained) {
	if x.Run == "" {
		return
	}
	x.Steps = append(x.Steps, a.steps[x.Run]...)
	if s := a.step(a.waits[x.Run]); s != nil {
		x.EndsIn, x.EndsAs = s.ID, s.Does()
	}
}

// overlay is the past with what would have been written on top of it.
type overlay struct {
	*rehearsal.Memory
	under engine.Facts
}

// Fact implements engine.Facts.
func (o *overlay) Fact(key string) ([]byte, time.Time, bool) {
	if value, expires, ok := o.Memory.Fact(key); ok {
		return value, expires, true
	}
	return o.under.Fact(key)
}

// RunData implements engine.Facts.
func (o *overlay) RunData(id string) ([]byte, bool) {
	if data, ok := o.Memory.RunData(id); ok {
		return data, true
	}
	return o.under.RunData(id)
}

// Archive implements engine.Facts.
func (o *overlay) Archive(hash string) ([]byte, bool) {
	if data, ok := o.Memory.Archive(hash); ok {
		return data, true
	}
	return o.under.Archive(hash)
}
