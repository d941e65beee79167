package engine

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/config"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// answersAll answers whatever anybody says.
const answersAll = `version: 1
rules:
  - {id: all, on: message.text, when: "true", loop_guard: off, do: [reply: "收到：{{text}}"]}
`

// wire are the facts of a world that knows when its commands left.
type wire struct {
	*memory
	sent map[string]time.Time
}

// SentAt implements SendTimes.
func (w wire) SentAt(id string) (time.Time, bool) {
	at, ok := w.sent[id]
	return at, ok
}

// talks is a private chat on a clock of its own: rules on one side, partner on the
// other. What the rules say leaves after a jitter, no closer together than pace.
type talks struct {
	*world
	wire   wire
	fuses  Fuses
	staff  bool
	random *rand.Rand
	pace   time.Duration
	next   time.Time // the earliest that the next message may leave
	queue  []happening
	count  int

	heard func(t *talks)       // what the partner does when a message of ours comes; may be nil
	saw   map[rule.Outcome]int // by outcome, the messages that came to it
	why   map[rule.Outcome]diag.Text
}

// happening is something at its time.
type happening struct {
	at time.Time
	do func()
}

func newTalks(tb testing.TB, rules string, seed uint64) *talks {
	tb.Helper()
	w, fuses := newWorld(tb, rules), config.Default().Fuses
	return &talks{
		world: w, wire: wire{w.past, map[string]time.Time{}}, random: rand.New(rand.NewPCG(seed, 7)),
		fuses: Fuses{ChatPerMinute: fuses.ChatPerMinute, PingPong: PingPong(fuses.PingPong)},
		saw:   map[rule.Outcome]int{}, why: map[rule.Outcome]diag.Text{},
	}
}

func (t *talks) after(d time.Duration, do func()) {
	t.queue = append(t.queue, happening{t.now.Add(d), do})
}

// play lets happen what is to, until then, and returns how often the rules spoke.
func (t *talks) play(until time.Duration) int {
	end := start.Add(until)
	for {
		slices.SortStableFunc(t.queue, func(a, b happening) int { return a.at.Compare(b.at) })
		due := t.due()
		for _, r := range t.past.runs { // the earliest of all, due or not
			if !r.Due.IsZero() && (len(due) == 0 || r.Due.Before(due[0].Due)) {
				due = []RunWrite{r}
			}
		}
		switch {
		case len(due) > 0 && (len(t.queue) == 0 || due[0].Due.Before(t.queue[0].at)):
			t.now = due[0].Due
			t.decides(t.timer(due[0]))
		case len(t.queue) == 0 || t.queue[0].at.After(end):
			return len(t.wire.sent)
		default:
			next := t.queue[0]
			t.queue = t.queue[1:]
			t.now = next.at
			next.do()
		}
	}
}

// writes is a message of the partner's now.
func (t *talks) writes(text string) {
	ev := t.whispers("张三", text)
	ev.Sender.IsStaff = t.staff
	for _, v := range t.decides(ev).Verdicts {
		t.saw[v.Outcome]++
		t.why[v.Outcome] = v.Detail
	}
}

func (t *talks) decides(ev *event.Event) Decision {
	in := t.input(ev, t.settle(ev))
	in.Facts, in.Fuses = t.wire, &t.fuses
	d := Decide(in)
	t.past.apply(d)
	for _, c := range d.Commands {
		t.open = append(t.open, c)
		jitter := time.Second + time.Duration(t.random.Int64N(int64(2*time.Second)))
		at := t.now.Add(jitter)
		if at.Before(t.next) {
			at = t.next
		}
		t.next = at.Add(t.pace)
		t.queue = append(t.queue, happening{at, func() { t.leaves(c) }})
	}
	return d
}

// leaves puts a message on the wire, and the partner and the echo follow.
func (t *talks) leaves(c command.Command) {
	t.wire.sent[c.MessageID] = t.now
	t.after(100*time.Millisecond, func() { t.decides(t.result(c, event.CodeOK, "", nil)) })
	if t.heard != nil {
		t.heard(t)
	}
}

// another is a text that was not said before.
func (t *talks) another() string {
	t.count++
	return fmt.Sprintf("第%d句：%s", t.count, strings.Repeat("啊", t.count%17))
}

func (t *talks) between(low, high time.Duration) time.Duration {
	return low + time.Duration(t.random.Int64N(int64(high-low)))
}

