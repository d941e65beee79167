package app

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"botengine/internal/diag"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/sim"
)

// ChatOptions say how a terminal chat with the simulated platform runs.
type ChatOptions struct {
	Platform    *sim.Server // listening, and not running yet
	Rules       string      // folder with the rules of an engine on the platform; "" = no engine
	In          io.Reader   // what is typed; nil: nothing, the platform runs until ctx ends
	Interactive bool        // somebody types: a prompt is shown, and no line waits for what the one before led to
	Out         io.Writer
	Lang        diag.Lang
	Color       bool
	Log         *slog.Logger // of the engine
}

const (
	newsWithin  = 3 * time.Second        // how long an event may take to reach the engine
	takenWithin = 5 * time.Second        // and its commands to reach the platform
	endsWithin  = 10 * time.Second       // and to end
	seenWithin  = 300 * time.Millisecond // and what they do to be seen
)

// chat is one terminal chat: somebody plays all the people there are.
type chat struct {
	o     ChatOptions
	sim   *sim.Server
	talk  *talker
	robot sim.Robot // whom private chats are with
	who   string    // speaks; a name
	where string    // a group's name; "" = a private chat with the robot
	act   *act      // the last one that could be answered
	wrong []string  // the faults that are on, as they were typed
	over  bool

	mu      sync.Mutex // guards all below
	seen    seen
	printed int           // entries of the ledger
	changed chan struct{} // closed and replaced whenever one of these changes
}

// act is something that was done and that a robot could answer.
type act struct {
	line   string
	before int       // news before it
	deaf   diag.Text // why no robot hears of it; empty = one does
	status bool      // it is about the robot's status
}

// Chat runs the platform and, if there are rules, an engine on it, and lets
// somebody talk there line by line: /help says how. What happens is printed. It
// returns when ctx ends, after /quit, and when there is nothing more to read. It
// may return what New returns.
func Chat(ctx context.Context, o ChatOptions) error {
	c := newChat(o)
	if o.Rules == "" {
		return together(ctx, c.sim, nil, c.follow, c.converse)
	}
	dir, err := os.MkdirTemp("", "botengine-sim-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // a leftover in the temporary folder harms nobody
	engine, err := New(ctx, Options{
		Config: simConfig(o.Platform, "sim", o.Rules, filepath.Join(dir, "sim.db")),
		Log:    o.Log, Lang: o.Lang, OnReport: c.report, OnSwap: c.swapped, OnFindings: c.talk.findings,
	})
	if err != nil {
		ended, cancel := context.WithCancel(ctx)
		cancel()
		return errors.Join(err, c.sim.Run(ended)) // which gives its address back
	}
	return together(ctx, c.sim, engine, c.follow, c.converse)
}

func newChat(o ChatOptions) *chat {
	c := &chat{o: o, sim: o.Platform, talk: &talker{out: o.Out, lang: o.Lang, pen: pen{o.Color}}, changed: make(chan struct{})}
	w := c.sim.World()
	if robots := w.Robots(); len(robots) > 0 {
		c.robot = robots[0]
	}
	if groups := w.Groups(); len(groups) > 0 {
		c.where = groups[0].Name
	}
	for _, p := range w.People() {
		if g, err := w.Group(c.where); !p.Staff && (err != nil || isIn(&g, p.ID)) {
			c.who = p.Name
			break
		}
	}
	return c
}

// converse does what is typed, line by line.
func (c *chat) converse(ctx context.Context) error {
	if c.o.Rules != "" {
		if err := c.sim.WaitConnections(ctx, func(n int) bool { return n > 0 }); err != nil {
			return err
		}
	}
	if c.o.In == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	c.talk.line("%s", c.talk.pen.dim(c.talk.say("输入一句话就说出来，/help 列出命令", "type a line to say it; /help lists the commands")))
	lines := c.read(ctx)
	for !c.over {
		c.prompt()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case line, more := <-lines:
			if !more {
				return nil
			}
			c.talk.ask("")
			c.do(ctx, line)
		}
	}
	return nil
}

// read hands on what is typed. Reading a terminal can't be interrupted: the
// goroutine may end with the process only.
func (c *chat) read(ctx context.Context) <-chan string {
	lines := make(chan string) // closed at the end of what is typed
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(c.o.In); in.Scan(); {
			select {
			case <-ctx.Done():
				return
			case lines <- in.Text():
			}
		}
	}()
	return lines
}

func (c *chat) prompt() {
	if !c.o.Interactive {
		return
	}
	where := c.where
	if where == "" {
		where = c.talk.say("私聊 ", "with ") + c.robot.NickName
	}
	c.talk.ask(c.talk.pen.dim(c.who + " @ " + where + " > "))
}

