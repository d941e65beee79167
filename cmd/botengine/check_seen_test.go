package main

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"botengine/internal/event"
	"botengine/internal/state"
)

const seenConfig = `accounts: [{name: main, access_key: "${env:KEY}", access_secret: "${env:KEY}"}]
state: {path: state.db}
`

const seenRules = `version: 1
rules:
  - id: refund
    on: message.text
    scope: {chats: ["产品体验裙"], robots: [小助手], exclude: {chats: ["R:1*", "*内部*"], robots: [小助受]}}
    match: {any: [退款]}
    do:
      - reply: 请回复订单号
      - tag: {add: [售后/退欵, 咨询, "客户: VIP"], remove: [黑名单]}
      - send: {to: "S:1688853470427542_R:10696052725010172", robot: cfb3e2c9, text: 有人退款}
  - id: private
    on: message.text
    scope: {chat_type: private, chats: [张三]}
    match: {any: [发票]}
    do: [{reply: 好的}]
  - id: person
    on: message.text
    scope: {chats: ["7881302985963919", "产品体验*", "S:1688853470427542_R:10696052725010172"]}
    match: {any: [合同]}
    do: [{reply: 好的}]
`

// seenState writes what an engine keeps of the platform.
func seenState(t *testing.T, path string, groups []event.Group) {
	t.Helper()
	store, err := state.Open(path, state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	robots := []event.Robot{{Key: "cfb3e2c2", ID: "1688853470427542", Name: "小助手"}}
	err = store.Update(t.Context(), func(tx state.Tx) error {
		for name, value := range map[string]any{"robots/main": robots, "groups/main/cfb3e2c2": groups} {
			data, err := json.Marshal(value)
			if err != nil {
				return err
			}
			tx.PutDocument(name, data)
		}
		tx.SetFact("tags/cfb3e2c2", []byte(`{"labels":[
			{"name":"售后","isGroupLabel":1,"labelId":"14073751575621260","subLabelList":[{"name":"退款","labelId":"14073751575621261"},{"name":"咨询","labelId":"14073751575621262"}]},
			{"name":"售前","isGroupLabel":1,"labelId":"14073751575621263","subLabelList":[{"name":"咨询","labelId":"14073751575621264"}]},
			{"name":"客户","isGroupLabel":1,"labelId":"14073751575621265","subLabelList":[{"name":"VIP","labelId":"14073751575621266"}]}]}`), time.Time{})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
}

func checkSeen(t *testing.T, dir string) string {
	t.Helper()
	t.Chdir(dir)
	t.Setenv("KEY", "k")
	var out, problems bytes.Buffer
	run(t.Context(), []string{"--lang", "zh", "check", "--format", "short"}, strings.NewReader(""), &out, &problems)
	return out.String() + problems.String()
}

// Names that the platform is known not to have are warnings at the names; what is a
// private chat or fits something is none.
func TestCheckKnowsTheNamesThatAnEngineSaw(t *testing.T) {
	dir := t.TempDir()
	save(t, filepath.Join(dir, "botengine.yaml"), seenConfig)
	save(t, filepath.Join(dir, "rules.yaml"), seenRules)
	save(t, filepath.Join(dir, "botengine.yaml"), seenConfig+"rules: [rules.yaml]\n")
	seenState(t, filepath.Join(dir, "state.db"), []event.Group{{ID: "R:10696052725010172", Name: "产品体验群"}})
	want := `rules.yaml:5:22: warning[BE405]: 平台上没有叫 ` + "`产品体验裙`" + ` 的群
rules.yaml:5:90: warning[BE405]: 平台上没有叫 ` + "`小助受`" + ` 的机器人
rules.yaml:9:21: warning[BE405]: 平台上没有 ` + "`售后/退欵`" + ` 这个标签
rules.yaml:9:28: warning[BE405]: 平台上不止一个组有 ` + "`咨询`" + ` 这个标签
rules.yaml:9:53: warning[BE405]: 平台上没有 ` + "`黑名单`" + ` 这个标签
rules.yaml:10:69: warning[BE405]: 平台上没有 robotKey 为 ` + "`cfb3e2c9`" + ` 的机器人
`
	if got := checkSeen(t, dir); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// A list that is not known as a whole makes nothing missing, and neither does a
// state that another process has open.
func TestCheckSaysNothingOfNamesThatNobodyLookedUp(t *testing.T) {
	dir := t.TempDir()
	save(t, filepath.Join(dir, "rules.yaml"), seenRules)
	save(t, filepath.Join(dir, "botengine.yaml"), seenConfig+"rules: [rules.yaml]\n")
	if got := checkSeen(t, dir); strings.Contains(got, "BE405") {
		t.Errorf("without a state: %s", got)
	}
	seenState(t, filepath.Join(dir, "state.db"), []event.Group{{ID: "R:1", Name: "群"}})
	store, err := state.Open(filepath.Join(dir, "state.db"), state.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if got := checkSeen(t, dir); strings.Contains(got, "BE405") {
		t.Errorf("with a state in use: %s", got)
	}
}
