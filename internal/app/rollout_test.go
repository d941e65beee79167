package app

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/command"
	"botengine/internal/engine"
	"botengine/internal/rule"
	"botengine/internal/sim"
	"botengine/internal/state"
)

func triedText(answer, rollout string) string {
	return fmt.Sprintf("version: 1\nrules:\n  - id: refund\n    on: message.text\n    match: {any: [退款]}\n%s    do:\n      - reply: %q\n  - id: other\n    on: friend.request\n    do: [{accept_friend: {}}]\n", rollout, answer)
}

// tryout is a folder of rules whose versions are loaded one after the other.
type tryout struct {
	t     *testing.T
	dir   string
	store state.Store
	now   time.Time
	d     *rulesDir
}

func newTryout(t *testing.T) *tryout {
	return &tryout{t: t, dir: t.TempDir(), store: openStore(t), now: time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)}
}

// start is the engine's start with the rules as they stand.
func (o *tryout) start() {
	o.t.Helper()
	o.d = newReloader(o.t, o.dir, o.store)
	o.d.r.rollouts = rollouts{guard: time.Hour, now: func() time.Time { return o.now }}
	if err := o.d.r.start(o.t.Context(), true); err != nil {
		o.t.Fatal(err)
	}
}

// edit writes the rules and has the running engine load them.
func (o *tryout) edit(text string) {
	o.t.Helper()
	write(o.t, filepath.Join(o.dir, "rules.yaml"), text)
	if o.d != nil {
		o.d.r.look(o.t.Context())
	}
}

// trials are the trials under way: with (f) where the former rule is known.
func (o *tryout) trials(want ...string) {
	o.t.Helper()
	var got []string
	for _, t := range o.d.rules.Load().Trials() {
		if !o.now.Before(t.Until) {
			continue
		}
		name := t.Rule.ID
		if t.Former != nil {
			name += " (f)"
		}
		got = append(got, name)
	}
	if !slices.Equal(got, want) {
		o.t.Errorf("on trial: %q, want %q", got, want)
	}
}

const canary = "    rollout: {canary: 30%, for: 2h}\n"

func TestOnlyAChangeIsTried(t *testing.T) {
	o := newTryout(t)
	o.edit(triedText("一", canary))
	o.start()
	o.trials() // a fresh install
	o.edit(strings.Replace(triedText("一", canary), "version: 1", "version: 1 # 好", 1))
	o.trials() // a comment
	o.edit(strings.Replace(triedText("一", canary), "id: refund", "id: refund\n    name: 退款", 1))
	o.trials() // a name
	o.edit(triedText("二", canary))
	o.trials("refund (f)")
	o.edit(triedText("二", strings.Replace(canary, "30", "60", 1)))
	o.trials("refund (f)")
	if c := o.d.rules.Load().Trial("refund").Canary; c != 0.6 {
		t.Errorf("the share is %v", c)
	}
	o.edit(triedText("一", canary))
	o.trials() // taken back
}

func TestATrialOutlivesARestart(t *testing.T) {
	o := newTryout(t)
	o.edit(triedText("一", canary))
	o.start()
	o.edit(triedText("二", canary))
	until := o.d.rules.Load().Trial("refund").Until
	o.now = o.now.Add(30 * time.Minute)
	o.start()
	o.trials("refund (f)")
	if got := o.d.rules.Load().Trial("refund").Until; !got.Equal(until) {
		t.Errorf("it ends at %v, and before the restart at %v", got, until)
	}
	o.d = nil // edited while the engine is down
	o.edit(triedText("三", canary))
	o.start()
	o.trials("refund (f)")
	if got := o.d.rules.Load().Trial("refund").Former.Version; got != versionOf(t, triedText("一", canary)) {
		t.Error("the former rule is not the last that had proved itself")
	}
	o.now = o.now.Add(3 * time.Hour)
	o.start()
	o.trials()
	o.edit(triedText("四", canary))
	o.trials("refund (f)")
	if got := o.d.rules.Load().Trial("refund").Former.Version; got != versionOf(t, triedText("三", canary)) {
		t.Error("the former rule is not the one that proved itself meanwhile")
	}
}

func versionOf(t *testing.T, text string) string {
	t.Helper()
	set, _ := rule.Compile(rule.Sources{{Path: "rules.yaml", Text: []byte(text)}})
	if set == nil {
		t.Fatal("the rules do not compile")
	}
	r, _ := set.Rule("refund")
	return r.Version
}