func TestAMachineIsAnsweredAFewTimesAndNoMore(t *testing.T) {
	instant := func(text func(*talks) string, lines int) func(*talks) {
		return func(t *talks) {
			for i := range lines {
				t.after(200*time.Millisecond+time.Duration(i)*50*time.Millisecond, func() { t.writes(text(t)) })
			}
		}
	}
	another := (*talks).another
	same := func(*talks) string { return "您好，我现在不在，稍后回复您" }
	const twoReplies = `version: 1
rules:
  - {id: all, on: message.text, when: "true", loop_guard: off, do: [reply: "收到：{{text}}", reply: 请稍等]}
`
	for name, c := range map[string]struct {
		rules string
		heard func(*talks)
		pace  time.Duration
		most  int
		cause string
	}{
		"one that answers at once":                     {answersAll, instant(another, 1), 0, 6, "within 1s"},
		"at the usual pace":                            {answersAll, instant(another, 1), 10 * time.Second, 6, "within 1s"},
		"with the same words each time":                {answersAll, instant(same, 1), 0, 6, "the same words"},
		"with two lines each time":                     {answersAll, instant(another, 2), 0, 20, ""},
		"that takes four seconds for always the same":  {answersAll, func(t *talks) { t.after(4*time.Second, func() { t.writes(same(t)) }) }, 0, 6, "the same words"},
		"that thinks for some seconds and never stops": {answersAll, func(t *talks) { t.after(t.between(2*time.Second, 8*time.Second), func() { t.writes(t.another()) }) }, 0, 13, "without a pause"},
		"answered by a rule that says two things":      {strings.Replace(twoReplies, "[reply: \"收到：{{text}}\", reply: 请稍等]", "[{reply: \"收到：{{text}}\"}, {reply: 请稍等}]", 1), instant(another, 1), 0, 12, ""},
		"answered by a rule that waits a while": {`version: 1
rules:
  - {id: all, on: message.text, when: "true", loop_guard: off, do: [{delay: 5s}, {reply: "收到：{{text}}"}]}
`, instant(another, 1), 0, 6, "within 1s"},
		"answered by a rule that asks on and on": {`version: 1
rules:
  - id: all
    on: message.text
    when: "true"
    loop_guard: off
    do:
      - repeat: 50
        do: [{reply: 还有呢}, {wait_for: {timeout: 1m}}]
`, instant(another, 1), 0, 6, ""},
	} {
		t.Run(name, func(t *testing.T) {
			chat := newTalks(t, c.rules, 1)
			chat.heard, chat.pace = c.heard, c.pace
			chat.after(0, func() { chat.writes("你好") })
			n := chat.play(10 * time.Minute)
			if n > c.most || n < 2 {
				t.Errorf("the rules spoke %d times within ten minutes, want 2 to %d (%v)", n, c.most, chat.saw)
			}
			if why := chat.why[rule.PingPong]; c.cause != "" && (!strings.Contains(why.EN, c.cause) || !strings.Contains(why.ZH, "还要 10m")) {
				t.Errorf("the reason is %q", why)
			}
			t.Logf("spoke %d times: %v", n, chat.saw)
		})
	}
}

// person is how somebody writes: for how long they read what came, and type.
type person struct {
	name  string
	reads bool // writes when answered; else goes on writing whatever is answered
	least time.Duration
	usual time.Duration // the median
	lines float64       // the share of messages that are followed by another line
	wrong float64       // the share of conversations that may be taken for a machine's
}

// takes is how long the next message takes: log-normal, never less than least.
func (p person) takes(t *talks) time.Duration {
	return max(p.least, time.Duration(float64(p.usual)*math.Exp(0.5*t.random.NormFloat64())))
}

// speaks has the person write n messages.
func (p person) speaks(t *talks, n int) {
	var write func()
	write = func() {
		if n--; n < 0 {
			return
		}
		t.writes(t.another())
		if t.random.Float64() < p.lines {
			t.after(t.between(time.Second, 3*time.Second), write)
		} else if !p.reads {
			t.after(p.takes(t), write)
		}
	}
	if p.reads {
		t.heard = func(t *talks) { t.after(p.takes(t), write) }
	}
	t.after(0, write)
}

// Nobody reads an answer and types the next question in less than about a second and
// a half; who does not read at all writes into the middle of the answers.
func TestAPersonWhoWritesFastIsNoMachine(t *testing.T) {
	conversations := *conversationsFlag
	for _, p := range []person{
		{"who reads and answers fast", true, 1600 * time.Millisecond, 3 * time.Second, 0, 0},
		{"who answers fast in several lines", true, 1600 * time.Millisecond, 3 * time.Second, 0.3, 0.02},
		{"who writes on without reading", false, time.Second, 4 * time.Second, 0, 0.01},
		{"who writes on without reading, very fast", false, 800 * time.Millisecond, 2 * time.Second, 0, 0.05}, // only where no pace is kept
	} {
		for _, pace := range []time.Duration{0, 10 * time.Second} {
			t.Run(fmt.Sprintf("%s, pace %s", p.name, pace), func(t *testing.T) {
				held, messages := 0, 0
				for seed := range conversations {
					chat := newTalks(t, answersAll, uint64(seed))
					chat.fuses.ChatPerMinute, chat.pace = 0, pace
					p.speaks(chat, 10)
					chat.play(time.Hour)
					messages += chat.saw[rule.Fired] + chat.saw[rule.PingPong]
					held += min(1, chat.saw[rule.PingPong])
				}
				t.Logf("figure: people taken for machines, %s (pace %s): %d of %d conversations, %d messages", p.name, pace, held, conversations, messages)
				if float64(held) > p.wrong*float64(conversations) {
					t.Errorf("%d of %d conversations were taken for a machine's", held, conversations)
				}
			})
		}
	}
}

