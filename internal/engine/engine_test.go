package engine

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/actions"
	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/expression"
	"botengine/internal/rule"
)

// scripted is an action that does what a test says.
type scripted func(actions.Env) (actions.Effect, error)

func (scripted) Name() string                                   { return "scripted" }
func (scripted) Looks() *actions.Look                           { return nil }
func (s scripted) Plan(env actions.Env) (actions.Effect, error) { return s(env) }

func scriptedRule(id string, plans ...scripted) *rule.Rule {
	r := &rule.Rule{ID: id, Hash: "h", Mode: rule.ModeLive}
	for i, p := range plans {
		r.Steps = append(r.Steps, rule.Step{ID: fmt.Sprint(i + 1), Path: fmt.Sprint(i + 1), OnError: rule.Stop, Action: p, Next: i + 1})
	}
	return r
}

func says(text string) scripted {
	return func(actions.Env) (actions.Effect, error) {
		return actions.Effect{Command: &command.Command{Type: command.MessageText, Chat: "S:1_2", Lane: command.LaneChat, Class: command.Verifiable, Fields: []byte(text)}}, nil
	}
}

func logs(text string) scripted {
	return func(actions.Env) (actions.Effect, error) { return actions.Effect{Log: text}, nil }
}

func panics(actions.Env) (actions.Effect, error) { panic("boom") }

func decide(rules []*rule.Rule, past *memory) Decision {
	w := &world{now: start}
	in := Input{Set: &rule.Set{Rules: rules}, Event: w.says("张三", "退款"), Now: start, Facts: past}
	for _, r := range rules {
		in.Matches = append(in.Matches, rule.Match{Rule: r})
	}
	return Decide(in)
}

func TestAPanicStaysInItsRule(t *testing.T) {
	remember := scripted(func(actions.Env) (actions.Effect, error) {
		return actions.Effect{Facts: []actions.FactWrite{{Scope: "global", Name: "x", Value: "坏"}}}, nil
	})
	d := decide([]*rule.Rule{scriptedRule("good", logs("好")), scriptedRule("bad", logs("先"), remember, panics), scriptedRule("later", logs("也好"))}, newMemory())
	var got []string
	for _, v := range d.Verdicts {
		got = append(got, v.Rule+" "+string(v.Outcome))
	}
	if diff := cmp.Diff([]string{"good fired", "bad condition_error", "later fired"}, got); diff != "" {
		t.Error(diff)
	}
	if len(d.Facts) > 0 {
		t.Errorf("what the rule wrote before it panicked stayed: %v", d.Facts)
	}
	want := []Log{{Rule: "good", Step: "1", Text: "好"}, {Rule: "bad", Text: "the rule panicked", Problem: true}, {Rule: "later", Step: "1", Text: "也好"}}
	if diff := cmp.Diff(want, d.Logs); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(d.Verdicts[1].Detail.EN, "boom") {
		t.Errorf("the verdict does not say why: %v", d.Verdicts[1].Detail)
	}
}

func TestAWokenRunThatPanicsIsGivenUp(t *testing.T) {
	past := newMemory()
	r := scriptedRule("bad", says(`{}`), panics)
	data, err := (&run{Version: 1, Rule: "bad", Hash: "h", Key: "k", Await: "id"}).encode()
	if err != nil {
		t.Fatal(err)
	}
	past.runs["run"] = RunWrite{ID: "run", Data: data}
	w := &world{now: start}
	c := command.Command{MessageID: "id", Run: "run"}
	d := &decider{in: Input{Event: w.result(c, "0", "", nil), Ended: &c, Now: start, Facts: past}, ledger: newLedger(past, start)}
	state, _ := decodeRun(data)
	one := &runner{d: d, id: "run", run: state, rule: r, stored: true}
	d.carry(one, func() { one.resume(d.end()) })
	out := d.decision()
	if len(out.Runs) != 1 || !out.Runs[0].Done || len(out.Logs) != 1 || !out.Logs[0].Problem {
		t.Errorf("%+v", out)
	}
}

