package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/config"

	"github.com/google/go-cmp/cmp"
)

var found = config.Facts{
	ProbedAt: time.Date(2026, 3, 2, 9, 0, 0, 0, time.FixedZone("", 8*3600)),
	Dedupes:  config.False, OwnHistoryID: config.True, TwoSockets: config.True, BridgeMessages: config.True,
	SameToken: config.True, HistoryDays: 30, HistoryCount: 200,
}

const (
	blockFacts = "facts: # botengine probe\n" +
		"  probed_at: 2026-03-02T01:00:00Z\n  dedupes: false\n  own_history_id: true\n  other_history_id: unknown\n" +
		"  two_sockets: true\n  bridge_messages: true\n  same_token: true\n  history_days: 30\n  history_count: 200\n"
	flowFacts = `facts: {probed_at: "2026-03-02T01:00:00Z", dedupes: "false", own_history_id: "true", other_history_id: "unknown", ` +
		`two_sockets: "true", bridge_messages: "true", same_token: "true", history_days: "30", history_count: "200"}`
)

// indented is the block behind so many spaces.
func indented(n int) string {
	pad := strings.Repeat(" ", n)
	return pad + strings.TrimSuffix(strings.ReplaceAll(blockFacts, "\n", "\n"+pad), pad)
}

// configFile writes text into a folder that has rules/.
func configFile(t *testing.T, text string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "botengine.yaml")
	if err := os.WriteFile(path, []byte(text), 0o640); err != nil {
		t.Fatal(err)
	}
	return path
}

// rewritten is what WriteFacts makes of text.
func rewritten(t *testing.T, text, account string) string {
	t.Helper()
	path := configFile(t, text)
	if err := config.WriteFacts(path, environment, account, found); err != nil {
		t.Fatal(err)
	}
	out, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestFactsAreWrittenAndNothingElseIsTouched(t *testing.T) {
	const keys = "access_key: ${env:KEY}\n    access_secret: ${env:SECRET}"
	for name, c := range map[string]struct{ before, after string }{
		"a block gets them at its end, before the comment of what follows": {
			"# 我的配置\naccounts:\n  - name: main # 主账号\n    " + keys + " # 密钥\n\n# 规则\nrules: [rules/]\n",
			"# 我的配置\naccounts:\n  - name: main # 主账号\n    " + keys + " # 密钥\n" + indented(4) + "\n# 规则\nrules: [rules/]\n",
		},
		"the end of the file is an end": {
			"accounts:\n- name: main\n  access_key: ${env:KEY}\n  access_secret: ${env:SECRET}\n",
			"accounts:\n- name: main\n  access_key: ${env:KEY}\n  access_secret: ${env:SECRET}\n" + indented(2),
		},
		"a last line without its break stays without": {
			"accounts:\n- name: main\n  access_key: ${env:KEY}\n  access_secret: ${env:SECRET}",
			"accounts:\n- name: main\n  access_key: ${env:KEY}\n  access_secret: ${env:SECRET}\n" + strings.TrimSuffix(indented(2), "\n"),
		},
		"facts that are there are replaced where they are": {
			"accounts:\n  - name: main\n    facts: {dedupes: true} # alt\n    # 密钥\n    " + keys + "\n",
			"accounts:\n  - name: main\n" + indented(4) + "    # 密钥\n    " + keys + "\n",
		},
		"a block of facts is replaced whole": {
			"accounts:\n  - name: main\n    facts:\n      dedupes: true\n      # 注\n      history_days: 3\n\n    " + keys + "\n",
			"accounts:\n  - name: main\n" + indented(4) + "\n    " + keys + "\n",
		},
		"of two accounts the right one gets them": {
			"accounts:\n  - {name: other, access_key: \"${env:KEY}\", access_secret: \"${env:SECRET}\"}\n  - name: main\n    " + keys + "\n  - name: third\n    " + keys + "\n",
			"accounts:\n  - {name: other, access_key: \"${env:KEY}\", access_secret: \"${env:SECRET}\"}\n  - name: main\n    " + keys + "\n" + indented(4) + "  - name: third\n    " + keys + "\n",
		},
		"braces get them before the closing one": {
			"accounts:\n  - {name: main, access_key: \"a}#b\", access_secret: 'it''s'} # 注释 {\n",
			"accounts:\n  - {name: main, access_key: \"a}#b\", access_secret: 'it''s', " + flowFacts + "} # 注释 {\n",
		},
		"braces over several lines with a comma at the end": {
			"accounts: [{ # 中文 } {\n  name: main,\n  access_key: \"${env:KEY}\",\n  access_secret: \"${env:SECRET}\",\n}]\n",
			"accounts: [{ # 中文 } {\n  name: main,\n  access_key: \"${env:KEY}\",\n  access_secret: \"${env:SECRET}\", " + flowFacts + "\n}]\n",
		},
		"facts in braces are replaced where they are": {
			"accounts:\n  - {name: main, facts: {dedupes: true}, access_key: \"${env:KEY}\", access_secret: \"${env:SECRET}\"}\n",
			"accounts:\n  - {name: main, " + flowFacts + ", access_key: \"${env:KEY}\", access_secret: \"${env:SECRET}\"}\n",
		},
		"the name may come from elsewhere": {
			"accounts:\n  - name: ${env:LEVEL}\n    " + keys + "\n",
			"accounts:\n  - name: ${env:LEVEL}\n    " + keys + "\n" + indented(4),
		},
		"nested settings stay whole": {
			"accounts:\n  - name: main\n    " + keys + "\n    reconnect:\n      min: 10s\n      max:\n        20s\n  # 完\n",
			"accounts:\n  - name: main\n    " + keys + "\n    reconnect:\n      min: 10s\n      max:\n        20s\n" + indented(4) + "  # 完\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			account := "main"
			if strings.Contains(c.before, "LEVEL") {
				account = "info"
			}
			if diff := cmp.Diff(c.after, rewritten(t, c.before, account)); diff != "" {
				t.Error(diff)
			}
			crlf := strings.NewReplacer("\n", "\r\n")
			if diff := cmp.Diff(crlf.Replace(c.after), rewritten(t, crlf.Replace(c.before), account)); diff != "" {
				t.Errorf("with the line breaks of Windows:\n%s", diff)
			}
		})
	}
}

