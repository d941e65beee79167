package app

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"botengine/internal/command"
	"botengine/internal/config"
	"botengine/internal/dispatch"
	"botengine/internal/engine"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/ratelimit"
	"botengine/internal/rule"
	"botengine/internal/state"
)

var loopMessages = flag.Int("loop-messages", 600, "messages into a rule that matches everything, in TestLoopFuses; 1000000 takes some minutes")

// chamber is a platform of some chats in one process, on the clock of its bubble:
// what a robot sends, everybody else in the chat hears. Line 1 and line 2 are the
// real ones, on a real store, with the settings that hold where nobody says others.
type chamber struct {
	t      *testing.T
	cfg    config.Config
	store  state.Store
	in     *intake.Intake
	out    *dispatch.Dispatcher
	rules  atomic.Pointer[rule.Set]
	robots map[string]event.Robot // by key
	ends   func()

	heard func(c *command.Command, chat, text string) // what else happens upon a message of a robot; may be nil

	mu     sync.Mutex // guards what follows
	n      int
	sent   []sentMessage
	why    map[rule.Outcome]string
	issued map[string]int // messages that rules decided to send, by chat and minute
}

type sentMessage struct {
	robot, chat string
	at          time.Time
}

func newChamber(t *testing.T, rules string, robots int, adjust func(*config.Config)) *chamber {
	t.Helper()
	c := &chamber{t: t, cfg: config.Default(), robots: map[string]event.Robot{}, why: map[rule.Outcome]string{}, issued: map[string]int{}}
	c.cfg.Limits.WarmUp.Days = 0
	if adjust != nil {
		adjust(&c.cfg)
	}
	for i := range robots {
		key := fmt.Sprintf("robot%d", i)
		c.robots[key] = event.Robot{Key: key, ID: fmt.Sprintf("16888502855830%02d", i), Name: key, Status: event.StatusOnline}
	}
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(rules)}})
	if set == nil {
		t.Fatal(findings)
	}
	c.rules.Store(set)
	var err error
	if c.store, err = state.Open(filepath.Join(t.TempDir(), "state.db"), state.Options{}); err != nil {
		t.Fatal(err)
	}
	breakers, err := dispatch.LoadBreakers(t.Context(), dispatch.BreakerOptions{Store: c.store, Pauses: dispatch.BreakerPauses{First: time.Minute, Longest: time.Hour}, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	c.in = intake.New(intake.Options{
		Store: c.store, Rules: &c.rules, Directory: c, Robots: c, Takeover: c.cfg.Takeover, Fuses: fusesOf(&c.cfg), Blast: blastOf(&c.cfg.Limits),
		OnCommitted: c.note, Ended: breakers.Ended, Committed: func(e []state.Entry) { c.out.Committed(e) }, Shards: 32,
	})
	c.out = dispatch.New(dispatch.Options{
		Store: c.store, Sender: c, Report: c.in.Submit, Breakers: breakers, Limiter: ratelimit.New(limitsOf(c.cfg.Limits)),
		Held: func(tx state.Tx, cmd *command.Command, now time.Time) (code, msg string) {
			return engine.Held(tx, cmd, now)
		},
	})
	ctx, cancel := context.WithCancel(context.Background())
	var lines sync.WaitGroup
	lines.Go(func() { _ = c.in.Run(ctx) })
	lines.Go(func() { _ = c.out.Run(ctx) })
	c.ends = func() {
		cancel()
		lines.Wait()
		if err := c.store.Close(); err != nil {
			t.Error(err)
		}
	}
	return c
}

// Robot, IsRobot, Group, Several, Known and ByPerson are what is known of the robots.
func (c *chamber) Robot(_, key string) (event.Robot, bool) { r, ok := c.robots[key]; return r, ok }
func (c *chamber) IsRobot(_, id string) bool               { _, _, ok := c.ByPerson(id); return ok }
func (c *chamber) Group(string, string, string) (event.Group, bool) {
	return event.Group{}, false
}
func (c *chamber) Several() bool { return len(c.robots) > 1 }
func (c *chamber) Known(_, key string) (event.Robot, bool) {
	r, ok := c.robots[key]
	return r, ok
}

func (c *chamber) ByPerson(id string) (account, key string, ok bool) {
	for _, r := range c.robots {
		if r.ID == id {
			return "main", r.Key, true
		}
	}
	return "", "", false
}

// Ready implements dispatch.Sender.
func (c *chamber) Ready(string, string) bool { return true }

// Send implements dispatch.Sender: the echo follows, and the others in the chat hear it.
func (c *chamber) Send(_ context.Context, cmd command.Command) error {
	if !cmd.IsMessage() {
		return nil
	}
	c.mu.Lock()
	c.sent = append(c.sent, sentMessage{cmd.Robot, cmd.Chat, time.Now()})
	c.mu.Unlock()
	text := string(cmd.Fields)
	me := c.robots[cmd.Robot]
	time.AfterFunc(80*time.Millisecond, func() {
		_, peer, _ := event.SplitChatID(cmd.Chat)
		echo := c.message(cmd.Robot, peer, me.ID, text)
		echo.ID = cmd.MessageID
		c.submit(echo)
		c.spread(cmd.Robot, peer, me.ID, text)
		if c.heard != nil {
			c.heard(&cmd, peer, text)
		}
	})
	return nil
}

// spread has the other robots of a chat hear a message.
func (c *chamber) spread(by, peer, sender, text string) {
	for key, r := range c.robots {
		switch {
		case key == by:
		case strings.HasPrefix(peer, "R:"):
			c.submit(c.message(key, peer, sender, text))
		case r.ID == peer: // a private chat with that robot: it is with the one who wrote
			c.submit(c.message(key, sender, sender, text))
		}
	}
}

func (c *chamber) message(robot, peer, sender, text string) event.Event {
	c.mu.Lock()
	c.n++
	id := fmt.Sprintf("20261124%010d", c.n)
	c.mu.Unlock()
	r, now := c.robots[robot], time.Now()
	return event.Event{
		Kind: event.MessageText, ID: id, Account: "main", Robot: r, Time: now, Received: now,
		Chat:   event.Chat{ID: event.ChatID(r.ID, peer), Peer: peer, Group: strings.HasPrefix(peer, "R:")},
		Sender: event.Person{ID: sender}, Message: event.Message{ContentType: 1, Text: text},
	}
}

func (c *chamber) submit(ev event.Event) { _ = c.in.Submit(context.Background(), ev) } // it fails only when the test is over

// says is what a person writes into a chat: all robots there hear it.
func (c *chamber) says(person, peer, text string) { c.spread("", peer, person, text) }

// whispers is what a person writes to a robot.
func (c *chamber) whispers(person, robot, text string) {
	c.submit(c.message(robot, person, person, text))
}

func (c *chamber) note(r intake.Report) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, v := range r.Decision.Verdicts {
		c.why[v.Outcome] = v.Detail.ZH
	}
	for i := range r.Decision.Commands {
		cmd := &r.Decision.Commands[i]
		c.issued[fmt.Sprint(cmd.Chat, " ", time.Now().Unix()/60)]++
	}
}

