package rule_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// placesOf lists findings as "line:column code".
func placesOf(found diag.List) []string {
	var out []string
	for _, f := range found {
		out = append(out, fmt.Sprintf("%d:%d %s", f.Range.Start.Line, f.Range.Start.Column, f.Code))
	}
	return out
}

func TestWhatARuleSaysIsCompiled(t *testing.T) {
	set := mustCompile(t, sample)
	full, _ := set.Rule("full")
	if full.Name != "退款" || full.Owner != "客服组" || full.Labels["team"] != "01" || full.Mode != rule.ModeShadow || !full.Stop || full.Priority != 200 {
		t.Errorf("head: %+v", full)
	}
	if d := cmp.Diff(&rule.Cooldown{For: 30 * time.Second, Per: []string{"rule", "chat"}}, full.Cooldown); d != "" {
		t.Errorf("cooldown (-want +got):\n%s", d)
	}
	if d := cmp.Diff(&rule.Fuse{Count: 2, Within: time.Minute}, full.LoopGuard); d != "" {
		t.Errorf("fuse (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]rule.Trigger{{Name: "message.text", Kinds: []event.Kind{event.MessageText}}, {Name: "mention", Kinds: []event.Kind{event.MessageText}, Mention: true}}, full.On); d != "" {
		t.Errorf("on (-want +got):\n%s", d)
	}
	first, second := full.Steps[0], full.Steps[1]
	if first.ID != "first" || first.OnError != rule.Stop || first.When != nil || first.Action.Name() != "reply" || first.Timeout != 0 {
		t.Errorf("first step: %+v", first)
	}
	if second.ID != "second" || second.OnError != rule.Continue || second.When == nil || second.Timeout != 20*time.Second || second.Line != 17 {
		t.Errorf("second step: %+v", second)
	}
	plain, _ := set.Rule("plain")
	if d := cmp.Diff(&rule.Cooldown{For: time.Minute, Per: []string{"chat", "hit"}}, plain.Cooldown); d != "" || plain.LoopGuard != nil || plain.Priority != 7 || plain.MaxAge != 5*time.Minute || plain.Line != 18 {
		t.Errorf("defaults: %+v\n%s", plain, d)
	}
	quiet, _ := set.Rule("quiet")
	if quiet.Cooldown != nil || quiet.Enabled {
		t.Errorf("switched off: %+v", quiet)
	}
}

func TestWithoutDefaultsARuleHasOurs(t *testing.T) {
	r := mustCompile(t, oneRule("on: message.text\nmatch: {any: [退款]}")).Rules[0]
	if r.Priority != 100 || r.MaxAge != 10*time.Minute || r.Cooldown != nil || r.Mode != rule.ModeLive || !r.Enabled || r.Stop {
		t.Errorf("got %+v", r)
	}
	if d := cmp.Diff(&rule.Fuse{Count: 6, Within: time.Minute}, r.LoopGuard); d != "" {
		t.Errorf("fuse (-want +got):\n%s", d)
	}
}

func TestTheSourceOfARuleGivesTheSameRuleAgain(t *testing.T) {
	t.Chdir("../..")
	sources, err := rule.Read([]string{"rules"})
	if err != nil {
		t.Fatal(err)
	}
	set, _ := rule.Compile(sources)
	for _, r := range set.Rules {
		alone, found := rule.Compile(set.SourceOf(r))
		if found.HasErrors() {
			t.Fatalf("%s: %+v", r.ID, found)
		}
		again, ok := alone.Rule(r.ID)
		if !ok || again.Hash != r.Hash || again.Hash != alone.Hash || len(again.Steps) != len(r.Steps) {
			t.Errorf("%s is not the same again: %+v", r.ID, again)
		}
	}
}

func TestAHashChangesWithTheTextOfItsOwnFilesOnly(t *testing.T) {
	sources := rule.Sources{
		{Path: "a.yaml", Text: []byte("lists: {w: {file: w.txt}}\n" + oneRule("on: message.text\nwhen: text in lists.w"))},
		{Path: "b.yaml", Text: []byte(strings.Replace(oneRule("on: message.text\nwhen: true"), "id: a", "id: b", 1))},
		{Path: "w.txt", Text: []byte("退款\n")},
	}
	hashes := func() (a, b, set string) {
		s, found := rule.Compile(sources)
		if s == nil {
			t.Fatalf("findings: %+v", found)
		}
		ra, _ := s.Rule("a")
		rb, _ := s.Rule("b")
		return ra.Hash, rb.Hash, s.Hash
	}
	a, b, set := hashes()
	sources[2].Text = []byte("退货\n")
	a2, b2, set2 := hashes()
	if a == a2 || b != b2 || set == set2 {
		t.Errorf("a: %s %s, b: %s %s, set: %s %s", a, a2, b, b2, set, set2)
	}
	sources[0], sources[1] = sources[1], sources[0]
	if _, _, again := hashes(); again != set2 {
		t.Error("the hash depends on the order of the sources")
	}
}

// TestATornFileNeverPanics cuts a file at every byte, inside of characters too.
func TestATornFileNeverPanics(t *testing.T) {
	for i := range len(sample) {
		_, found := rule.Compile(rule.Sources{{Path: "a.yaml", Text: []byte(sample[:i])}})
		checkPlaces(t, rule.Sources{{Path: "a.yaml", Text: []byte(sample[:i])}}, found)
	}
}

// TestAHugeBrokenFileIsExplained has more suspects than there is
// time to try; what is said may be plainer then, but it is said, and at a place.
func TestAHugeBrokenFileIsExplained(t *testing.T) {
	text := "rules:\n" + strings.Repeat("  - {id: a, name: 退款}\n", 2500) + strings.Repeat("  - @甲\n", 100)
	sources := rule.Sources{{Path: "a.yaml", Text: []byte(text)}}
	set, found := rule.Compile(sources)
	if set != nil || len(found) == 0 || found[0].Range.Start.Line < 2502 {
		t.Errorf("found %+v", found)
	}
	checkPlaces(t, sources, found)
}

// TestCompileIsDeterministic compiles the same files in any order.
func TestCompileIsDeterministic(t *testing.T) {
	var all rule.Sources
	for _, pattern := range []string{"*.yaml", "good/*.yaml", "lists/*.txt"} {
		names, err := filepath.Glob(filepath.Join(findings, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			rel, _ := filepath.Rel(findings, name)
			all = append(all, rule.Source{Path: filepath.ToSlash(rel), Text: text})
		}
	}
	_, first := rule.Compile(all)
	for range 3 {
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		if _, again := rule.Compile(all); !reflect.DeepEqual(first, again) {
			t.Fatalf("the findings differ:\n%s", cmp.Diff(first, again))
		}
	}
}

// TestTheFastRoadFiresWhatTheSlowOneDoes holds Match without every to the part of
// Match with every that may fire.
func TestTheFastRoadFiresWhatTheSlowOneDoes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		set := mustCompile(t, randomRules(rt))
		ev := groupText(rapid.StringMatching(`(退款|退 货|订单12|您好|，| ){0,5}`).Draw(rt, "text"))
		ev.Kind = rapid.SampledFrom([]event.Kind{event.MessageText, event.MessageImage, event.FriendRequest, event.MemberJoin, event.Result}).Draw(rt, "kind")
		ev.Sender.IsSelf = rapid.Bool().Draw(rt, "self")
		ev.Message.MentionsMe = rapid.Bool().Draw(rt, "mentions")
		now := noon.Add(time.Duration(rapid.IntRange(0, 24*60).Draw(rt, "minutes")) * time.Minute)
		ev.Time = now.Add(-time.Duration(rapid.IntRange(0, 20).Draw(rt, "age")) * time.Minute)
		var want, got []string
		open := map[string]bool{} // too late, and what facts make of the condition is not known: it may be told of or not
		for _, m := range set.Match(&ev, now, true) {
			if m.Detail.ZH == "" || m.Detail.EN == "" {
				rt.Fatalf("%s has outcome %q and no detail", m.Rule.ID, m.Outcome)
			}
			late := m.Outcome == rule.TooOld || m.Outcome == rule.Inactive
			open[m.Rule.ID] = late && m.Rule.When != nil && m.Rule.When.UsesFacts()
			if !open[m.Rule.ID] && (m.Outcome == "" || late && mayHold(m, &ev, now)) {
				want = append(want, fmt.Sprint(m.Rule.ID, m.Outcome, m.Hit, m.Pending))
			}
		}
		for _, m := range set.Match(&ev, now, false) {
			if !open[m.Rule.ID] {
				got = append(got, fmt.Sprint(m.Rule.ID, m.Outcome, m.Hit, m.Pending))
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			rt.Fatalf("(-every +fast):\n%s", d)
		}
	})
}

