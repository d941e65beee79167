package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const kicks = `rules:
  - {id: spam, on: message.text, match: {any: [加薇信]}, loop_guard: off, do: [{kick: {}}]}
  - {id: flood, on: message.text, match: {any: [刷屏]}, loop_guard: off, do: [{kick: {}}]}`

// thrown is a kick as a naive reader notes it.
type thrown struct {
	at                 time.Time
	rule, robot, group string
}

func TestKicksStayWithinTheirLimits(t *testing.T) {
	limit := BlastLimit{PerHour: 5, PerRule: 4, GroupShare: 0.2}
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, kicks)
		w.blast = &Blast{Kick: limit}
		sizes := []int{3, 20, 200}
		var done []thrown
		count := func(within time.Duration, like func(thrown) bool) (n int) {
			for _, k := range done {
				if w.now.Sub(k.at) < within && like(k) {
					n++
				}
			}
			return n
		}
		for range rapid.IntRange(1, 80).Draw(rt, "messages") {
			w.now = w.now.Add(time.Duration(rapid.IntRange(0, 40).Draw(rt, "minutes")) * time.Minute)
			group := rapid.IntRange(0, 2).Draw(rt, "group")
			id := rapid.SampledFrom([]string{"spam", "flood"}).Draw(rt, "rule")
			ev := w.in(group, map[string]string{"spam": "加薇信", "flood": "刷屏"}[id])
			ev.Robot.Key = rapid.SampledFrom([]string{"r1", "r2"}).Draw(rt, "robot")
			ev.Chat.Known, ev.Chat.Size = true, sizes[group]
			most := max(1, sizes[group]/5)
			k := thrown{w.now, id, ev.Robot.Key, fmt.Sprint(group)}
			want := count(time.Hour, func(o thrown) bool { return o.robot == k.robot }) < limit.PerHour &&
				count(time.Hour, func(o thrown) bool { return o.rule == k.rule }) < limit.PerRule &&
				count(24*time.Hour, func(o thrown) bool { return o.group == k.group }) < most
			d := w.handle(ev)
			if got := len(d.Commands) == 1; got != want {
				rt.Fatalf("kicked = %t, want %t: %+v", got, want, d.Verdicts)
			}
			if !want {
				s := d.Verdicts[0].Steps[0]
				if s.Code != CodeBlast || len(d.Logs) == 0 || !d.Logs[0].Alert {
					rt.Fatalf("the step ended with %+v, logs %+v", s, d.Logs)
				}
				continue
			}
			done = append(done, k)
		}
	})
}

func TestAGroupOfUnknownSizeHasNoShare(t *testing.T) {
	w := newWorld(t, kicks)
	w.blast = &Blast{Kick: BlastLimit{PerHour: 3, GroupShare: 0.01}}
	for i := range 5 {
		d := w.handle(w.in(1, "加薇信"))
		if got, want := len(d.Commands) == 1, i < 3; got != want {
			t.Errorf("kick %d: %t, want %t", i+1, got, want)
		}
	}
}

func TestWhatIsNotDestructiveIsNotCounted(t *testing.T) {
	w := newWorld(t, `rules: [{id: a, on: message.text, loop_guard: off, when: true, do: [{reply: 好}]}]`)
	w.blast = &Blast{Kick: BlastLimit{PerHour: 1, PerRule: 1, GroupShare: 0.01}, Broadcast: BlastLimit{PerHour: 1}}
	for range 10 {
		d := w.handle(w.in(1, "在吗"))
		if len(d.Commands) != 1 {
			t.Fatalf("it was held back: %s", outcomes(d))
		}
		for _, f := range d.Facts {
			if strings.HasPrefix(f.Key, "bl/") {
				t.Fatalf("it was counted: %s", f.Key)
			}
		}
	}
}
