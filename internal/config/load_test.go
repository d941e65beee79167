package config_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"botengine/internal/config"
	"botengine/internal/diag"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden files anew")

// environment is what the tests' processes have.
func environment(name string) (string, bool) {
	v, ok := map[string]string{
		"KEY": "ak-1", "SECRET": "CANARY-env", "LEVEL": "info", "EMPTY": "",
		"BOTENGINE_ACCESS_KEY": "ak-1", "BOTENGINE_ACCESS_SECRET": "CANARY-env",
	}[name]
	return v, ok
}

// account is what every configuration needs.
const account = "accounts:\n  - {name: main, access_key: \"${env:KEY}\", access_secret: \"${env:SECRET}\"}\n"

// load writes text into a folder that has rules/ and loads it.
func load(t *testing.T, text string) (config.Config, diag.List, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "rules"), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "botengine.yaml")
	secrets := map[string]fs.FileMode{"open.txt": 0o644, "secret.txt": 0o600}
	for name, mode := range secrets {
		if err := errors.Join(os.WriteFile(filepath.Join(dir, name), []byte("s3cret\n"), 0o600), os.Chmod(filepath.Join(dir, name), mode)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, findings, err := config.Load(path, environment)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, findings, dir
}

// brief lists findings as "line:column code", with a W for warnings.
func brief(l diag.List) []string {
	var out []string
	for _, f := range l {
		s := fmt.Sprintf("%d:%d %s", f.Range.Start.Line, f.Range.Start.Column, f.Code)
		if f.Severity == diag.Warning {
			s += " W"
		}
		out = append(out, s)
	}
	return out
}

const full = `# botengine.yaml
accounts:
  - name: main
    rest_url:   https://www.yjiyun.com            # default
    socket_url: https://chat.yjiyun.com/imchat    # default
    access_key: ${env:BOTENGINE_ACCESS_KEY}
    access_secret: ${env:BOTENGINE_ACCESS_SECRET}
    protocol: auto            # auto | 3 | 4  (Engine.IO revision)
    transport: auto           # auto | websocket | polling
    msg_filter: false         # the platform's own pre-filter
    reconnect: {min: 10s, max: 60s}
    commands:                 # the platform's document lost these: correct them here when known
      kick: {type: robot.delete.group.members, fields: {group: groupId, members: friends}}
rules: [rules/]
state: {path: data/botengine.db, journal: {keep: 7d, max_size: 2GiB, text: full}, ballast: 64MiB, snapshots: {every: 6h, keep: 2}}
limits: {robot: {per_minute: 20, per_day: {accept_friend: 80}}, chat: {per_minute: 6}, jitter: 1s..3s, warm_up: {days: 7, start: 25%}, ceiling: {robot: {per_minute: 60}}}
catchup: {look_back: 24h, audit: 15m}
takeover: 10m
console: {listen: 127.0.0.1:8787}
log: {format: auto, level: info}
`

func TestTheDocumentedConfigurationIsTheDefault(t *testing.T) {
	got, findings, dir := load(t, full)
	if len(findings) > 0 {
		t.Fatalf("findings: %v", brief(findings))
	}
	want := config.Default()
	want.Rules = []string{filepath.Join(dir, "rules")}
	want.State.Path = filepath.Join(dir, "data", "botengine.db")
	a := config.DefaultAccount()
	a.Name, a.AccessKey, a.AccessSecret = "main", config.NewSecret("ak-1"), config.NewSecret("CANARY-env")
	a.Commands = map[string]config.Command{
		"kick": {Type: "robot.delete.group.members", Fields: map[string]string{"group": "groupId", "members": "friends"}},
	}
	want.Accounts = []config.Account{a}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestBallastAndSnapshotsCanBeSwitchedOff(t *testing.T) {
	got, findings, _ := load(t, account+"state: {ballast: off, snapshots: off}\n")
	if got.State.Ballast != 0 || got.State.Snapshots.Every != 0 || len(findings) > 0 {
		t.Errorf("state = %+v, %v", got.State, brief(findings))
	}
}

func TestTheJournalCanBeSwitchedOff(t *testing.T) {
	got, findings, _ := load(t, account+"state: {journal: off}\n")
	if got.State.Journal.Text != "" || len(findings) > 0 {
		t.Errorf("journal = %+v, %v", got.State.Journal, brief(findings))
	}
}

func TestEverySettingIsTaken(t *testing.T) {
	got, findings, dir := load(t, `accounts:
  - {name: 主号, rest_url: "http://127.0.0.1:9000/", socket_url: "ws://localhost:9001/imchat", access_key: "${env:KEY}", access_secret: "${env:SECRET}",
     protocol: 3, transport: websocket, msg_filter: true, reconnect: {min: 2m}}
  - {name: second, access_key: "${env:KEY}", access_secret: "${env:SECRET}", protocol: "4"}
rules: rules
state: {path: /var/lib/botengine/state.db, journal: {keep: 1d12h, max_size: 500MB, text: hash}, ballast: 2MiB, snapshots: {every: 1h, keep: 5}}
limits: {robot: {per_minute: 5, per_hour: {all: 100, message: 90}, per_day: {add_friend: 20}}, chat: {per_minute: 2, per_day: 50}, jitter: 2s,
  robots: {cfb3e2c2: {per_minute: 30, warm_up: off}, other: {per_day: {robot.cust.tags: 9}}}, warm_up: off,
  ceiling: {robot: {per_minute: 30, per_hour: 300, per_day: 3000}, all: {per_minute: 50, per_hour: 500, per_day: 5000}}, kick: {per_hour: 7, per_rule: 5, group_share: 12.5%}, broadcast: off}
catchup: {look_back: 2d, audit: off}
takeover: off
guard: {new_rule: 30m, share: 40%, min: 20, errors: off}
fuses:
  chat_per_minute: 30
  ping_pong: {fast: 6, fast_within: 800ms, turns: off, within: 5s, same: 4, hold: 5m}
  breaker: {pause: 1m..30m, codes: [9001, "-3"], words: [操作太快], chat_failures: 4, robot_failures: off}
console: {listen: off}
metrics: {listen: "[::1]:9464", expose: true, hosts: [bot.example.com]}
log: {format: json, level: debug, text: none}
lang: en
`)
	if len(findings) > 0 {
		t.Fatalf("findings: %v", brief(findings))
	}
	first := config.DefaultAccount()
	first.Name, first.RestURL, first.SocketURL = "主号", "http://127.0.0.1:9000", "ws://localhost:9001/imchat"
	first.AccessKey, first.AccessSecret = config.NewSecret("ak-1"), config.NewSecret("CANARY-env")
	first.Protocol, first.Transport, first.MsgFilter = config.Protocol3, config.TransportWebsocket, true
	first.Reconnect = config.Reconnect{Min: 2 * time.Minute, Max: 2 * time.Minute}
	second := config.DefaultAccount()
	second.Name, second.AccessKey, second.AccessSecret, second.Protocol = "second", first.AccessKey, first.AccessSecret, config.Protocol4
	want := config.Config{
		Accounts: []config.Account{first, second},
		Rules:    []string{filepath.Join(dir, "rules")},
		State:    config.State{Path: "/var/lib/botengine/state.db", Journal: config.Journal{Keep: 36 * time.Hour, MaxSize: 500_000_000, Text: "hash"}, Ballast: 2 << 20, Snapshots: config.Snapshots{Every: time.Hour, Keep: 5}},
		Limits: config.Limits{
			Robot: config.Quota{
				PerMinute: config.Count{All: 5},
				PerHour:   config.Count{All: 100, Kinds: map[string]int{"message": 90}},
				PerDay:    config.Count{Kinds: map[string]int{"accept_friend": 80, "add_friend": 20}},
			},
			Chat: config.Quota{PerMinute: config.Count{All: 2}, PerDay: config.Count{All: 50}},
			Robots: map[string]config.RobotLimits{
				"cfb3e2c2": {Quota: config.Quota{PerMinute: config.Count{All: 30}}, Old: true},
				"other":    {Quota: config.Quota{PerDay: config.Count{Kinds: map[string]int{"robot.cust.tags": 9}}}},
			},
			Ceiling: config.Ceiling{
				Robot: config.Rates{PerMinute: 30, PerHour: 300, PerDay: 3000},
				All:   config.Rates{PerMinute: 50, PerHour: 500, PerDay: 5000},
			},
			Jitter: config.Span{Min: 2 * time.Second, Max: 2 * time.Second},
			Kick:   config.Blast{PerHour: 7, PerRule: 5, GroupShare: 0.125},
		},
		CatchUp: config.CatchUp{LookBack: 48 * time.Hour},
		Guard:   config.Guard{NewRule: 30 * time.Minute, Share: 0.4, Min: 20},
		Fuses: config.Fuses{
			ChatPerMinute: 30,
			PingPong:      config.PingPong{Fast: 6, FastWithin: 800 * time.Millisecond, Within: 5 * time.Second, Same: 4, Hold: 5 * time.Minute},
			Breaker:       config.Breaker{Pause: config.Span{Min: time.Minute, Max: 30 * time.Minute}, Codes: []string{"9001", "-3"}, Words: []string{"操作太快"}, ChatFailures: 4},
		},
		Metrics: config.Metrics{Listen: "[::1]:9464", Expose: true, Hosts: []string{"bot.example.com"}},
		Log:     config.Log{Format: "json", Level: "debug", Text: "none"},
		Lang:    diag.EN,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"an account alone is enough", account, nil},
		{"an empty file has no account", "", []string{"1:1 BE519"}},
		{"comments alone are an empty file", "# 空\n", []string{"1:1 BE519"}},
		{"an unknown setting", account + "takover: 10m\n", []string{"3:1 BE501"}},
		{"an unknown setting deep inside", account + "limits: {robot: {per_minte: 5}}\n", []string{"3:18 BE501"}},
		{"all faults at once, in order", account + "log: {level: inof}\ntakeover: 10分钟\nstate: {journal: {max_size: 2G, keep: 7}}\n",
			[]string{"3:14 BE510", "4:11 BE509", "5:29 BE508", "5:39 BE509"}},
		{"metrics for other machines, which nobody said are meant", account + "metrics: {listen: \"10.0.0.7:9464\"}\n", []string{"3:19 BE530"}},
		{"metrics for other machines, which is said to be meant", account + "metrics: {listen: \"0.0.0.0:9464\", expose: true}\n", []string{"3:19 BE530 W"}},
		{"metrics on every address", account + "metrics: {listen: \":9464\"}\n", []string{"3:19 BE530"}},
		{"metrics for this machine", account + "metrics: {listen: \"localhost:0\"}\n", nil},
		{"no metrics", account + "metrics: off\n", nil},
		{"metrics on something that is no address", account + "metrics: {listen: 9464, hosts: [\"http://a\"]}\n", []string{"3:19 BE517", "3:33 BE506"}},
		{"a journal that is neither off nor a choice", account + "state: {journal: none}\n", []string{"3:18 BE514"}},
		{"a text of the journal that is no choice", account + "state: {journal: {text: all}}\n", []string{"3:25 BE510"}},
		{"a setting twice", account + "takeover: 1m\ntakeover: 2m\n", []string{"4:1 BE108"}},
		{"a full-width colon is said once, without consequences", account + "log: {level: inof}\ntakeover：10m\nlang: zh\n", []string{"4:9 BE110"}},
		{"a full-width colon in nested settings", account + "log:\n  level：info\n", []string{"4:8 BE110"}},
		{"a text where settings are wanted", account + "log: info\n", []string{"3:6 BE514"}},
		{"a list where one value is wanted", account + "takeover: [1m]\n", []string{"3:11 BE514"}},
		{"a setting without a value", account + "takeover:\n", []string{"3:10 BE514"}},
		{"an alias", account + "x: &x 1m\ntakeover: *x\n", []string{"3:1 BE501", "4:11 BE131"}},
		{"two documents", account + "---\nlang: zh\n", []string{"4:1 BE132"}},
		{"not a mapping at all", "- a\n", []string{"1:1 BE514"}},
		{"a missing variable, at its place inside the text", account + "lang: \"x${env:NOPE}\"\n", []string{"3:9 BE503"}},
		{"an empty variable counts as not set", account + "lang: ${env:EMPTY}\n", []string{"3:7 BE503"}},
		{"a reference that is not closed", account + "lang: ${env:EMPTY\n", []string{"3:7 BE516"}},
		{"a reconnect below ten seconds", "accounts:\n  - {name: a, access_key: \"${env:KEY}\", access_secret: \"${env:SECRET}\", reconnect: {min: 9s}}\n", []string{"2:90 BE511"}},
		{"a reconnect whose ends are swapped", "accounts:\n  - name: a\n    access_key: ${env:KEY}\n    access_secret: ${env:SECRET}\n    reconnect: {min: 60s, max: 10s}\n", []string{"5:16 BE511"}},
		{"polling", "accounts:\n  - name: a\n    access_key: ${env:KEY}\n    access_secret: ${env:SECRET}\n    transport: polling\n", []string{"5:16 BE512"}},
		{"an account without everything it needs", "accounts:\n  - protocol: 4\n", []string{"2:5 BE502", "2:5 BE502", "2:5 BE502"}},
		{"a protocol that does not exist", "accounts:\n  - name: a\n    access_key: ${env:KEY}\n    access_secret: ${env:SECRET}\n    protocol: 5\n", []string{"5:15 BE510"}},
		{"an address with a password", "accounts:\n  - name: a\n    access_key: ${env:KEY}\n    access_secret: ${env:SECRET}\n    rest_url: https://u:p@example.com\n", []string{"5:15 BE506"}},
		{"an insecure address that only looks like this machine", "accounts:\n  - name: a\n    access_key: ${env:KEY}\n    access_secret: ${env:SECRET}\n    rest_url: http://127.0.0.1.example.com\n", []string{"5:15 BE507"}},
		{"an impossible port", "accounts:\n  - name: a\n    access_key: ${env:KEY}\n    access_secret: ${env:SECRET}\n    rest_url: https://example.com:70000\n", []string{"5:15 BE506"}},
		{"a folder that is not there", account + "rules: [rules, rule]\n", []string{"3:16 BE601"}},
		{"no folder", account + "rules: []\n", []string{"3:8 BE502"}},
		{"what is above the ceiling", account + "limits: {robot: {per_minute: 200}, robots: {r: {per_hour: {message: 2000}}}, chat: {per_day: 20000}}\n", []string{"3:30 BE523 W", "3:69 BE523 W", "3:94 BE523 W"}},
		{"a ceiling that is lower than what is said", account + "limits: {ceiling: {robot: {per_minute: 30}}, robot: {per_minute: 31}}\n", []string{"3:66 BE523 W"}},
		{"a robot's ceiling above that of all", account + "limits: {ceiling: {robot: {per_minute: 50}, all: {per_minute: 40}}}\n", []string{"3:40 BE523 W"}},
		{"a kind that is none", account + "limits: {robot: {per_day: {acept_friend: 80}}}\n", []string{"3:28 BE524"}},
		{"a share of the pace that is none", account + "limits: {warm_up: {days: 0, start: 25}}\n", []string{"3:26 BE511", "3:36 BE522"}},
		{"a pace of zero", account + "limits: {chat: {per_minute: 0}}\n", []string{"3:29 BE511"}},
		{"a quota with a wrong name", account + "limits: {robot: {per_day: {加好友: 3}}}\n", []string{"3:28 BE524"}},
		{"a range the wrong way round", account + "limits: {jitter: 3s..1s}\n", []string{"3:18 BE509"}},
		{"a console open to others is a warning", account + "console: {listen: \":8787\"}\n", []string{"3:19 BE518 W"}},
		{"a literal secret is a warning", "accounts:\n  - {name: a, access_key: \"${env:KEY}\", access_secret: abc}\n", []string{"2:56 BE515 W"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, findings, _ := load(t, c.text)
			if d := cmp.Diff(c.want, brief(findings)); d != "" {
				t.Errorf("findings (-want +got):\n%s", d)
			}
		})
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	_, findings, _ := load(t, account+strings.Repeat("# 说明\n", 200_000))
	if d := cmp.Diff([]string{"0:0 BE603"}, brief(findings)); d != "" {
		t.Error(d)
	}
}

// TestExamples holds the explanations of the codes to what Load really says.
func TestExamples(t *testing.T) {
	for _, c := range diag.Codes() {
		if !strings.HasPrefix(c.Code, "BE5") {
			continue
		}
		t.Run(c.Code, func(t *testing.T) {
			_, wrong, _ := load(t, complete(c.Wrong))
			if len(wrong) == 0 || wrong[0].Code != c.Code {
				t.Errorf("the wrong example is found to be %v", brief(wrong))
			}
			if _, right, _ := load(t, complete(c.Right)); len(right) > 0 {
				t.Errorf("the right example is found to be %v", brief(right))
			}
		})
	}
}

// complete gives an example the account it needs.
func complete(example string) string {
	if strings.Contains(example, "account") {
		return example + "\n"
	}
	return account + example + "\n"
}

// A secret that others may read is warned of, and used: to refuse it would stop an
// engine that runs.
func TestAFileOfASecretIsForItsOwner(t *testing.T) {
	for mode, want := range map[fs.FileMode]bool{0o600: false, 0o400: false, 0o640: false, 0o440: false, 0o644: true, 0o604: true, 0o660: true, 0o666: true, 0o602: true} {
		dir := t.TempDir()
		path := filepath.Join(dir, "botengine.yaml")
		text := "accounts:\n  - {name: a, access_key: k, access_secret: \"${file:s}\"}\n"
		if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.WriteFile(filepath.Join(dir, "s"), []byte("CANARY"), 0o600), os.Chmod(filepath.Join(dir, "s"), mode)); err != nil {
			t.Fatal(err)
		}
		cfg, findings, err := config.Load(path, environment)
		warned := slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.Code == "BE525" && f.Severity == diag.Warning })
		if err != nil || warned != want || cfg.Accounts[0].AccessSecret.Reveal() != "CANARY" || strings.Contains(fmt.Sprint(findings), "CANARY") {
			t.Errorf("mode %o: %v, %v", mode, findings, err)
		}
	}
}