// randomRules writes a few rules of all sorts.
func randomRules(t *rapid.T) string {
	fields := []string{
		"on: message", "on: message.text", "on: [mention, message.image]", "on: [message.text, friend.request]", "on: member.join",
	}
	more := []string{
		"", "match: {any: [退款, 退货]}", "match: {none: [退款]}", "match: {all: [订单], fold: []}", "match: {regex: '订单(?P<n>[0-9]+)'}",
		"scope: {chat_type: group}", "scope: {chats: [\"*体验*\"], exclude: {robots: [小助手]}}", "mode: off", "enabled: false",
		"active: {hours: [\"22:00-10:00\"]}", "max_age: 3m", "include: [self, robots]", "when: robot.name == \"小助手\"", "when: global.open == true", "priority: 3",
	}
	var b strings.Builder
	b.WriteString("rules:\n")
	for i := range rapid.IntRange(1, 6).Draw(t, "rules") {
		fmt.Fprintf(&b, "  - id: r%d\n    %s\n", i, rapid.SampledFrom(fields).Draw(t, "on"))
		if rapid.Bool().Draw(t, "has more") {
			fmt.Fprintf(&b, "    %s\n", rapid.SampledFrom(more).Draw(t, "more"))
		}
		b.WriteString("    do: [{log: 一}]\n")
	}
	return b.String()
}