// most are the most messages that left within any minute: of one robot, and of one
// robot in one chat.
func (c *chamber) most() (robot, chat int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, first := range c.sent {
		robots, chats := 0, 0
		for _, m := range c.sent[i:] {
			if m.at.Sub(first.at) >= time.Minute {
				break
			}
			if m.robot == first.robot {
				robots++
				if m.chat == first.chat {
					chats++
				}
			}
		}
		robot, chat = max(robot, robots), max(chat, chats)
	}
	return robot, chat
}

func (c *chamber) said() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.sent)
}

const mirror = `version: 1
rules:
  - {id: all, on: message.text, when: "true", do: [reply: "{{text}}"]}
`

// everybody removes all that keeps robots from answering each other but the fuses.
var everybody = strings.NewReplacer(`when: "true",`, `when: "true", include: [self, robots], responder: all, loop_guard: off,`, "{{text}}", "{{event.id}}").Replace(mirror)

// Figure D11: whatever goes round, it is said only so often.
func TestLoopFuses(t *testing.T) {
	another := 0
	answersAtOnce := func(person string) func(c *chamber) {
		return func(c *chamber) {
			c.heard = func(cmd *command.Command, _, _ string) {
				time.AfterFunc(200*time.Millisecond, func() {
					another++
					c.whispers(person, cmd.Robot, fmt.Sprintf("自动回复 %d", another))
				})
			}
		}
	}
	for _, l := range []struct {
		name   string
		rules  string
		robots int
		set    func(*chamber)
		begin  func(*chamber)
		most   int // messages
	}{
		{"two of our robots that mirror everything, in a group", mirror, 2, nil, func(c *chamber) { c.says("7881300000000001", "R:1", "你好") }, 1},
		{"two of our robots that mirror everything, alone with each other", mirror, 2, nil, func(c *chamber) {
			c.submit(c.message("robot0", c.robots["robot1"].ID, c.robots["robot1"].ID, "你好"))
		}, 0},
		{"two of our robots whose rules include each other and themselves", everybody, 2, nil, func(c *chamber) { c.says("7881300000000001", "R:1", "你好") }, 20},
		{"one that hears itself", everybody, 1, nil, func(c *chamber) { c.says("7881300000000001", "R:1", "你好") }, 1},
		{"another's bot that answers in 200 ms", mirror, 1, answersAtOnce("7881300000000002"), func(c *chamber) { c.whispers("7881300000000002", "robot0", "你好") }, 6},
		{"another's bot, and a rule without a loop guard", everybody, 1, answersAtOnce("7881300000000002"), func(c *chamber) { c.whispers("7881300000000002", "robot0", "你好") }, 6},
	} {
		t.Run(l.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newChamber(t, l.rules, l.robots, nil)
				defer c.ends()
				if l.set != nil {
					l.set(c)
				}
				l.begin(c)
				<-time.After(9 * time.Minute)
				n := c.said()
				t.Logf("figure: sends within nine minutes, %s: %d (at most %d) %v", l.name, n, l.most, c.why[rule.PingPong])
				if n > l.most {
					t.Errorf("%d messages left, at most %d may", n, l.most)
				}
			})
		})
	}
	for name, rules := range map[string]string{"": mirror, ", without a loop guard": strings.Replace(mirror, `when: "true",`, `when: "true", loop_guard: off,`, 1)} {
		t.Run("a burst into a rule that matches everything"+name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { matchAll(t, rules, name) })
		})
	}
}

