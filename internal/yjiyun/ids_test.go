package yjiyun

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"botengine/internal/command"
	"botengine/internal/event"
)

// idFields are the frames with an id to be filled in, and where it must arrive.
var idFields = map[string]struct {
	event, frame string
	read         func(*event.Event) []string
}{
	"a message's": {EventMessage, `{"robotKey":"k","messageId":%[1]s,"msgSvrID":%[1]s,"chatId":"S:1_2","chatUser":%[1]s,"from":{"contactId":%[1]s},"content":{"contentType":1,"atUserList":[%[1]s]}}`,
		func(e *event.Event) []string {
			return append([]string{e.ID, e.Message.SvrID, e.Sender.ID}, e.Message.At...)
		}},
	"a chat's": {EventChat, `{"chatId":"S:1_2","chatUser":"2","botInfo":{"robotKey":%[1]s,"wxid":%[1]s}}`,
		func(e *event.Event) []string { return []string{e.Robot.Key} }},
	"a friend's": {EventAction, `{"robotKey":"k","type":"robot.on.new.friend.request","messageId":%[1]s,"userId":%[1]s}`,
		func(e *event.Event) []string { return []string{e.ID, e.Friend.ID} }},
	"a member's": {EventAction, `{"robotKey":"k","type":"robot.group.members.changed","conversationId":"R:1","newMembers":[{"userId":%[1]s}]}`,
		func(e *event.Event) []string { return []string{e.Members[0].ID} }},
	"a result's": {EventAction, `{"robotKey":"k","type":"robot.cust.tags","messageId":%[1]s,"tags":[%[1]s]}`,
		func(e *event.Event) []string { return []string{e.Result.MessageID, idsIn(e.Result.Payload)[1]} }},
}

var digits = regexp.MustCompile(`[0-9]+`)

func idsIn(text []byte) []string { return digits.FindAllString(string(text), -1) }

// Whatever digits the platform spells, as a number or in quotes, are the id's.
func TestNoIDOfAFrameIsEverRounded(t *testing.T) {
	for name, c := range idFields {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				id := strconv.FormatUint(rapid.Uint64().Draw(t, "id"), 10)
				spelt := id
				if rapid.Bool().Draw(t, "quoted") {
					spelt = strconv.Quote(id)
				}
				events, err := Decode("main", c.event, fmt.Appendf(nil, c.frame, spelt), received)
				if err != nil {
					t.Fatal(err)
				}
				for i, got := range c.read(&events[0]) {
					if got != id {
						t.Fatalf("%s: id %d is %q", spelt, i, got)
					}
				}
			})
		})
	}
}

// Whatever a command's fields hold, the frame is JSON, and each number and text
// of theirs is in it as it was spelt.
func FuzzEncode(f *testing.F) {
	files, err := filepath.Glob("testdata/commands/*.command")
	if err != nil || len(files) == 0 {
		f.Fatalf("no commands: %v", err)
	}
	for _, file := range files {
		c := readCommand(f, file)
		f.Add(c.Type, c.Chat, string(c.Lane), []byte(c.Fields))
	}
	f.Add("robot.x", "", "action", []byte(`{"a":1E400,"b":[18446744073709551616],"\ud800":"`+"\xff"+`"}`))
	f.Fuzz(func(t *testing.T, typ, chat, lane string, fields []byte) {
		given := bytes.Clone(fields)
		c := command.Command{MessageID: "20200427180413632805451075000001", Robot: "k", Type: typ, Chat: chat, Lane: command.Lane(lane), Fields: fields}
		name, payload, err := Encode(c, sendAt, sendToken, nil)
		if !bytes.Equal(given, fields) {
			t.Fatal("the fields were changed")
		}
		if err != nil {
			if payload != nil || !errors.Is(err, command.ErrInvalid) || !errors.Is(err, command.ErrNotSent) {
				t.Fatalf("%s: %v", payload, err)
			}
			return
		}
		if name != EventMessage && name != EventAction || !json.Valid(payload) {
			t.Fatalf("%s %s", name, payload)
		}
		sent := numbers(t, payload)
		for number, n := range numbers(t, fields) {
			if typ == command.MessageText || strings.HasPrefix(typ, "message.") {
				break // contentType follows from the type and may replace a field's
			}
			if sent[number] < n {
				t.Fatalf("number %s of the fields is not in %s", number, payload)
			}
		}
	})
}

// numbers counts the numbers of a JSON text by their spelling.
func numbers(t *testing.T, text []byte) map[string]int {
	t.Helper()
	found := map[string]int{}
	if len(bytes.TrimSpace(text)) == 0 {
		return found
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatal(err)
		}
		if number, ok := token.(json.Number); ok {
			found[number.String()]++
		}
	}
}

func FuzzReadEnd(f *testing.F) {
	for _, seed := range []string{`{"messageId":14073751575621261,"type":"t","code":0,"msg":"OK"}`, `{}`, `{"code":{}}`, `[]`, `{"msg":["x"],"code":"1"}`, "{\"msg\":\"\xff\"}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		end, err := ReadEnd(payload)
		if err != nil {
			if _, ok := errors.AsType[*MalformedError](err); !ok {
				t.Fatalf("%T: %v", err, err)
			}
			return
		}
		if end.Code == "" || end.Payload != nil && !json.Valid(end.Payload) {
			t.Fatalf("%+v", end)
		}
	})
}

// The document's sections that have a sample each have a golden file.
func TestEverySectionWithASampleHasAGoldenFile(t *testing.T) {
	sections := map[string]string{
		"commands": "3.4 3.5 3.6 3.7 3.8 3.9 3.10 3.11 3.12 3.13 3.14 3.15 3.16 3.17 3.18 3.19 3.20 3.21 3.23 3.24",
		"frames":   "3.2 3.3 3.4 3.7 3.8 3.9 3.11 3.12 3.14 3.16 3.17 3.18 3.19 3.20 3.21 3.22",
		"rest":     "2.1 2.2 2.3 2.4 2.5 2.6 2.7 2.8 2.9 2.10 2.11 2.12 2.13",
	}
	for _, folder := range slices.Sorted(maps.Keys(sections)) {
		for section := range strings.FieldsSeq(sections[folder]) {
			files, err := filepath.Glob(filepath.Join("testdata", folder, section+"-*"))
			if err != nil || len(files) == 0 {
				t.Errorf("§%s has no file in testdata/%s", section, folder)
			}
		}
	}
	if _, err := os.Stat("testdata/README.md"); err != nil {
		t.Error(err)
	}
}
