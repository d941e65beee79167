package dispatch

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"botengine/internal/command"
	"botengine/internal/state"
)

// BreakerOptions say what opens breakers. Store must be set.
type BreakerOptions struct {
	Store  state.Store
	Pauses BreakerPauses
	Codes  []string // of answers that hint at risk control
	Words  []string // in their messages, in any case
	// So many messages in a row that did not arrive open the breaker of their chat, or
	// of the robot where they went to so many chats; 0 = none do.
	ChatFailures, RobotFailures int
	Log                         *slog.Logger // default: nothing is logged
}

const (
	breakersFact  = "breakers" // the list of those that are not forgotten
	breakerSends  = "breaker/" // and the robot: what it sent since something was lost
	sendsWritten  = 32         // of these at most
	sendsFactLife = 24 * time.Hour
	breakersKept  = 512 // those that opened first go first
)

// Breakers are the breakers of all robots, and of their chats. What opens and closes
// them is written in the transaction that says so; a restart finds them as they were.
// All methods may be called from any goroutine.
type Breakers struct {
	o BreakerOptions

	mu    sync.Mutex // guards what follows
	known map[breakerAt]Breaker
	sent  map[string]sends // by robot
	stats BreakerStats
}

type breakerAt struct{ robot, chat string }

// BreakerStats counts what breakers did since they were loaded.
type BreakerStats struct {
	Opened, Closed, Probes uint64
	Open                   int // open or half open now
}

// LoadBreakers reads the breakers as the last life left them.
func LoadBreakers(ctx context.Context, o BreakerOptions) (*Breakers, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Words = slices.Clone(o.Words)
	for i, w := range o.Words {
		o.Words[i] = strings.ToLower(w)
	}
	b := &Breakers{o: o, sent: map[string]sends{}}
	err := o.Store.View(ctx, func(tx state.Tx) error {
		b.known = readBreakers(tx)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the breakers: %w", err)
	}
	for _, one := range b.List() {
		if one.State != BreakerClosed {
			b.say(one, "a breaker is open since before the start")
		}
	}
	return b, nil
}

func readBreakers(tx state.Tx) map[breakerAt]Breaker {
	known := map[breakerAt]Breaker{}
	raw, _, ok := tx.Fact(breakersFact)
	var list []Breaker
	if !ok || json.Unmarshal(raw, &list) != nil {
		return known
	}
	for _, one := range list {
		known[breakerAt{one.Robot, one.Chat}] = one
	}
	return known
}

func writeBreakers(tx state.Tx, known map[breakerAt]Breaker) {
	if len(known) == 0 {
		tx.DeleteFact(breakersFact)
		return
	}
	list := slices.SortedFunc(maps.Values(known), func(x, y Breaker) int {
		return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.Robot, y.Robot), cmp.Compare(x.Chat, y.Chat))
	})
	raw, err := json.Marshal(list[max(0, len(list)-breakersKept):])
	if err != nil {
		return // texts and times always can be
	}
	tx.SetFact(breakersFact, raw, time.Time{})
}

// List returns the breakers that are not forgotten, the newest last.
func (b *Breakers) List() []Breaker {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.SortedFunc(maps.Values(b.known), func(x, y Breaker) int {
		return cmp.Or(x.Since.Compare(y.Since), cmp.Compare(x.Robot, y.Robot), cmp.Compare(x.Chat, y.Chat))
	})
}

// Stats returns the counts.
func (b *Breakers) Stats() BreakerStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := b.stats
	for _, one := range b.known {
		if one.State != BreakerClosed {
			s.Open++
		}
	}
	return s
}

// concerned are the breakers that may hold a command: its robot's and its chat's. A
// call of another server concerns none.
func concerned(c *command.Command) []breakerAt {
	switch {
	case !c.NeedsRobot():
		return nil
	case c.IsMessage():
		return []breakerAt{{c.Robot, ""}, {c.Robot, c.Chat}}
	default:
		return []breakerAt{{c.Robot, ""}}
	}
}