// matchAll has many people write into ten chats of two robots, a hundred messages a
// second, and nobody wait for an answer.
func matchAll(t *testing.T, rules, name string) {
	c := newChamber(t, rules, 2, nil)
	defer c.ends()
	n := *loopMessages
	for i := range n {
		c.submit(c.message(fmt.Sprintf("robot%d", i%2), fmt.Sprintf("R:%d", i%10), fmt.Sprintf("78813%011d", i%997), fmt.Sprintf("第 %d 条", i)))
		if i%100 == 99 {
			<-time.After(time.Second)
		}
	}
	<-time.After(5 * time.Minute)
	robot, chat := c.most()
	decided := 0
	for _, k := range c.issued {
		decided = max(decided, k)
	}
	t.Logf("figure: a rule that matches everything%s, %d messages in ten chats: %d sends; within a minute at most %d of a robot, %d in a chat; %d decided", name, n, c.said(), robot, chat, decided)
	limit := c.cfg.Limits
	if most := limit.Robot.PerMinute.All; robot > most || chat > limit.Chat.PerMinute.All || decided > c.cfg.Fuses.ChatPerMinute || c.said() == 0 {
		t.Errorf("more than %d of a robot, %d in a chat, or %d decided for a chat", most, limit.Chat.PerMinute.All, c.cfg.Fuses.ChatPerMinute)
	}
}
