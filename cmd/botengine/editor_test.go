package main

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"botengine/internal/diag"
)

// editorProject is a folder with the schemas, and the editor's settings for it.
func editorProject(t *testing.T, lang diag.Lang) (root string, settings map[string]any) {
	t.Helper()
	root = t.TempDir()
	globs := map[string]any{}
	for name, glob := range map[string][]string{"rules": {"rules/*.yaml"}, "config": {"botengine.yaml"}, "test": {"tests/*.yaml"}} {
		text, ok, err := schemaText(name, lang)
		if err != nil || !ok {
			t.Fatalf("schema %s: %v", name, err)
		}
		file := filepath.Join(root, name+".schema.json")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		globs[fileURI(file)] = glob
	}
	return root, map[string]any{"yaml": map[string]any{
		"validate": true, "hover": true, "completion": true, "yamlVersion": "1.2",
		"schemas": globs, "schemaStore": map[string]any{"enable": false},
		"customTags": []string{"!id scalar", "!group scalar"},
	}}
}

// yamlFiles are the files below the folders, by a name that is a file's.
func yamlFiles(t *testing.T, globs ...string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, glob := range globs {
		files, err := filepath.Glob(glob)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files like %s: %v", glob, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.NewReplacer("../", "", "/", "-").Replace(file)] = string(text)
		}
	}
	return out
}

func isTest(name string) bool { return strings.HasSuffix(name, "_test.yaml") }

// An editor that knows the schema has nothing to say of sound files.
func TestAnEditorFindsNothingInSoundFiles(t *testing.T) {
	root, settings := editorProject(t, diag.ZH)
	e := startEditor(t, root, settings)
	files := yamlFiles(t, "../../rules/*.yaml", "../../docs/examples/*.yaml", "../../docs/examples/common/*.yaml",
		"../../testdata/findings/good/*.yaml", "../../testdata/between/*/*.yaml")
	var names []string
	for name, text := range files {
		folder := "rules/"
		if isTest(name) {
			folder = "tests/"
		}
		names = append(names, folder+name)
		e.open(folder+name, text)
	}
	if len(names) < 150 {
		t.Errorf("only %d files", len(names))
	}
	slices.Sort(names)
	for _, name := range names {
		for _, d := range e.findings(name) {
			if strings.HasPrefix(d.Message, "Unused anchor") { // the server's own taste, which no schema changes
				continue
			}
			t.Errorf("%s:%d: %s", name, d.Range.Start.Line+1, d.Message)
		}
	}
}

// caught are the codes whose findings a schema shows as well, where they are.
var caught = map[string]string{
	"BE102": "unknown field", "BE103": "missing field", "BE104": "wrong type", "BE106": "bad name", "BE107": "unknown word",
	"BE108": "key twice", "BE120": "no duration", "BE122": "no hours", "BE125": "empty", "BE127": "unknown version",
	"BE301": "unknown action", "BE302": "unknown parameter", "BE303": "missing parameter", "BE306": "two actions", "BE307": "no action", "BE309": "key of another step",
}

// missed are findings of those codes that no schema can show: they take the meaning
// of a text, or two keys that are at odds.
var missed = map[string]string{
	"blocks-misplaced BE103":        "what ends a repeat is one of three keys",
	"blocks-misplaced BE309":        "a timeout is common to all steps",
	"retry BE309":                   "a retry is common to all steps",
	"match-invisible-word BE125":    "a character nobody sees",
	"match-empty BE125":             "fold alone looks for nothing",
	"match-word-is-a-map BE104":     "a list in a list",
	"schedule-shape BE103":          "cron or every",
	"templates BE103":               "only a choice has options",
	"templates-broken-inputs BE103": "only a choice has options",
	"rollout-values BE103":          "canary or abort_if",
	"templates BE120":               "the type of an input",
	"wait-for BE107":                "an expression or a word",
}

// finding is the first line of a finding in the golden text of a bad file.
var finding = regexp.MustCompile(`(?m)^\S+?:(\d+):\d+: (?:error|warning)\[(BE[0-9]+)\]`)

// Whatever a schema can know is shown while people type, at the line where check
// would show it.
func TestAnEditorShowsTheMistakesThatASchemaCanKnow(t *testing.T) {
	root, settings := editorProject(t, diag.ZH)
	e := startEditor(t, root, settings)
	const folder = "../../testdata/findings/"
	files := yamlFiles(t, folder+"*.yaml")
	for name, text := range files {
		e.open("rules/"+name, text)
	}
	all, shown := 0, 0
	silent := maps.Clone(missed)
	for name := range files {
		base := strings.TrimSuffix(strings.TrimPrefix(name, "testdata-findings-"), ".yaml")
		golden, err := os.ReadFile(folder + base + ".txt")
		if err != nil {
			t.Fatal(err)
		}
		lines := map[string]string{}
		for _, d := range e.findings("rules/" + name) {
			lines[strconv.Itoa(d.Range.Start.Line+1)] += d.Message + "\n"
		}
		for _, m := range finding.FindAllStringSubmatch(string(golden), -1) {
			line, code := m[1], m[2]
			all++
			_, can := caught[code]
			switch key := base + " " + code; {
			case lines[line] != "":
				shown++
			case can && missed[key] == "":
				t.Errorf("%s.yaml:%s: %s (%s) is not shown", base, line, code, caught[code])
			case can:
				delete(silent, key)
			}
		}
	}
	for key := range silent {
		t.Errorf("missed[%q] is shown by now: take it out", key)
	}
	t.Logf("shown while typing: %d of %d findings of %d bad files (%d%%)", shown, all, len(files), 100*shown/all)
	if len(files) < 150 || all < 500 {
		t.Errorf("only %d findings in %d files", all, len(files))
	}
}

