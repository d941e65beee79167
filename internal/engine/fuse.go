package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Fuses keep rules from talking without end, whoever wrote them. Each part is off
// when it is 0.
type Fuses struct {
	ChatPerMinute int // answers in one chat, of all rules together
	PingPong      PingPong
}

// PingPong says when somebody who answers us is taken for a machine. Only answers in
// turns count: one that was written before ours was sent is no answer to it, and
// begins the count anew.
type PingPong struct {
	Fast       int           // so many answers in a row, each
	FastWithin time.Duration // so soon after ours that nobody can have read it
	Turns      int           // so many answers in a row, each
	Within     time.Duration // so soon after ours that nobody can have done anything else
	Same       int           // the same words so often in a row, as answers within Within
	Hold       time.Duration // for how long nothing is answered then
}

// The codes of steps whose message a fuse held back. Nothing happened, and nothing
// went wrong.
const (
	CodePingPong = "ping_pong"
	CodeChatFuse = "chat_fuse"
)

// The bounds of what is remembered of a chat.
const (
	talkWindow   = time.Minute
	talkPeople   = 8 // who were answered last
	talkMessages = 4 // the newest messages to one of them
)

// talk is what rules said in one chat of a robot, as a fact.
type talk struct {
	At     json.RawMessage    `json:"at,omitempty"` // when rules answered, within the window
	People map[string]*volley `json:"people,omitempty"`
}

// volley is how one person and the rules answered each other.
type volley struct {
	Event string   `json:"ev"`             // the last message that was answered
	At    int64    `json:"at"`             // when that came, in unix milliseconds
	Text  string   `json:"text"`           // its words, as a hash
	Mine  []string `json:"mine,omitempty"` // the newest messages to the person, by their ids
	Met   string   `json:"met,omitempty"`  // the one that the person's last message answered
	Fast  int      `json:"fast,omitempty"`
	Turns int      `json:"turns,omitempty"`
	Same  int      `json:"same,omitempty"`
}

// SendTimes is what Facts may know of commands, too.
type SendTimes interface {
	// SentAt returns when a command was last put on the wire; ok is false when it
	// never was.
	SentAt(messageID string) (at time.Time, ok bool)
}

// talkKey is fz/<robot>/<peer>.
func talkKey(robot, peer string) string { return path("fz", robot, peer) }

// fused says whether a fuse holds the rule in this chat. It holds rules that answer
// there, but none that removes people: that ends a loop like nothing else.
func (d *decider) fused(r *rule.Rule) (rule.Outcome, diag.Text) {
	if d.in.Fuses == nil || !r.Answers() || r.Kicks() || peerOf(d.in.Event) == "" {
		return "", diag.Text{}
	}
	t := d.readTalk()
	if outcome, detail := d.machineAnswers(t); outcome != "" {
		return outcome, detail
	}
	return d.chatFuse(t)
}

// chatFuse says whether rules answered too often in the event's chat.
func (d *decider) chatFuse(t *talk) (rule.Outcome, diag.Text) {
	most := d.in.Fuses.ChatPerMinute
	if most <= 0 {
		return "", diag.Text{}
	}
	times := d.recent(t)
	if len(times) < most {
		return "", diag.Text{}
	}
	on := brief(left(times[len(times)-most].Add(talkWindow), d.in.Now))
	return rule.ChatFuse, diag.T("1m 内已回答 %d 条，%s 后恢复；上限是配置里的 `fuses.chat_per_minute`",
		"answered %d times within 1m, on again in %s; `fuses.chat_per_minute` of the configuration says how often", len(times), on)
}

// recent are the times within the window at which rules answered in the chat.
func (d *decider) recent(t *talk) []time.Time {
	var times []time.Time
	for _, at := range decodeTimes(t.At) {
		if !at.After(d.in.Now) && d.in.Now.Sub(at) < talkWindow {
			times = append(times, at)
		}
	}
	return times
}

// machineAnswers says whether the one who wrote the event is taken for a machine: by
// what came before, or with this message.
func (d *decider) machineAnswers(t *talk) (rule.Outcome, diag.Text) {
	who, ok := d.partner()
	if !ok {
		return "", diag.Text{}
	}
	if loop, held := d.loopWith(who); held {
		return rule.PingPong, loop.detail(d.in.Now)
	}
	v := t.People[who]
	if v == nil {
		return "", diag.Text{}
	}
	next := d.answered(v)
	loop := d.loopIn(&next, who)
	if loop == nil {
		return "", diag.Text{}
	}
	d.openLoop(loop)
	delete(t.People, who)
	d.writeTalk(t)
	return rule.PingPong, loop.detail(d.in.Now)
}

// partner is who wrote the message, if it may be a machine's.
func (d *decider) partner() (id string, ok bool) {
	ev := d.in.Event
	pp := &d.in.Fuses.PingPong
	return ev.Sender.ID, pp.Hold > 0 && ev.Kind.IsMessage() && ev.Sender.ID != "" && !ev.Sender.IsStaff && !ev.Sender.IsSelf
}

// answered is the volley with the message in hand. A message counts once, however
// many rules look at it.
func (d *decider) answered(v *volley) volley {
	ev, next := d.in.Event, *v
	if v.Event == d.key {
		return next
	}
	text := textHash(ev)
	now := d.in.Now.UnixMilli()
	mine, at, sent := d.lastSent(v.Mine)
	gap := d.in.Now.Sub(at)
	fast, within := d.tooSoon()
	switch {
	case ev.From != event.FromLive || !sent || gap < 0:
		next.Fast, next.Turns, next.Same = 0, 0, 0
	case mine == v.Met && now-v.At < fast.Milliseconds():
		// another line of the same answer
	case mine == v.Met || gap >= within:
		next.Fast, next.Turns, next.Same = 0, 0, 0
	default:
		next.Turns++
		next.Fast = rising(v.Fast, gap < fast)
		next.Same = rising(v.Same, text == v.Text)
	}
	next.Event, next.At, next.Text, next.Met = d.key, now, text, mine
	return next
}