func TestARuleWithoutARolloutIsWatched(t *testing.T) {
	o := newTryout(t)
	o.edit(triedText("一", ""))
	o.start()
	o.edit(triedText("二", ""))
	o.trials("refund")
	o.edit(triedText("二", "") + "  - {id: fresh, on: message.text, match: {any: [发票]}, do: [{reply: 好}]}\n")
	o.trials("fresh", "refund")
	o.edit(triedText("三", "    rollout: off\n"))
	o.trials()
	o.edit(triedText("四", "    mode: shadow\n"))
	o.trials()
}

func TestWhatIsWithheldStaysWithheld(t *testing.T) {
	o := newTryout(t)
	o.edit(triedText("一", canary))
	o.start()
	o.edit(triedText("二", canary))
	set := o.d.rules.Load()
	err := o.store.Update(t.Context(), func(tx state.Tx) error {
		f := engine.WithholdTrial(tx, set.Trial("refund").Rule, o.now)
		tx.SetFact(f.Key, f.Value, f.Expires)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	withheld := func() (yes bool) {
		trial := o.d.rules.Load().Trial("refund")
		err := o.store.View(t.Context(), func(tx state.Tx) error {
			yes = trial != nil && trial.Former != nil && engine.Withheld(tx, trial.Rule)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	o.now = o.now.Add(48 * time.Hour)
	o.start()
	if !withheld() {
		t.Error("a restart gave it back")
	}
	o.edit(triedText("二", canary) + "  - {id: fresh, on: message.text, match: {any: [发票]}, do: [{reply: 好}]}\n")
	if !withheld() {
		t.Error("another rule's edit gave it back")
	}
	o.edit(triedText("三", canary))
	if withheld() {
		t.Error("another text did not")
	}
	o.trials("refund (f)")
}

const triedRules = `version: 1
defaults: {loop_guard: off}
rules:
  - id: refund
    on: message.text
    match: {any: [退款]}
    rollout: {canary: 0.0001%, for: 2h, abort_if: seen >= 25 and share > 0.5}
    do: [{reply: 旧答}]
`

// A change acts nowhere yet, the former rule answers; the change misbehaves, loses
// its right over a restart, and a person's word counts.
func TestTheFormerRuleAnswersUntilTheChangeHasProvedItself(t *testing.T) {
	t.Parallel()
	dir := rulesIn(t, triedRules)
	b := start(t, serve(t, sim.Options{}), dir)
	<-b.swaps
	const group = "产品体验群1"
	say := func(want rule.Outcome) {
		t.Helper()
		must(b.sim.Say(group, "张三", "退款"))
		b.outcome(t, "refund", want)
	}
	say(rule.Fired)
	write(t, filepath.Join(dir, "rules.yaml"), strings.Replace(triedRules, "旧答", "新答", 1))
	<-b.swaps
	say(rule.Canary)
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	until(t, "a connection", func() bool { return strings.Count(b.log.String(), "connected to the platform") == 2 })
	for range 23 {
		say(rule.Canary)
	}
	say(rule.Withheld)
	until(t, "an alert", func() bool { return strings.Contains(b.log.String(), "does not act any more") })
	b.ledger(t, "the answers", func(all []sim.Entry) bool { return len(texts(all)) >= 26 })
	for _, text := range texts(b.sim.Ledger()) {
		if text != "旧答" {
			t.Errorf("somebody was told %q", text)
		}
	}
}

const kickingRules = `version: 1
defaults: {loop_guard: off}
rules:
  - id: spam
    on: message.text
    match: {any: [加薇信]}
    do: [{kick: {}, id: out, on_error: [{reply: "{{steps.out.code}}"}]}]
  - id: back
    on: message.text
    match: {any: [在吗]}
    do: [{reply: 在的}]
`

// What was kicked counts over a reload and a restart.
func TestKicksAreCountedOverAReloadAndARestart(t *testing.T) {
	t.Parallel()
	dir := rulesIn(t, kickingRules)
	s := serve(t, sim.Options{})
	b := &bench{sim: s, cfg: settings(t, s.URL(), s.URL()+"/imchat", dir)}
	b.cfg.Limits.Kick.PerHour = 2
	b.run(t)
	b.connected(t)
	<-b.swaps
	const group = "产品体验群1"
	kicks := func(n int) func([]sim.Entry) bool {
		return func(all []sim.Entry) bool {
			found := 0
			for _, e := range all {
				if e.Kind == "kick" {
					found++
				}
			}
			return found >= n
		}
	}
	must(b.sim.Say(group, "张三", "加薇信"))
	b.ledger(t, "the first kick", kicks(1))
	write(t, filepath.Join(dir, "rules.yaml"), kickingRules+"  # 好\n")
	<-b.swaps
	if err := b.end(); err != nil {
		t.Fatal(err)
	}
	b.run(t)
	until(t, "a connection", func() bool { return strings.Count(b.log.String(), "connected to the platform") == 2 })
	must(b.sim.Say(group, "李四", "加薇信"))
	b.ledger(t, "the second kick", kicks(2))
	must(b.sim.Say(group, "周经理", "加薇信"))
	b.ledger(t, "the step that was held back", hasText("blast_limit"))
	if kicks(3)(b.sim.Ledger()) {
		t.Error("a third was kicked")
	}
	until(t, "an alert", func() bool {
		return strings.Contains(b.log.String(), "held back, it cannot be undone: kick: 2 in 1h already by this robot, 2 are allowed")
	})
}

// What a rule did in a week is looked through beside the events that come in, and
// undone in parts between them.
func TestMuchIsUndoneInParts(t *testing.T) {
	store := openStore(t)
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	const n = 2*undoneTogether + 1
	err := store.Update(t.Context(), func(tx state.Tx) error {
		for i := range n {
			id := fmt.Sprint("k", i)
			e := tx.Enqueue(command.Command{Key: id, MessageID: id, Robot: "r", Type: "robot.modify.group.name", Rule: "refund", Fields: []byte(`{"groupId":"R:1","newName":"退款群"}`)})
			e.State, e.EndedAt = state.Confirmed, now
			tx.PutEntry(e)
			tx.SetFact("un/"+id, []byte(`{"name":"产品体验群"}`), time.Time{})
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []int{n, 0} {
		issued, before := 0, store.Stats().Updates
		out, err := undo(t.Context(), store, UndoParams{Rule: "refund", Since: now.Add(-time.Hour), Apply: true}, now, func(entries []state.Entry) { issued += len(entries) })
		if err != nil || issued != want || len(out.Items) != n {
			t.Errorf("%d items, %d commands, want %d and %d: %v", len(out.Items), issued, n, want, err)
		}
		if parts := store.Stats().Updates - before; parts != 3 {
			t.Errorf("in %d transactions, want 3", parts)
		}
	}
}

func TestWhatIsUndoneIsUndoneOnce(t *testing.T) {
	store := openStore(t)
	now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	tag := func(id string, at time.Time, states state.EntryState) {
		t.Helper()
		err := store.Update(t.Context(), func(tx state.Tx) error {
			e := tx.Enqueue(command.Command{Key: id, MessageID: id, Robot: "r", Type: "robot.cust.tags", Rule: "refund", Fields: []byte(`{"userId":"9007199254740993","tags":["14073751575621261"],"erasingTags":[]}`)})
			e.State, e.EndedAt = states, at
			tx.PutEntry(e)
			tx.SetFact("un/"+id, []byte(`{"added":["14073751575621261"]}`), time.Time{})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	tag("old", now.Add(-2*time.Hour), state.Confirmed)
	tag("new", now, state.Confirmed)
	tag("doubt", now, state.Unknown)
	tag("failed", now, state.Failed)
	ask := func(apply bool) (states []string, issued []state.Entry) {
		t.Helper()
		out, err := undo(t.Context(), store, UndoParams{Rule: "refund", Since: now.Add(-time.Hour), Apply: apply}, now, func(entries []state.Entry) {
			issued = append(issued, entries...)
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range out.Items {
			states = append(states, it.MessageID+" "+it.State)
		}
		return states, issued
	}
	want := func(apply bool, n int, states ...string) (issued []state.Entry) {
		t.Helper()
		got, issued := ask(apply)
		if !slices.Equal(got, states) || len(issued) != n {
			t.Fatalf("got %q and %d commands, want %q and %d", got, len(issued), states, n)
		}
		return issued
	}
	settle := func(id string, to state.EntryState) {
		t.Helper()
		err := store.Update(t.Context(), func(tx state.Tx) error {
			e, _ := tx.Entry(id)
			e.State = to
			tx.PutEntry(e)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	want(false, 0, "doubt unknown", "new can")
	first := want(true, 1, "doubt unknown", "new issued")[0].Command
	if got := string(first.Fields); got != `{"userId":"9007199254740993","tags":[],"erasingTags":["14073751575621261"]}` || first.Rule != "" {
		t.Errorf("the inverse is %s of rule %q", got, first.Rule)
	}
	want(true, 0, "doubt unknown", "new issued")
	settle(first.MessageID, state.Failed) // surely nothing happened: it may be tried again
	second := want(true, 1, "doubt unknown", "new issued")[0].Command
	settle(second.MessageID, state.Confirmed)
	want(true, 0, "doubt unknown", "new done")
}
