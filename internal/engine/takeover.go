package engine

import (
	"strconv"
	"strings"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// takeoverLife is how long it is remembered when a person wrote into a chat: as
// long as the longest takeover may be.
const takeoverLife = 30 * 24 * time.Hour

// TakesOver reports whether the event is a person's who answers in the robots'
// place: one who wrote on a robot's phone (byHand), or somebody of the staff in a
// group. What staff say to a robot alone takes nothing over.
func TakesOver(ev *event.Event, byHand bool) bool {
	return byHand || ev.Sender.IsStaff && ev.Chat.Group && ev.Kind.IsMessage()
}

// copies are the commands of which the platform makes messages with ids of its own,
// and for how long these may come back: a forward's at once, those of a broadcast
// when its schedule wants them.
var copies = map[string]time.Duration{
	"robot.message.forward": 10 * time.Minute,
	"rest.broadcast":        takeoverLife,
}

// noteCopies remembers that own messages of the robot that are no commands may be
// copies for a while.
func (d *decider) noteCopies(c *command.Command) {
	lasts, ok := copies[c.Type]
	if !ok {
		return
	}
	key, until := copiesKey(c.Robot), d.in.Now.Add(lasts)
	if _, before, ok := d.ledger.read(key); ok && before.After(until) {
		return
	}
	d.ledger.write(FactWrite{Key: key, Value: []byte{'1'}, Expires: until})
}

// copiesKey is tk/copies/<robot>.
func copiesKey(robot string) string { return path("tk", "copies", robot) }

// noteTakeover remembers when a person last wrote into the event's chat: by the
// time of the message, so that one which comes late holds no longer than it should.
func (d *decider) noteTakeover() {
	ev := d.in.Event
	peer := peerOf(ev)
	if !TakesOver(ev, d.in.ByHand) || peer == "" {
		return
	}
	if _, _, may := d.ledger.read(copiesKey(ev.Robot.Key)); may && ev.Sender.IsSelf && ev.Kind != event.MessagePhone {
		return // it may be a copy of what a rule broadcast or forwarded
	}
	at, key := ev.Time.Add(-ev.Skew), takeoverKey(ev.Robot.Key, peer)
	if at.After(d.in.Now) {
		at = d.in.Now // the platform's clock is not ours
	}
	if before, ok := lastByHand(d.ledger, key); ok && !before.Before(at) || d.in.Now.Sub(at) >= takeoverLife {
		return
	}
	d.ledger.write(FactWrite{Key: key, Value: strconv.AppendInt(nil, at.UnixMilli(), 10), Expires: at.Add(takeoverLife)})
}

// guarded says whether somebody holds the rule in this chat: another robot whose
// turn it is, a pause, a person who answers, or a fuse.
func (d *decider) guarded(r *rule.Rule) (rule.Outcome, diag.Text) {
	if outcome, detail := d.otherAnswers(r); outcome != "" {
		return outcome, detail
	}
	if outcome, detail := d.paused(r); outcome != "" {
		return outcome, detail
	}
	if outcome, detail := d.takenOver(r); outcome != "" {
		return outcome, detail
	}
	return d.fused(r)
}

// takenOver says whether a person wrote into the event's chat a short while ago. It
// holds only rules that answer there.
func (d *decider) takenOver(r *rule.Rule) (rule.Outcome, diag.Text) {
	length := r.TakeoverOr(d.in.Takeover)
	peer := peerOf(d.in.Event)
	if length <= 0 || peer == "" || !r.Answers() {
		return "", diag.Text{}
	}
	at, ok := lastByHand(d.ledger, takeoverKey(d.in.Event.Robot.Key, peer))
	until := at.Add(length)
	if !ok || !d.in.Now.Before(until) {
		return "", diag.Text{}
	}
	return rule.TakenOver, diag.T("有人在这里人工回复，还要让 %s；不想让就写 `takeover: off`", "a person is answering here, for another %s; `takeover: off` answers all the same",
		brief(left(until, d.in.Now)))
}

// holdable says of a command what may hold it back until it leaves. Only messages
// are held: for a takeover those into the chat that the event happened in.
func (r *runner) holdable(c *command.Command) {
	if !c.IsMessage() {
		return
	}
	if r.inHand().Action.Name() == "notify" { // it is for those who take over
		c.Unpaused = true
		return
	}
	c.Unpaused = r.rule.Pauses()
	if _, peer, ok := event.SplitChatID(c.Chat); ok && peer == peerOf(&r.run.Event) {
		r.spoke(c.MessageID, peer)
		c.Takeover = r.rule.TakeoverOr(r.d.in.Takeover)
	}
}

// FactsRead are facts as a transaction sees them; lapsed ones may be among them.
type FactsRead interface {
	Fact(key string) (value []byte, expires time.Time, ok bool)
}

// Held says why a command that is about to leave must not, as the code and the
// words of its end: a person has taken its chat over, or it is paused. "" = it may
// leave. It reads the facts that decisions have written.
func Held(facts FactsRead, c *command.Command, now time.Time) (code, msg string) {
	if !c.IsMessage() {
		return "", ""
	}
	_, peer, _ := event.SplitChatID(c.Chat)
	past := newLedger(readOnly{facts}, now)
	if !c.Unpaused {
		if until, ok := pausedUntil(past, c.Robot, peer); ok {
			return event.CodePaused, "paused for another " + brief(left(until, now))
		}
	}
	if c.Takeover <= 0 || peer == "" {
		return "", ""
	}
	if at, ok := lastByHand(past, takeoverKey(c.Robot, peer)); ok && now.Before(at.Add(c.Takeover)) {
		return event.CodeTakenOver, "a person is answering in this chat"
	}
	return "", ""
}

// readOnly are the facts of a transaction for those who need no runs.
type readOnly struct{ FactsRead }

func (readOnly) RunData(string) ([]byte, bool) { return nil, false }
func (readOnly) Archive(string) ([]byte, bool) { return nil, false }

// takeoverKey is tk/<chat>.
func takeoverKey(robot, peer string) string {
	return sharedKey("tk", robot, peer)
}

// sharedChat names a chat for what concerns everybody in it: a group by its own id,
// whichever robot hears of it; a private chat by the robot and the person.
func sharedChat(robot, peer string) []string {
	if isGroup(peer) {
		return []string{peer}
	}
	return []string{robot, peer}
}

// sharedKey is the path of such a chat.
func sharedKey(prefix, robot, peer string) string {
	if isGroup(peer) {
		return prefix + "/" + keyPart(peer)
	}
	return prefix + "/" + keyPart(robot) + "/" + keyPart(peer)
}

// isGroup says whether a peer is a group rather than a person.
func isGroup(peer string) bool { return strings.HasPrefix(peer, "R:") }

// lastByHand is when a person last wrote into the chat. Where the clock was set back
// since, that is now: nobody is held for as long as it was set back.
func lastByHand(l *ledger, key string) (time.Time, bool) {
	at, ok := readMoment(l, key)
	if !ok || !at.After(l.now) {
		return at, ok
	}
	l.write(FactWrite{Key: key, Value: strconv.AppendInt(nil, l.now.UnixMilli(), 10), Expires: l.now.Add(takeoverLife)})
	return l.now, true
}

// readMoment reads a fact that is a time in unix milliseconds.
func readMoment(l *ledger, key string) (time.Time, bool) {
	raw, _, ok := l.read(key)
	if !ok {
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(string(raw), 10, 64)
	return time.UnixMilli(ms), err == nil
}
