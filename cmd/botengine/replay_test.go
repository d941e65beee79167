package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"botengine/internal/diag"
	"botengine/internal/event"
	"botengine/internal/intake"
	"botengine/internal/rule"
	"botengine/internal/state"
)

// recordedProject is a project whose engine took in some messages and ended: the
// first rule waits for an hour, the second asks something.
func recordedProject(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	const rules = `version: 1
rules:
  - {id: refund, on: message.text, match: {any: [退款]}, cooldown: {for: 1h}, do: [{reply: 请回复订单号}]}
  - {id: price, on: message.text, match: {any: [价格]}, do: [{delay: 5m}, {reply: 99 元}]}
`
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("rules/a.yaml", rules)
	write("botengine.yaml", "accounts:\n  - {name: main, access_key: \"k\", access_secret: \"s\"}\n")
	set, findings := rule.Compile(rule.Sources{{Path: "rules/a.yaml", Text: []byte(rules)}})
	if set == nil {
		t.Fatal(findings.Summary(diag.EN))
	}
	store, err := state.Open(filepath.Join(dir, "data", "botengine.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var live atomic.Pointer[rule.Set]
	live.Store(set)
	at := time.Now().Add(-10 * time.Minute)
	in := intake.New(intake.Options{Store: store, Rules: &live, Journal: state.TextFull, Takeover: rule.DefaultTakeover, Now: func() time.Time { return at }})
	for id, words := range map[string]string{"1": "怎么退款", "2": "价格多少"} {
		if err := in.Handle(t.Context(), asked(id, words, at)); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func asked(id, words string, at time.Time) event.Event {
	return event.Event{
		Kind: event.MessageText, ID: id, Account: "main", Robot: event.Robot{Key: "r1", ID: "16888", Status: event.StatusOnline}, Time: at, Received: at,
		Chat:   event.Chat{ID: "S:16888_R:1", Peer: "R:1", Name: "产品体验群1", Group: true},
		Sender: event.Person{ID: "7001", Name: "张三"}, Message: event.Message{Text: words, SvrID: "9" + id},
	}
}

// replayed runs the program in a folder.
func replayed(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	t.Chdir(dir)
	t.Setenv("BOTENGINE_LANG", "en")
	code = run(context.Background(), append([]string{"replay"}, args...), strings.NewReader(""), &out, &errs)
	return code, out.String(), errs.String()
}

func TestWhatAnEngineLeftIsReplayedFromItsFile(t *testing.T) {
	dir := recordedProject(t)
	code, out, errs := replayed(t, dir, "--from", "1h", "--changed", "--fail-on-diff")
	if code != exitOK || !strings.Contains(out, "2 events") || !strings.Contains(out, "no differences") {
		t.Errorf("%d\n%s%s", code, out, errs)
	}
}

func TestAReplayGoesOnFromACopyOfAState(t *testing.T) {
	dir := recordedProject(t)
	data, err := os.ReadFile(filepath.Join(dir, "data", "botengine.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "copy.db"), data, 0o600); err != nil {
		t.Fatal(err)
	}
	later := time.Now().UTC().Format(time.RFC3339)
	line := `{"kind":"message.text","id":"3","account":"main","robot":{"key":"r1","id":"16888"},"time":"` + later +
		`","chat":{"id":"S:16888_R:1","peer":"R:1","group":true},"sender":{"id":"7001"},"message":{"text":"退款"}}`
	if err := os.WriteFile(filepath.Join(dir, "events.jsonl"), []byte(line+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := replayed(t, dir, "--events", "events.jsonl", "--state", "copy.db")
	if code != exitOK || !strings.Contains(out, "refund: fired 0 times, 0 commands, held back 1 times") || !strings.Contains(out, "price: fired 0 times, 1 commands") {
		t.Errorf("the cooldown and the delay of before: %d\n%s%s", code, out, errs)
	}
	code, out, errs = replayed(t, dir, "--events", "events.jsonl")
	if code != exitOK || !strings.Contains(out, "refund: fired 1 times, 1 commands") {
		t.Errorf("without them: %d\n%s%s", code, out, errs)
	}
}

func TestAStateFileOfAnEngineThatDoesNotAnswerIsNotRead(t *testing.T) {
	dir := recordedProject(t)
	store, err := state.Open(filepath.Join(dir, "data", "botengine.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	code, _, errs := replayed(t, dir, "--from", "1h")
	if code != exitUnreachable || !strings.Contains(errs, "the engine (process ") {
		t.Errorf("%d\n%s", code, errs)
	}
}

func TestAnInterruptedReplayPrintsWhatItFound(t *testing.T) {
	dir := recordedProject(t)
	t.Chdir(dir)
	t.Setenv("BOTENGINE_LANG", "en")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	if code := run(ctx, []string{"replay", "--from", "1h"}, strings.NewReader(""), &out, &errs); code != exitOK || errs.Len() > 0 || !strings.Contains(out.String(), "interrupted") {
		t.Errorf("%d\n%s%s", code, out.String(), errs.String())
	}
}

func TestAPersonIsForgottenInTheFileOfAnEngineThatEnded(t *testing.T) {
	dir := recordedProject(t)
	t.Chdir(dir)
	t.Setenv("BOTENGINE_LANG", "en")
	var out, errs bytes.Buffer
	for _, want := range []string{"2 events forgotten\n", "0 events forgotten\n"} {
		out.Reset()
		if code := run(t.Context(), []string{"forget", "7001", "--yes"}, strings.NewReader(""), &out, &errs); code != exitOK || out.String() != want {
			t.Errorf("%d\n%s%s", code, out.String(), errs.String())
		}
	}
	_, left, _ := replayed(t, dir, "--from", "1h")
	if !strings.Contains(left, "no events were recorded") {
		t.Errorf("left is %s", left)
	}
}

func TestWhereNoEngineEverRanNobodyIsForgotten(t *testing.T) {
	dir := recordedProject(t)
	t.Chdir(dir)
	if err := os.RemoveAll("data"); err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	if code := run(t.Context(), []string{"forget", "7001", "--yes"}, strings.NewReader(""), &out, &errs); code != exitUsage {
		t.Errorf("%d\n%s%s", code, out.String(), errs.String())
	}
	if _, err := os.Stat("data"); err == nil {
		t.Error("a state was made")
	}
}
