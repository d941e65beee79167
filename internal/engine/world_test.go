package engine

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// start is when every test's world begins.
var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("CST", 8*3600))

// memory is a store of facts as the engine sees it.
type memory struct {
	facts    map[string]FactWrite
	runs     map[string]RunWrite
	archives map[string][]byte
}

func newMemory() *memory {
	return &memory{facts: map[string]FactWrite{}, runs: map[string]RunWrite{}, archives: map[string][]byte{}}
}

func (m *memory) Fact(key string) ([]byte, time.Time, bool) {
	f, ok := m.facts[key]
	return f.Value, f.Expires, ok
}

func (m *memory) RunData(id string) ([]byte, bool) {
	r, ok := m.runs[id]
	return r.Data, ok
}

func (m *memory) Archive(hash string) ([]byte, bool) {
	data, ok := m.archives[hash]
	return data, ok
}

// apply commits a decision.
func (m *memory) apply(d Decision) {
	for _, f := range d.Facts {
		if f.Delete {
			delete(m.facts, f.Key)
			continue
		}
		m.facts[f.Key] = f
	}
	for _, r := range d.Runs {
		if r.Done {
			delete(m.runs, r.ID)
			continue
		}
		m.runs[r.ID] = r
	}
	for _, a := range d.Archives {
		m.archives[a.Hash] = a.Data
	}
}

// world is line 1 without a store: rules, the past, a clock and open commands.
type world struct {
	t     testing.TB
	set   *rule.Set
	past  *memory
	now   time.Time
	open  []command.Command
	count int
	cache *Cache
	every bool
	team  *squad // nil: there is but one robot
	guard *Guard
	seen  *Seen
	blast *Blast
	kept  map[string]keptWith // the runs, as they were decided
}

func newWorld(tb testing.TB, rules string) *world {
	tb.Helper()
	w := &world{t: tb, past: newMemory(), now: start, cache: NewCache()}
	w.load(rules)
	return w
}

// load makes the rules the current ones, as a reload does.
func (w *world) load(rules string) {
	w.t.Helper()
	w.set = compile(w.t, rules)
}

func compile(tb testing.TB, rules string) *rule.Set {
	tb.Helper()
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(rules)}})
	if set == nil { // a warning is no obstacle
		var lines []string
		for _, f := range findings {
			lines = append(lines, fmt.Sprintf("%d:%d %s %s", f.Range.Start.Line, f.Range.Start.Column, f.Code, f.Message.EN))
		}
		tb.Fatalf("the rules do not compile:\n%s\n%s", rules, strings.Join(lines, "\n"))
	}
	return set
}

// input is what the event is decided by.
func (w *world) input(ev *event.Event, ended *command.Command) Input {
	in := Input{Set: w.set, Event: ev, Matches: w.set.Match(ev, w.now, w.every), Ended: ended, Now: w.now, Facts: w.past, Cache: w.cache, Guard: w.guard, Seen: w.seen, Blast: w.blast}
	if w.team != nil {
		in.Robots = w.team
	}
	return in
}

// handle decides an event and commits what it leads to.
func (w *world) handle(ev *event.Event) Decision {
	w.t.Helper()
	d := w.decide(w.input(ev, w.settle(ev)))
	w.past.apply(d)
	w.seen.Note(w.set, ev, d.Verdicts)
	w.open = append(w.open, d.Commands...)
	return d
}

// settle takes the command that the event ends out of the open ones.
func (w *world) settle(ev *event.Event) *command.Command {
	id := ev.Result.MessageID
	if ev.IsEcho() {
		id = ev.ID
	}
	i := slices.IndexFunc(w.open, func(c command.Command) bool { return c.MessageID == id })
	if i < 0 {
		return nil
	}
	c := w.open[i]
	w.open = slices.Delete(w.open, i, i+1)
	return &c
}

var robot = event.Robot{Key: "cfb3e2c2", ID: "1688850285583026", Name: "小助手", Status: event.StatusOnline}

var people = map[string]string{"张三": "7881302985963919", "李四": "780000919", "王五": "14073751575621261"}

func (w *world) event(kind event.Kind) *event.Event {
	w.count++
	return &event.Event{Kind: kind, ID: fmt.Sprintf("2026112309%06d", w.count), Account: "main", Robot: robot, Time: w.now, Received: w.now}
}

func (w *world) inGroup(kind event.Kind) *event.Event {
	ev := w.event(kind)
	ev.Chat = event.Chat{ID: "S:1688850285583026_R:10696052725010172", Peer: "R:10696052725010172", Name: "产品体验群①", Group: true}
	return ev
}

func (w *world) says(who, text string) *event.Event {
	ev := w.inGroup(event.MessageText)
	ev.Sender = event.Person{ID: people[who], Name: who, IsMember: true}
	ev.Message = event.Message{ContentType: 1, Text: text}
	return ev
}

func (w *world) shows(who string) *event.Event {
	ev := w.says(who, "")
	ev.Kind, ev.Message = event.MessageImage, event.Message{ContentType: 7, SvrID: "9007199254740993", URL: "https://example.com/凭证.png"}
	return ev
}