func TestARunWhoseTextIsGoneEndsWithALog(t *testing.T) {
	tests := map[string]func(*memory){
		"the archive is gone":          func(m *memory) { clear(m.archives) },
		"the archive is garbled":       func(m *memory) { garble(m, "%") },
		"the archive does not compile": func(m *memory) { garble(m, `[{"path":"rules/a.yaml","text":"cnVsZXM6IFs="}]`) },
		"the archive has other rules":  func(m *memory) { garble(m, `[]`) },
	}
	for name, damage := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, `{version: 1, rules: [{id: hello, on: message.text, do: [{reply: 好}, {log: 完}]}]}`)
			w.handle(w.says("张三", "你好"))
			w.load(`{version: 1, rules: [{id: hello, on: message.text, do: [{reply: 新}]}]}`)
			damage(w.past)
			d := w.handle(w.echo(w.open[0]))
			if len(d.Runs) != 1 || !d.Runs[0].Done || len(d.Logs) != 1 || !strings.HasPrefix(d.Logs[0].Text, "run given up: ") {
				t.Errorf("%s", asJSON(t, d))
			}
			if len(w.past.runs) > 0 {
				t.Error("the run is still there")
			}
		})
	}
}

func garble(m *memory, data string) {
	for hash := range m.archives {
		m.archives[hash] = []byte(data)
	}
}

func TestTheTextIsArchivedOnceAndOnlyForRunsThatWait(t *testing.T) {
	w := newWorld(t, `{version: 1, rules: [{id: a, on: message.text, do: [{log: 好}]}]}`)
	if d := w.handle(w.says("张三", "你好")); len(d.Archives)+len(d.Runs) > 0 {
		t.Errorf("a run that ended at once was stored: %s", asJSON(t, d))
	}
	w.load(`{version: 1, rules: [{id: a, on: message.text, do: [{reply: 好}]}, {id: b, on: message.text, do: [{reply: 好}]}]}`)
	if d := w.handle(w.says("张三", "你好")); len(d.Archives) != 1 || len(d.Runs) != 2 {
		t.Errorf("%d archives for %d runs", len(d.Archives), len(d.Runs))
	}
	if d := w.handle(w.says("李四", "你好")); len(d.Archives) != 0 || len(d.Runs) != 2 {
		t.Errorf("%d archives for %d more runs", len(d.Archives), len(d.Runs))
	}
}

func TestEventsForRunsThatAreGoneChangeNothing(t *testing.T) {
	w := newWorld(t, `{version: 1, rules: [{id: a, on: message.text, do: [{reply: 好}, {delay: 10s}, {reply: 再}]}]}`)
	first := w.handle(w.says("张三", "你好")).Commands[0]
	w.handle(w.echo(first))
	stale := w.timer(RunWrite{ID: first.Run, Due: w.now.Add(5 * time.Second)})
	for name, in := range map[string]Input{
		"an echo for the second time":  w.input(w.echo(first), &first),
		"a result after the echo":      w.input(w.result(first, "1", "", nil), &first),
		"a timer of another time":      w.input(stale, nil),
		"a timer of an unknown run":    w.input(w.timer(RunWrite{ID: "gone", Due: w.now}), nil),
		"a command of an unknown run":  w.input(w.echo(first), &command.Command{MessageID: first.MessageID, Run: "gone"}),
		"a command that no run wanted": w.input(w.echo(first), &command.Command{MessageID: first.MessageID}),
	} {
		if d := Decide(in); len(d.Runs)+len(d.Commands)+len(d.Facts)+len(d.Logs) > 0 || d.Woken != nil {
			t.Errorf("%s: %s", name, asJSON(t, d))
		}
	}
}

func TestCommandsAreStampedFromTheEvent(t *testing.T) {
	w := newWorld(t, `{version: 1, rules: [{id: a, on: friend.request, do: [{accept_friend: {}, id: yes, timeout: 5s}, {reply: 好}]}]}`)
	ev := w.asks("李四", "加 薇 信")
	d := w.handle(ev)
	key := command.Key(ev.Key(), "a", "1", "")
	want := command.Command{
		Key: key, MessageID: command.MessageID(ev.Time, key), Account: "main", Robot: robot.Key, Type: "robot.accept.friend.request",
		Lane: command.LaneAction, Class: command.Idempotent, Fields: []byte(`{"friendWxid":"780000919"}`),
		Rule: "a", Run: runID(ev.Key(), "a"), Step: "yes", Expires: start.Add(24 * time.Hour), Timeout: 5 * time.Second,
	}
	if diff := cmp.Diff([]command.Command{want}, d.Commands); diff != "" {
		t.Error(diff)
	}
	w.now = w.now.Add(time.Minute)
	d = w.handle(w.result(want, "0", "ok", nil))
	key = command.Key(ev.Key(), "a", "2", "S:1688850285583026_780000919")
	if c := d.Commands[0]; c.Key != key || c.MessageID != command.MessageID(ev.Time, key) || c.Timeout != 30*time.Second || !c.Expires.Equal(w.now.Add(time.Hour)) {
		t.Errorf("%+v", c)
	}
}

