package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/sim"
)

// Holidays come from a list, work on a Saturday, too; hours may cross midnight.
func TestHolidaysAndHoursAcrossMidnight(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC()
	around := now.AddDate(0, 0, -1).Format(time.DateOnly) + ".." + now.AddDate(0, 0, 1).Format(time.DateOnly)
	hours := func(from, to time.Duration) string {
		return now.Add(from).Format("15:04") + "-" + now.Add(to).Format("15:04")
	}
	const text = `version: 1
lists: {holidays: {file: holidays.txt}, workdays: {file: workdays.txt}}
defaults: {loop_guard: off}
rules:
  - id: human
    on: message.text
    match: {exact: [人工]}
    active: {days: [workday], outside: [{reply: 今天放假}]}
    do: [{reply: 马上转人工}]
  - {id: rest, on: message.text, match: {exact: [人工]}, active: {days: [restday]}, do: [{reply: 节日快乐}]}
  - {id: asked, on: message.text, match: {exact: [人工]}, when: workday(), do: [{reply: 在上班}]}
  - {id: long, on: message.text, match: {exact: [人工]}, active: {hours: ["%s"], timezone: UTC}, do: [{reply: 几乎整天}]} # all but an hour, so across midnight
  - {id: short, on: message.text, match: {exact: [人工]}, active: {hours: ["%s"], timezone: UTC}, do: [{reply: 不在这时}]}
`
	dir := rulesIn(t, "version: 1\nrules: [{id: none, on: message.image, do: [{log: 图}]}]\n")
	days := func(holidays, workdays string) {
		t.Helper()
		for name, days := range map[string]string{"holidays.txt": holidays, "workdays.txt": workdays} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(days+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	days(around, "")
	write(t, filepath.Join(dir, "rules.yaml"), fmt.Sprintf(text, hours(2*time.Hour, time.Hour), hours(2*time.Hour, 3*time.Hour)))
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	must(b.sim.Say("产品体验群1", "张三", "人工"))
	b.said(t, 3)
	days("", around) // both files may go live at once, or one after the other
	until(t, "a day of work", func() bool {
		must(b.sim.Say("VIP 交流群", "张三", "人工"))
		b.settled()
		return countOf(texts(b.sim.Ledger()), "马上转人工") > 0
	})
	got := strings.Join(texts(b.sim.Ledger()), "，")
	for _, want := range []string{"今天放假", "节日快乐", "马上转人工", "在上班", "几乎整天"} {
		if !strings.Contains(got, want) {
			t.Errorf("nobody said %q: %s", want, got)
		}
	}
	if strings.Contains(got, "不在这时") {
		t.Errorf("outside of its hours a rule said something: %s", got)
	}
}

// Ten thousand words of a file are looked for at once, however they are written.
func TestTenThousandWordsOfAListAreLookedFor(t *testing.T) {
	t.Parallel()
	var words strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&words, "代办第%05d号\n", i)
	}
	dir := rulesIn(t, `version: 1
lists: {ads: {file: ads.txt}}
rules:
  - {id: ads, on: message.text, match: {list: ads}, do: [{reply: "请不要发「{{hit.word}}」"}]}
`)
	if err := os.WriteFile(filepath.Join(dir, "ads.txt"), []byte(words.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	b := start(t, serve(t, sim.Options{}), dir)
	must(b.sim.Say("产品体验群1", "张三", "承接代.辦 第０９９９９號，便宜"))
	b.ledger(t, "the word that was found", hasText("请不要发「代办第09999号」"))
}
