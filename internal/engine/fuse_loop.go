package engine

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
)

// Loop is a fuse that is open: somebody in a chat was taken for a machine, and is
// not answered for a while.
type Loop struct {
	Account string    `json:"account,omitempty"`
	Robot   string    `json:"robot"`
	Peer    string    `json:"peer"`           // the chat: a group's R:<id>, or the person
	Person  string    `json:"person"`         // who is not answered
	Text    string    `json:"text,omitempty"` // the hash of the only words that are not; "" = whatever it is
	Cause   string    `json:"cause"`          // one of the Loop… constants
	Count   int       `json:"count"`          // answers in a row
	Since   time.Time `json:"since"`
	Until   time.Time `json:"until"`
	Within  string    `json:"within"` // how soon those answers came
}

// What somebody was taken for a machine for.
const (
	LoopFast  = "fast"  // so many answers that came too soon for a person
	LoopTurns = "turns" // so many answers without a pause
	LoopSame  = "same"  // the same words over and over
)

// LoopsFact is the key of the list of loops.
const LoopsFact = "loops"

// maxLoops bounds the list: those that end first go first.
const maxLoops = 256

// loopIn says whether the volley is a loop.
func (d *decider) loopIn(v *volley, who string) *Loop {
	pp, ev := &d.in.Fuses.PingPong, d.in.Event
	fast, within := d.tooSoon()
	l := &Loop{
		Account: ev.Account, Robot: ev.Robot.Key, Peer: peerOf(ev), Person: who,
		Since: d.in.Now.UTC().Round(0), Until: d.in.Now.Add(pp.Hold).UTC().Round(0), Within: brief(within),
	}
	switch {
	case pp.Fast > 0 && v.Fast >= pp.Fast:
		l.Cause, l.Count, l.Within = LoopFast, v.Fast, brief(fast)
	case pp.Turns > 0 && v.Turns >= pp.Turns:
		l.Cause, l.Count = LoopTurns, v.Turns
	case pp.Same > 0 && v.Same >= pp.Same:
		l.Cause, l.Count, l.Text = LoopSame, v.Same, v.Text
	default:
		return nil
	}
	return l
}

// openLoop writes the loop down, and says so loudly.
func (d *decider) openLoop(l *Loop) {
	loops := slices.DeleteFunc(loopsOf(d.ledger), func(o Loop) bool {
		return !d.in.Now.Before(o.Until) || o.of(l.Robot, l.Peer, l.Person)
	})
	loops = append(loops, *l)
	slices.SortStableFunc(loops, func(a, b Loop) int { return a.Until.Compare(b.Until) })
	d.writeLoops(loops[max(0, len(loops)-maxLoops):])
	d.ledger.logs = append(d.ledger.logs, Log{Problem: true, Alert: true, Text: "fuse open for " + brief(l.Until.Sub(l.Since)) +
		": robot " + l.Robot + " and " + l.Person + " in chat " + l.Peer + " answer each other like machines (" + l.Why().EN + ")"})
}

func (d *decider) writeLoops(loops []Loop) {
	if w, ok := loopsWrite(loops); ok {
		d.ledger.write(w)
	}
}

// loopsWrite is the write that makes the list what is given.
func loopsWrite(loops []Loop) (FactWrite, bool) {
	if len(loops) == 0 {
		return FactWrite{Key: LoopsFact, Delete: true}, true
	}
	raw, err := json.Marshal(loops)
	return FactWrite{Key: LoopsFact, Value: raw, Expires: loops[len(loops)-1].Until}, err == nil
}

// loopWith is the open loop with a person, in the event's chat.
func (d *decider) loopWith(who string) (Loop, bool) {
	raw, _, ok := d.ledger.read(LoopsFact)
	if !ok {
		return Loop{}, false
	}
	ev := d.in.Event
	for _, l := range d.in.Cache.loopsIn(raw) {
		// A clock that was set back holds nobody for longer than a loop ever does.
		current := d.in.Now.Before(l.Until) && !l.Until.After(d.in.Now.Add(d.in.Fuses.PingPong.Hold))
		if current && l.of(ev.Robot.Key, peerOf(ev), who) && (l.Text == "" || l.Text == textHash(ev)) {
			return l, true
		}
	}
	return Loop{}, false
}

func (l *Loop) of(robot, peer, person string) bool {
	return l.Robot == robot && l.Peer == peer && l.Person == person
}

// Why says what the loop was found by, in words.
func (l *Loop) Why() diag.Text {
	n := strconv.Itoa(l.Count)
	switch l.Cause {
	case LoopFast:
		return diag.Text{ZH: "对方连续 " + n + " 次在 " + l.Within + " 内应答", EN: n + " answers in a row within " + l.Within}
	case LoopTurns:
		return diag.Text{ZH: "对方连续 " + n + " 次在 " + l.Within + " 内应答，一次也没有停", EN: n + " answers in a row within " + l.Within + ", without a pause"}
	default:
		return diag.Text{ZH: "对方连续 " + n + " 次用同一句话应答", EN: "the same words as an answer " + n + " times in a row"}
	}
}

func (l *Loop) detail(now time.Time) diag.Text {
	why, still := l.Why(), brief(left(l.Until, now))
	return diag.Text{
		ZH: why.ZH + "，还要 " + still + "；误判时用 `botengine ctl breaker close --robot " + l.Robot + " --chat " + l.Peer + "` 恢复",
		EN: why.EN + ", for another " + still + "; `botengine ctl breaker close --robot " + l.Robot + " --chat " + l.Peer + "` ends it",
	}
}

// loopsOf reads the list through a ledger.
func loopsOf(l *ledger) []Loop {
	raw, _, ok := l.read(LoopsFact)
	if !ok {
		return nil
	}
	return decodeLoops(raw)
}

// decodeLoops reads nothing out of what loopsWrite did not write.
func decodeLoops(raw []byte) []Loop {
	var loops []Loop
	if json.Unmarshal(raw, &loops) != nil {
		return nil
	}
	return loops
}

// Loops are the loops that are open, the one that ends first before the others.
func Loops(facts FactsRead, now time.Time) []Loop {
	loops := loopsOf(newLedger(readOnly{facts}, now))
	return slices.DeleteFunc(loops, func(l Loop) bool { return !now.Before(l.Until) })
}

// CloseLoops is the write that ends the loops of a robot, in one chat or, where peer
// is "", in all; closed is how many they are.
func CloseLoops(facts FactsRead, robot, peer string, now time.Time) (w FactWrite, closed int) {
	loops := Loops(facts, now)
	before := len(loops)
	loops = slices.DeleteFunc(loops, func(l Loop) bool { return l.Robot == robot && (peer == "" || l.Peer == peer) })
	w, _ = loopsWrite(loops) // texts and times: it cannot fail
	return w, before - len(loops)
}

// ownWords says whether the message is one that rules sent, come back: whatever a
// rule includes, it never answers those.
func (d *decider) ownWords() bool {
	ev := d.in.Event
	if !ev.IsEcho() || ev.Kind == event.MessagePhone {
		return false
	}
	if d.in.Ended != nil || command.IsMessageID(ev.ID) {
		return true
	}
	_, _, may := d.ledger.read(copiesKey(ev.Robot.Key))
	return may
}