func TestReferences(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"level": "warn\n", "key": "ak-file\r\n", "big": strings.Repeat("x", 70_000)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := func(name string) (string, bool) {
		v, ok := map[string]string{"CREDENTIALS_DIRECTORY": dir, "SECRET": "s3", "NESTED": "${env:SECRET}"}[name]
		return v, ok
	}
	read := func(secret string) (string, diag.List) {
		path := filepath.Join(dir, "botengine.yaml")
		text := "accounts:\n  - {name: a, access_key: k, access_secret: " + secret + "}\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, findings, err := config.Load(path, env)
		if err != nil {
			t.Fatal(err)
		}
		if len(cfg.Accounts) == 0 {
			return "", findings
		}
		return cfg.Accounts[0].AccessSecret.Reveal(), findings
	}
	for _, c := range []struct{ name, value, want, code string }{
		{"a variable", `"${env:SECRET}"`, "s3", ""},
		{"a file beside the configuration, without its line break", `"${file:key}"`, "ak-file", ""},
		{"a file anywhere", `"${file:` + dir + `/level}"`, "warn", ""},
		{"a credential", `"${cred:key}"`, "ak-file", ""},
		{"several in one value", `"a${env:SECRET}b${file:level}c"`, "as3bwarnc", ""},
		{"an escaped one", `"$${env:SECRET}"`, "${env:SECRET}", ""},
		{"a dollar sign alone", `"a$b$"`, "a$b$", ""},
		{"what comes in is not looked at again", `"${env:NESTED}"`, "${env:SECRET}", ""},
		{"an unknown kind", `"${vault:x}"`, "", "BE516"},
		{"no name", `"${env:}"`, "", "BE516"},
		{"a variable that is not set", `"${env:NOPE}"`, "", "BE503"},
		{"a file that is not there", `"${file:nope}"`, "", "BE504"},
		{"a file that is too large", `"${file:big}"`, "", "BE504"},
		{"a folder", `"${file:.}"`, "", "BE504"},
		{"a credential that is not there", `"${cred:nope}"`, "", "BE505"},
		{"a credential outside of its folder", `"${cred:../key}"`, "", "BE505"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, findings := read(c.value)
			var codes []string
			for _, f := range findings {
				if f.Severity == diag.Error {
					codes = append(codes, f.Code)
				}
			}
			if got != c.want || strings.Join(codes, " ") != c.code {
				t.Errorf("got %q with %v", got, codes)
			}
		})
	}
}

