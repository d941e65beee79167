package engine

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"botengine/internal/command"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// lively are rules in which much can happen.
const lively = `
version: 1
rules:
  - id: cool
    on: message.text
    match: {any: [退款, 退货]}
    cooldown: {for: 10s, per: [chat, member]}
    loop_guard: off
    do:
      - reply: "{{text}}"
      - tag: {add: [售后/退款]}
        on_error: continue
      - delay: 1s..20s
      - reply: "{{steps['1'].code}}{{steps['2'].code}}"
  - id: fuse
    on: [message.text, friend.request]
    loop_guard: {count: 3, within: 30s}
    do:
      - set: {global.n: "{{(global.n ?? 0) + 1}}"}
      - reply: "{{global.n}}"
      - invite: {group: ["R:1", "R:2"]}
  - id: pending
    on: message.text
    when: global.n > 2
    stop: true
    do: [{log: "{{global.n}}"}]
`

// life is a world in which rapid makes things happen.
type life struct {
	*world
	fired map[string][]time.Time // by rule, robot, chat and person
}

func TestWhateverHappens(t *testing.T) {
	set := compile(t, lively)
	rapid.Check(t, func(rt *rapid.T) {
		l := &life{world: &world{t: t, set: set, past: newMemory(), now: start, cache: NewCache()}, fired: map[string][]time.Time{}}
		for range rapid.IntRange(1, 40).Draw(rt, "events") {
			l.now = l.now.Add(time.Duration(rapid.IntRange(0, 8000).Draw(rt, "ms")) * time.Millisecond)
			ev := l.draw(rt)
			l.check(rt, ev, l.settle(ev))
		}
	})
}

// draw makes one thing happen.
func (l *life) draw(rt *rapid.T) *event.Event {
	who := rapid.SampledFrom([]string{"张三", "李四"}).Draw(rt, "who")
	kind := rapid.IntRange(0, 5).Draw(rt, "kind")
	if due := l.due(); kind == 0 && len(due) > 0 {
		return l.timer(due[0])
	}
	if kind <= 2 && len(l.open) > 0 {
		c := rapid.SampledFrom(l.open).Draw(rt, "command")
		code := rapid.SampledFrom([]string{event.CodeOK, event.CodeOK, "1", event.CodeTimeout, event.CodeUnknown}).Draw(rt, "code")
		return l.result(c, code, "", []byte(`{"labels":[{"labelId":14073751575621261,"name":"退款","groupName":"售后"}]}`))
	}
	switch kind {
	case 3:
		return l.asks(who, "加 薇 信")
	case 4:
		return l.whispers(who, "退货")
	}
	return l.says(who, rapid.SampledFrom([]string{"退款", "退 款", "你好 👋", "怎么退货？"}).Draw(rt, "text"))
}

// check decides the event and holds what must always be true.
func (l *life) check(rt *rapid.T, ev *event.Event, ended *command.Command) {
	in := l.input(ev, ended)
	d := l.decide(in)
	again := in
	again.Cache = nil
	if first, second := asJSON(l.t, d), asJSON(l.t, Decide(again)); first != second {
		rt.Fatalf("one input, two decisions:\n%s\n%s", first, second)
	}
	l.past.apply(d)
	l.open = append(l.open, d.Commands...)
	l.onePerRun(rt)
	l.cooled(rt, ev, d)
	if twice := Decide(l.input(ev, ended)); ended != nil && len(twice.Commands)+len(twice.Runs) > 0 {
		rt.Fatalf("a result that came twice changed something: %s", asJSON(l.t, twice))
	}
}

// onePerRun holds that a run never has two commands open, and that no two open
// commands have one id.
func (l *life) onePerRun(rt *rapid.T) {
	runs, ids := map[string]bool{}, map[string]bool{}
	for _, c := range l.open {
		if runs[c.Run] || ids[c.MessageID] || len(c.MessageID) != 32 {
			rt.Fatalf("run %s has two commands open, or id %s is not its own", c.Run, c.MessageID)
		}
		runs[c.Run], ids[c.MessageID] = true, true
		if _, ok := l.past.runs[c.Run]; !ok {
			rt.Fatalf("command %s belongs to no run", c.MessageID)
		}
	}
}

// cooled holds that rules keep their cooldown and their fuse.
func (l *life) cooled(rt *rapid.T, ev *event.Event, d Decision) {
	for _, v := range d.Verdicts {
		if v.Outcome != rule.Fired {
			continue
		}
		key := v.Rule + peerOf(ev)
		if v.Rule == "cool" {
			key += personOf(ev)
		}
		times := l.fired[key]
		if v.Rule == "cool" && len(times) > 0 && l.now.Sub(times[len(times)-1]) < 10*time.Second {
			rt.Fatalf("fired within its cooldown: %v, %v", times, l.now)
		}
		if v.Rule == "fuse" && len(times) >= 3 && l.now.Sub(times[len(times)-3]) < 30*time.Second {
			rt.Fatalf("fired against its fuse: %v, %v", times, l.now)
		}
		l.fired[key] = append(times, l.now)
	}
}

func TestDecidingTwiceNeverFiresWithinTheCooldown(t *testing.T) {
	set := compile(t, lively)
	rapid.Check(t, func(rt *rapid.T) {
		w := &world{t: t, set: set, past: newMemory(), now: start}
		w.handle(w.says("张三", "退款"))
		w.now = w.now.Add(time.Duration(rapid.Int64Range(0, int64(10*time.Second)-1).Draw(rt, "later")))
		d := w.handle(w.says("张三", "退货"))
		i := slices.IndexFunc(d.Verdicts, func(v Verdict) bool { return v.Rule == "cool" })
		if i < 0 || d.Verdicts[i].Outcome != rule.OnCooldown {
			rt.Fatalf("after %s: %s", w.now.Sub(start), w.describe(d))
		}
	})
}

// FuzzRunData holds that no run data, however broken, makes Decide panic or leaves
// a run that nothing will ever wake.
func FuzzRunData(f *testing.F) {
	w := newWorld(f, lively)
	for _, r := range w.handle(w.says("张三", "退款")).Runs {
		f.Add(r.Data)
	}
	f.Add([]byte(`{"v":1,"rule":"cool","hash":"gone","await":"x","step":99}`))
	f.Add([]byte(fmt.Sprintf(`{"v":1,"rule":"cool","hash":%q,"await":"x","step":99}`, w.set.Rules[0].Hash)))
	f.Add([]byte(fmt.Sprintf(`{"v":1,"rule":"cool","hash":%q,"await":"x","step":1,"tags":true,"due":"2026-01-01T00:00:00Z"}`, w.set.Rules[0].Hash)))
	f.Add([]byte(`{"v":2}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &world{t: t, set: w.set, past: newMemory(), now: start}
		w.past.runs["run"] = RunWrite{ID: "run", Data: data}
		c := command.Command{Run: "run", MessageID: "x"}
		if r, err := decodeRun(data); err == nil {
			c.MessageID = r.Await
		}
		for _, ev := range []*event.Event{w.result(c, event.CodeOK, "", nil), w.timer(RunWrite{ID: "run"})} {
			d := Decide(w.input(ev, &c))
			for _, r := range d.Runs {
				if !r.Done && r.Due.IsZero() && len(d.Commands) == 0 {
					t.Errorf("run is stored and waits for nothing: %s", r.Data)
				}
			}
		}
	})
}