func TestOwnMessagesOnlyWakeRuns(t *testing.T) {
	w := newWorld(t, `{version: 1, rules: [{id: a, on: message.text, do: [{reply: 好}]}]}`)
	w.every = true
	c := w.handle(w.says("张三", "你好")).Commands[0]
	d := w.handle(w.echo(c))
	if d.Woken == nil || len(d.Commands) > 0 || d.Verdicts[0].Outcome != rule.OwnMessage {
		t.Errorf("%s", w.describe(d))
	}
	if d := w.handle(w.result(c, "0", "", nil)); len(d.Commands) > 0 || d.Verdicts[0].Outcome != rule.OtherTrigger {
		t.Errorf("%s", w.describe(d))
	}
}

func TestFactsKeepTheirTypes(t *testing.T) {
	for _, v := range []any{"00123", "退款 👋", "", true, false, int64(0), int64(math.MinInt64), int64(9007199254740993), 2.0, 2.5, 1e300, -0.001} {
		raw, err := encodeFact(v)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := decodeFact(raw); err != nil || got != v {
			t.Errorf("%#v came back as %#v, %v", v, got, err)
		}
	}
	for _, raw := range []string{"", "null", "[]", "{}", "99999999999999999999", `"`} {
		if v, err := decodeFact([]byte(raw)); err == nil {
			t.Errorf("%q was read as %v", raw, v)
		}
	}
	if _, err := encodeFact(math.Inf(1)); err == nil {
		t.Error("infinity became a fact")
	}
}

func TestFactsBelongToWhomTheyAreAbout(t *testing.T) {
	w := &world{now: start}
	group, private, friend, join := w.says("张三", ""), w.whispers("张三", ""), w.asks("李四", ""), w.joins("李四", "王五")
	tests := map[string]struct {
		ev    *event.Event
		scope string
		want  string
	}{
		"a user, in a group":              {group, "user", "f/user/main/7881302985963919/级"},
		"the same user, in private":       {private, "user", "f/user/main/7881302985963919/级"},
		"who asks to be a friend":         {friend, "user", "f/user/main/780000919/级"},
		"a chat":                          {group, "chat", "f/chat/cfb3e2c2/R:10696052725010172/级"},
		"the chat with a new friend":      {friend, "chat", "f/chat/cfb3e2c2/780000919/级"},
		"a member":                        {group, "member", "f/member/cfb3e2c2/R:10696052725010172/7881302985963919/级"},
		"a robot":                         {join, "robot", "f/robot/cfb3e2c2/级"},
		"everybody":                       {join, "global", "f/global/级"},
		"several new members are no user": {join, "user", ""},
		"a scope that does not exist":     {group, "usr", ""},
	}
	for name, tt := range tests {
		if key, ok := factKey(tt.ev, tt.scope, "级"); ok != (tt.want != "") || ok && key != tt.want {
			t.Errorf("%s: %s, %t", name, key, ok)
		}
	}
	if got := path("cd", "a/b", "100%"); got != "cd/a%2Fb/100%25" {
		t.Errorf("path %s", got)
	}
}

func TestLapsedFactsAreGone(t *testing.T) {
	past := newMemory()
	past.facts["k"] = FactWrite{Key: "k", Value: []byte("1"), Expires: start}
	for now, want := range map[time.Time]bool{start.Add(-1): true, start: false, start.Add(1): false} {
		if _, _, ok := newLedger(past, now).read("k"); ok != want {
			t.Errorf("at %s: %t", now.Sub(start), ok)
		}
	}
	l := newLedger(nil, start)
	if _, _, ok := l.read("k"); ok {
		t.Error("a fact without a past")
	}
}

func TestAFailedPlanNamesTheStep(t *testing.T) {
	fails := scripted(func(actions.Env) (actions.Effect, error) { return actions.Effect{}, errors.New("no such person") })
	d := decide([]*rule.Rule{scriptedRule("a", fails, logs("到不了"))}, newMemory())
	want := []Log{{Rule: "a", Step: "1", Text: "step ended with code invalid: no such person", Problem: true}}
	if diff := cmp.Diff(want, d.Logs); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]StepReport{{"1", "scripted", event.CodeInvalid, "no such person", "1"}}, d.Verdicts[0].Steps); diff != "" {
		t.Error(diff)
	}
}

