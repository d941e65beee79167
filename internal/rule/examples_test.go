package rule_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"botengine/internal/actions"
	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/rule"
)

// Where the keys of an example belong that is no whole file.
var (
	fileKeys  = []string{"version", "vars", "lists", "macros", "defaults", "templates", "use", "labels", "rules"}
	matchKeys = []string{"any", "all", "none", "exact", "prefix", "suffix", "regex", "list", "fold", "fields"}
	exampleAt = regexp.MustCompile(`^[^\s:：#-][^:：]*`)
)

// usual is what a rule has where an example says nothing of it.
var usual = []struct{ key, text string }{
	{"id", "id: a"}, {"on", "on: message.text"}, {"match", "match: {any: [退款]}"}, {"do", "do: [{reply: 请回复订单号}]"},
}

// completed makes a file of an example from `errors CODE`.
func completed(example string) string {
	if strings.HasPrefix(example, "- ") {
		return "rules:\n" + items(example)
	}
	var file, ruleText, match, steps, has []string
	for _, block := range blocks(example) {
		key := exampleAt.FindString(block)
		switch {
		case slices.Contains(fileKeys, key):
			file = append(file, block)
		case slices.Contains(matchKeys, key):
			match, has = append(match, block), append(has, "match")
		case key == "every" || key == "cron":
			ruleText, has = append(ruleText, "on: {schedule: {"+block+"}}"), append(has, "on", "match")
		case slices.Contains(actions.Names(), key):
			steps, has = append(steps, block), append(has, "do")
		default:
			ruleText, has = append(ruleText, block), append(has, key)
			if key == "on" && !strings.Contains(block, "me") || key == "template" {
				has = append(has, "match")
			}
			switch {
			case key == "template":
				has = append(has, "on", "do")
			case key == "then":
				has = append(has, "do")
			case key == "on" && strings.Contains(block, "schedule"):
				steps, has = append(steps, "log: 巡检"), append(has, "do")
			}
		}
	}
	if slices.ContainsFunc(file, func(s string) bool { return strings.HasPrefix(s, "rules") }) {
		return strings.Join(file, "\n") + "\n"
	}
	for _, u := range usual {
		if !slices.Contains(has, u.key) {
			ruleText = append(ruleText, u.text)
		}
	}
	if len(match) > 0 {
		ruleText = append(ruleText, "match:\n"+indented(strings.Join(match, "\n"), "  "))
	}
	if len(steps) > 0 {
		ruleText = append(ruleText, "do:\n"+listed(steps))
	}
	body := indented(strings.Join(ruleText, "\n"), "    ")
	return strings.Join(append(file, "rules:\n  -"+body[3:]), "\n") + "\n"
}

// blocks are the keys of an example with what belongs to them.
func blocks(example string) []string {
	var out []string
	for line := range strings.SplitSeq(example, "\n") {
		if len(out) > 0 && !exampleAt.MatchString(line) {
			out[len(out)-1] += "\n" + line
			continue
		}
		out = append(out, line)
	}
	return out
}

// items completes the rules of an example that is a list of them.
func items(example string) string {
	var out []string
	for line := range strings.SplitSeq(example, "\n") {
		if !strings.HasPrefix(line, "- ") {
			out[len(out)-1] += "\n" + line
			continue
		}
		out = append(out, line)
	}
	for i, item := range out {
		inline := strings.HasSuffix(item, "}") && strings.HasPrefix(item, "- {")
		for _, u := range usual[1:] {
			if strings.Contains(item, u.key+":") || u.key == "match" && strings.Contains(item, "do:") {
				continue
			}
			if inline {
				item = strings.TrimSuffix(item, "}") + ", " + u.text + "}"
			} else {
				item += "\n  " + u.text
			}
		}
		out[i] = item
	}
	return indented(strings.Join(out, "\n"), "  ") + "\n"
}

func listed(blocks []string) string {
	var out []string
	for _, b := range blocks {
		out = append(out, "  -"+indented(b, "    ")[3:])
	}
	return strings.Join(out, "\n")
}

func indented(text, by string) string {
	return by + strings.ReplaceAll(text, "\n", "\n"+by)
}

// exampleWorld is what the examples name outside of their files.
var exampleWorld = rule.World{
	Configured: func(r actions.Reference) bool { return r.Name != "客服裙" },
	Seen:       &rule.Seen{Tags: []rule.Tag{{ID: "14073751575621261", Full: "售后/退款", Bare: "退款"}}, Robots: []event.Robot{{Key: "cfb3e2c2", Name: "小助手"}}},
}

