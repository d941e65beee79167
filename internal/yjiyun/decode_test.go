package yjiyun

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"botengine/internal/event"
)

var update = flag.Bool("update", false, "rewrite the expected events under testdata")

var received = time.Date(2020, 4, 27, 8, 54, 47, 500e6, time.UTC)

// readFrame takes a recorded Socket.IO event apart without touching the
// payload's bytes.
func readFrame(tb testing.TB, file string) (name string, payload []byte) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	text = bytes.TrimSpace(text)
	head, rest, ok := bytes.Cut(text, []byte(","))
	if !ok || text[0] != '[' || text[len(text)-1] != ']' {
		tb.Fatalf("%s is not a socket event", file)
	}
	if err := json.Unmarshal(head[1:], &name); err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	return name, bytes.TrimSuffix(rest, []byte("]"))
}

// A new case is a new file under testdata/frames; -update writes what is
// expected of it.
func TestRecordedFramesBecomeEvents(t *testing.T) {
	files, err := filepath.Glob("testdata/frames/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no recorded frames: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".json"), func(t *testing.T) {
			name, payload := readFrame(t, file)
			events, err := Decode("main", name, payload, received)
			if err != nil {
				t.Fatal(err)
			}
			compareFile(t, strings.TrimSuffix(file, ".json")+".want", expectation(t, events))
		})
	}
}

// expectation is the readable form of events: a result's payload as text.
func expectation(t *testing.T, events []event.Event) []byte {
	t.Helper()
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	for _, ev := range events {
		payload := ev.Result.Payload
		ev.Result.Payload = nil
		if err := encoder.Encode(ev); err != nil {
			t.Fatal(err)
		}
		if payload != nil {
			out.WriteString("payload: ")
			if err := json.Compact(&out, payload); err != nil {
				t.Fatal(err)
			}
			out.WriteByte('\n')
		}
	}
	return out.Bytes()
}