func TestRandomFollowsFromTheEvent(t *testing.T) {
	draw := func(event, path string) float64 { return seeded(event, "a", path)() }
	if draw("m/1", "1") != draw("m/1", "1") || draw("m/1", "1") == draw("m/2", "1") || draw("m/1", "1") == draw("m/1", "2") {
		t.Error("the same event, rule and step must draw the same, others not")
	}
	if v := draw("m/1", "1"); v < 0 || v >= 1 {
		t.Errorf("%v", v)
	}
}

func TestConditionsThatBreakAreOutcomes(t *testing.T) {
	const text = "rules:\n  - {id: a, on: message.text, when: user.level > 1, do: [{log: 好}]}\n"
	set, found := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatalf("%v", found)
	}
	r, _ := set.Rule("a")
	past := newMemory()
	w := &world{now: start}
	past.facts["f/user/main/7881302985963919/level"] = FactWrite{Value: []byte(`"高"`)}
	in := Input{Set: &rule.Set{Rules: []*rule.Rule{r}}, Event: w.says("张三", "hi"), Matches: []rule.Match{{Rule: r, Pending: true}}, Now: start, Facts: past}
	if v := Decide(in).Verdicts[0]; v.Outcome != rule.ConditionError || !strings.HasPrefix(v.Detail.ZH, "条件 `user.level > 1` 计算出错：") || v.Detail.EN == v.Detail.ZH {
		t.Errorf("a fact of another type: %+v", v)
	}
	past.facts["f/user/main/7881302985963919/level"] = FactWrite{Value: []byte("1")}
	if v := Decide(in).Verdicts[0]; v.Outcome != rule.ConditionFalse {
		t.Errorf("a level too low: %+v", v)
	}
	past.facts["f/user/main/7881302985963919/level"] = FactWrite{Value: []byte("2")}
	if v := Decide(in).Verdicts[0]; v.Outcome != rule.Fired {
		t.Errorf("a level high enough: %+v", v)
	}
}

func TestTimesAreBrief(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0s", time.Minute: "1m", time.Hour: "1h", 90 * time.Minute: "1h30m", 61 * time.Second: "1m1s", 10 * time.Second: "10s"} {
		if got := brief(d); got != want {
			t.Errorf("%s: %s", d, got)
		}
	}
}

func TestACooldownIsKeptPerWhatItNames(t *testing.T) {
	w := &world{now: start}
	says, joins, asks := w.says("张三", "退款"), w.joins("王五", "李四"), w.asks("李四", "")
	bare := w.says("张三", "")
	bare.Chat.Peer = ""
	tests := map[string]struct {
		per  []string
		ev   *event.Event
		want string
	}{
		"the rule alone":               {[]string{"rule"}, says, "cd/a"},
		"a robot":                      {[]string{"robot"}, says, "cd/a/robot=cfb3e2c2"},
		"a chat":                       {[]string{"rule", "chat"}, says, "cd/a/chat=cfb3e2c2/R:10696052725010172"},
		"a chat known by its id alone": {[]string{"chat"}, bare, "cd/a/chat=cfb3e2c2/R:10696052725010172"},
		"a member":                     {[]string{"member"}, says, "cd/a/member=cfb3e2c2/R:10696052725010172/7881302985963919"},
		"who joined, in any order":     {[]string{"member"}, joins, "cd/a/member=cfb3e2c2/R:10696052725010172/14073751575621261,780000919"},
		"who asks to be a friend":      {[]string{"chat", "member"}, asks, "cd/a/chat=cfb3e2c2/780000919/member=cfb3e2c2/780000919/780000919"},
		"a word with a slash":          {[]string{"hit"}, says, "cd/a/hit=退%2F换"},
	}
	for name, tt := range tests {
		r := &rule.Rule{ID: "a", Cooldown: &rule.Cooldown{For: time.Minute, Per: tt.per}}
		if got := cooldownKey(r, tt.ev, expression.Hit{Word: "退/换"}); got != tt.want {
			t.Errorf("%s: got %s, want %s", name, got, tt.want)
		}
	}
}