// FuzzCompile holds that no file makes check panic or point outside of it, whatever
// of check it is: the search between rules, that for names, the description.
func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{"*.yaml", "good/*.yaml", "../between/*/*.yaml"} {
		names, err := filepath.Glob(filepath.Join(findings, pattern))
		if err != nil || len(names) == 0 {
			f.Fatalf("no corpus: %v", err)
		}
		for _, name := range names {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4096 {
			return
		}
		sources := rule.Sources{{Path: "a.yaml", Text: text}, {Path: "lists/words.txt", Text: []byte("甲\n")}}
		set, found := rule.Check(sources, exampleWorld)
		if (set == nil) != found.HasErrors() {
			t.Fatalf("set is nil: %v, findings: %+v", set == nil, found)
		}
		checkPlaces(t, sources, found)
		if set != nil {
			for _, r := range set.Rules {
				r.Describe()
			}
			ev := groupText("退款")
			set.Match(&ev, noon, true)
		}
	})
}

// sample is a rule file with a bit of everything.
const sample = `version: 1
defaults: {cooldown: {for: 1m, per: [hit, chat]}, priority: 7, loop_guard: off, max_age: 5m}
rules:
  - id: full
    name: 退款
    owner: 客服组
    labels: {team: "01"}
    mode: shadow
    on: [message.text, mention]
    match: {any: [退款]}
    priority: 200
    stop: true
    cooldown: 30s
    loop_guard: {count: 2}
    do:
      - {reply: 一, id: first}
      - {reply: 二, id: second, timeout: 20s, on_error: continue, when: steps.first.ok}
  - {id: plain, on: message.text, match: {any: [退款]}, do: [{log: 一}]}
  - {id: quiet, on: message.text, match: {any: [退款]}, cooldown: off, enabled: false, do: [{log: 一}]}
`
