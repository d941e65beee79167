// Package ruletest owns line 1 without a commit: authors' tests and explain. It
// decides with the engine's own Decide over facts kept in memory, and refuses to
// know the platform, the store and every other way in which something could
// really happen.
package ruletest

import (
	"slices"
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rule"
	"botengine/internal/schedule"
)

// memory is the facts a decision reads and the place its writes go to.
type memory struct {
	facts    map[string]engine.FactWrite
	runs     map[string]engine.RunWrite
	archives map[string][]byte
}

func newMemory() *memory {
	return &memory{facts: map[string]engine.FactWrite{}, runs: map[string]engine.RunWrite{}, archives: map[string][]byte{}}
}

// Fact implements engine.Facts.
func (m *memory) Fact(key string) ([]byte, time.Time, bool) {
	f, ok := m.facts[key]
	return f.Value, f.Expires, ok
}

// RunData implements engine.Facts.
func (m *memory) RunData(id string) ([]byte, bool) {
	r, ok := m.runs[id]
	return r.Data, ok
}

// Archive implements engine.Facts.
func (m *memory) Archive(hash string) ([]byte, bool) {
	data, ok := m.archives[hash]
	return data, ok
}

func (m *memory) apply(d engine.Decision) {
	for _, f := range d.Facts {
		if f.Delete {
			delete(m.facts, f.Key)
		} else {
			m.facts[f.Key] = f
		}
	}
	for _, r := range d.Runs {
		if r.Done {
			delete(m.runs, r.ID)
		} else {
			m.runs[r.ID] = r
		}
	}
	for _, a := range d.Archives {
		m.archives[a.Hash] = a.Data
	}
}

// nextDue is the waiting run that is due first, at limit or before.
func (m *memory) nextDue(limit time.Time) (engine.RunWrite, bool) {
	var first engine.RunWrite
	for _, r := range m.runs {
		if r.Due.IsZero() || r.Due.After(limit) {
			continue
		}
		if first.ID == "" || r.Due.Before(first.Due) || r.Due.Equal(first.Due) && r.ID < first.ID {
			first = r
		}
	}
	return first, first.ID != ""
}

// world is a rule set with a memory and a clock of its own. Every command ends
// well at once, unless answer says otherwise.
type world struct {
	set    *rule.Set
	memory *memory
	now    time.Time
	answer func(command.Command) event.CommandEnd
	robots func() []schedule.Robot // that schedules may be meant for
	held   map[string]bool         // message ids of commands that were held back
	team   engine.Robots           // nil: there is but one robot
}

// sent leaves out of the decisions the commands that were held back right before
// they would have left.
func (w *world) sent(decisions []engine.Decision) []engine.Decision {
	for i := range decisions {
		decisions[i].Commands = slices.DeleteFunc(slices.Clone(decisions[i].Commands), func(c command.Command) bool { return w.held[c.MessageID] })
	}
	return decisions
}

func newWorld(set *rule.Set, now time.Time) *world {
	return &world{set: set, memory: newMemory(), now: now, answer: wellDone, held: map[string]bool{}, robots: func() []schedule.Robot { return nil }}
}

// take hands one event in and follows what it leads to, until nothing is left
// but runs that wait for a time. It returns the decisions, the event's own first.
func (w *world) take(ev event.Event, every bool) []engine.Decision {
	first := w.decide(ev, nil, every)
	return append([]engine.Decision{first}, w.finish(ev, first.Commands)...)
}

// pass moves the clock, lets the runs that become due go on and the schedules that
// have come happen, in the order of their times.
func (w *world) pass(until time.Time) []engine.Decision {
	var all []engine.Decision
	for {
		run, ok := w.memory.nextDue(until)
		next, has := nextOccasion(w.set, w.now, until)
		switch {
		case has && (!ok || next.at.Before(run.Due)):
			w.now = next.at
			all = append(all, w.runSchedules(next.at)...)
			continue
		case !ok:
			w.now = until
			return all
		}
		w.now = run.Due
		ev := event.Event{Kind: event.Timer, ID: run.ID, Robot: event.Robot{Key: run.Robot}, Time: w.now, Received: w.now}
		ev.Timer.Run = run.ID
		d := w.decide(ev, nil, false)
		all = append(append(all, d), w.finish(ev, d.Commands)...)
	}
}

// finish ends each command and follows its run to the next one.
func (w *world) finish(origin event.Event, commands []command.Command) []engine.Decision {
	var all []engine.Decision
	queue := slices.Clone(commands)
	for len(queue) > 0 {
		c := queue[0]
		queue = queue[1:]
		end := w.answer(c)
		if code, msg := engine.Held(w.memory, &c, w.now); code != "" {
			w.held[c.MessageID] = true
			end = event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: code, Msg: msg}
		}
		ev := event.Event{Kind: event.Result, Account: c.Account, Robot: origin.Robot, Time: w.now, Received: w.now, Result: end}
		d := w.decide(ev, &c, false)
		all = append(all, d)
		queue = append(queue, d.Commands...)
	}
	return all
}

func (w *world) decide(ev event.Event, ended *command.Command, every bool) engine.Decision {
	ev.Sender.IsStaff = w.set.IsStaff(ev.Sender.ID)
	d := engine.Decide(engine.Input{
		Set: w.set, Event: &ev, Matches: w.set.Match(&ev, w.now, every),
		Ended: ended, Now: w.now, Facts: w.memory,
		Takeover: rule.DefaultTakeover, ByHand: ev.Kind == event.MessagePhone, Robots: w.team, Chats: anyChat{},
	})
	w.memory.apply(d)
	return d
}

func wellDone(c command.Command) event.CommandEnd {
	return event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: event.CodeOK, Msg: "OK"}
}