// Holding returns the breaker that holds a command now.
func (b *Breakers) Holding(c *command.Command, now time.Time) (Breaker, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) == 0 {
		return Breaker{}, false
	}
	for _, at := range concerned(c) {
		if one, ok := b.known[at]; ok && one.Holds(now, c.MessageID) {
			return one, true
		}
	}
	return Breaker{}, false
}

// admit asks in the transaction that claims a command whether it may leave. Where that
// makes it a probe, the transaction says so.
func (b *Breakers) admit(tx state.Tx, c *command.Command, now time.Time) bool {
	now = now.UTC().Round(0) // as it will be read again
	return b.alter(tx, c, func(one Breaker) (Breaker, bool) { return one.Admit(now, c.MessageID) })
}

// givenBack is told, in the transaction that writes it, that a command that was claimed
// surely did not leave: what keeps it may keep it for long, so it is no probe any more.
func (b *Breakers) givenBack(tx state.Tx, c *command.Command, now time.Time) {
	b.alter(tx, c, func(one Breaker) (Breaker, bool) { return one.Ended(now, c.MessageID, false, b.o.Pauses), true })
}

// alter changes the breakers that may hold a command, all or, where one of them says no,
// none; it reports which.
func (b *Breakers) alter(tx state.Tx, c *command.Command, to func(Breaker) (Breaker, bool)) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.known) == 0 {
		return true
	}
	known := readBreakers(tx)
	changed := false
	for _, at := range concerned(c) {
		one, ok := known[at]
		if !ok {
			continue
		}
		next, may := to(one)
		if !may {
			return false
		}
		if next != one {
			known[at], changed = next, true
		}
	}
	if changed {
		writeBreakers(tx, known)
		b.becomeLocked(known)
	}
	return true
}

// Ended is told, in the transaction that writes it, what became of a command: that it
// ended, or that the platform was busy. It opens and closes breakers.
func (b *Breakers) Ended(tx state.Tx, e *state.Entry, now time.Time) {
	c := &e.Command
	places := concerned(c)
	if len(places) == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now = now.UTC().Round(0) // as it will be read again
	well, lost := e.State == state.Confirmed, e.Code == command.CodeUndelivered && e.Ended()
	if c.IsMessage() && (well || lost) {
		b.sent[c.Robot] = b.sentLocked(tx, c.Robot, now).note(aSend{ID: c.MessageID, Chat: c.Chat, Lost: lost})
	}
	trips := b.tripsLocked(e, lost)
	if sent := b.sent[c.Robot]; c.IsMessage() && (lost || well && sent.endsRun()) {
		writeSends(tx, c.Robot, sent, now)
	}
	if len(trips) == 0 && len(b.known) == 0 {
		return
	}
	known := readBreakers(tx)
	before := maps.Clone(known)
	for _, at := range places {
		one := known[at]
		again := lost && one.Probe == c.MessageID // what closed it, or was to, did not arrive
		switch cause := trips[at]; {
		case cause != "" && one.Heeds(c.MessageID, e.StartedAt):
			known[at] = b.trip(one, at, now, cause, e.Code)
		case again && one.Probe != "":
			known[at] = b.trip(one, at, now, BreakerUndelivered, e.Code)
		case one.State != "": // a probe for which the platform was busy makes way, too
			known[at] = one.Ended(now, c.MessageID, well, b.o.Pauses)
		}
	}
	maps.DeleteFunc(known, func(_ breakerAt, one Breaker) bool { return one.State == "" || one.Over(now) })
	if !maps.Equal(known, before) {
		writeBreakers(tx, known)
	}
	b.becomeLocked(known)
}

func (b *Breakers) trip(one Breaker, at breakerAt, now time.Time, cause, code string) Breaker {
	one.Robot, one.Chat = at.robot, at.chat
	return one.Trip(now, cause, code, b.o.Pauses)
}

// sentLocked are the newest messages of a robot that ended, as far as is known.
func (b *Breakers) sentLocked(tx state.Tx, robot string, now time.Time) sends {
	sent, loaded := b.sent[robot]
	if !loaded {
		if raw, expires, ok := tx.Fact(breakerSends + robot); ok && now.Before(expires) {
			_ = json.Unmarshal(raw, &sent) // what cannot be read was not sent
		}
	}
	return sent
}

