package app

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"botengine/internal/rule"
	"botengine/internal/sim"
)

// Disguised words, names of files and titles of links are found on the whole road,
// by what a reload put on the list, and after a restart.
func TestDisguisedWordsAreFoundOverAReloadAndARestart(t *testing.T) {
	const text = `version: 1
lists: {spam: [加微信]}
rules:
  - id: spam
    on: message
    match: {list: spam}
    loop_guard: off
    do: [{reply: "{{hit.word}} {{hit.field}} {{hit.span.start}}-{{hit.span.end}}"}]
`
	dir := rulesIn(t, text)
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	sent := 0
	answered := func(say func() (string, error), want string) {
		t.Helper()
		must(say())
		if got := b.verdict(t, "spam"); got != rule.Fired {
			t.Fatalf("the rule is %s, want an answer %s", got, want)
		}
		sent++
		b.ledger(t, want, func(all []sim.Entry) bool { return len(texts(all)) == sent })
		if got := texts(b.sim.Ledger()); !slices.Contains(got, want) {
			t.Errorf("sent %q, want %q", got, want)
		}
	}
	say := func(text string) func() (string, error) {
		return func() (string, error) { return b.sim.Say("产品体验群1", "张三", text) }
	}
	answered(say("请➕ 薇\u200b信"), "加微信 text 1-6")
	answered(func() (string, error) {
		return b.sim.SayLink("产品体验群1", "张三", "加.薇.信 領券", "https://example.com/a")
	}, "加微信 link.title 0-5")
	answered(func() (string, error) {
		return b.sim.SayFile("产品体验群1", "张三", "https://example.com/刷单.pdf加微信")
	}, "加微信 file_name 6-9")

	write(t, filepath.Join(dir, "rules.yaml"), strings.Replace(text, "[加微信]", "[加微信, 刷單]", 1))
	<-b.swaps
	answered(say("來刷-单"), "刷單 text 1-4")
	b.again(t)
	answered(say("刷，單 吧"), "刷單 text 0-3")
	must(b.sim.Say("产品体验群1", "张三", "参加，微信群里说")) // no answer to this
	answered(say("加❤微❤信"), "加微信 text 0-5")
}