// A message says in the user's language what to write.
func TestAnEditorSaysInChineseWhatToWrite(t *testing.T) {
	root, settings := editorProject(t, diag.ZH)
	e := startEditor(t, root, settings)
	n := 0
	for text, want := range map[string]string{
		"rules: [{id: 退款, on: start, do: [{log: 您好}]}]":                               "编号只用小写字母、数字和 . _ -；中文写在 name 里",
		"rules: [{id: a, on: 群消息, do: [{log: 您好}]}]":                                  "不认识这个触发词",
		"rules: [{id: a, on: start, cooldown: 三十秒, do: [{log: 您好}]}]":                 "这里要写时长，例如 30s（秒）、10m（分）、2h（小时）、7d（天）",
		"rules: [{id: a, on: {schedule: {cron: 每天九点}}, do: [{log: 您好}]}]":             "cron 是五段：分 时 日 月 星期",
		"rules: [{id: a, on: start, active: {hours: 9点到18点}, do: [{log: 您好}]}]":       "24 小时制",
		"rules: [{id: a, on: start, do: [{log: 您好, reply: 您好}]}]":                     "一个步骤只有一个动作",
		"rules: [{id: a, on: start, do: [{id: x}]}]":                                  "这个步骤没有动作",
		"rules: [{id: a, on: start, do: [您好]}]":                                       "步骤要写成「动作: 内容」",
		"rules: [{id: a, on: start, priority: 高, do: [{log: 您好}]}]":                   "这里要写整数",
		"rules: [{id: a, on: start, limit: {count: 1, within: 每天}, do: [{log: 您好}]}]": "这里要写时长",
		"rules: [{id: a, on: start, do: [{wait_for: {on_timeout: 结束}}]}]":             "可以写的有：stop, continue",
		"rules: [{id: a, on: start, do: [{set: {等级: 1}}]}]":                           "写成「范围.名称」",
		"rules: [{id: a, on: start, enabled: 是, do: [{log: 您好}]}]":                    "这里写 true 或 false，不加引号",
		"rules: [{id: a, on: start, do: [{delay: 三秒}]}]":                              "这里要写时长或范围",
	} {
		n++
		name := "rules/" + strconv.Itoa(n) + ".yaml"
		e.open(name, text)
		found := e.findings(name)
		other := slices.ContainsFunc(found, func(d diagnostic) bool { return !strings.Contains(d.Message, want) })
		if len(found) == 0 || other {
			t.Errorf("%s\nsays %+v\nwant nothing but: %s", text, found, want)
		}
	}
}

// What editors offer, and what they say of what is there.
func TestAnEditorOffersAndExplains(t *testing.T) {
	root, settings := editorProject(t, diag.ZH)
	e := startEditor(t, root, settings)
	const rules = "rules/typing.yaml"
	e.open(rules, "version: 1\n\nrules:\n  - id: a\n    on: message.text\n    \n    do:\n      - reply: {text: 您好}\n      - \n      - tag:\n          \n")
	for _, c := range []struct {
		what            string
		line, character int
		want            []string
	}{
		{"keys of a file", 1, 0, []string{"vars", "lists", "defaults", "templates"}},
		{"keys of a rule", 5, 4, []string{"name", "match", "when", "cooldown", "scope"}},
		{"steps", 8, 8, []string{"reply", "tag", "wait_for", "choose", "set", "kick"}},
		{"parameters", 7, 16, []string{"at", "allow_mention_all"}},
		{"parameters of an empty group", 10, 10, []string{"add", "remove"}},
		{"triggers", 4, 8, []string{"message.text", "member.join", "friend.request", "schedule"}},
	} {
		offers := e.complete(rules, c.line, c.character)
		for _, want := range c.want {
			if _, ok := offers[want]; !ok {
				t.Errorf("%s: no %s among %v", c.what, want, slices.Sorted(maps.Keys(offers)))
			}
		}
	}
	for _, c := range []struct {
		line, character int
		want            string
	}{
		{3, 5, "所有文件里不重复"}, {4, 5, "监听什么事件"}, {7, 9, "在事件发生的会话里回复一段文字"}, {7, 17, "要说的话，最长 4000 字"}, {9, 9, "标签"},
	} {
		if got := e.hover(rules, c.line, c.character); !strings.Contains(got, c.want) {
			t.Errorf("hover %d:%d says %q, want %q", c.line, c.character, got, c.want)
		}
	}
	e.open("botengine.yaml", "accounts:\n  - name: main\n    \nlog: {level: }\n")
	if offers := e.complete("botengine.yaml", 2, 4); offers["access_key"].Label == "" || offers["reconnect"].Label == "" {
		t.Errorf("an account: offered are %v", slices.Sorted(maps.Keys(offers)))
	}
	if got := e.hover("botengine.yaml", 1, 5); !strings.Contains(got, "账号的名称") {
		t.Errorf("the name of an account says %q", got)
	}
}
