package app

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"botengine/internal/rule"
	"botengine/internal/sim"
)

// libraryText is a library with a template, whose rule waits between two answers.
func libraryText(answer string, least int) string {
	return fmt.Sprintf(`vars: {hotline: 400-800}
labels: {体验: ["产品体验群*"]}
templates:
  问答:
    inputs: {words: {type: list, required: true}, wait: {type: duration, default: 2s}}
    rule:
      on: message.text
      scope: {labels: [体验], owners: [小助手], size: {min: %d}}
      match: {any: {input: words}}
      do:
        - reply: "%s一：{{chat.size}} 人"
        - delay: {input: wait}
        - reply: "%[2]s二：{{vars.hotline}}"
`, least, answer)
}

const usersText = `use: common/lib.yaml
rules:
  - {id: faq, template: 问答, with: {words: [退款]}}
  - {id: slow, template: 问答, with: {words: [慢慢来], wait: 1500ms}}
`

func inLibrary(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "common"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "common", "lib.yaml"), text)
}

// A rule's scope follows the group: one who joins makes it large enough. What waits
// goes on with the text of the library it began with, over a reload and a restart.
func TestScopeFollowsTheGroupAndRunsKeepTheirLibrary(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	inLibrary(t, dir, libraryText("旧", 5))
	write(t, filepath.Join(dir, "faq.yaml"), usersText)
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	b.knowsGroups(t)
	must(b.sim.Say("产品体验群1", "张三", "退款")) // four members
	b.settled()
	if n := len(b.sim.Ledger()); n != 0 {
		t.Errorf("%d answers in a group that is too small: %+v", n, b.sim.Ledger())
	}
	if err := b.sim.Join("产品体验群1", "王五"); err != nil {
		t.Fatal(err)
	}
	until(t, "the event of who joined", b.sawJoin)
	must(b.sim.Say("产品体验群1", "张三", "慢慢来"))
	b.ledger(t, "the first answer", hasText("旧一：5 人"))

	inLibrary(t, dir, libraryText("新", 5))
	swapped := <-b.swaps
	if _, ok := swapped.Rule("slow"); !ok {
		t.Fatal("the rules are gone")
	}
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	<-b.swaps
	b.ledger(t, "the second answer of the library it began with", hasText("旧二：400-800"))
	must(b.sim.Say("产品体验群1", "张三", "退款"))
	b.ledger(t, "the changed library's answer", hasText("新一：5 人"))
}

// sawJoin says whether anybody's joining was taken in.
func (b *bench) sawJoin() bool {
	for {
		select {
		case r := <-b.reports:
			if r.Event.Kind == "member.join" {
				return true
			}
		default:
			return false
		}
	}
}

// A library with a mistake changes nothing; the rules that use it stay as they are.
func TestABadLibraryChangesNothing(t *testing.T) {
	dir := t.TempDir()
	inLibrary(t, dir, libraryText("旧", 1))
	write(t, filepath.Join(dir, "faq.yaml"), usersText)
	d := live(t, dir)
	before := d.rules.Load()
	inLibrary(t, dir, strings.Replace(libraryText("新", 1), "owners", "ownres", 1))
	d.waitLog(t, "ownres")
	if d.rules.Load() != before {
		t.Error("the bad library became live")
	}
	inLibrary(t, dir, libraryText("新", 1))
	var next *rule.Set
	for next = <-d.swaps; next == before; next = <-d.swaps {
	}
	old, _ := before.Rule("faq")
	now, _ := next.Rule("faq")
	if old.Hash == now.Hash {
		t.Error("the mended library did not reach the rules that use it")
	}
}
