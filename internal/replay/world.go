package replay

import (
	"time"

	"botengine/internal/actions"
	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/rehearsal"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// world is one set of rules, with a past of its own.
type world struct {
	set      *rule.Set
	side     int // 0 = the rules; 1 = those that they are compared to
	memory   *rehearsal.Memory
	past     engine.Facts // the memory
	cache    *engine.Cache
	takeover time.Duration
	chats    actions.StaffChats
	robots   *robots // shared: both worlds hear of the same robots
	calendar calendar
	now      time.Time
	result   event.Event // of the command in hand: who keeps anything of it has a copy
	waits    time.Time   // until then messages may be answers that runs wait for

	issued map[string]bool    // message ids of commands that left
	runs   map[string]*Origin // of the runs that wait, what began them
	book   *book
	tags   *rehearsal.Tags
}

func newWorld(o *Options, set *rule.Set, side int, b *book) *world {
	w := &world{
		set: set, side: side, memory: rehearsal.Over(o.Past, o.Runs), cache: engine.NewCache(), takeover: o.Takeover, chats: o.Chats,
		tags: rehearsal.TagsOf(set), robots: b.robots, calendar: newCalendar(set), issued: map[string]bool{}, runs: map[string]*Origin{}, book: b,
	}
	w.past = rehearsal.Keeping{Memory: w.memory}
	if o.Past != nil {
		if _, until, ok := w.memory.Fact(engine.WaitsFact); ok {
			w.waits = until
		}
	}
	return w
}

// take lets the event of a record happen, after the clock went on to it.
func (w *world) take(r *state.Record, matches []rule.Match) {
	ev := &r.Event
	ours := r.Ours && ev.IsEcho()
	switch {
	case ev.Kind == event.Result, ev.Kind == event.Timer, ev.Kind.IsSchedule():
		return // the world has its own
	case ours && !w.issued[ev.ID]:
		return // here nobody said it
	}
	staffOf(w.set, ev)
	if len(matches) == 0 && !engine.TakesOver(ev, r.ByHand) && !w.mayAnswer(ev) {
		return // it concerns nobody
	}
	o := w.book.originOf(r)
	commands := w.decide(o, ev, matches, nil, r.ByHand).Commands
	w.follow(o, ev, commands, len(commands))
}

// waitsForMessages says whether any message may be one that a run waits for.
func (w *world) waitsForMessages() bool { return w.now.Before(w.waits) }

// mayAnswer says whether a run may wait for the message.
func (w *world) mayAnswer(ev *event.Event) bool {
	return w.waitsForMessages() && ev.Kind.IsMessage() && engine.MayAnswer(w.memory, ev, w.now)
}

// pass moves the clock, lets the runs that become due go on and the schedules that
// have come happen, in the order of their times. It never goes back.
func (w *world) pass(until time.Time) {
	for until.After(w.now) || until.Equal(w.now) {
		run, due := w.memory.NextDue(until)
		at, scheduled := w.calendar.next(w.now, until)
		switch {
		case scheduled && (!due || !run.Due.Before(at)):
			w.now = later(w.now, at)
			w.runSchedules(at)
		case due:
			w.now = later(w.now, run.Due)
			w.wake(run)
		default:
			w.now = until
			return
		}
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// wake lets a run go on that is due.
func (w *world) wake(run engine.RunWrite) {
	o := w.runs[run.ID]
	if o == nil {
		o = w.book.earlier(run.ID)
	}
	ev := &event.Event{Kind: event.Timer, ID: run.ID, Robot: event.Robot{Key: run.Robot, Status: event.StatusUnknown}, Time: w.now, Received: w.now}
	ev.Timer.Run = run.ID
	w.robots.complete(ev)
	w.follow(o, ev, w.decide(o, ev, w.set.Match(ev, w.now, false), nil, false).Commands, 0)
	if again, due := w.memory.NextDue(w.now); due && again.ID == run.ID && again.Due.Equal(run.Due) {
		again.Due = time.Time{} // its timer did not move it: else it would be due for ever
		w.memory.Apply(&engine.Decision{Runs: []engine.RunWrite{again}}, w.now)
	}
}

// follow ends each command and follows its run to the next one. The first of them,
// as many as direct says, were decided with the event itself.
func (w *world) follow(o *Origin, ev *event.Event, queue []command.Command, direct int) {
	for ; len(queue) > 0; direct-- {
		c := queue[0]
		queue = queue[1:]
		end := event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: event.CodeOK, Msg: "OK", Rule: c.Rule, Step: c.Step}
		switch c.Type {
		case command.TypeCall:
			end.Payload = []byte(`{"status":200}`)
		case rehearsal.TagsType:
			end.Payload = w.tags.Answer
		}
		if code, msg := engine.Held(w.memory, &c, w.now); code != "" {
			end.Code, end.Msg = code, msg
		} else {
			w.issued[c.MessageID] = true
			if !rehearsal.Asks(w.set, &c) {
				c.Fields = w.tags.Named(c.Fields)
				w.book.answer(w.side, o, &c, w.now, direct > 0)
			}
		}
		result := &w.result
		*result = event.Event{Kind: event.Result, Account: c.Account, Robot: ev.Robot, Time: w.now, Received: w.now, Result: end}
		result.Robot.Key = c.Robot
		d := w.decide(o, result, w.set.Match(result, w.now, false), &c, false)
		queue = append(queue, d.Commands...)
	}
}

// decide decides one event, and makes it the past.
func (w *world) decide(o *Origin, ev *event.Event, matches []rule.Match, ended *command.Command, byHand bool) *engine.Decision {
	d := engine.Decide(engine.Input{
		Set: w.set, Event: ev, Matches: matches, Ended: ended, Now: w.now, Facts: w.past,
		Takeover: w.takeover, ByHand: byHand, Robots: w.robots, Chats: w.chats, Cache: w.cache,
	})
	w.memory.Apply(&d, w.now)
	for i := range d.Facts {
		if d.Facts[i].Key == engine.WaitsFact {
			w.waits = later(w.waits, d.Facts[i].Expires)
		}
	}
	for i := range d.Runs {
		w.track(o, &d.Runs[i])
	}
	w.book.verdicts(w.side, d.Verdicts)
	return &d
}

// track remembers what began a run, until it ends.
func (w *world) track(o *Origin, r *engine.RunWrite) {
	begun, known := w.runs[r.ID]
	switch {
	case r.Done && known:
		delete(w.runs, r.ID)
		begun.waiting[w.side]--
		w.book.touch(begun)
	case !r.Done && !known:
		w.runs[r.ID] = o
		o.waiting[w.side]++
	}
}

// runSchedules lets happen what is due at that instant, in walk order.
func (w *world) runSchedules(at time.Time) {
	for _, r := range w.calendar.at(at) {
		for _, ev := range w.robots.occasions(r, at) {
			ev.Sender.IsStaff = false
			o := w.book.occasion(&ev)
			w.follow(o, &ev, w.decide(o, &ev, w.set.Match(&ev, w.now, false), nil, false).Commands, 0)
		}
	}
}
