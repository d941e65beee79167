package engine

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Several robots in one group hear the same message as events of their own: each
// with its own chat id, message id and perhaps msgSvrID. The group's own id is the
// same, and so are who spoke, what was said and, but for moments, when.
//
// One of them is the group's responder: a durable fact, so that it stays the same
// over restarts. Another takes over when it is away, or has not heard what the
// others hear. What a robot acted upon is remembered for a while, so that a robot
// that takes over does not act upon it again.

// Robots knows the robots of all accounts. It is asked within a transaction: it
// answers at once, and may be asked by any goroutine.
type Robots interface {
	// Several reports whether there is more than one robot at all.
	Several() bool
	// Known returns what is known of a robot; awake says that it can hear and speak.
	Known(account, key string) (r event.Robot, awake bool)
	// ByPerson finds the robot that a person is.
	ByPerson(id string) (account, key string, ok bool)
}

const (
	// sameWithin is how far the times of one message may lie apart in two robots'
	// events.
	sameWithin = 5 * time.Second
	// deafAfter is how long a responder may miss what others hear before one of them
	// takes over: it may have left the group.
	deafAfter = time.Minute
	// actedFor is the least time for which it is remembered who acted upon a message.
	actedFor = 15 * time.Minute
	// actedMost bounds how often the same person's same words are remembered.
	actedMost = 16
)

// turn is whose turn it is in a group, as a fact. Times are the platform's, in unix
// milliseconds.
type turn struct {
	Account string `json:"account"`
	Robot   string `json:"robot"`
	Shared  bool   `json:"shared,omitempty"` // another robot was heard of in the group
	Heard   int64  `json:"heard,omitempty"`  // the last event that the responder heard, once shared
	Missed  int64  `json:"missed,omitempty"` // the first one since that only others heard
}

// acted is who acted upon a message, and when that was sent.
type acted struct {
	Account string `json:"account"`
	Robot   string `json:"robot"`
	At      int64  `json:"at"`
}

// otherAnswers says whether another robot of the group answers for the rule. It
// holds the whole rule.
func (d *decider) otherAnswers(r *rule.Rule) (rule.Outcome, diag.Text) {
	if r.Responder == rule.ResponderAll || !d.inCompany() {
		return "", diag.Text{}
	}
	if account, key, other := d.actedUpon(r); other {
		return rule.OtherResponder, diag.T("机器人「%s」已经处理过", "robot %q has acted upon it", d.nameOf(account, key))
	}
	if account, key, ok := d.mentioned(r); ok {
		if d.isMe(account, key) {
			return "", diag.Text{}
		}
		return rule.OtherResponder, diag.T("消息 @ 的是机器人「%s」", "the message mentions robot %q", d.nameOf(account, key))
	}
	if account, key := d.whoseTurn(r); !d.isMe(account, key) {
		return rule.OtherResponder, diag.T("这个群由机器人「%s」回答", "robot %q answers in this group", d.nameOf(account, key))
	}
	return "", diag.Text{}
}

// inCompany says whether other robots may have heard of the same: something that
// happened in a group, and not what the robot itself wrote there.
func (d *decider) inCompany() bool {
	ev := d.in.Event
	heard := ev.Kind.IsMessage() || ev.Kind == event.MemberJoin || ev.Kind == event.ChatUpdated || ev.Kind == event.ScheduleChat
	return heard && !ev.Sender.IsSelf && isGroup(peerOf(ev)) && d.in.Robots != nil && d.in.Robots.Several()
}

func (d *decider) isMe(account, key string) bool {
	return key == d.in.Event.Robot.Key && account == d.in.Event.Account
}

// nameOf is what people call a robot.
func (d *decider) nameOf(account, key string) string {
	r, _ := d.in.Robots.Known(account, key)
	return cmp.Or(r.Name, key)
}

// mentioned is the robot that the message addresses by name: the first that is
// awake and within the rule's scope. It answers, whoever's turn it is.
func (d *decider) mentioned(r *rule.Rule) (account, key string, ok bool) {
	ev := d.in.Event
	for _, id := range ev.Message.At {
		if account, key, ok = d.in.Robots.ByPerson(id); ok && d.mayAnswer(r, account, key) {
			return account, key, true
		}
	}
	return ev.Account, ev.Robot.Key, ev.Message.MentionsMe
}

// mayAnswer says whether a robot is awake and the rule covers what it hears.
func (d *decider) mayAnswer(r *rule.Rule, account, key string) bool {
	if d.isMe(account, key) {
		return true
	}
	known, awake := d.in.Robots.Known(account, key)
	return awake && d.covers(r, account, known)
}

