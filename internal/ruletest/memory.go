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
	"botengine/internal/expression"
	"botengine/internal/rehearsal"
	"botengine/internal/rule"
	"botengine/internal/schedule"
)

// world is a rule set with a memory and a clock of its own. Every command ends
// well at once, unless answer says otherwise.
type world struct {
	set    *rule.Set
	memory *rehearsal.Memory
	now    time.Time
	answer func(command.Command) (end event.CommandEnd, after time.Duration)
	late   []lateEnd               // ends that are still to come, in the order in which their commands left
	robots func() []schedule.Robot // that schedules may be meant for
	held   map[string]bool         // message ids of commands that were held back
	team   engine.Robots           // nil: there is but one robot
	seen   *engine.Seen            // nil: no rule is on trial

	coverage *Coverage                   // nil: not wanted
	trees    map[string]*expression.Tree // by rule: the condition that spoke against it; nil: not wanted
	before   map[string][]byte           // of the facts that the step in hand wrote, what they were; nil: not wanted
}

// lateEnd is the end of a command of which nothing is heard until then.
type lateEnd struct {
	at     time.Time
	c      command.Command
	end    event.CommandEnd
	origin event.Event
}

// nextLate takes out the end that comes first, if it does by then.
func (w *world) nextLate(limit time.Time) (next lateEnd, ok bool) {
	i := -1
	for k := range w.late {
		if !w.late[k].at.After(limit) && (i < 0 || w.late[k].at.Before(w.late[i].at)) {
			i = k
		}
	}
	if i < 0 {
		return next, false
	}
	next = w.late[i]
	w.late = slices.Delete(w.late, i, i+1)
	return next, true
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
	return &world{set: set, memory: rehearsal.NewMemory(), now: now, answer: atOnce, held: map[string]bool{}, robots: func() []schedule.Robot { return nil }}
}

// take hands one event in and follows what it leads to, until nothing is left
// but runs that wait for a time. It returns the decisions, the event's own first.
func (w *world) take(ev event.Event, every bool) []engine.Decision {
	first := w.decide(ev, nil, every)
	return append([]engine.Decision{first}, w.finish(ev, first.Commands)...)
}

// pass moves the clock, lets the runs that become due go on, the ends that were late
// come, and the schedules that have come happen, in the order of their times.
func (w *world) pass(until time.Time) []engine.Decision {
	var all []engine.Decision
	for {
		run, due := w.memory.NextDue(until)
		limit := until
		if due {
			limit = run.Due
		}
		next, has := nextOccasion(w.set, w.now, limit)
		if has {
			limit = next.at.Add(-1) // a schedule comes first: its instant never comes again
		}
		late, ended := w.nextLate(limit)
		switch {
		case ended:
			w.now = late.at
			all = append(all, w.end(late.origin, late.c, late.end)...)
		case has:
			w.now = next.at
			all = append(all, w.runSchedules(next.at)...)
		case due:
			w.now = run.Due
			ev := event.Event{Kind: event.Timer, ID: run.ID, Robot: event.Robot{Key: run.Robot}, Time: w.now, Received: w.now}
			ev.Timer.Run = run.ID
			d := w.decide(ev, nil, false)
			all = append(append(all, d), w.finish(ev, d.Commands)...)
		default:
			w.now = until
			return all
		}
	}
}

// finish ends each command and follows its run to the next one.
func (w *world) finish(origin event.Event, commands []command.Command) []engine.Decision {
	var all []engine.Decision
	queue := slices.Clone(commands)
	for len(queue) > 0 {
		c := queue[0]
		queue = queue[1:]
		end, after := w.answer(c)
		if code, msg := engine.Held(w.memory, &c, w.now); code != "" {
			w.held[c.MessageID] = true
			end, after = event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: code, Msg: msg}, 0
		}
		if after > 0 {
			w.late = append(w.late, lateEnd{at: w.now.Add(after), c: c, end: end, origin: origin})
			continue
		}
		d := w.settle(origin, c, end)
		all = append(all, d)
		queue = append(queue, d.Commands...)
	}
	return all
}

// end tells the rules the end of a command, and follows what it leads to.
func (w *world) end(origin event.Event, c command.Command, end event.CommandEnd) []engine.Decision {
	d := w.settle(origin, c, end)
	return append([]engine.Decision{d}, w.finish(origin, d.Commands)...)
}

func (w *world) settle(origin event.Event, c command.Command, end event.CommandEnd) engine.Decision {
	ev := event.Event{Kind: event.Result, Account: c.Account, Robot: origin.Robot, Time: w.now, Received: w.now, Result: end}
	return w.decide(ev, &c, false)
}

func (w *world) decide(ev event.Event, ended *command.Command, every bool) engine.Decision {
	ev.Sender.IsStaff = w.set.IsStaff(ev.Sender.ID)
	in := w.input(&ev)
	in.Ended, in.Matches = ended, w.set.Match(&ev, w.now, every)
	if w.coverage != nil {
		w.coverage.ask(in)
		in.Derived = func(ev *event.Event) { w.coverage.ask(w.input(ev)) }
	}
	d := engine.Decide(in)
	w.grow(in, d)
	w.coverage.note(d)
	w.remember(d.Facts)
	w.memory.Apply(&d, w.now)
	w.seen.Note(w.set, &ev, d.Verdicts)
	return d
}

// remember keeps what the facts were before the step in hand.
func (w *world) remember(writes []engine.FactWrite) {
	for _, f := range writes {
		if _, known := w.before[f.Key]; !known && w.before != nil {
			w.before[f.Key], _, _ = w.memory.Fact(f.Key)
		}
	}
}

// input is what a decision about the event depends on, but for its matches.
func (w *world) input(ev *event.Event) engine.Input {
	return engine.Input{
		Set: w.set, Event: ev, Now: w.now, Facts: w.memory,
		Takeover: rule.DefaultTakeover, ByHand: ev.Kind == event.MessagePhone, Robots: w.team, Chats: anyChat{},
		Seen: w.seen,
	}
}

// atOnce ends every command well.
func atOnce(c command.Command) (event.CommandEnd, time.Duration) { return wellDone(c), 0 }

func wellDone(c command.Command) event.CommandEnd {
	return event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: event.CodeOK, Msg: "OK"}
}