func TestAMessageTextArrivesAsItWasWritten(t *testing.T) {
	texts := []string{
		"  两端有空格　", "{{text}} ${x} %s #{y}", "加 薇\u200b信", "👨‍👩‍👧‍👦", "\u202e反着写", "a\x00b\tc\n", strings.Repeat("é", 5000), `\u0041`, "0",
	}
	for _, text := range texts {
		payload := messageWith(t, map[string]any{"content": map[string]any{"contentType": 1, "content": text}})
		events, err := Decode("main", EventMessage, payload, received)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		if got := events[0].Message.Text; got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
}

// messageWith is a whole message frame with some fields replaced; nil removes.
func messageWith(tb testing.TB, change map[string]any) []byte {
	tb.Helper()
	frame := map[string]any{
		"messageId": "202003241342304979",
		"timestamp": 1585024550000,
		"robotKey":  "cfb3e2c2686d437ab1109cd63b87ea48",
		"chatId":    "S:1688853440227542_7881300883899745",
		"from":      map[string]any{"contactId": "7881300883899745", "nickName": "李四"},
		"content":   map[string]any{"contentType": 1, "content": "多少钱"},
	}
	for name, value := range change {
		if value == nil {
			delete(frame, name)
			continue
		}
		frame[name] = value
	}
	payload, err := json.Marshal(frame)
	if err != nil {
		tb.Fatal(err)
	}
	return payload
}

func TestAFrameThatIsNoEventIsRefusedWithItsReason(t *testing.T) {
	const canary = "机密内容CANARY"
	raw := func(s string) json.RawMessage { return json.RawMessage(s) }
	message := func(change map[string]any) func(testing.TB) []byte {
		return func(tb testing.TB) []byte { tb.Helper(); return messageWith(tb, change) }
	}
	text := func(s string) func(testing.TB) []byte { return func(testing.TB) []byte { return []byte(s) } }
	deep := strings.Repeat(`{"a":`, MaxDepth) + `{}` + strings.Repeat(`}`, MaxDepth)
	cases := []struct {
		sentence, event string
		payload         func(testing.TB) []byte
		want            MalformedError
	}{
		{"an event the platform does not have", "typing", text(`{}`), MalformedError{Reason: ReasonUnknownEvent}},
		{"an event name with other letters", "Message", text(`{}`), MalformedError{Reason: ReasonUnknownEvent}},
		{"nothing at all", "message", text(``), MalformedError{Event: "message", Reason: ReasonSyntax}},
		{"a list", "message", text(`["` + canary + `"]`), MalformedError{Event: "message", Reason: ReasonSyntax}},
		{"a text", "action", text(`"` + canary + `"`), MalformedError{Event: "action", Reason: ReasonSyntax}},
		{"null", "chat", text(`null`), MalformedError{Event: "chat", Reason: ReasonSyntax}},
		{"an object that breaks off", "message", text(`{"content":"` + canary), MalformedError{Event: "message", Reason: ReasonSyntax, Offset: 11}},
		{"an object with a comma too many", "message", text(`{"a":1,}`), MalformedError{Event: "message", Reason: ReasonSyntax, Offset: 8}},
		{"two objects", "message", text(`{} {"a":"` + canary + `"}`), MalformedError{Event: "message", Reason: ReasonSyntax, Offset: 3}},
		{"no robotKey", "message", message(map[string]any{"robotKey": nil}), MalformedError{Event: "message", Field: "robotKey", Reason: ReasonMissing}},
		{"an empty robotKey", "message", message(map[string]any{"robotKey": " "}), MalformedError{Event: "message", Field: "robotKey", Reason: ReasonMissing}},
		{"no chatId", "message", message(map[string]any{"chatId": nil}), MalformedError{Event: "message", Field: "chatId", Reason: ReasonMissing}},
		{"a chatId without a peer, and no chatUser", "message", message(map[string]any{"chatId": canary}), MalformedError{Event: "message", Field: "chatUser", Reason: ReasonMissing}},
		{"no content", "message", message(map[string]any{"content": nil}), MalformedError{Event: "message", Field: "content", Reason: ReasonMissing}},
		{"a content that is a text", "message", message(map[string]any{"content": canary}), MalformedError{Event: "message", Field: "content", Reason: ReasonType}},
		{"a text that is an object", "message", message(map[string]any{"content": map[string]any{"content": map[string]any{"x": canary}}}), MalformedError{Event: "message", Field: "content.content", Reason: ReasonType}},
		{"a rounded id", "message", message(map[string]any{"msgSvrID": raw("1.4073751575621261e16")}), MalformedError{Event: "message", Field: "msgSvrID", Reason: ReasonType}},
		{"an id with a fraction of nothing", "message", message(map[string]any{"messageId": raw("1.0")}), MalformedError{Event: "message", Field: "messageId", Reason: ReasonType}},
		{"an id with an exponent", "message", message(map[string]any{"messageId": raw("1e3")}), MalformedError{Event: "message", Field: "messageId", Reason: ReasonType}},
		{"a rounded id written as a text", "message", message(map[string]any{"from": map[string]any{"contactId": "1.688853470825570E15"}}), MalformedError{Event: "message", Field: "from.contactId", Reason: ReasonType}},
		{"an id that is true", "message", message(map[string]any{"messageId": true}), MalformedError{Event: "message", Field: "messageId", Reason: ReasonType}},
		{"an id longer than any", "message", message(map[string]any{"messageId": strings.Repeat("9", MaxID+1)}), MalformedError{Event: "message", Field: "messageId", Reason: ReasonTooLong}},
		{"mentions that are an object", "message", message(map[string]any{"content": map[string]any{"atUserList": map[string]any{}}}), MalformedError{Event: "message", Field: "content.atUserList", Reason: ReasonType}},
		{"a mention that was rounded", "message", message(map[string]any{"content": map[string]any{"atUserList": []any{raw("1.5e3")}}}), MalformedError{Event: "message", Field: "content.atUserList", Reason: ReasonType}},
		{"a time in words", "message", message(map[string]any{"timestamp": "昨天"}), MalformedError{Event: "message", Field: "timestamp", Reason: ReasonType}},
		{"a time beyond the year 9999", "message", message(map[string]any{"timestamp": lastMilli + 1}), MalformedError{Event: "message", Field: "timestamp", Reason: ReasonType}},
		{"a chat of nobody", "chat", text(`{"chatId":"x"}`), MalformedError{Event: "chat", Field: "botInfo.robotKey", Reason: ReasonMissing}},
		{"a chat without its id", "chat", text(`{"botInfo":{"robotKey":"k"}}`), MalformedError{Event: "chat", Field: "chatId", Reason: ReasonMissing}},
		{"an action without a type", "action", text(`{"robotKey":"k","messageId":"1"}`), MalformedError{Event: "action", Field: "type", Reason: ReasonMissing}},
		{"a result without a messageId", "action", text(`{"robotKey":"k","type":"robot.cust.tags","code":"0"}`), MalformedError{Event: "action", Field: "messageId", Reason: ReasonMissing}},
		{"a result of no robot", "action", text(`{"messageId":"1","type":"robot.cust.tags","code":"0"}`), MalformedError{Event: "action", Field: "robotKey", Reason: ReasonMissing}},
		{"a friend request of nobody", "action", text(`{"robotKey":"k","type":"robot.on.new.friend.request"}`), MalformedError{Event: "action", Field: "userId", Reason: ReasonMissing}},
		{"a new member of no group", "action", text(`{"robotKey":"k","type":"robot.group.members.changed","newMembers":[{"userId":1}]}`), MalformedError{Event: "action", Field: "conversationId", Reason: ReasonMissing}},
		{"a new member without an id", "action", text(`{"robotKey":"k","chatroom":"R:1","type":"robot.group.members.changed","newMembers":[{"nickName":"` + canary + `"}]}`), MalformedError{Event: "action", Field: "newMembers.userId", Reason: ReasonMissing}},
		{"a new member with a rounded id", "action", text(`{"robotKey":"k","chatroom":"R:1","type":"robot.group.members.changed","newMembers":[{"userId":7.881300922264508E15}]}`), MalformedError{Event: "action", Field: "newMembers.userId", Reason: ReasonType}},
		{"nested one level too deep", "action", text(deep), MalformedError{Event: "action", Reason: ReasonTooDeep}},
		{"nested a hundred thousand levels deep", "action", text(strings.Repeat(`[`, 100_000)), MalformedError{Event: "action", Reason: ReasonTooDeep}},
		{"one new member too many", "action", text(`{"newMembers":[` + strings.Repeat(`{},`, MaxList) + `{}]}`), MalformedError{Event: "action", Reason: ReasonTooLong}},
		{"larger than any frame", "action", text(`{"a":"` + strings.Repeat("大", MaxPayload/3) + `"}`), MalformedError{Event: "action", Reason: ReasonTooLarge}},
	}
	for _, c := range cases {
		t.Run(c.sentence, func(t *testing.T) {
			events, err := Decode("main", c.event, c.payload(t), received)
			got, ok := errors.AsType[*MalformedError](err)
			if !ok || len(events) > 0 {
				t.Fatalf("got %d events and error %v", len(events), err)
			}
			if diff := cmp.Diff(c.want, *got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if strings.Contains(fmt.Sprintf("%v %+v %#v", err, err, err), "CANARY") {
				t.Errorf("the error holds the frame's text: %v", err)
			}
		})
	}
}

func TestTheDeepestAndLongestFramesAreTaken(t *testing.T) {
	deep := strings.Repeat(`[`, MaxDepth-1) + strings.Repeat(`]`, MaxDepth-1)
	long := `[` + strings.Repeat(`0,`, MaxList-1) + `0]`
	payload := `{"robotKey":"k","type":"robot.contacts.inquiry","messageId":"1","code":"0","deep":` + deep + `,"long":` + long + `}`
	if _, err := Decode("main", EventAction, []byte(payload), received); err != nil {
		t.Fatal(err)
	}
}

func TestAResultBeyondAMebibyteKeepsItsEndButNotItsPayload(t *testing.T) {
	frame := func(filler int) []byte {
		return []byte(`{"robotKey":"k","type":"robot.tags.sync","messageId":"1","code":"0","x":"` + strings.Repeat("x", filler) + `"}`)
	}
	for filler, kept := range map[int]bool{100: true, maxResult: false} {
		events, err := Decode("main", EventAction, frame(filler), received)
		if err != nil {
			t.Fatal(err)
		}
		end := events[0].Result
		if end.Code != event.CodeOK || (end.Payload != nil) != kept {
			t.Errorf("%d bytes: code %q, payload of %d bytes", filler, end.Code, len(end.Payload))
		}
	}
}

func TestAnEventDoesNotShareMemoryWithItsFrame(t *testing.T) {
	payload := []byte(`{"robotKey":"k","type":"robot.tags.sync","messageId":"1","code":"0"}`)
	events, err := Decode("main", EventAction, payload, received)
	if err != nil {
		t.Fatal(err)
	}
	before := string(events[0].Result.Payload)
	for i := range payload {
		payload[i] = 'x'
	}
	if got := string(events[0].Result.Payload); got != before {
		t.Errorf("the payload changed with the frame: %s", got)
	}
}

func TestEverySpellingOfACodeIsRead(t *testing.T) {
	cases := []struct{ code, msg, want string }{
		{`"0"`, `"ok"`, "0"}, {`0`, `"OK"`, "0"}, {`"OK"`, `""`, "0"}, {`"0K"`, `"0K"`, "0"}, {`" 0 "`, `null`, "0"},
		{`null`, `"0K"`, "0"}, {`"1"`, `"OK"`, "1"}, {`1`, `"invalid conversion id"`, "1"}, {`"5000"`, `""`, "5000"},
		{`""`, `"处理中"`, event.CodeUnknown}, {`null`, `null`, event.CodeUnknown},
	}
	for _, c := range cases {
		payload := fmt.Sprintf(`{"robotKey":"k","type":"t","messageId":"1","code":%s,"msg":%s}`, c.code, c.msg)
		events, err := Decode("main", EventAction, []byte(payload), received)
		if err != nil {
			t.Fatal(err)
		}
		if got := events[0].Result.Code; got != c.want {
			t.Errorf("code %s, msg %s: got %q, want %q", c.code, c.msg, got, c.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/frames/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		name, payload := readFrame(f, file)
		f.Add(name, payload)
	}
	f.Add("typing", []byte(`{}`))
	f.Add("message", []byte(`{"from":{"contactId":1e999},"content":{"atUserList":"，,"}}`))
	f.Fuzz(func(t *testing.T, name string, payload []byte) {
		given := bytes.Clone(payload)
		events, err := Decode("main", name, payload, received)
		if !bytes.Equal(given, payload) {
			t.Fatal("the payload was changed")
		}
		if err != nil {
			if _, ok := errors.AsType[*MalformedError](err); !ok || events != nil {
				t.Fatalf("%d events, %T", len(events), err)
			}
			return
		}
		for _, ev := range events {
			if ev.Robot.Key == "" && ev.Robot.ID == "" {
				t.Fatal("an event of no robot")
			}
			if _, err := json.Marshal(ev); err != nil {
				t.Fatalf("the event cannot be kept: %v", err)
			}
		}
		again, err := Decode("main", name, payload, received)
		if diff := cmp.Diff(events, again); err != nil || diff != "" {
			t.Fatalf("decoded differently the second time: %v\n%s", err, diff)
		}
	})
}