// tooSoon says how soon an answer is a machine's, and how soon it goes on with the
// talk. A robot of ours is known to be a machine, and speaks at our own pace.
func (d *decider) tooSoon() (fast, within time.Duration) {
	pp := &d.in.Fuses.PingPong
	if d.in.Event.Sender.IsRobot {
		return max(pp.FastWithin, talkWindow), max(pp.Within, talkWindow)
	}
	return pp.FastWithin, pp.Within
}

func rising(n int, on bool) int {
	if on {
		return n + 1
	}
	return 0
}

// lastSent is the newest of the messages that were put on the wire, and when.
func (d *decider) lastSent(mine []string) (id string, at time.Time, ok bool) {
	times, knows := d.in.Facts.(SendTimes)
	if !knows {
		return "", time.Time{}, false
	}
	for _, one := range mine {
		if when, sent := times.SentAt(one); sent && !when.Before(at) {
			id, at, ok = one, when, true
		}
	}
	return id, at, ok
}

// textHash stands for what a person wrote: facts hold no words.
func textHash(ev *event.Event) string {
	sum := sha256.Sum256([]byte(string(ev.Kind) + "\x00" + ev.Message.Text + "\x00" + ev.Message.URL + "\x00" + ev.Message.FileName))
	return hex.EncodeToString(sum[:8])
}

// fused says why a message into the chat of the run's event must not be issued, as
// the code and the words of the step's end; code "" = it may.
func (r *runner) fused(c *command.Command) (code, why string) {
	d, ev := r.d, &r.run.Event
	_, peer, _ := event.SplitChatID(c.Chat)
	if d.in.Fuses == nil || !c.IsMessage() || peer != peerOf(ev) || peer == "" || r.rule.Kicks() {
		return "", ""
	}
	t := d.readTalkOf(ev.Robot.Key, peer)
	if peerOf(d.in.Event) == peer && d.in.Event.Robot.Key == ev.Robot.Key {
		if outcome, detail := d.machineAnswers(t); outcome != "" {
			return CodePingPong, detail.EN
		}
	}
	if outcome, detail := d.chatFuse(t); outcome != "" {
		return CodeChatFuse, detail.EN
	}
	return "", ""
}

// noteVolley notes that rules took up the message in hand.
func (d *decider) noteVolley() {
	if d.in.Fuses == nil || peerOf(d.in.Event) == "" {
		return
	}
	who, ok := d.partner()
	if !ok {
		return
	}
	t := d.readTalk()
	if v := t.People[who]; v != nil {
		if v.Event == d.key {
			return
		}
		*v = d.answered(v)
	} else {
		t.put(who, &volley{Event: d.key, At: d.in.Now.UnixMilli(), Text: textHash(d.in.Event)})
	}
	d.writeTalk(t)
}

// spoke notes a message that was issued into the chat of the run's event: as an
// answer to who wrote the message in hand, or else who wrote that event.
func (r *runner) spoke(messageID, peer string) {
	d, ev := r.d, &r.run.Event
	if d.in.Fuses == nil || peer == "" || peer != peerOf(ev) {
		return
	}
	t := d.readTalkOf(ev.Robot.Key, peer)
	t.At = encodeTimes(append(d.recent(t), d.in.Now))
	who := ev.Sender.ID
	if d.in.Event.Kind.IsMessage() && d.in.Event.Robot.Key == ev.Robot.Key && peerOf(d.in.Event) == peer {
		who = d.in.Event.Sender.ID
	}
	if v := t.People[who]; v != nil {
		v.Mine = append(v.Mine[max(0, len(v.Mine)+1-talkMessages):], messageID)
	}
	d.writeTalkOf(ev.Robot.Key, peer, t)
}

// put adds a person, in place of the one who was heard of longest ago where there
// are too many.
func (t *talk) put(who string, v *volley) {
	if t.People == nil {
		t.People = make(map[string]*volley, 1)
	}
	if len(t.People) >= talkPeople {
		oldest := ""
		for id, one := range t.People {
			if o := t.People[oldest]; o == nil || one.At < o.At || one.At == o.At && id < oldest {
				oldest = id
			}
		}
		delete(t.People, oldest)
	}
	t.People[who] = v
}

func (d *decider) readTalk() *talk { return d.readTalkOf(d.in.Event.Robot.Key, peerOf(d.in.Event)) }

// readTalkOf reads what was said in a chat; what cannot be read was not said.
func (d *decider) readTalkOf(robot, peer string) *talk {
	t := &talk{}
	if raw, _, ok := d.ledger.read(talkKey(robot, peer)); ok && json.Unmarshal(raw, t) != nil {
		return &talk{}
	}
	return t
}

func (d *decider) writeTalk(t *talk) { d.writeTalkOf(d.in.Event.Robot.Key, peerOf(d.in.Event), t) }

// writeTalkOf keeps it as long as it can matter. To the hour: the store writes an
// expiry only when it is another one.
func (d *decider) writeTalkOf(robot, peer string, t *talk) {
	raw, err := json.Marshal(t)
	if err != nil {
		return // texts and numbers always can be
	}
	d.ledger.write(FactWrite{Key: talkKey(robot, peer), Value: raw, Expires: d.in.Now.Add(2 * time.Hour).Truncate(time.Hour)})
}
