package main

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"botengine"
	"botengine/internal/diag"
)

// begin runs `init` and returns the new folder.
func begin(t *testing.T, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "shop")
	var out, talk bytes.Buffer
	if code := run(context.Background(), append([]string{"--lang", "zh", "init", dir}, args...), strings.NewReader(""), &out, &talk); code != exitOK {
		t.Fatalf("init: exit code %d: %s", code, talk.String())
	}
	return dir
}

// An editor that opens a new project knows every file of it, and every file to come.
func TestAnEditorKnowsTheFilesOfANewProject(t *testing.T) {
	dir := begin(t)
	e := startEditor(t, dir, editorSettings(t, filepath.Join(dir, ".vscode", "settings.json")))
	for _, name := range []string{"botengine.yaml", "rules/faq.yaml", "rules/faq_test.yaml"} {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		e.open(name, string(text))
		for _, d := range e.findings(name) {
			t.Errorf("%s:%d: %s", name, d.Range.Start.Line+1, d.Message)
		}
	}
	for name, text := range map[string]string{ // without a modeline, by the settings
		"rules/new.yaml": "rules: [{id: A}]\n", "rules/new_test.yaml": "tests: [{nam: a}]\n", "rules/deep/new.yaml": "rulez: []\n",
	} {
		e.open(name, text)
		if len(e.findings(name)) == 0 {
			t.Errorf("%s: nothing is found in %s", name, text)
		}
	}
	for name, text := range map[string]string{ // by the modeline alone, wherever it lies
		"elsewhere/a.yaml": "# yaml-language-server: $schema=../schema/rules.schema.json\nrulez: []\n",
	} {
		e.open(name, text)
		if len(e.findings(name)) == 0 {
			t.Errorf("%s: nothing is found in %s", name, text)
		}
	}
	e.open("rules/fine_test.yaml", "tests: [{name: a, steps: [{say: 您好, expect: {commands: [{user: !id 张三}]}}]}]\n")
	for _, d := range e.findings("rules/fine_test.yaml") {
		t.Errorf("a sound test: %s", d.Message)
	}
}

// editorSettings are the settings of a VS Code file, as the server asks for them.
func editorSettings(t *testing.T, file string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var flat map[string]any
	if err := json.Unmarshal(text, &flat); err != nil {
		t.Fatal(err)
	}
	yaml := map[string]any{"validate": true, "hover": true, "completion": true, "schemaStore": map[string]any{"enable": false}}
	for key, value := range flat {
		if name, ok := strings.CutPrefix(key, "yaml."); ok {
			yaml[name] = value
		}
	}
	return map[string]any{"yaml": yaml}
}

// The task of the editor understands what check writes.
func TestTheEditorsTaskReadsWhatCheckWrites(t *testing.T) {
	dir := begin(t)
	text, err := os.ReadFile(filepath.Join(dir, ".vscode", "tasks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var tasks struct {
		Tasks []struct {
			Command        string
			Args           []string
			IsBackground   bool
			ProblemMatcher json.RawMessage
		}
	}
	if err := json.Unmarshal(text, &tasks); err != nil {
		t.Fatal(err)
	}
	var matcher struct {
		Pattern    struct{ Regexp string }
		Background struct{ BeginsPattern, EndsPattern string }
	}
	check := tasks.Tasks[0]
	if err := json.Unmarshal(check.ProblemMatcher, &matcher); err != nil {
		t.Fatal(err)
	}
	if !check.IsBackground || !slices.Equal(check.Args, []string{"check", "--watch", "--format", "short"}) {
		t.Errorf("the task runs %s %v", check.Command, check.Args)
	}
	if !regexp.MustCompile(matcher.Background.BeginsPattern).MatchString(watchBegin) {
		t.Errorf("%s does not fit %s", matcher.Background.BeginsPattern, watchBegin)
	}
	end := strings.TrimSpace(strings.Replace(strings.Replace(watchEnd, "%d", "1", 1), "%d", "0", 1))
	if !regexp.MustCompile(matcher.Background.EndsPattern).MatchString(end) {
		t.Errorf("%s does not fit %s", matcher.Background.EndsPattern, end)
	}
	bad := filepath.Join(dir, "rules", "bad.yaml")
	if err := os.WriteFile(bad, []byte("rules:\n  - {id: 退款, on: start, do: [{log: 您好}]}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	run(context.Background(), []string{"--lang", "zh", "check", "--format", "short", bad}, strings.NewReader(""), &out, &out)
	line, _, _ := strings.Cut(out.String(), "\n")
	m := regexp.MustCompile(matcher.Pattern.Regexp).FindStringSubmatch(line)
	if m == nil || m[1] != filepath.ToSlash(bad) || m[2] != "2" || m[4] != "error" || m[5] != "BE106" || !strings.Contains(m[6], "退款") {
		t.Errorf("%q is read as %q", line, m)
	}
}

// exposure is the last line of systemd's report.
var exposure = regexp.MustCompile(`Overall exposure level for \S+: ([0-9.]+)`)

func TestTheServiceIsHardened(t *testing.T) {
	tool, err := exec.LookPath("systemd-analyze")
	if err != nil && os.Getenv("CI") != "" {
		t.Fatal("systemd-analyze is not installed: it is needed here")
	} else if err != nil {
		t.Skip("skipped, needs systemd-analyze: apt-get install systemd")
	}
	unit := filepath.Join(t.TempDir(), "botengine.service")
	if err := os.WriteFile(unit, botengine.SystemdUnit, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "security", "--offline=yes", "--no-pager", unit).CombinedOutput()
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("skipped, systemd-analyze does not know --offline: %v", err)
	} else if err != nil {
		t.Fatalf("systemd-analyze: %v\n%s", err, out)
	}
	m := exposure.FindSubmatch(out)
	if m == nil {
		t.Fatalf("no exposure level:\n%s", out)
	}
	level, err := strconv.ParseFloat(string(m[1]), 64)
	if err != nil || level > 1.5 {
		t.Errorf("exposure %s, at most 1.5 is wanted:\n%s", m[1], out)
	}
}

// Every message and every description is there in both languages, and no schema is
// that of another.
func TestSchemasDifferByLanguageAndKind(t *testing.T) {
	seen := map[string]string{}
	for _, s := range schemas {
		for _, lang := range []diag.Lang{diag.ZH, diag.EN} {
			text, ok, err := schemaText(s.name, lang)
			if err != nil || !ok {
				t.Fatal(s.name, err)
			}
			if before, twice := seen[string(text)]; twice {
				t.Errorf("%s %s is the same as %s", s.name, lang, before)
			}
			seen[string(text)] = s.name + " " + string(lang)
			if !json.Valid(text) {
				t.Errorf("%s %s is no JSON", s.name, lang)
			}
		}
	}
	if len(seen) != 2*len(schemas) {
		t.Errorf("%d schemas: %v", len(seen), slices.Sorted(maps.Values(seen)))
	}
}
