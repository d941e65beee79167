package rule_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"botengine/internal/diag"
	"botengine/internal/rule"
	"botengine/internal/rule/ruleload"
)

// edited is a folder of rules that is edited.
type edited map[string]rule.Source

func (f edited) sources() rule.Sources { return slices.Collect(maps.Values(f)) } // in any order

func (f edited) write(path, text string) { f[path] = rule.Source{Path: path, Text: []byte(text)} }

// edit makes one change, good or bad.
func (f edited) edit(t *rapid.T) {
	path := rapid.SampledFrom([]string{"rules/a.yaml", "rules/b.yaml", "rules/c/d.yml", "rules/c/e.yaml", "rules/z.yaml"}).Draw(t, "file")
	list := rapid.SampledFrom([]string{"rules/bad.txt", "rules/c/bad.txt"}).Draw(t, "list")
	switch rapid.IntRange(0, 7).Draw(t, "edit") {
	case 0:
		delete(f, path)
	case 1:
		delete(f, list)
	case 2:
		f[path] = rule.Source{Path: path, Problem: diag.T("没有读取权限", "permission denied")}
	case 3:
		f.write(list, rapid.SampledFrom([]string{"加薇信\n", "加薇信\n免费领\n", "", "a\x01b\n"}).Draw(t, "entries"))
	case 4:
		f.write(path, rapid.SampledFrom([]string{"", "rules: [", "rules:\n", "rules:\n  - id: x\n    on: message.txt\n", "version: 1\n\trules:\n"}).Draw(t, "broken"))
	default:
		f.write(path, ruleFile(t))
	}
}

// ruleFile writes a file whose ids and words meet those of other files.
func ruleFile(t *rapid.T) string {
	var b strings.Builder
	if rapid.Bool().Draw(t, "names a list") {
		b.WriteString("lists:\n  bad: {file: bad.txt}\n")
	}
	b.WriteString("rules:\n")
	for range rapid.IntRange(1, 4).Draw(t, "rules") {
		id, word := rapid.IntRange(0, 40).Draw(t, "id"), rapid.SampledFrom([]string{"退款", "发票", "快递"}).Draw(t, "word")
		fmt.Fprintf(&b, "  - id: r%d\n    on: message.text\n    priority: %d\n", id, rapid.IntRange(0, 2).Draw(t, "priority"))
		b.WriteString(rapid.SampledFrom([]string{
			"    match: {any: [" + word + "]}\n", "    match: {any: [" + word + ", " + word + "]}\n", "    match: {regex: '" + word + "[0-9]+'}\n",
			"    when: text contains \"" + word + "\"\n", "    when: contains_any(text, lists.bad)\n", "    enabled: false\n", "    when: text contain\n",
		}).Draw(t, "looks for"))
		b.WriteString("    do: [{reply: \"" + word + " {{sender.name}}\"}]\n")
	}
	return b.String()
}

// seen is what of a set can be told from outside.
func seen(set *rule.Set) (out []string) {
	if set == nil {
		return nil
	}
	out = append(out, set.Hash, set.Sources.Hash())
	for _, r := range set.Rules {
		byID, _ := set.Rule(r.ID)
		out = append(out, fmt.Sprint(r.ID, r.Hash, r.File, r.Line, r.Priority, r.Mode, r.Enabled, r.On, set.SourceOf(r).Hash(), byID == r))
	}
	for _, text := range []string{"我要退款12", "发票", "快递 9 加薇信", "免费领退款1", "您好"} {
		ev := groupText(text)
		for _, m := range set.Match(&ev, noon, false) {
			out = append(out, text+" "+m.Rule.ID+string(m.Outcome)+m.Hit.Word)
		}
	}
	return out
}

func TestWhatIsCompiledStepByStepIsWhatIsCompiledAtOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var c rule.Compiler
		f := edited{}
		for range 12 {
			f.edit(t)
			set, found := c.Compile(f.sources())
			whole, all := rule.Compile(f.sources())
			if diff := cmp.Diff(all, found); diff != "" {
				t.Fatalf("findings: %s\n%v", diff, f)
			}
			if diff := cmp.Diff(seen(whole), seen(set)); diff != "" {
				t.Fatalf("set: %s\n%v", diff, f)
			}
		}
	})
}

func TestOnlyFilesThatChangedAreCompiledAnew(t *testing.T) {
	f := edited{}
	one := func(id string) string {
		return "lists:\n  bad: {file: bad.txt}\nrules:\n  - {id: " + id + ", on: message.text, when: 'contains_any(text, lists.bad)', do: [{reply: 好}]}\n"
	}
	f.write("rules/a.yaml", one("a"))
	f.write("rules/c/b.yaml", one("b"))
	f.write("rules/bad.txt", "加薇信\n")
	f.write("rules/c/bad.txt", "加薇信\n")
	var c rule.Compiler
	before, found := c.Compile(f.sources())
	if before == nil {
		t.Fatal(found)
	}
	f.write("rules/c/bad.txt", "免费领\n") // the list of b alone
	after, _ := c.Compile(f.sources())
	for id, kept := range map[string]bool{"a": true, "b": false} {
		old, _ := before.Rule(id)
		now, _ := after.Rule(id)
		if (old == now) != kept {
			t.Errorf("rule %s: the same as before: %v", id, old == now)
		}
	}
	delete(f, "rules/bad.txt")
	if set, found := c.Compile(f.sources()); set != nil || !found.HasErrors() {
		t.Error("a list file that is gone was not missed")
	}
	f.write("rules/bad.txt", "加薇信\n")
	if set, found := c.Compile(f.sources()); set == nil {
		t.Errorf("the list file is back, but was not seen: %v", found)
	}
}

// BenchmarkCompileOneSaved compiles a thousand files of ten rules, of which one
// was saved.
func BenchmarkCompileOneSaved(b *testing.B) {
	load := ruleload.NewFiles(1, ruleload.Mixed, 10_000, 10, 0)
	other := slices.Clone(load.Sources)
	other[500].Text = append(slices.Clip(other[500].Text), "# 改过\n"...)
	var c rule.Compiler
	if set, found := c.Compile(load.Sources); set == nil {
		b.Fatal(found)
	}
	for saves := 0; b.Loop(); saves++ {
		c.Compile([]rule.Sources{other, load.Sources}[saves%2])
	}
}