func TestAMissingFileSaysHowToStart(t *testing.T) {
	_, _, err := config.Load(filepath.Join(t.TempDir(), "botengine.yaml"), environment)
	var missing *config.MissingError
	if !errors.As(err, &missing) || !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("got %v", err)
	}
	for _, text := range []string{missing.Text().ZH, err.Error()} {
		if !strings.Contains(text, "botengine demo") || !strings.Contains(text, "botengine.yaml") {
			t.Errorf("it says %q", text)
		}
	}
}

func TestAFolderInsteadOfAFileIsAnError(t *testing.T) {
	if _, _, err := config.Load(t.TempDir(), environment); err == nil {
		t.Error("a folder was read as a configuration")
	}
}

func TestFindingsAsPrinted(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("testdata", "faults.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, findings, _ := load(t, string(src))
	for i := range findings {
		findings[i].File = "botengine.yaml"
		for j := range findings[i].Related {
			findings[i].Related[j].File = "botengine.yaml"
		}
	}
	for _, lang := range []diag.Lang{diag.ZH, diag.EN} {
		var b bytes.Buffer
		if err := diag.Print(&b, findings, func(string) ([]byte, bool) { return src, true }, diag.Options{Lang: lang}); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "faults_"+string(lang)+".golden")
		if *update {
			if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(want), b.String()); d != "" {
			t.Errorf("go test ./internal/config -update writes it anew (-want +got):\n%s", d)
		}
	}
}