func exampleFindings(example string) (diag.List, string) {
	text := completed(example)
	_, found := rule.Check(rule.Sources{
		{Path: "rules/a.yaml", Text: []byte(text)},
		{Path: "rules/lists/banned.txt", Text: []byte("广告\n")},
		{Path: "rules/lists/staff.txt", Text: []byte("1688850285583026\n")},
		{Path: "rules/common/lib.yaml", Text: []byte("vars: {url: a}\n")},
		{Path: "rules/other-rules.yaml", Text: []byte("rules: [{id: other, on: message.text, match: {any: [合同]}, do: [{reply: 好}]}]\n")},
	}, exampleWorld)
	return slices.DeleteFunc(found, func(f diag.Finding) bool { return f.File == "rules/common/lib.yaml" && f.Code == "BE408" }), text
}

// TestExamplesOfErrors holds each explanation to what is really found: the wrong
// example has that code and no other, the right one nothing.
func TestExamplesOfErrors(t *testing.T) {
	for _, c := range diag.Codes() {
		if c.Code >= "BE500" {
			continue // of the configuration: tested there; of files: see TestEveryCodeIsRaised
		}
		t.Run(c.Code, func(t *testing.T) {
			wrong, text := exampleFindings(strings.ReplaceAll(c.Wrong, ", …", strings.Repeat(`, "1688850285583026"`, 300)))
			if len(wrong) == 0 {
				t.Errorf("nothing is found in the wrong example:\n%s", text)
			}
			for _, f := range wrong {
				if f.Code != c.Code {
					t.Errorf("%s at %v in the wrong example: %s\n%s", f.Code, f.Range.Start, f.Message.EN, text)
				}
			}
			right, text := exampleFindings(c.Right)
			for _, f := range right {
				t.Errorf("%s at %v in the right example: %s\n%s", f.Code, f.Range.Start, f.Message.EN, text)
			}
		})
	}
}

// codesOfFiles are files that can't be used, one for each code of theirs.
func codesOfFiles() map[string]rule.Sources {
	text := func(s string) rule.Sources { return rule.Sources{{Path: "rules/a.yaml", Text: []byte(s)}} }
	lists := "lists: {banned: {file: banned.txt}}\nrules:\n  - {id: a, on: message.text, match: {list: banned}, do: [{reply: 您好}]}\n"
	return map[string]rule.Sources{
		"BE601": {{Path: "rules/a.yaml", Problem: diag.T("没有读取权限", "permission denied")}},
		"BE602": text(lists),
		"BE603": text("rules: []\n" + strings.Repeat("# 说明\n", 1<<18)),
		"BE604": text("rules: []\n"),
		"BE605": append(text(lists), rule.Source{Path: "rules/banned.txt", Text: []byte("加微信,\u202e广告\n")}),
		"BE609": text("rules:\n" + strings.Repeat("  - {}\n", 60)),
	}
}

var codeInGolden = regexp.MustCompile(`\[(BE\d\d\d)\]`)

// TestEveryCodeIsRaised holds that `errors` explains nothing that never happens: a
// file of the corpus has the code, or a test named here.
func TestEveryCodeIsRaised(t *testing.T) {
	elsewhere := map[string]string{
		"BE318": "TestScripts/check_outgoing",
		"BE606": "internal/ruletest",
		"BE607": "internal/ruletest",
		"BE405": "TestCheckKnowsTheNamesThatAnEngineSaw",
	}
	raised := map[string]bool{}
	for _, pattern := range []string{"../../testdata/findings/*.txt", "../../testdata/between/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files: %v", pattern, len(files), err)
		}
		for _, name := range files {
			golden, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range codeInGolden.FindAllSubmatch(golden, -1) {
				raised[string(m[1])] = true
			}
		}
	}
	of := codesOfFiles()
	for _, c := range diag.Codes() {
		switch {
		case of[c.Code] != nil:
			_, found := rule.Compile(of[c.Code])
			if !slices.ContainsFunc(found, func(f diag.Finding) bool { return f.Code == c.Code }) {
				t.Errorf("%s is not found in the file that is to have it: %v", c.Code, found)
			}
		case c.Code >= "BE500" && c.Code < "BE600": // each example of theirs is tested beside the configuration
		case elsewhere[c.Code] != "" && !raised[c.Code]:
		case !raised[c.Code]:
			t.Errorf("%s is explained, but no file of the corpus has it", c.Code)
		}
	}
}