// do does one line: a command, or a text that is said.
func (c *chat) do(ctx context.Context, line string) {
	line = strings.TrimSpace(line)
	if line == "" {
		return
	}
	command, isCommand := strings.CutPrefix(line, "/")
	if !isCommand {
		command, isCommand = strings.CutPrefix(line, "／") // as Chinese keyboards have it
	}
	var err error
	switch {
	case strings.HasPrefix(line, "//"):
		err = c.say(ctx, sim.Content{ContentType: sim.TypeText, Content: line[1:]})
	case isCommand:
		err = c.command(ctx, command)
	default:
		err = c.say(ctx, sim.Content{ContentType: sim.TypeText, Content: line})
	}
	if err != nil && ctx.Err() == nil {
		c.talk.line("%s %v", c.talk.pen.red("✗"), err)
	}
}

// bad is a mistake of whoever types, in their language.
func (c *chat) bad(zh, en string, args ...any) error {
	return fmt.Errorf(c.talk.say(zh, en), args...)
}

func (c *chat) report(r intake.Report) {
	c.note(r)
	ev := r.Event
	switch {
	case told(ev), ev.Kind.IsRobotStatus(): // the ledger, or the chat itself, has said it
		c.talk.verdicts(r)
	default:
		c.talk.report(r)
	}
}

func (c *chat) swapped(set *rule.Set) {
	c.mu.Lock()
	c.seen.set = set
	c.mu.Unlock()
	c.talk.line("%s", c.talk.pen.dim(fmt.Sprintf(c.talk.say("规则已生效：%d 条", "rules are live: %d"), len(set.Rules))))
}

// acted tells of something that was done, and waits for what it leads to unless
// somebody types.
func (c *chat) acted(ctx context.Context, a act) {
	c.act = &a
	if c.o.Rules == "" || a.deaf != (diag.Text{}) {
		c.talk.line("%s  ▶ %s", c.stamp(), c.talk.pen.bold(a.line))
	}
	if a.deaf != (diag.Text{}) {
		c.talk.line("              %s", c.talk.pen.dim("↳ "+a.deaf.In(c.o.Lang)))
	}
	if !c.o.Interactive {
		c.settle(ctx)
	}
}

func (c *chat) stamp() string { return c.talk.pen.dim(c.sim.Now().Local().Format("15:04:05.000")) }

// settle waits until what was done last has reached the engine, and the commands
// it led to have ended; not for ever.
func (c *chat) settle(ctx context.Context) {
	switch {
	case c.o.Rules == "" || c.act.deaf != (diag.Text{}):
	case !c.heard(ctx):
		c.talk.line("%s  ▶ %s", c.stamp(), c.talk.pen.bold(c.act.line))
		c.talk.line("              %s", c.talk.pen.dim("↳ "+c.lost().In(c.o.Lang)))
	case len(c.wrong) == 0:
		c.await(ctx, endsWithin, func() bool { return len(c.seen.open()) == 0 })
	default: // the end may be long in coming
		c.taken(ctx)
		sleep(ctx, seenWithin)
	}
	c.shown(ctx)
}

// heard waits until the engine has got what was done last.
func (c *chat) heard(ctx context.Context) bool {
	return c.await(ctx, newsWithin, func() bool { return c.seen.newest(c.act.status).count > c.act.before })
}

// taken waits until the platform has all commands that have not ended.
func (c *chat) taken(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, takenWithin)
	defer cancel()
	_, _ = c.sim.WaitLedger(ctx, func([]sim.Entry) bool { // that it took too long is no news
		c.mu.Lock()
		open := c.seen.open()
		c.mu.Unlock()
		for _, cmd := range c.sim.Commands() {
			delete(open, cmd.MessageID)
		}
		return len(open) == 0
	})
}

// shown waits until everything that people saw is printed.
func (c *chat) shown(ctx context.Context) {
	entries := len(c.sim.Ledger())
	c.await(ctx, newsWithin, func() bool { return c.printed >= entries })
}

// await waits until cond, which is called with the lock held, is true; not longer
// than limit. It reports whether it is.
func (c *chat) await(ctx context.Context, limit time.Duration, cond func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	for {
		c.mu.Lock()
		ok, changed := cond(), c.changed
		c.mu.Unlock()
		if ok {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-changed:
		}
	}
}

// change does f with the lock held and wakes those who wait.
func (c *chat) change(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
	close(c.changed)
	c.changed = make(chan struct{})
}