// becomes is the robot with another status.
func (w *world) becomes(status string) *event.Event {
	n, err := strconv.Atoi(status)
	r := robot
	r.Status = event.Status(n)
	ev, ok := event.OfStatus("main", r, w.now)
	if err != nil || !ok {
		w.t.Fatalf("status %s is no event", status)
	}
	return &ev
}

func (w *world) whispers(who, text string) *event.Event {
	ev := w.says(who, text)
	ev.Chat = event.Chat{ID: event.ChatID(robot.ID, people[who]), Peer: people[who], Name: who}
	return ev
}

func (w *world) asks(who, reason string) *event.Event {
	ev := w.event(event.FriendRequest)
	ev.Friend = event.Friend{ID: people[who], Name: who, Reason: reason}
	return ev
}

func (w *world) joins(names ...string) *event.Event {
	ev := w.inGroup(event.MemberJoin)
	for _, n := range names {
		ev.Members = append(ev.Members, event.Person{ID: people[n], Name: n})
	}
	return ev
}

// result ends a command as the platform or the engine's own clock would.
func (w *world) result(c command.Command, code, msg string, payload []byte) *event.Event {
	ev := w.event(event.Result)
	ev.Result = event.CommandEnd{Type: c.Type, MessageID: c.MessageID, Code: code, Msg: msg, Payload: payload}
	return ev
}

// echo is the robot's own message coming back.
func (w *world) echo(c command.Command) *event.Event {
	ev := w.inGroup(event.MessageText)
	ev.Message = event.Message{ContentType: 1, Text: "学我"}
	ev.ID, ev.Sender = c.MessageID, event.Person{ID: robot.ID, Name: robot.Name, IsSelf: true, IsRobot: true}
	return ev
}

func (w *world) timer(r RunWrite) *event.Event {
	ev := w.event(event.Timer)
	ev.ID = fmt.Sprintf("%s/1/%d", r.ID, r.Due.UnixMilli())
	ev.Timer.Run = r.ID
	return ev
}

// due lists the runs whose wait is over, the earliest first.
func (w *world) due() []RunWrite {
	var due []RunWrite
	for _, id := range slices.Sorted(maps.Keys(w.past.runs)) {
		if r := w.past.runs[id]; !r.Due.IsZero() && !r.Due.After(w.now) {
			due = append(due, r)
		}
	}
	slices.SortStableFunc(due, func(a, b RunWrite) int { return a.Due.Compare(b.Due) })
	return due
}

// describe tells a decision in lines, for golden files.
func (w *world) describe(d Decision) string {
	var b strings.Builder
	for _, v := range d.Verdicts {
		fmt.Fprintf(&b, "%s: %s%s%s\n", v.Rule, v.Outcome, detail(v.Detail), waiting(v.Step))
		steps(&b, v.Steps)
		for _, c := range v.Would {
			fmt.Fprintf(&b, "  would send %s %s\n", c.Type, c.Fields)
		}
	}
	if d.Woken != nil {
		for _, w := range append([]Woken{*d.Woken}, d.Others...) {
			fmt.Fprintf(&b, "%s goes on%s\n", w.Rule, waiting(w.Step))
			steps(&b, w.Steps)
		}
	}
	for _, c := range d.Commands {
		fmt.Fprintf(&b, "  send %s %s#%s %s %s/%s within %s until +%s\n    %s\n", c.Type, chat(c), c.MessageID, c.Step, c.Lane, c.Class, c.Timeout, c.Expires.Sub(w.now), c.Fields)
	}
	for _, f := range d.Facts {
		b.WriteString("  " + w.fact(f) + "\n")
	}
	for _, r := range d.Runs {
		if !r.Due.IsZero() {
			fmt.Fprintf(&b, "  sleeps %s\n", r.Due.Sub(w.now))
		}
		if r.Done {
			b.WriteString("  run ends\n")
		}
	}
	for _, l := range d.Logs {
		fmt.Fprintf(&b, "  log %s/%s problem=%t: %s\n", l.Rule, l.Step, l.Problem, l.Text)
	}
	return b.String()
}

func detail(t diag.Text) string {
	if t.IsZero() {
		return ""
	}
	return " (" + t.ZH + " / " + t.EN + ")"
}

func waiting(step string) string {
	if step == "" {
		return ""
	}
	return ", waits in " + step
}

func steps(b *strings.Builder, reports []StepReport) {
	for _, s := range reports {
		fmt.Fprintf(b, "  step %s %s: %s %s\n", s.ID, s.Action, s.Code, s.Msg)
	}
}

func chat(c command.Command) string {
	if c.Chat == "" {
		return ""
	}
	return c.Chat + " "
}

func (w *world) fact(f FactWrite) string {
	switch {
	case f.Delete:
		return "forget " + f.Key
	case len(f.Value) > 100:
		return fmt.Sprintf("fact %s = %d bytes", f.Key, len(f.Value))
	case f.Expires.IsZero():
		return fmt.Sprintf("fact %s = %s", f.Key, f.Value)
	}
	return fmt.Sprintf("fact %s = %s for %s", f.Key, f.Value, f.Expires.Sub(w.now))
}

// asJSON is a decision in a form that shows every difference.
func asJSON(tb testing.TB, d Decision) string {
	tb.Helper()
	raw, err := json.Marshal(d)
	if err != nil {
		tb.Fatal(err)
	}
	return string(raw)
}
