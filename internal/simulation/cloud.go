package simulation

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/oracle"
	"botengine/internal/yjiyun"
	"botengine/internal/yjiyun/rest"
)

// account is the one there is.
const account = "main"

// start is when every seed begins, on the clock of nobody in particular.
var start = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// cloud is the platform: what people see, what it remembers, what it says of both.
type cloud struct {
	w         *world
	chats     []*chat
	connected bool
	epoch     int // of the connection; what was on its way over another one is lost
	ids       int

	seen    []oracle.Effect   // the ledger: what people saw, in order
	signs   []string          // of each of them, the generation that said it
	refused map[string]bool   // message ids that it surely refused, or could not deliver
	sent    map[string]int    // message id -> how often it was sent to us
	unsent  map[string]bool   // message ids that its history said it has not sent
	busied  map[string]int    // message id -> how often it met a platform that was busy
	flying  map[string]string // robot -> its action under way
	overlap []string          // actions of a robot that met another one
}

// chat is a conversation of a robot. Times are of the simulation, not of any clock.
type chat struct {
	robot   int
	peer    string
	group   bool
	records []record // in their order
}

type record struct {
	at      time.Duration // when it was said
	shown   time.Duration // when the history has it
	id, svr string
	other   string // the id that the history gives it; "" = the same
	self    bool
	text    string
	status  rest.SendStatus
}

func newCloud(w *world) *cloud {
	c := &cloud{w: w, refused: map[string]bool{}, sent: map[string]int{}, unsent: map[string]bool{}, busied: map[string]int{}, flying: map[string]string{}}
	for i := range w.p.chats {
		one := &chat{robot: i % w.p.robots, peer: fmt.Sprintf("R:10696050000%03d", i), group: true}
		if i%3 == 2 {
			one.peer, one.group = fmt.Sprintf("7881300000%03d", i), false
		}
		c.chats = append(c.chats, one)
	}
	return c
}

func robotKey(i int) string     { return "robot" + strconv.Itoa(i) }
func robotID(i int) string      { return fmt.Sprintf("16888500000%03d", i) }
func (c *chat) id() string      { return event.ChatID(robotID(c.robot), c.peer) }
func (c *cloud) nextID() string { c.ids++; return fmt.Sprintf("20261123%012d", c.ids) }
func (c *cloud) now() time.Time { return c.clock(c.w.at) }

// clock is what the platform's clock shows.
func (c *cloud) clock(at time.Duration) time.Time {
	t := start.Add(at + c.w.p.skew)
	if c.w.p.seconds {
		return t.Truncate(time.Second)
	}
	return t.Truncate(time.Millisecond)
}

func (c *cloud) find(chatID string) *chat {
	for _, one := range c.chats {
		if one.id() == chatID {
			return one
		}
	}
	return nil
}

// say has somebody write into a chat.
func (c *cloud) say(to *chat, text string) {
	r := record{at: c.w.at, id: c.nextID(), svr: strconv.Itoa(100000 + c.ids), text: text, status: rest.SendStatusAbsent}
	if c.w.p.historyIDs && c.w.may(3) {
		r.other = "h" + r.id
	}
	c.keep(to, r)
	c.push(to, r)
}

// unevenly is by how much the history may lag more for one message than for another:
// less than the time after which line 2 believes that a message is absent.
const unevenly = 6 * time.Second

// keep has the history know a message, some time later.
func (c *cloud) keep(to *chat, r record) {
	lag := time.Duration(0)
	if c.w.p.lag > 0 {
		lag = c.w.p.lag + c.w.upTo(unevenly) // what was said before may be shown after
	}
	r.shown = c.w.at + lag
	to.records = append(to.records, r)
}

// push delivers a message of a person: now or a little later, once or more often, or
// not at all.
func (c *cloud) push(to *chat, r record) {
	if !c.w.may(c.w.p.silent) {
		c.deliver(c.w.upTo(c.w.p.shuffled), yjiyun.EventMessage, c.frame(to, &r, false))
	}
	for range 2 {
		if c.w.may(c.w.p.twice) {
			c.deliver(c.w.upTo(10*time.Second), yjiyun.EventMessage, c.frame(to, &r, false))
		}
	}
}

// deliver puts a frame on the socket, unless that is another one by then.
func (c *cloud) deliver(in time.Duration, name string, frame []byte) {
	epoch := c.epoch
	if !c.connected {
		return
	}
	delay := 30 * time.Millisecond
	c.w.later(delay+in, 0, "frame", func() {
		if c.connected && c.epoch == epoch && c.w.life != nil {
			c.w.life.receive(name, frame)
		}
	})
}

// frame is a message as the socket brings it, and as the history has it.
func (c *cloud) frame(to *chat, r *record, history bool) []byte {
	id, from, group, self := r.id, "7881300000001", 0, 0
	if to.group {
		group = 1
	} else {
		from = to.peer
	}
	if r.self {
		from, self = robotID(to.robot), 1
	}
	if history && r.other != "" {
		id = r.other
	}
	status := ""
	if history && r.self && r.status != rest.SendStatusAbsent {
		status = `,"sendStatus":` + strconv.Itoa(int(r.status))
	}
	return fmt.Appendf(nil, `{"messageId":%q,"msgSvrID":%q,"timestamp":%d,"robotKey":%q,"chatId":%q,"chatUser":%q,"chatName":"群","from":{"contactId":%q,"nickName":"张三","isSelf":%d,"isGroupContact":%d},"isGroupChat":%d,"content":{"contentType":1,"content":%q}%s}`,
		id, r.svr, c.clock(r.at).UnixMilli(), robotKey(to.robot), to.id(), to.peer, from, self, group, group, r.text, status)
}