func TestFactsAreReadAsTheyWereWritten(t *testing.T) {
	path := configFile(t, account)
	if err := config.WriteFacts(path, environment, "main", found); err != nil {
		t.Fatal(err)
	}
	cfg, findings, err := config.Load(path, environment)
	if err != nil || len(findings) > 0 {
		t.Fatal(err, findings)
	}
	if diff := cmp.Diff(found, cfg.Accounts[0].Facts); diff != "" {
		t.Error(diff)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file's mode is %v (%v)", info.Mode(), err)
	}
}

func TestFactsGoThroughALinkWithoutReplacingIt(t *testing.T) {
	path := configFile(t, account)
	link := filepath.Join(filepath.Dir(path), "link.yaml")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if err := config.WriteFacts(link, environment, "main", found); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v, %v", info, err)
	}
	if data, err := os.ReadFile(path); err != nil || !strings.Contains(string(data), "history_days") {
		t.Errorf("the file behind it is %q, %v", data, err)
	}
}

func TestWhatCanNotTakeFactsIsLeftAlone(t *testing.T) {
	for name, text := range map[string]string{
		"the facts are the first key": "accounts:\n  - facts: {}\n    name: main\n    access_key: ${env:KEY}\n    access_secret: ${env:SECRET}\n",
		"there is no such account":    strings.Replace(account, "main", "other", 1),
		"the file has errors":         strings.Replace(account, "access_key", "acces_key", 1),
		"there is no account at all":  "rules: [rules/]\n",
	} {
		t.Run(name, func(t *testing.T) {
			path := configFile(t, text)
			err := config.WriteFacts(path, environment, "main", found)
			if err == nil {
				t.Fatal("no error")
			}
			if strings.HasPrefix(name, "the facts") != errors.Is(err, config.ErrNoPlace) {
				t.Errorf("the error is %v", err)
			}
			if data, _ := os.ReadFile(path); string(data) != text {
				t.Errorf("the file is\n%s", data)
			}
		})
	}
}

func TestFactsAreCheckedStrictly(t *testing.T) {
	for name, c := range map[string]struct{ facts, want string }{
		"all may be unknown":                {"dedupes: unknown", ""},
		"a fact nobody knows is a mistake":  {"dedupe: true", "2:84 BE501"},
		"a truth is true, false or unknown": {"dedupes: yes", "2:93 BE510"},
		"a number is not below nothing":     {"history_days: -1", "2:98 BE511"},
		"a time is a time":                  {"probed_at: 昨天", "2:95 BE514"},
	} {
		t.Run(name, func(t *testing.T) {
			_, findings, _ := load(t, strings.Replace(account, "}\n", ", facts: {"+c.facts+"}}\n", 1))
			if got := strings.Join(brief(findings), " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzWriteFacts(f *testing.F) {
	for _, s := range []string{
		account, "accounts:\n  - name: main\n    access_key: a\n    access_secret: b # x\n\n# y\nlang: zh\n",
		"accounts: [{name: main, access_key: \"}\", access_secret: 'b'}]", "accounts:\r\n- name: main\r\n  access_key: |\r\n    a\r\n    #b\r\n  access_secret: c\r\n",
		"accounts:\n- ? name\n  : main\n  access_key: a\n  access_secret: b", "accounts:\n- &x {name: main, access_key: a, access_secret: b,}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(text, "facts") || strings.Contains(text, "${") {
			t.Skip()
		}
		path := configFile(t, text)
		err := config.WriteFacts(path, environment, "main", found)
		out, _ := os.ReadFile(path)
		if err != nil {
			if string(out) != text {
				t.Errorf("an error, and the file is\n%q\nit was\n%q", out, text)
			}
			return
		}
		head := 0
		for head < len(text) && text[head] == out[head] {
			head++
		}
		if !strings.HasSuffix(string(out[head:]), text[head:]) {
			t.Errorf("%q became %q", text, out)
		}
	})
}
