package app

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/sim"
)

// Outside of its hours a rule answers once in each chat: a restart and an edit do
// not make it forget, and its next hours do.
func TestOutsideOfItsHoursARuleAnswersOnceOverReloadAndRestart(t *testing.T) {
	t.Parallel()
	hours := func(from, to time.Duration) string {
		at := func(d time.Duration) string { return time.Now().UTC().Add(d).Format("15:04") }
		return at(from) + "-" + at(to)
	}
	rules := func(active, text string) string {
		return fmt.Sprintf(`version: 1
rules:
  - id: human
    on: message.text
    match: {any: [人工]}
    active: {hours: ["%s"], timezone: UTC, outside: [{reply: "%s，已经下班"}, {delay: 300ms}, {reply: "%s，明天联系您"}]}
    do: [{reply: 正在转人工}]
`, active, text, text)
	}
	closed, open := hours(3*time.Hour, 4*time.Hour), hours(-time.Hour, time.Hour)
	dir := rulesIn(t, rules(closed, "您好"))
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	swap := func(text string) {
		t.Helper()
		write(t, filepath.Join(dir, "rules.yaml"), text)
		<-b.swaps
	}
	told := func(part string, want int) {
		t.Helper()
		n := 0
		for _, e := range b.ledger(t, part, hasText(part)) {
			if strings.Contains(e.Text, part) {
				n++
			}
		}
		if n != want {
			t.Errorf("%q was said %d times, want %d", part, n, want)
		}
	}
	must(b.sim.Say("产品体验群1", "张三", "转人工"))
	told("您好，明天联系您", 1)
	must(b.sim.Say("产品体验群1", "张三", "转人工"))
	swap(rules(closed, "在下"))
	must(b.sim.Say("产品体验群1", "张三", "还是转人工"))
	b.settled()
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	<-b.swaps
	until(t, "a connection", func() bool { return strings.Count(b.log.String(), "connected to the platform") == 2 })
	must(b.sim.Say("产品体验群1", "张三", "转人工"))
	must(b.sim.Say("VIP 交流群", "张三", "转人工"))
	told("在下，明天联系您", 1)
	b.settled()
	told("已经下班", 2)

	swap(rules(open, "您好"))
	must(b.sim.Say("产品体验群1", "张三", "转人工"))
	told("正在转人工", 1)
	swap(rules(closed, "又见面了"))
	must(b.sim.Say("产品体验群1", "张三", "转人工"))
	told("又见面了，已经下班", 1)
}