// Send takes a command, as a socket that is up does.
func (c *cloud) send(cmd *command.Command) {
	c.sent[cmd.MessageID]++
	if c.refused[cmd.MessageID] && cmd.IsMessage() && c.w.p.lag == 0 {
		c.w.fail("%s is sent again though the history says that it cannot be delivered", cmd.MessageID)
	}
	if c.w.may(c.w.p.swallowed) {
		if c.w.may(c.w.p.foreignEcho) {
			c.forge(cmd)
		}
		return
	}
	if cmd.IsMessage() {
		c.sendMessage(cmd)
	} else {
		c.act(cmd)
	}
}

func (c *cloud) sendMessage(cmd *command.Command) {
	to := c.find(cmd.Chat)
	if to == nil {
		c.w.fail("a message for the chat %q, which nobody has", cmd.Chat)
		return
	}
	id, text := cmd.MessageID, textOf(cmd)
	c.w.later(c.w.upTo(2*time.Second), 0, "sent", func() {
		r := record{at: c.w.at, id: id, svr: "s" + id, self: true, text: text, status: rest.SendStatusSent}
		switch {
		case c.w.may(c.w.p.notSent):
			r.status, c.unsent[id] = rest.SendStatusNotSent, true
			c.keep(to, r)
			return
		case c.w.may(c.w.p.undelivered):
			r.status, c.refused[id] = rest.SendStatusFailed, true
		default:
			c.show(to, "text", text)
		}
		c.keep(to, r)
		c.echo(to, r)
	})
}

// forge lets what another robot says bear the id of a command that was swallowed.
func (c *cloud) forge(cmd *command.Command) {
	for _, other := range c.chats {
		if robotKey(other.robot) == cmd.Robot {
			continue
		}
		r := record{at: c.w.at, id: cmd.MessageID, svr: "f" + cmd.MessageID, self: true, text: "您好", status: rest.SendStatusAbsent}
		c.deliver(c.w.upTo(time.Second), yjiyun.EventMessage, c.frame(other, &r, false))
		return
	}
}

// echo lets a message of ours come back: in time, late, twice or never.
func (c *cloud) echo(to *chat, r record) {
	if c.w.may(c.w.p.noEcho) {
		return
	}
	in := c.w.upTo(time.Second)
	if c.w.may(c.w.p.lateEcho) {
		in = c.w.upTo(50 * time.Second)
	}
	c.deliver(in, yjiyun.EventMessage, c.frame(to, &r, false))
	if c.w.may(c.w.p.echoTwice) {
		c.deliver(in+c.w.upTo(20*time.Second), yjiyun.EventMessage, c.frame(to, &r, false))
	}
}

// act does an action, and says what came of it.
func (c *cloud) act(cmd *command.Command) {
	robot, id, kind := cmd.Robot, cmd.MessageID, cmd.Type
	// What was sent again because its answer did not come in time may meet the next
	// command: that answer, when it comes at last, cannot be told from the other one's.
	if before := c.flying[robot]; before != "" && c.sent[before] == 1 {
		c.overlap = append(c.overlap, robot+" "+kind)
	}
	c.flying[robot] = id
	effect, peer := actionOf(cmd)
	c.w.later(c.w.upTo(2*time.Second), 0, "acted", func() {
		if c.flying[robot] == id {
			delete(c.flying, robot)
		}
		code := event.CodeOK
		switch {
		case c.w.may(c.w.p.busy):
			code = command.CodeBusy
			c.busied[id]++
		case c.w.may(c.w.p.refused):
			code, c.refused[id] = "1", true
		default:
			c.show(c.of(robot, peer), effect.Kind, effect.Text)
		}
		if c.w.may(c.w.p.noEcho) {
			return
		}
		in := c.w.upTo(time.Second)
		for range 1 + c.w.one(c.w.p.echoTwice) {
			c.deliver(in, yjiyun.EventAction, fmt.Appendf(nil, `{"messageId":%q,"code":%q,"dts":"%d","groupId":%q,"type":%q,"msg":"","robotKey":%q}`,
				id, code, c.now().UnixMilli(), peer, kind, robot))
			in += c.w.upTo(20 * time.Second)
		}
	})
}

func (c *cloud) of(robot, peer string) *chat {
	for _, one := range c.chats {
		if one.peer == peer && robotKey(one.robot) == robot {
			return one
		}
	}
	c.w.fail("an action for the group %q, which %s is not in", peer, robot)
	return c.chats[0]
}

// show is what people see: the ledger.
func (c *cloud) show(to *chat, kind, text string) {
	plain, sign := unsigned(text)
	c.seen = append(c.seen, oracle.Effect{Chat: to.peer, Kind: kind, Text: plain})
	c.signs = append(c.signs, sign)
	c.w.log("people see ", kind, " ", text, " in ", to.peer)
}

// textOf is what a message says.
func textOf(cmd *command.Command) string {
	var fields struct {
		Content string `json:"content"`
	}
	if json.Unmarshal(cmd.Fields, &fields) != nil {
		return ""
	}
	return fields.Content
}

// actionOf is what an action does, and where.
func actionOf(cmd *command.Command) (effect oracle.Effect, peer string) {
	var fields struct {
		Name   string `json:"newName"`
		Notice string `json:"notice"`
		Group  string `json:"groupId"`
	}
	if json.Unmarshal(cmd.Fields, &fields) != nil {
		return effect, ""
	}
	if cmd.Type == "robot.set.group.announcement" {
		return oracle.Effect{Kind: "announce", Text: fields.Notice}, fields.Group
	}
	return oracle.Effect{Kind: "rename", Text: fields.Name}, fields.Group
}