// writeSends writes down what was lost, with what came after it, so that a restart
// goes on counting where the last life was.
func writeSends(tx state.Tx, robot string, sent sends, now time.Time) {
	lost := sent.lost(sendsWritten)
	if len(lost) == 0 {
		tx.DeleteFact(breakerSends + robot)
		return
	}
	if raw, err := json.Marshal(lost); err == nil {
		tx.SetFact(breakerSends+robot, raw, now.Add(sendsFactLife).Truncate(time.Hour))
	}
}

// tripsLocked are the breakers that the end opens, with the cause.
func (b *Breakers) tripsLocked(e *state.Entry, lost bool) map[breakerAt]string {
	c := &e.Command
	if e.State != state.Confirmed && b.risky(e.Code, e.Msg) {
		return map[breakerAt]string{{c.Robot, ""}: BreakerRisk}
	}
	if !lost {
		return nil
	}
	trips := map[breakerAt]string{}
	sent := b.sent[c.Robot]
	if n := b.o.ChatFailures; n > 0 && sent.lostIn(c.Chat, c.MessageID) >= n {
		trips[breakerAt{c.Robot, c.Chat}] = BreakerUndelivered
	}
	if n := b.o.RobotFailures; n > 0 && sent.lostChats(c.MessageID) >= n {
		trips[breakerAt{c.Robot, ""}] = BreakerUndelivered
	}
	for at := range trips {
		sent.spend(at.chat, c.MessageID)
	}
	return trips
}

// risky reports whether an answer hints at risk control.
func (b *Breakers) risky(code, msg string) bool {
	if code = strings.TrimSpace(code); code != "" && slices.Contains(b.o.Codes, code) {
		return true
	}
	if msg == "" {
		return false
	}
	msg = strings.ToLower(msg)
	return slices.ContainsFunc(b.o.Words, func(w string) bool { return strings.Contains(msg, w) })
}

// Close ends breakers of a robot: that of one chat or, where chat is "", all of them.
// What they held leaves at the usual pace.
func (b *Breakers) Close(ctx context.Context, robot, chat string, now time.Time) (closed []Breaker, err error) {
	ends := func(at breakerAt) bool { return at.robot == robot && (chat == "" || at.chat == chat) }
	err = b.o.Store.Update(ctx, func(tx state.Tx) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		known := readBreakers(tx)
		closed = nil
		for at, one := range known {
			if ends(at) {
				delete(known, at)
				if one.State != BreakerClosed {
					closed = append(closed, one)
				}
			}
		}
		writeBreakers(tx, known)
		b.sent[robot] = b.sentLocked(tx, robot, now).without(chat)
		writeSends(tx, robot, b.sent[robot], now)
		b.becomeLocked(known)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("close breakers of robot %s: %w", robot, err)
	}
	return closed, nil
}

// becomeLocked takes over what a transaction wrote, and tells the log what changed. A
// transaction that is not committed in the end is run again, and comes to the same.
func (b *Breakers) becomeLocked(known map[breakerAt]Breaker) {
	for at, one := range known {
		switch was := b.known[at]; {
		case one.State == BreakerHalfOpen && one.Probe != "" && one.Probe != was.Probe:
			b.stats.Probes++
			b.say(one, "breaker half open: one command is tried")
		case one.State == was.State && one.Openings == was.Openings:
		case one.State == BreakerOpen:
			b.stats.Opened++
			b.say(one, "breaker opened: what is to be sent waits")
		case one.State == BreakerClosed:
			b.stats.Closed++
			b.say(one, "breaker closed: sending goes on")
		}
	}
	b.known = known
}

func (b *Breakers) say(one Breaker, what string) {
	log := b.o.Log.Warn
	if one.State == BreakerOpen {
		log = b.o.Log.Error
	}
	log(what, "robot", one.Robot, "chat", one.Chat, "state", string(one.State), "cause", one.Cause, "code", one.Code,
		"since", one.Since, "until", one.Until, "openings", one.Openings, "probe", one.Probe,
		"todo", "look at the robot in WeCom; `botengine ctl breaker close` ends it earlier")
}