// FuzzLoad holds that no configuration makes Load panic, that its findings lie
// inside the file, and that a Config without errors is usable.
func FuzzLoad(f *testing.F) {
	f.Add([]byte(full))
	for _, c := range diag.Codes() {
		f.Add([]byte(complete(c.Wrong)))
	}
	path := filepath.Join(f.TempDir(), "botengine.yaml")
	f.Fuzz(func(t *testing.T, src []byte) {
		if len(src) > 4000 {
			return
		}
		if err := os.WriteFile(path, src, 0o600); err != nil {
			t.Fatal(err)
		}
		cfg, findings, err := config.Load(path, environment)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Count(src, []byte("\n")) + bytes.Count(src, []byte("\r")) + 1
		for _, f := range findings {
			if f.Range.Start.Line > lines {
				t.Fatalf("a finding outside of the file: %+v", f)
			}
		}
		if findings.HasErrors() {
			return
		}
		for _, a := range cfg.Accounts {
			if a.Name == "" || a.AccessKey.IsZero() || a.AccessSecret.IsZero() || a.Reconnect.Min < config.MinReconnect || a.Reconnect.Max < a.Reconnect.Min {
				t.Fatalf("an unusable account passed: %+v", a)
			}
		}
		if len(cfg.Accounts) == 0 || len(cfg.Rules) == 0 || cfg.Limits.Jitter.Max < cfg.Limits.Jitter.Min {
			t.Fatalf("an unusable configuration passed: %+v", cfg)
		}
	})
}