func TestOneWhoSaysTheSameAgainIsHeardWhenSayingSomethingElse(t *testing.T) {
	chat := newTalks(t, answersAll, 3)
	for i := range 4 {
		chat.after(time.Duration(i)*5*time.Second, func() { chat.writes("在吗") })
	}
	chat.after(22*time.Second, func() { chat.writes("我要退款") })
	chat.after(24*time.Second, func() { chat.writes("在吗") })
	chat.play(time.Hour)
	if chat.saw[rule.PingPong] != 2 || chat.saw[rule.Fired] != 4 {
		t.Errorf("got %v, want the fourth and fifth of the same words held, and nothing else", chat.saw)
	}
}

func TestStaffAreNoMachines(t *testing.T) {
	chat := newTalks(t, answersAll, 3)
	chat.staff = true
	chat.heard = func(t *talks) { t.after(200*time.Millisecond, func() { t.writes("退款") }) }
	chat.fuses.ChatPerMinute = 0
	chat.after(0, func() { chat.writes("退款") })
	if chat.play(time.Minute); chat.saw[rule.PingPong] != 0 || chat.saw[rule.Fired] < 10 {
		t.Errorf("got %v", chat.saw)
	}
}

func TestAMachineIsAnsweredAgainWhenItsTimeIsOverOrAPersonSaysSo(t *testing.T) {
	open := func() *talks {
		chat := newTalks(t, answersAll, 3)
		chat.heard = func(t *talks) { t.after(200*time.Millisecond, func() { t.writes(t.another()) }) }
		chat.after(0, func() { chat.writes("你好") })
		chat.play(5 * time.Minute)
		chat.heard = nil
		if loops := Loops(chat.wire, chat.now); len(loops) != 1 || loops[0].Cause != LoopFast || loops[0].Peer != people["张三"] {
			t.Fatalf("the open fuses are %+v", loops)
		}
		return chat
	}
	chat := open()
	before := chat.saw[rule.Fired]
	chat.after(4*time.Minute, func() { chat.writes("还在吗") })
	chat.after(11*time.Minute, func() { chat.writes("还在吗") })
	if chat.play(time.Hour); chat.saw[rule.Fired] != before+1 || chat.saw[rule.PingPong] != 2 {
		t.Errorf("got %v", chat.saw)
	}
	chat = open()
	w, closed := CloseLoops(chat.wire, robot.Key, people["张三"], chat.now)
	chat.past.apply(Decision{Facts: []FactWrite{w}})
	if chat.writes("还在吗"); closed != 1 || chat.saw[rule.PingPong] != 1 {
		t.Errorf("closed %d, then %v", closed, chat.saw)
	}
}

func TestAllRulesTogetherAnswerOnlySoOftenInAChat(t *testing.T) {
	rules := []string{"version: 1", "rules:"}
	for i := range 9 {
		rules = append(rules, fmt.Sprintf("  - {id: r%d, on: message.text, when: \"true\", do: [reply: 答案%d]}", i, i))
	}
	rules = append(rules, `  - {id: guard, on: message.text, match: {any: [加微信]}, do: [{kick: {user: sender}}, {reply: 已移出}]}`)
	chat := newTalks(t, strings.Join(rules, "\n"), 5)
	for i := range 10 {
		chat.after(time.Duration(i)*4*time.Second, func() { chat.writes(chat.another()) })
	}
	chat.after(50*time.Second, func() { chat.writes("加微信领红包") })
	if n := chat.play(55 * time.Second); n > 20+1 || n < 20 {
		t.Errorf("the rules spoke %d times within a minute (%v)", n, chat.saw)
	}
	if why := chat.why[rule.ChatFuse]; !strings.Contains(why.EN, "answered 20 times within 1m, on again in") {
		t.Errorf("the reason is %q", why)
	}
	chat.after(70*time.Second, func() { chat.writes("两分钟后") })
	before := chat.saw[rule.Fired]
	if chat.play(3 * time.Minute); chat.saw[rule.Fired] == before {
		t.Errorf("nothing is answered two minutes later: %v", chat.saw)
	}
}
