package app

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/sim"
)

// A scheduled rule speaks in every group that its scope names, once at each instant:
// also when the rules are edited meanwhile, and once for what was missed while the
// engine was down.
func TestASchedulePostsInEachGroupOnceOverReloadAndRestart(t *testing.T) {
	t.Parallel()
	at := time.Now().Truncate(time.Minute).Add(time.Minute)
	ahead := time.Until(at) - 1500*time.Millisecond // the clock of schedules stands right before it
	china := at.In(time.FixedZone("CST", 8*3600))
	rules := fmt.Sprintf(`version: 1
rules:
  - id: morning
    on: {schedule: {cron: "%d %d * * *", missed: once}}
    scope: {chats: ["产品体验群*"]}
    do: [{reply: "早上好，{{chat.name}}"}]
  - {id: hello, on: start, do: [{send: {to: "R:10696051755024720", text: 机器人启动了}}]}
`, china.Minute(), china.Hour())
	b := &bench{sim: serve(t, sim.Options{}), now: func() time.Time { return time.Now().Add(ahead) }}
	dir := rulesIn(t, rules)
	b.cfg = settings(t, b.sim.URL(), b.sim.URL()+"/imchat", dir)
	b.run(t)
	<-b.swaps
	b.ledger(t, "the greeting of the morning", hasText("早上好，产品体验群"))

	write(t, filepath.Join(dir, "rules.yaml"), strings.Replace(rules, "早上好，", "早，", 1))
	<-b.swaps
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	texts := func(part string) (n int) {
		for _, e := range b.sim.Ledger() {
			if e.Kind == "text" && strings.Contains(e.Text, part) {
				n++
			}
		}
		return n
	}
	groups := texts("早上好，")
	if groups == 0 || texts("机器人启动了") != 1 {
		t.Fatalf("%d greetings, %d greetings of the start", groups, texts("机器人启动了"))
	}

	ahead += 25 * time.Hour // the engine was down while the next morning came
	for again := range 2 {
		b.run(t)
		b.ledger(t, "the greeting that was missed, and that of the start", func([]sim.Entry) bool {
			return texts("早，") == groups && texts("机器人启动了") == again+2
		})
		b.settled()
		if err := b.end(); err != nil {
			t.Fatal(err)
		}
	}
	if old, late, starts := texts("早上好，"), texts("早，"), texts("机器人启动了"); old != groups || late != groups || starts != 3 {
		t.Errorf("%d groups: greeted %d times, then %d times; %d starts of three were told", groups, old, late, starts)
	}
}