// covers says whether the event, had that robot heard it, is within the rule's scope.
func (d *decider) covers(r *rule.Rule, account string, robot event.Robot) bool {
	heard := *d.in.Event
	heard.Account, heard.Robot = account, robot
	heard.Chat.ID = event.ChatID(robot.ID, peerOf(d.in.Event))
	return r.Covers(&heard)
}

// whoseTurn says whose turn it is to answer for the rule. A rule that does not cover
// the group's responder has a responder of its own there.
func (d *decider) whoseTurn(r *rule.Rule) (account, key string) {
	group := peerOf(d.in.Event)
	at := path("resp", group)
	t, ok := d.readTurn(at)
	if ok && !d.isMe(t.Account, t.Robot) {
		if robot, awake := d.in.Robots.Known(t.Account, t.Robot); awake && !d.covers(r, t.Account, robot) {
			at = path("resp", group, "r", r.ID)
			t, ok = d.readTurn(at)
		}
	}
	next := d.nextTurn(t, ok)
	if !ok || next != t {
		d.writeTurn(at, next)
	}
	return next.Account, next.Robot
}

// nextTurn is whose turn it is after this event: the one's who has it, unless that
// robot is away, or deaf to what happens in the group.
func (d *decider) nextTurn(t turn, ok bool) turn {
	ev := d.in.Event
	now := ev.Time.UnixMilli()
	me := turn{Account: ev.Account, Robot: ev.Robot.Key, Shared: ok, Heard: now}
	switch {
	case !ok:
		return me
	case d.isMe(t.Account, t.Robot):
		if t.Shared && !ev.Kind.IsSchedule() { // which does not show that the robot still hears the group
			t.Heard, t.Missed = max(t.Heard, now), 0
		}
		return t
	}
	if _, awake := d.in.Robots.Known(t.Account, t.Robot); !awake {
		return me
	}
	t.Shared = true
	switch {
	case now <= t.Heard+sameWithin.Milliseconds(): // heard by both
	case t.Missed == 0:
		t.Missed = now
	case now-t.Missed > deafAfter.Milliseconds():
		return me
	}
	return t
}

func (d *decider) readTurn(key string) (t turn, ok bool) {
	raw, _, ok := d.ledger.read(key)
	return t, ok && json.Unmarshal(raw, &t) == nil
}

func (d *decider) writeTurn(key string, t turn) {
	raw, err := json.Marshal(t)
	if err != nil {
		return // a struct of texts and numbers always can be
	}
	d.ledger.write(FactWrite{Key: key, Value: raw})
}

// actedUpon is the other robot that fired a rule upon the same message: any rule,
// unless that robot is none of those that this rule is for.
func (d *decider) actedUpon(r *rule.Rule) (account, key string, ok bool) {
	at := d.in.Event.Time.UnixMilli()
	for _, a := range d.readActed(actedKey(d.in.Event)) {
		if apart := at - a.At; d.isMe(a.Account, a.Robot) || max(apart, -apart) > sameWithin.Milliseconds() {
			continue
		}
		if other, _ := d.in.Robots.Known(a.Account, a.Robot); d.covers(r, a.Account, other) {
			return a.Account, a.Robot, true
		}
	}
	return "", "", false
}

// noteAnswered remembers that this robot acted upon the message.
func (d *decider) noteAnswered(r *rule.Rule) {
	if r.Responder == rule.ResponderAll || !d.inCompany() {
		return
	}
	ev, key := d.in.Event, actedKey(d.in.Event)
	list, now := d.readActed(key), acted{Account: ev.Account, Robot: ev.Robot.Key, At: ev.Time.UnixMilli()}
	if slices.Contains(list, now) {
		return // by another of its rules
	}
	list = append(list, now)
	list = list[max(0, len(list)-actedMost):]
	raw, err := json.Marshal(list)
	if err != nil {
		return // as above
	}
	d.ledger.write(FactWrite{Key: key, Value: raw, Expires: d.in.Now.Add(max(actedFor, r.MaxAge))})
}

func (d *decider) readActed(key string) (list []acted) {
	raw, _, ok := d.ledger.read(key)
	if !ok || json.Unmarshal(raw, &list) != nil {
		return nil
	}
	return list
}

// actedKey is resp/<group>/m/<what happened>: the same for all robots that heard of
// it.
func actedKey(ev *event.Event) string {
	m := &ev.Message
	parts := []string{string(ev.Kind), ev.Schedule.Rule, ev.Sender.ID, m.Text, m.FileName, m.Link.Title, m.Link.URL}
	ids := make([]string, 0, len(ev.Members))
	for _, p := range ev.Members {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	sum := sha256.Sum256([]byte(strings.Join(append(parts, ids...), "\x00")))
	return path("resp", peerOf(ev), "m", hex.EncodeToString(sum[:12]))
}
